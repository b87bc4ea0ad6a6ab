"""``valles layers fetch|bundle``: bring the territory's layers, and pack what they are made from for another office."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from gis.messages import Figure, translator

if TYPE_CHECKING:
    from layers.mirrors.bundle import Bundle
    from layers.preparation.fetch_report import FetchItem, FetchReport
    from layers.preparation.gather_report import GatherItem

_ = translator("api")
_MEGABYTE = 1_000_000


def register(layers: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    told = _("Trae las capas, de datos abiertos o de un espejo, y las prepara sobre la cuadrícula.")
    layers.command("fetch", cls=look, help=told)(fetch)
    packs = _("Empaca en un archivo las fuentes de las capas, para una oficina sin internet.")
    layers.command("bundle", cls=look, help=packs)(bundle)


def fetch(
    *,
    mirror: Annotated[
        str,
        typer.Option(
            "--mirror",
            metavar="DIR|ZIP|URL",
            help=_("Espejo en vez de internet: carpeta, archivo .zip o dirección con un mirror.toml."),
        ),
    ] = "",
    plan: Annotated[
        bool, typer.Option("--plan", help=_("Solo dice qué se traería, de quién, cuánto y con qué licencia."))
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Fetch and prepare the layers; what failed is listed, what succeeded stays."""
    from layers.gathering.mirror_fetch import fetch_mirror  # noqa: PLC0415  commands load what they use
    from layers.gathering.open_fetch import fetch_open_data  # noqa: PLC0415  as above
    from layers.workspace import Workspace  # noqa: PLC0415  as above

    opened = Workspace.open(workspace)
    with output.transfer_bars(_("Capas")) as (progress, told):
        if mirror:
            done = fetch_mirror(opened, mirror, plan=plan, progress=progress, told=told)
        else:
            done = fetch_open_data(opened, plan=plan, progress=progress, told=told)
    output.answer(done.to_dict(), json_wanted=json_wanted, text=lambda: _fetch_text(done, plan=plan))
    for source in done.failed_sources:
        _complain(source.title, source.detail, source.expected, source.remedy)
    for item in done.failed:
        _complain(item.title, item.detail, item.expected, item.remedy)
    if not done.ok:
        raise typer.Exit(1)


def bundle(
    *,
    file: Annotated[Path, typer.Argument(metavar="ARCHIVO.zip", help=_("Archivo que se escribe."))],
    mirror: Annotated[
        str,
        typer.Option(
            "--mirror",
            metavar="DIR|ZIP|URL",
            help=_("Empaca este espejo en vez de lo que trajo `valles layers fetch` de internet."),
        ),
    ] = "",
    everything: Annotated[
        bool,
        typer.Option("--all", help=_("También lo que su licencia prohíbe pasar a otros: solo para la propia oficina.")),
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Pack the sources of the layers into one file that ``fetch --mirror`` reads."""
    from layers.gathering.bundling import bundle_sources  # noqa: PLC0415  commands load what they use
    from layers.workspace import Workspace  # noqa: PLC0415  as above

    opened = Workspace.open(workspace)
    with output.progress_bar(_("Paquete")) as progress:
        made = bundle_sources(opened, file, mirror=mirror, everything=everything, progress=progress)
    told = {
        "file": str(made.path),
        "bytes": made.bytes,
        "layers": [
            {
                "theme": one.theme,
                "file": one.file,
                "licence": one.licence,
                "attribution": one.attribution,
                "sha256": one.sha256,
            }
            for one in made.layers
        ],
        "left_out": [{"theme": one.theme, "file": one.file, "licence": one.licence} for one in made.left_out],
        "own_layers_not_packed": list(made.not_packed),
    }

    def text() -> str:
        rows = [(one.theme, one.file, one.licence or _("licencia no indicada")) for one in made.layers]
        size = _("{file}: {size} MB").format(file=made.path, size=_decimal(made.bytes / _MEGABYTE))
        return output.table(rows, [_("tema"), _("archivo"), _("licencia")]) + "\n\n" + size

    output.answer(told, json_wanted=json_wanted, text=text)
    _say_left_out(made)


def _say_left_out(made: Bundle) -> None:
    for one in made.left_out:
        output.note(
            _("Quedó fuera {theme} ({file}): su licencia no permite pasarlo a otros: {licence}").format(
                theme=one.theme, file=one.file, licence=one.licence
            )
        )
    if made.not_packed:
        output.note(
            _(
                "No van en el paquete las capas propias: {names}. Lleve aparte sus archivos; allá se agregan con "
                "`valles layers add`"
            ).format(names=", ".join(made.not_packed))
        )


def _complain(title: str, why: str, *advice: str) -> None:
    output.note(_("Falló «{title}»: {why}").format(title=title, why=why))
    output.note(" ".join(part.rstrip(".") + "." for part in advice if part))


def _fetch_text(done: FetchReport, *, plan: bool) -> str:
    parts = []
    if done.sources:
        parts.append(_plan_text(done.sources) if plan else _sources_text(done.sources))
    if done.items:
        parts.append(_items_text(done.items, plan=plan))
    return "\n\n".join([*parts, _("{seconds} s").format(seconds=f"{Figure(done.seconds):.1f}")])


def _items_text(items: tuple[FetchItem, ...], *, plan: bool) -> str:
    states = {
        "planned": _("se traería"),
        "prepared": _("preparada"),
        "kept": _("ya estaba"),
        "failed": _("FALLÓ"),
        "ignored": _("no se usa"),
        "nothing": _("nada aquí"),
    }

    def row(item: FetchItem) -> tuple[object, ...]:
        return (
            item.title,
            states[item.status],
            _size(item.bytes),
            item.date,
            item.licence if plan else item.detail,
        )

    last = _("licencia") if plan else _("qué se hizo")
    return output.table([row(item) for item in items], [_("capa"), _("estado"), "MB", _("fecha"), last])


def _source_states() -> dict[str, str]:
    return {
        "planned": _("se traería"),
        "gathered": _("traído"),
        "kept": _("ya estaba"),
        "failed": _("FALLÓ"),
        "absent": _("falta darlo"),
        "nothing": _("nada aquí"),
    }


def _sources_text(sources: tuple[GatherItem, ...]) -> str:
    states = _source_states()
    rows = [(each.title, states[each.status], _size(each.bytes), each.date, each.detail) for each in sources]
    return output.table(rows, [_("producto"), _("estado"), "MB", _("fecha"), _("observación")], missing="")


def _plan_text(sources: tuple[GatherItem, ...]) -> str:
    """List each product, what of it would travel, and the sum; then the address, licence and files of each."""
    states = _source_states()
    rows = [
        (each.title, states[each.status], len(each.files) or None, _size(each.bytes), each.date, ", ".join(each.themes))
        for each in sources
    ]
    known = [each.bytes for each in sources if each.bytes is not None]
    heads = [_("producto"), _("estado"), _("archivos"), "MB", _("fecha"), _("temas")]
    lines = [output.table(rows, heads, missing="")]
    total = _decimal(sum(known) / _MEGABYTE)
    unknown = any(each.bytes is None and each.status != "absent" for each in sources)
    said = (
        _("En total viajarían {size} MB, sin contar lo que no se sabe.")
        if unknown
        else _("En total viajarían {size} MB.")
    )
    lines += ["", said.format(size=total)]
    for each in sources:
        lines += ["", each.title]
        lines += [
            f"  {name}: {told}"
            for name, told in (
                (_("dirección"), each.address),
                (_("licencia"), each.licence),
                (_("atribución"), each.attribution),
                (_("observación"), each.detail),
                (_("qué hacer"), each.remedy),
            )
            if told
        ]
        lines += [
            f"  {file.name}: {_told_size(file.bytes)}" + ("" if file.whole else _(", solo la parte del lugar"))
            for file in each.files
        ]
    return "\n".join(lines)


def _size(count: int | None) -> float | None:
    return None if count is None else count / _MEGABYTE


def _told_size(count: int | None) -> str:
    return _("tamaño no anunciado") if count is None else f"{_decimal(count / _MEGABYTE)} MB"


def _decimal(value: float) -> str:
    return f"{Figure(value):.2f}"
