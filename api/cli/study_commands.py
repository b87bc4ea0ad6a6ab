"""``valles studies`` and ``valles study status|verify``: what has been zoned, and whether it stands as written."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_STUDY, DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.zone_command import study_document, study_text
from gis.messages import translator

_ = translator("api")

CLOSES = 1e-6
"""Largest relative difference between the zones of a municipality and its area."""

NameArgument = Annotated[str, typer.Argument(metavar=_("NOMBRE"), help=_("Nombre del estudio."))]


def register(app: typer.Typer, study: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    app.command("studies", cls=look, help=_("Lista los estudios del espacio de trabajo."))(studies)
    study.command("status", cls=look, help=_("Resumen de un estudio: hectáreas por zona y etapas."))(status)
    study.command("verify", cls=look, help=_("Comprueba que un estudio siga como se escribió."))(verify)


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
    """Compare a study's files with their hashes, and its hectares with those of the municipalities."""
    from gis.atomic import sha256_of  # noqa: PLC0415  commands load what they use
    from layers.workspace import Workspace  # noqa: PLC0415  as above
    from zoning.study.study import Study  # noqa: PLC0415  as above

    found = Study.open(Workspace.open(workspace), name)
    changed = [
        file
        for file, expected in found.manifest["files"].items()
        if not (found.folder / file).is_file() or sha256_of(found.folder / file) != expected
    ]
    sums = found.zones.groupby("municipality")["area_ha"].sum()
    whole = {one["code"]: float(one["area_ha"]) for one in found.manifest["municipalities"]}
    worst = max(abs(float(sums.get(code, 0.0)) - area) / area for code, area in whole.items())
    good = not changed and worst <= CLOSES
    count = len(found.manifest["files"])
    document = {"study": name, "ok": good, "changed": changed, "files": count, "area_error": worst}

    def text() -> str:
        if good:
            return _("«{name}» está como se escribió: {count} archivos, superficies cerradas").format(
                name=name, count=count
            )
        return _("«{name}» cambió: {files}; error de superficie {error:.1e}").format(
            name=name, files=", ".join(changed) or _("ningún archivo"), error=worst
        )

    output.answer(document, json_wanted=json_wanted, text=text)
    if not good:
        raise typer.Exit(1)
