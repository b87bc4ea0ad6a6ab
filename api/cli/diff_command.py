"""``valles diff``: what changes from one study to another, why, and which improvement would lift how much."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from gis.errors import StorageError
from gis.messages import Figure, translator

_ = translator("api")

_MOST_ROWS = 25


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "diff", cls=spanish_help.Command, help=_("Compara dos estudios: hectáreas que cambian, por qué, e inversiones.")
    )(diff)


def diff(
    first: Annotated[str, typer.Argument(metavar=_("ESTUDIO"), help=_("Estudio de partida."))],
    second: Annotated[str, typer.Argument(metavar=_("ESTUDIO"), help=_("Estudio con el que se compara."))],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar=_("ARCHIVO.gpkg"), help=_("Escribe los polígonos que cambian, capa changes.")),
    ] = None,
    investments: Annotated[
        Path | None,
        typer.Option(
            "--investments",
            metavar=_("ARCHIVO"),
            help=_("Escribe la lista de inversiones: .csv, o .xlsx con las matrices y los cambios."),
        ),
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Compare two studies, and keep the comparison for the map."""
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from zoning.comparison.diff_document import diff_document, write_investments  # noqa: PLC0415  as above
    from zoning.comparison.saved_comparisons import save_comparison  # noqa: PLC0415  as above
    from zoning.comparison.study_diff import diff_studies  # noqa: PLC0415  as above
    from zoning.study.study import Study  # noqa: PLC0415  as above

    opened = Workspace.open(workspace)
    found = diff_studies(Study.open(opened, first), Study.open(opened, second))
    document = diff_document(found)
    try:
        save_comparison(found, document)
    except StorageError as error:
        output.note(_("La comparación no se guardó para el mapa: {reason}").format(reason=error.found))
    if out is not None:
        found.write(out)
    if investments is not None:
        write_investments(found, investments)
    files = {"file": out, "investments_file": investments}
    document |= {name: None if path is None else str(path) for name, path in files.items()}
    output.answer(document, json_wanted=json_wanted, text=lambda: diff_text(document))


def diff_text(document: dict[str, Any]) -> str:
    """Return a comparison as text: the matrix of zones, the largest changes with their reasons, the investments."""
    head = _("De «{first}» a «{second}»: cambian {changed} de {area} ha ({percent} %)")
    lines = [
        head.format(
            first=document["from"],
            second=document["to"],
            changed=f"{document['changed_ha']:.0f}",
            area=f"{document['area_ha']:.0f}",
            percent=f"{Figure(100 * document['changed_share']):.1f}",
        ),
        "",
        _("Hectáreas por zona; filas: {first}, columnas: {second}").format(
            first=document["from"], second=document["to"]
        ),
        _matrix_text(document["zones"]),
    ]
    if document["transitions"]:
        lines += ["", _transitions_text(document["transitions"])]
    if document["reasons_note"]:
        lines.append(_("Sin razones: {note}").format(note=document["reasons_note"]))
    lines += ["", _investments_text(document["investments"])]
    if document["file"]:
        lines += ["", _("Polígonos que cambian: {file}").format(file=document["file"])]
    if document["investments_file"]:
        lines += ["", _("Lista de inversiones: {file}").format(file=document["investments_file"])]
    return "\n".join(lines)


def _matrix_text(matrix: dict[str, dict[str, float]]) -> str:
    rows = [[name, *(f"{area:.0f}" if area else "·" for area in row.values())] for name, row in matrix.items()]
    return output.table(rows, ["", *next(iter(matrix.values()))])


def _transitions_text(transitions: list[dict[str, Any]]) -> str:
    rows = [
        (
            f"{one['from_zone']} {one['from_class']}",
            f"{one['to_zone']} {one['to_class']}",
            f"{Figure(one['area_ha']):.1f}",
            one["reason_title"],
        )
        for one in transitions[:_MOST_ROWS]
    ]
    text = output.table(rows, [_("de"), _("a"), "ha", _("lo cambia")])
    rest = transitions[_MOST_ROWS:]
    if not rest:
        return text
    area = f"{sum(one['area_ha'] for one in rest):.0f}"
    return text + "\n" + _("… y {count} cambios menores, {area} ha").format(count=len(rest), area=area)


def _investments_text(investments: dict[str, Any]) -> str:
    title = _("Inversiones: ha de «{study}» que una mejora sola levantaría al menos una clase").format(
        study=investments["study"]
    )
    if investments["note"]:
        return title + "\n" + _("Sin lista: {note}").format(note=investments["note"])
    names = {one["improvement"]: one["title"] for one in investments["rows"]}
    notes = {one["title"]: one["note"] for one in investments["rows"] if one["note"]}
    units: dict[str, dict[str, Any]] = {}
    for one in investments["rows"]:
        units.setdefault(one["municipality_name"], {})[one["improvement"]] = one["area_ha"]
    rows = [[unit, *(_hectares(areas[name]) for name in names)] for unit, areas in units.items()]
    totals = {name: [areas[name] for areas in units.values()] for name in names}
    whole = [_hectares(None if None in areas else sum(areas)) for areas in totals.values()]
    lines = [title, output.table([*rows, [_("todos"), *whole]], [_("municipio"), *names.values()])]
    return "\n".join([*lines, *(f"{name}: {note}" for name, note in notes.items())])


def _hectares(area: float | None) -> str | None:
    return None if area is None else f"{area:.0f}"
