"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gis.messages import translator

_ = translator("api")

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        envvar="VALLES_WORKSPACE",
        help=_("Carpeta del espacio de trabajo."),
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help=_("Escribe un solo documento JSON; lo demás va a la salida de errores."))
]
StudyOption = Annotated[str, typer.Option("--study", metavar=_("NOMBRE"), help=_("Estudio que se lee."))]

DEFAULT_WORKSPACE = Path("workspace")
DEFAULT_STUDY = "base"
