"""The report of a check as one page: self-contained, readable on a telephone, the same bytes for the same layers."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from gis.atomic import write_atomically
from gis.errors import VallesError
from gis.messages import Figure, translator
from gis.vectors.vector import read_vector
from layers.catalogue.themes import theme
from layers.checking.check_report import CheckReport, ClimateGap, LayerCheck
from layers.checking.quicklook import Quicklooks, as_address
from layers.preparation.territory_grid import read_municipalities, workspace_grid
from layers.provenance import LayerRecord, read_provenance
from layers.workspace import Workspace

_ = translator("layers")

PAGE = "check.html"
"""Name of the page in the folder of layers."""


def write_check_page(workspace: Workspace, report: CheckReport) -> Path:
    """Write the page of a check into the folder of layers.

    Parameters
    ----------
    workspace
        Whose layers were checked.
    report
        What :func:`layers.checking.layer_check.check` found.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    gis.errors.StorageError
        The folder cannot be written.
    """
    path = workspace.layers_dir / PAGE
    write_atomically(path, page(workspace, report))
    return path


def page(workspace: Workspace, report: CheckReport) -> str:
    """Return the page as HTML; see :func:`write_check_page`."""
    territory = workspace.territory
    title = _("Revisión de capas: {name}").format(name=territory.name)
    parts = [
        f"<h1>{escape(title)}</h1>",
        _paragraph(territory.notice, "warn") if territory.notice else "",
        _verdict(report),
        _findings(_("Lo que falsearía la zonificación"), _all_defects(report), "bad"),
        _findings(_("Avisos"), report.warnings, "warn"),
        _climate(report.climate),
        _findings(_("Límites municipales"), report.boundaries, ""),
        _table(report),
        _cards(workspace, report),
        _paragraph(
            _(
                "Colores: el morado es lo bajo y el amarillo lo alto; en la elevación, verde lo bajo y blanco lo alto. "
                "El rojo es territorio sin dato."
            ),
            "soft",
        ),
    ]
    return (
        f'<!doctype html>\n<html lang="es"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_style()}</style></head><body><main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main></body></html>\n"
    )


def _style() -> str:
    return files("layers").joinpath("data", "check", "page.css").read_text(encoding="utf-8")


def _paragraph(text: str, kind: str) -> str:
    return f'<p class="{kind}">{escape(text)}</p>'


def _all_defects(report: CheckReport) -> tuple[str, ...]:
    of_layers = tuple(f"{each.title} ({each.name}): {text}" for each in report.layers for text in each.defects)
    return (*report.defects, *of_layers)


def _verdict(report: CheckReport) -> str:
    bad = sum(bool(each.defects) for each in report.layers) + len(report.defects)
    warned = sum(len(each.warnings) for each in report.layers) + len(report.warnings)
    if bad:
        return _told("bad", _("No zonifique todavía: {count} capas o comparaciones la falsearían").format(count=bad))
    if warned:
        return _told("good", _("Se puede zonificar. Hay {count} avisos que conviene leer").format(count=warned))
    return _told("good", _("Se puede zonificar: nada que señalar"))


def _told(kind: str, text: str) -> str:
    return f'<p class="verdict {kind}" role="status">{escape(text)}</p>'


def _findings(title: str, texts: tuple[str, ...], kind: str) -> str:
    if not texts:
        return ""
    items = "".join(f'<li class="{kind}">{escape(text)}</li>' for text in texts)
    return f"<h2>{escape(title)}</h2><ul>{items}</ul>"


def _climate(gaps: tuple[ClimateGap, ...]) -> str:
    if not gaps:
        return ""
    note = _(
        "Zonifique con cada fuente y compare: la diferencia mueve zonas. La elegida está en territory.toml (climate)."
    )
    parts = [f"<h2>{escape(_('Dónde difieren las fuentes de clima'))}</h2>", _paragraph(note, "soft")]
    for source, against in dict.fromkeys((each.source, each.against) for each in gaps):
        rows = [
            (
                each.name,
                "—" if each.temperature_c is None else _("{gap:+.2f} °C").format(gap=Figure(each.temperature_c)),
                "—" if each.rain_share is None else _("{gap:+.0%}").format(gap=Figure(each.rain_share)),
            )
            for each in gaps
            if (each.source, each.against) == (source, against)
        ]
        pair = _("{source} frente a {against}").format(source=source, against=against)
        parts.append(_grid((pair, _("Temperatura"), _("Lluvia")), rows, 1))
    return "".join(parts)


def _grid(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], first_number: int) -> str:
    def cells(texts: tuple[str, ...], tag: str) -> str:
        return "".join(
            f"<{tag}{' class=n' if place >= first_number else ''}>{escape(text)}</{tag}>"
            for place, text in enumerate(texts)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{cells(heads, "th")}</tr></thead><tbody>{body}</tbody></table></div>'


def _table(report: CheckReport) -> str:
    heads = (_("Capa"), _("Estado"), _("Fecha"), _("Cubre"), _("Mínimo"), _("Máximo"), _("Unidad"))
    rows = [
        (
            each.title if each.title == each.name else f"{each.title} ({each.name})",
            _state(each)[1],
            each.date or "—",
            _share(each.coverage),
            _number(each.low),
            _number(each.high),
            each.unit,
        )
        for each in report.layers
    ]
    return f"<h2>{escape(_('Todas las capas'))}</h2>" + _grid(heads, rows, 3)


def _cards(workspace: Workspace, report: CheckReport) -> str:
    municipalities = read_municipalities(workspace)
    looks = Quicklooks(workspace_grid(workspace), municipalities)
    records = read_provenance(workspace.layers_dir)
    cards = [
        _card(each, _picture(workspace, records[each.name], looks)) for each in report.layers if each.name in records
    ]
    return f'<h2>{escape(_("Capa por capa"))}</h2><div class="cards">{"".join(cards)}</div>'


def _picture(workspace: Workspace, record: LayerRecord, looks: Quicklooks) -> str:
    """Return the address of a layer's picture, empty where it cannot be drawn."""
    path, catalogued = workspace.layers_dir / record.file, theme(record.theme)
    try:
        if path.suffix == ".tif":
            classes = catalogued is not None and catalogued.method in {"nearest", "mode"}
            return as_address(looks.raster(path, classes=classes, relief=record.name == "elevation"))
        if path.suffix == ".gpkg":
            return as_address(looks.vector(read_vector(path, layer=record.name)))
    except VallesError:  # said in words beside the place of the picture
        return ""
    return ""


def _card(each: LayerCheck, picture: str) -> str:
    kind, state = _state(each)
    facts = [
        (_("Cubre"), _share(each.coverage) if each.coverage is not None else ""),
        (_("Sin dato"), _share(each.missing) if each.missing else ""),
        (_("Valores"), _range(each)),
        (_("Elementos"), "" if each.features is None else f"{each.features}"),
        (_("Celda de origen"), "" if each.native_cell_m is None else f"{each.native_cell_m:.0f} m"),
        (_("Fecha"), each.date),
        (_("Licencia"), each.licence),
        (_("Crédito"), each.attribution),
    ]
    told = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts if text)
    image = (
        f'<img alt="{escape(_("Vista de {title}").format(title=each.title))}" src="{picture}" loading="lazy">'
        if picture
        else _paragraph(_("Sin vista: no se puede dibujar"), "soft")
    )
    words = "".join(_paragraph(text, "bad") for text in each.defects)
    words += "".join(_paragraph(text, "warn") for text in each.warnings)
    return (
        f"<article><h3>{escape(each.title)}</h3>"
        f'<p class="soft">{escape(each.name)} · <strong class="{kind}">{escape(state)}</strong></p>'
        f"{image}{words}<dl>{told}</dl></article>"
    )


def _state(each: LayerCheck) -> tuple[str, str]:
    if each.defects:
        return "bad", _("mal")
    return ("warn", _("aviso")) if each.warnings else ("good", _("bien"))


def _share(value: float | None) -> str:
    return "—" if value is None else _("{share:.1%}").format(share=Figure(value))


def _number(value: float | None) -> str:
    return "—" if value is None else _("{value:.4g}").format(value=Figure(value))


def _range(each: LayerCheck) -> str:
    if each.low is None or each.high is None:
        return ""
    return _("{low:.4g} a {high:.4g} {unit}").format(low=Figure(each.low), high=Figure(each.high), unit=each.unit)
