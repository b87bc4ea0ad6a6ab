"""``valles studies`` and ``valles study status|verify|export``: what has been zoned, and handing it over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_STUDY, DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.zone_command import study_document, study_text
from gis.messages import Figure, translator

if TYPE_CHECKING:
    from zoning.study.study_check import StudyCheck

_ = translator("api")

NameArgument = Annotated[str, typer.Argument(metavar=_("NOMBRE"), help=_("Nombre del estudio."))]


def register(app: typer.Typer, study: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    app.command("studies", cls=look, help=_("Lista los estudios del espacio de trabajo."))(studies)
    study.command("status", cls=look, help=_("Resumen de un estudio: hectáreas por zona y etapas."))(status)
    study.command("verify", cls=look, help=_("Comprueba que un estudio siga como se escribió."))(verify)
    study.command("export", cls=look, help=_("Escribe un estudio en un archivo: todo, el resumen o los polígonos."))(
        export
    )


def studies(workspace: WorkspaceOption = DEFAULT_WORKSPACE, json_wanted: JsonOption = False) -> None:
    """List the studies."""
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from zoning.study.study import Study  # noqa: PLC0415  as above

    opened = Workspace.open(workspace)
    rows: list[dict[str, Any]] = []
    for name in opened.studies():
        document = study_document(Study.open(opened, name))
        rows.append({key: document[key] for key in ("study", "scale", "cell_m", "polygons", "area_ha", "ruleset_hash")})
    heads = {
        "study": _("estudio"),
        "scale": _("escala"),
        "cell_m": _("celda m"),
        "polygons": _("polígonos"),
        "area_ha": "ha",
    }
    output.answer(
        {"studies": rows},
        json_wanted=json_wanted,
        text=lambda: output.columns(rows, heads) if rows else _("Ningún estudio todavía: valles zone"),
    )


def status(
    name: NameArgument = DEFAULT_STUDY,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Show what a study came to."""
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from zoning.study.study import Study  # noqa: PLC0415  as above

    document = study_document(Study.open(Workspace.open(workspace), name))
    output.answer(document, json_wanted=json_wanted, text=lambda: study_text(document))


def verify(
    name: NameArgument = DEFAULT_STUDY,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Compare a study's files with their hashes, and its polygons and summary with the municipalities."""
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from zoning.study.study import Study  # noqa: PLC0415  as above
    from zoning.study.study_check import check_study  # noqa: PLC0415  as above

    found = check_study(Study.open(Workspace.open(workspace), name))
    document = {
        "study": name,
        "ok": found.good,
        "changed": [*found.changed, *found.missing],
        "missing": list(found.missing),
        "added": list(found.added),
        "files": found.files,
        "readable": found.readable,
        "coverage_valid": found.coverage_valid,
        "area_error": found.area_error,
        "summary_open": list(found.summary_open),
    }
    output.answer(document, json_wanted=json_wanted, text=lambda: check_text(name, found))
    if not found.good:
        raise typer.Exit(1)


def check_text(name: str, found: StudyCheck) -> str:
    """Return what a check found as text, one line for each thing amiss."""
    if found.good:
        said = _("«{name}» está como se escribió: {count} archivos, cobertura válida, superficies y resumen cerrados")
        lines = [said.format(name=name, count=found.files)]
    else:
        lines = [_("«{name}» no está como se escribió:").format(name=name)]
        if found.changed:
            lines.append(_("- cambiaron: {files}").format(files=", ".join(found.changed)))
        if found.missing:
            lines.append(_("- faltan: {files}").format(files=", ".join(found.missing)))
        if not found.readable:
            lines.append(_("- los polígonos o el resumen no se pueden leer"))
        elif not found.coverage_valid:
            lines.append(_("- los polígonos se cruzan o dejan huecos"))
        if found.area_error is not None and not found.closes:
            error = Figure(100 * found.area_error)
            lines.append(_("- las zonas difieren hasta {error:.4g} % de su municipio").format(error=error))
        if found.readable and found.summary_open:
            codes = ", ".join(found.summary_open)
            lines.append(_("- el resumen no suma la superficie de: {codes}").format(codes=codes))
    if found.added:
        lines.append(_("Además hay archivos que el estudio no escribió: {files}").format(files=", ".join(found.added)))
    return "\n".join(lines)


def export(
    name: NameArgument = DEFAULT_STUDY,
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar=_("ARCHIVO"),
            help=_(
                "Qué se escribe lo dice el final del nombre: .zip todo; .xlsx, .csv, .json el resumen; "
                ".gpkg, .geojson, .parquet, .pmtiles los polígonos."
            ),
        ),
    ],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Write a study to one file for others."""
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from zoning.study.study import Study  # noqa: PLC0415  as above
    from zoning.study.study_export import export_study  # noqa: PLC0415  as above

    found = Study.open(Workspace.open(workspace), name)
    path = export_study(found, out)
    size = path.stat().st_size
    document = {"study": name, "file": str(path), "bytes": size}
    said = _("«{name}» escrito en {file} ({size:.0f} kB)")
    output.answer(
        document, json_wanted=json_wanted, text=lambda: said.format(name=name, file=path, size=Figure(size / 1000))
    )
