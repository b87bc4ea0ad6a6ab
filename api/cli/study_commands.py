"""``valles studies`` and ``valles study status|verify``: what has been zoned, and whether it stands as written."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_STUDY, DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.zone_command import study_document, study_text
from gis.messages import translator

_ = translator("api")

NameArgument = Annotated[str, typer.Argument(metavar=_("NOMBRE"), help=_("Nombre del estudio."))]


def register(app: typer.Typer, study: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    app.command("studies", cls=look, help=_("Lista los estudios del espacio de trabajo."))(studies)
    study.command("status", cls=look, help=_("Resumen de un estudio: hectáreas por zona y etapas."))(status)


def studies(workspace: WorkspaceOption = DEFAULT_WORKSPACE, json_wanted: JsonOption = False) -> None:
    """List the studies."""
    from zoning.study import Study  # noqa: PLC0415  as above

    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use

    opened = Workspace.open(workspace)
    rows: list[dict[str, Any]] = []
    for name in opened.studies():
        document = study_document(Study.open(opened, name), name)
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
    from zoning.study import Study  # noqa: PLC0415  as above

    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use

    document = study_document(Study.open(Workspace.open(workspace), name), name)
    output.answer(document, json_wanted=json_wanted, text=lambda: study_text(document))
