"""``valles zone`` and ``valles explain``: make a study, and ask why a place has the zone it has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_STUDY, DEFAULT_WORKSPACE, JsonOption, StudyOption, WorkspaceOption
from api.cli.usage_error import UsageError
from gis.messages import translator

if TYPE_CHECKING:
    from zoning.study import Study

_ = translator("api")
_DEGREES = 2


def register(app: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    app.command("zone", cls=look, help=_("Zonifica el territorio y escribe un estudio."))(zone)
    app.command("explain", cls=look, help=_("Dice qué zona tiene un punto y por qué."))(explain)


def zone(
    *,
    scale: Annotated[
        int | None, typer.Option("--scale", min=1000, help=_("Denominador de la escala: 100000 es 1:100.000."))
    ] = None,
    cell: Annotated[float | None, typer.Option("--cell", min=1, help=_("Lado de la celda, en metros."))] = None,
    ruleset: Annotated[
        Path | None, typer.Option("--ruleset", metavar=_("ARCHIVO"), help=_("Reglas; por omisión, las del espacio."))
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar=_("NOMBRE"), help=_("Nombre del estudio."))] = DEFAULT_STUDY,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Zone the territory."""
    from zoning.run import run  # noqa: PLC0415  as above

    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use

    chosen: dict[str, Any] = {} if scale is None else {"scale": scale}
    with output.progress_bar(_("Zonificación")) as progress:
        study = run(Workspace.open(workspace), name=name, cell=cell, ruleset=ruleset, progress=progress, **chosen)
    document = study_document(study, name)
    output.answer(document, json_wanted=json_wanted, text=lambda: study_text(document))


def study_document(study: Study, name: str) -> dict[str, Any]:
    """Return what a study came to: hectares by zone, the time of each stage, and what it rests on."""
    return {"study": name, **study.overview()}


def study_text(document: dict[str, Any]) -> str:
    """Return the document of a study as text."""
    heads = {"zone": _("zona"), "zone_name": _("nombre"), "area_ha": "ha", "percent": "%"}
    rows = [{**row, "percent": 100 * row["share"]} for row in document["zones"]]
    lines = [
        _("Estudio «{name}»: {count} polígonos, {area} ha, escala 1:{scale}").format(
            name=document["study"],
            count=document["polygons"],
            area=f"{document['area_ha']:.0f}",
            scale=document["scale"],
        ),
        output.columns(rows, heads),
        *(f"{stage}: {seconds:.1f} s" for stage, seconds in document["stages"].items()),
    ]
    return "\n".join(lines)


def explain(
    *,
    at: Annotated[str, typer.Option("--at", metavar="LON,LAT", help=_("Longitud y latitud en grados: -63.87,-18.18."))],
    study: StudyOption = DEFAULT_STUDY,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Explain one place."""
    from zoning.study import Study  # noqa: PLC0415  as above

    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use

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


def explanation_text(document: dict[str, Any]) -> str:
    """Return the explanation of a place as text: the sentence, then every land-use type with its weakest factors."""
    rows = [
        (
            one["crop"],
            {"irrigated": _("riego"), "rainfed": _("secano")}.get(one["water"], one["water"]),
            one["management"],
            one["window"],
            one["class"],
            one["score"],
        )
        for one in document["land_use_types"]
    ]
    heads = [_("cultivo"), _("agua"), _("manejo"), _("meses"), _("clase"), _("puntaje")]
    return "\n".join([str(document["explanation"]), "", output.table(rows, heads)])
