"""``valles zone`` and ``valles explain``: make a study, and ask why a place has the zone it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.explanation_text import explanation_text
from api.cli.options import DEFAULT_STUDY, DEFAULT_WORKSPACE, JsonOption, StudyOption, WorkspaceOption
from api.cli.sensitivity_text import sensitivity_text
from api.cli.usage_error import UsageError
from api.cli.zone_options import (
    CellOption,
    ClimateOption,
    DrawsOption,
    NameOption,
    RulesOption,
    ScaleOption,
    ScenarioOption,
    SchedulerOption,
    SeedOption,
    WorkersOption,
)
from gis.messages import Figure, translator

if TYPE_CHECKING:
    from gis.crew.crew import Crew
    from zoning.study.study import Study

_ = translator("api")
_DEGREES = 2


def register(app: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    app.command("zone", cls=look, help=_("Zonifica el territorio y escribe un estudio."))(zone)
    app.command("explain", cls=look, help=_("Dice qué zona tiene un punto y por qué."))(explain)


def zone(
    *,
    scale: ScaleOption = None,
    cell: CellOption = None,
    ruleset: RulesOption = None,
    climate: ClimateOption = "",
    scenario: ScenarioOption = None,
    uncertainty: DrawsOption = None,
    seed: SeedOption = 0,
    name: NameOption = None,
    workers: WorkersOption = None,
    scheduler: SchedulerOption = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Zone the territory."""
    if workers is not None and scheduler is not None:
        raise UsageError(
            _("--workers y --scheduler a la vez"),
            expected=_("Uno de los dos: procesos de esta máquina, o los trabajadores de un planificador"),
        )
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from zoning.study.study_run import run  # noqa: PLC0415  as above

    with asked_crew(workers, scheduler) as crew, output.progress_bar(_("Zonificación")) as progress:
        study = run(
            Workspace.open(workspace),
            name=name,
            scale=scale,
            cell=cell,
            ruleset=ruleset,
            climate=climate,
            scenario=scenario,
            uncertainty=uncertainty,
            seed=seed,
            workers=workers or 2,
            crew=crew,
            progress=progress,
            say=output.note,
        )
    document = study_document(study)
    output.note(stage_times(document))
    output.answer(document, json_wanted=json_wanted, text=lambda: study_text(document, timed=False))


def asked_crew(workers: int | None, scheduler: str | None) -> Crew:
    """Return who classifies.

    Raises
    ------
    UsageError
        No such number of processes may be asked for, or the scheduler's address is none.
    gis.errors.VallesError
        There is no such scheduler, or it has no workers.
    """
    from gis.crew.crew_error import AddressError  # noqa: PLC0415  commands load what they use
    from gis.crew.crews import open_crew  # noqa: PLC0415  as above
    from gis.crew.process_crew import MOST_WORKERS  # noqa: PLC0415  as above

    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise UsageError(
            _("--workers {count} no es un número de procesos que se pueda usar").format(count=workers),
            expected=_("Se esperaba de 1 a {most}").format(most=MOST_WORKERS),
        )
    try:
        return open_crew(workers=workers, scheduler=scheduler)
    except AddressError as error:
        raise UsageError(error.found, expected=error.expected, remedy=error.remedy) from error


def stage_times(document: dict[str, Any]) -> str:
    """Return how long each stage took and the most memory held, as text."""
    seconds, memory = document["seconds"], document["peak_memory_mb"]
    times = ", ".join(f"{stage} {Figure(value):.1f} s" for stage, value in seconds.items())
    text = _("Tiempos: {times}").format(times=times)
    return text if memory is None else text + _("; memoria {memory} MB").format(memory=memory)


def study_document(study: Study) -> dict[str, Any]:
    """Return what a study came to: hectares by zone and municipality, the time of each stage, and what it rests on."""
    manifest = study.manifest
    totals = study.totals()
    whole = float(totals["area_ha"].sum())
    areas = totals.groupby("zone")["area_ha"].sum().sort_values(ascending=False)
    names = {one["zone"]: one["name"] for one in manifest["zones"]}
    drawn = manifest.get("uncertainty") or {}
    sure = {one["zone"]: one for one in drawn.get("zones", ())}
    zones = [
        {
            "zone": code,
            "zone_name": names[code],
            "area_ha": float(area),
            "share": float(area) / whole,
            "mean_stability": sure.get(code, {}).get("mean_stability"),
            "stable_ha": sure.get(code, {}).get("stable_ha"),
        }
        for code, area in zip(areas.index, areas, strict=True)
    ]
    told = ("scale", "honest_scale", "cell_m", "minimum_mapping_unit_ha", "climate", "ruleset_hash", "demo")
    return {
        "study": study.name,
        "folder": str(study.folder),
        "territory": manifest["territory"],
        **{key: manifest[key] for key in told},
        "scenario": (manifest.get("scenario") or {}).get("name"),
        "draws": drawn.get("draws", 0),
        "seed": drawn.get("seed"),
        "draw_cell_m": drawn.get("grid_cell_m"),
        "polygons": manifest["polygons"],
        "area_ha": whole,
        "no_data_share": sum(row["share"] for row in zones if row["zone"] == "SD"),
        "zones": zones,
        "municipalities": manifest["municipalities"],
        "missing_layers": manifest["missing_layers"],
        "flagged": manifest["flagged"],
        "sensitivity": manifest.get("sensitivity"),
        "encoded": manifest["run"].get("encoded", ""),
        "seconds": manifest["run"]["seconds"],
        "peak_memory_mb": manifest["run"]["peak_memory_mb"],
    }


def study_text(document: dict[str, Any], *, timed: bool = True) -> str:
    """Return the document of a study as text."""
    heads = {"zone": _("zona"), "zone_name": _("nombre"), "area_ha": "ha", "percent": "%"}
    if document["draws"]:
        heads |= {"mean_stability": _("estabilidad"), "stable_ha": _("ha con 0,8 o más")}
    rows = [{**row, "percent": 100 * row["share"]} for row in document["zones"]]
    head = _("Estudio «{name}»: {count} polígonos, {area} ha; escala 1:{scale}, la honesta es 1:{honest}")
    lines = [
        head.format(
            name=document["study"],
            count=document["polygons"],
            area=f"{document['area_ha']:.0f}",
            scale=document["scale"],
            honest=document["honest_scale"],
        ),
        output.columns(rows, heads),
    ]
    if document["draws"]:
        text = _("Estabilidad: {draws} sorteos con semilla {seed}, celda de {cell:g} m")
        lines.append(text.format(draws=document["draws"], seed=document["seed"], cell=document["draw_cell_m"]))
    else:
        lines.append(_("Estabilidad: sin dato; el límite entre FRU, VID y ANU pide --uncertainty N"))
    if document["missing_layers"]:
        lines.append(_("Sin estas capas: {names}").format(names=", ".join(document["missing_layers"])))
    if document["flagged"]:
        lines.append(_("Sin resolución suficiente: {names}").format(names=", ".join(document["flagged"])))
    lines.append(sensitivity_text(document["sensitivity"]))
    return "\n".join([*filter(None, lines), *([stage_times(document)] if timed else [])])


def explain(
    *,
    at: Annotated[str, typer.Option("--at", metavar="LON,LAT", help=_("Longitud y latitud en grados: -63.87,-18.18."))],
    study: StudyOption = DEFAULT_STUDY,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Explain one place."""
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from zoning.study.study import Study  # noqa: PLC0415  as above

    lon, lat = place(at)
    document = Study.open(Workspace.open(workspace), study).explain(lon, lat)
    output.answer(document, json_wanted=json_wanted, text=lambda: explanation_text(document))


def place(text: str) -> tuple[float, float]:
    """Return longitude and latitude of ``LON,LAT``.

    Raises
    ------
    UsageError
        If it is not two numbers, or they cannot be degrees.

    Examples
    --------
    >>> place("-63.87,-18.18")
    (-63.87, -18.18)
    """
    try:
        numbers = [float(part) for part in text.replace(";", ",").split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != _DEGREES or not (abs(numbers[0]) <= 180 and abs(numbers[1]) <= 90):  # noqa: PLR2004  degrees
        raise UsageError(
            _("--at no es un lugar: «{text}»").format(text=text),
            expected=_("Longitud y latitud en grados, con punto decimal: --at -63.87,-18.18"),
        )
    return numbers[0], numbers[1]
