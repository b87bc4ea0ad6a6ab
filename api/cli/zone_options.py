"""Options of ``valles zone``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gis.messages import translator

_ = translator("api")

ScaleOption = Annotated[
    int | None, typer.Option("--scale", min=1000, help=_("Denominador de la escala: 100000 es 1:100.000."))
]
CellOption = Annotated[float | None, typer.Option("--cell", min=1, help=_("Lado de la celda, en metros."))]
RulesOption = Annotated[
    Path | None, typer.Option("--ruleset", metavar=_("ARCHIVO"), help=_("Reglas; por omisión, las del espacio."))
]
ClimateOption = Annotated[
    str, typer.Option("--climate", metavar=_("FUENTE"), help=_("Fuente del clima; por omisión, la del territorio."))
]
ScenarioOption = Annotated[
    str | None, typer.Option("--scenario", metavar=_("NOMBRE"), help=_("Escenario de las reglas que se aplica."))
]
DrawsOption = Annotated[
    int | None,
    typer.Option(
        "--uncertainty", metavar="N", help=_("Sortea N veces límites, clima y elevación, y da la estabilidad.")
    ),
]
SeedOption = Annotated[int, typer.Option("--seed", metavar="N", help=_("Semilla de los sorteos."))]
NameOption = Annotated[
    str | None,
    typer.Option("--name", metavar=_("NOMBRE"), help=_("Nombre del estudio; por omisión, el del escenario o base.")),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        help=_("Procesos que clasifican a la vez, de 1 a 256, en lugar de dos hilos; el resultado no cambia."),
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar=_("DIRECCIÓN"),
        help=_("Planificador de Dask, tcp://máquina:8786 o su archivo: clasifican sus trabajadores."),
    ),
]
