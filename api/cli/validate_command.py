"""``valles validate``: a study held against points, a survey, mapped fields and a plan in force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_STUDY, DEFAULT_WORKSPACE, JsonOption, StudyOption, WorkspaceOption
from api.cli.usage_error import UsageError
from api.cli.validation_text import validation_text
from gis.messages import translator

if TYPE_CHECKING:
    import pandas as pd

    from zoning.study.study import Study

_ = translator("api")

FOLDER = "validation"
"""Folder of the workspace that holds what is found, a folder a study."""

Part = tuple[str, dict[str, Any], list[Path]]
"""Key in the document, what was found, files written."""

PointsOption = Annotated[
    Path | None,
    typer.Option(
        "--points",
        metavar=_("ARCHIVO"),
        help=_("Puntos de referencia: la planilla llena, o una tabla con lon, lat y zona o clase."),
    ),
]
SurveyOption = Annotated[
    Path | None, typer.Option("--survey", metavar="CSV", help=_("Encuesta de fincas con las columnas de la ENA 2015."))
]
PlanOption = Annotated[
    Path | None, typer.Option("--plan", metavar=_("CAPA"), help=_("Plan de uso del suelo vigente; pide --crosswalk."))
]
CrosswalkOption = Annotated[
    Path | None,
    typer.Option("--crosswalk", metavar="CSV", help=_("Clases del plan (con el nombre de su columna) y zonas.")),
]
PresenceOption = Annotated[
    bool,
    typer.Option("--presence", help=_("Campos, huertos y viñedos mapeados; es lo que se hace si no se pide nada.")),
]
KitOption = Annotated[
    bool, typer.Option("--kit", help=_("Hace el juego de campo: puntos al azar por zona (GPX) y planilla (XLSX)."))
]
ErrorOption = Annotated[
    float, typer.Option("--standard-error", help=_("Error estándar que se busca para la exactitud global."))
]
ExpectedOption = Annotated[
    float, typer.Option("--expected", help=_("Exactitud que se supone para calcular los puntos."))
]
MinimumOption = Annotated[int, typer.Option("--minimum", min=0, help=_("Puntos de cada zona, al menos."))]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help=_("Semilla: la misma da los mismos puntos."))]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help=_("Dónde se escribe; por omisión, validation/ESTUDIO del espacio.")),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "validate",
        cls=spanish_help.Command,
        help=_("Compara un estudio con puntos de campo, una encuesta, lo mapeado o un plan vigente."),
    )(validate)


def validate(
    points: PointsOption = None,
    survey: SurveyOption = None,
    plan: PlanOption = None,
    crosswalk: CrosswalkOption = None,
    *,
    presence: PresenceOption = False,
    kit: KitOption = False,
    standard_error: ErrorOption = 0.03,
    expected: ExpectedOption = 0.75,
    minimum: MinimumOption = 20,
    seed: SeedOption = 0,
    out: OutOption = None,
    study: StudyOption = DEFAULT_STUDY,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Hold a study against what is known of the ground."""
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from zoning.study.study import Study  # noqa: PLC0415  as above

    if (plan is None) != (crosswalk is None):
        raise UsageError(
            _("--plan y --crosswalk van juntas"),
            remedy=_("Dé la capa del plan y la tabla que dice qué zonas admite cada clase"),
        )
    found = Study.open(Workspace.open(workspace), study)
    folder = out or found.workspace.root / FOLDER / found.name
    parts: list[Callable[[], Part]] = []
    if points is not None:
        parts.append(lambda: _points(found, points, folder))
    if survey is not None:
        parts.append(lambda: _survey(found, survey, folder))
    if plan is not None and crosswalk is not None:
        parts.append(lambda: _plan(found, plan, crosswalk, folder))
    if kit:
        numbers = {"standard_error": standard_error, "expected_users": expected, "minimum": minimum, "seed": seed}
        parts.append(lambda: _kit(found, numbers, folder))
    if presence or not parts:
        parts.append(lambda: _presence(found, folder))
    document = _document(found, [part() for part in parts], folder)
    output.answer(document, json_wanted=json_wanted, text=lambda: validation_text(document))


def _document(study: Study, parts: list[Part], folder: Path) -> dict[str, Any]:
    from gis.atomic import write_atomically  # noqa: PLC0415  commands load what they use

    manifest = study.manifest
    head: dict[str, Any] = {
        "study": study.name,
        "ruleset_hash": manifest["ruleset_hash"],
        "demo": bool(manifest["demo"]),
        "notice": manifest["notice"],
    }
    document, files = dict(head), list[Path]()
    for key, content, written in parts:
        document[key] = content
        files += [*written, folder / f"{key}.json"]
        write_atomically(files[-1], output.as_json({**head, key: content}) + "\n")
    return document | {"files": [str(file) for file in files]}


def _tables(tables: dict[Path, pd.DataFrame]) -> Iterator[Path]:
    from gis.atomic import write_atomically  # noqa: PLC0415  commands load what they use

    for path, table in tables.items():
        write_atomically(path, table.to_csv(index=False, lineterminator="\n"))
        yield path


def _points(study: Study, file: Path, folder: Path) -> Part:
    from zoning.validation.reference_points import assess_points  # noqa: PLC0415  commands load what they use

    found = assess_points(study, file)
    tables = {
        folder / "accuracy.csv": found.table(),
        folder / "error_matrix.csv": found.error_matrix.reset_index(),
    }
    return "accuracy", found.document(), list(_tables(tables))


def _survey(study: Study, file: Path, folder: Path) -> Part:
    from zoning.validation.scatter_picture import draw_scatter  # noqa: PLC0415  commands load what they use
    from zoning.validation.survey_agreement import compare_survey  # noqa: PLC0415  as above

    found = compare_survey(study, file)
    files = list(_tables({folder / "survey.csv": found.table()}))
    colours = {str(each["zone"]): str(each["colour"]) for each in study.manifest["zones"]}
    draw_scatter(found, folder / "survey.png", colours=colours)
    return "survey", found.document(), [*files, folder / "survey.png"]


def _presence(study: Study, folder: Path) -> Part:
    from zoning.validation.presence import check_presence  # noqa: PLC0415  commands load what they use

    found = check_presence(study)
    return "presence", found.document(), list(_tables({folder / "presence.csv": found.by_zone}))


def _plan(study: Study, file: Path, crosswalk: Path, folder: Path) -> Part:
    from zoning.validation.plan_agreement import compare_plan  # noqa: PLC0415  commands load what they use

    found = compare_plan(study, file, crosswalk)
    files = list(_tables({folder / "plan.csv": found.by_pair()}))
    found.write(folder / "plan.gpkg")
    return "plan", found.document(), [*files, folder / "plan.gpkg"]


def _kit(study: Study, numbers: dict[str, Any], folder: Path) -> Part:
    from zoning.validation.field_kit import SamplePlan, draw_field_kit  # noqa: PLC0415  commands load what they use

    found = draw_field_kit(study, SamplePlan(**numbers))
    return "kit", found.document(), found.write(folder)
