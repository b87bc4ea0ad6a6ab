"""``valles layers list|check``: see what layers there are and whether to trust them; the others have their modules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from api.cli import fetch_commands, output, own_layer_commands, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from gis.errors import VallesError
from gis.messages import Figure, translator

if TYPE_CHECKING:
    from layers.checking.check_report import CheckReport
    from layers.workspace import Workspace

_ = translator("api")


def register(layers: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    fetch_commands.register(layers)
    own_layer_commands.register(layers)
    layers.command("list", cls=look, help=_("Qué capas necesita el territorio y cuáles tiene."))(list_layers)
    layers.command(
        "check", cls=look, help=_("Revisa las capas preparadas; sale con 1 si falsearían una zonificación.")
    )(check)


def list_layers(workspace: WorkspaceOption = DEFAULT_WORKSPACE, json_wanted: JsonOption = False) -> None:
    """List every theme and what the workspace has of it."""
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use

    rows = _inventory(Workspace.open(workspace))
    needs = {"required": _("obligatoria"), "optional": _("opcional"), "context": _("contexto")}
    needs |= {"reference": _("referencia"), "own": _("propia")}

    def text() -> str:
        told = [
            (
                one["title"],
                needs[one["requirement"]],
                one["name"]
                or (_("falta; la trae {product}").format(product=one["offer"]) if one["offer"] else _("falta")),
                one["date"],
                None if one["native_cell_m"] is None else f"{one['native_cell_m']:.0f} m",
                one["licence"],
            )
            for one in rows
        ]
        heads = [_("capa"), _("necesidad"), _("preparada"), _("fecha"), _("celda"), _("licencia")]
        return output.table(told, heads, missing="")

    output.answer({"layers": rows}, json_wanted=json_wanted, text=text)


def _inventory(workspace: Workspace) -> list[dict[str, Any]]:
    from layers.inventory import list_layers as inventory  # noqa: PLC0415  as above

    offers = _offers(workspace)
    told = ("file", "date", "native_cell_m", "licence", "attribution")
    return [
        {
            "theme": row.theme,
            "title": row.title,
            "requirement": row.requirement,
            "unit": row.unit,
            "offer": offers.get(row.theme, ""),
            "wanted": row.prepared,
            "name": row.prepared if row.present else None,
            **{key: getattr(row, key) if row.present else None for key in told},
        }
        for row in inventory(workspace)
    ]


def _offers(workspace: Workspace) -> dict[str, str]:
    """Return theme to the title of the open-data product that brings it, as ``territory.toml`` chooses."""
    from layers.sources.registry import catalogue  # noqa: PLC0415  as above

    books = catalogue()
    try:
        chosen = books.chosen(workspace.territory)
    except VallesError as error:  # a wrong choice must not hide what there is
        output.note(str(error))
        return {}
    titles: dict[str, list[str]] = {}
    for product_id, themes in chosen.items():
        for theme in themes:
            titles.setdefault(theme, []).append(books.record(product_id).title)
    return {theme: ", ".join(told) for theme, told in titles.items()}


def check(workspace: WorkspaceOption = DEFAULT_WORKSPACE, json_wanted: JsonOption = False) -> None:
    """Check the prepared layers and write the page that shows what was found."""
    from layers.checking.check_page import write_check_page  # noqa: PLC0415  commands load what they use
    from layers.checking.layer_check import check as examine  # noqa: PLC0415  as above
    from layers.workspace import Workspace  # noqa: PLC0415  as above

    opened = Workspace.open(workspace)
    with output.progress_bar(_("Revisión")) as progress:
        found = examine(opened, progress=progress)
        page = write_check_page(opened, found)
    document = {**found.to_dict(), "page": str(page)}
    output.answer(document, json_wanted=json_wanted, text=lambda: _check_text(found, page))
    if not found.ok:
        output.note(_("Error: hay capas que no sirven o que faltan; las señala la revisión"))
        raise typer.Exit(1)


def _check_text(found: CheckReport, page: Path) -> str:
    rows = [
        (
            one.name,
            None if one.coverage is None else f"{Figure(100 * one.coverage):.1f} %",
            one.low,
            one.high,
            one.unit,
            _("MAL") if one.defects else _("aviso") if one.warnings else _("bien"),
        )
        for one in found.layers
    ]
    heads = [_("capa"), _("cubre"), _("mínimo"), _("máximo"), _("unidad"), ""]
    lines = [output.table(rows, heads, missing="")]
    for one in found.layers:
        lines += [f"{_('MAL')} {one.name}: {text}" for text in one.defects]
        lines += [f"{_('aviso')} {one.name}: {text}" for text in one.warnings]
    lines += [f"{_('MAL')} {text}" for text in found.defects]
    lines += [f"{_('aviso')} {text}" for text in found.warnings]
    if found.climate:
        gaps = [(one.name, one.source, one.against, one.temperature_c, one.rain_share) for one in found.climate]
        differ = [(*gap[:4], None if gap[4] is None else f"{100 * gap[4]:+.0f} %".replace("-", "−")) for gap in gaps]
        heads = [_("municipio"), _("fuente"), _("frente a"), "°C", _("lluvia")]
        lines += ["", output.table(differ, heads, missing="")]
    lines.append(_("La página con la vista de cada capa: {page}").format(page=page))
    return "\n".join(lines)
