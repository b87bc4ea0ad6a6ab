"""``valles demo``: a labelled synthetic territory, zoned, priced and served, in one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import JsonOption
from api.cli.serve_command import HostOption, PortOption, address_of, refuse_taken_port, run_server
from gis.messages import Figure, translator

_ = translator("api")


def register(app: typer.Typer) -> None:
    """Add the command."""
    text = _("Construye un territorio de demostración (datos sintéticos), lo zonifica y lo publica.")
    app.command("demo", cls=spanish_help.Command, help=text)(demo)


def demo(
    *,
    port: PortOption = 8000,
    host: HostOption = "127.0.0.1",
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help=_("Carpeta de la demostración; lo ya hecho se aprovecha."))
    ] = Path("demo"),
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help=_("Publicarla al terminar, o solo hacerla."))
    ] = True,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help=_("Añade un escenario, la comparación con él y la estabilidad de las zonas: tarda más.")
        ),
    ] = False,
    json_wanted: JsonOption = False,
) -> None:
    """Build the demonstration, or take up an earlier one, and serve it."""
    from api.cli.demo_build import DemoBuild  # noqa: PLC0415  commands load what they use

    if serve:
        refuse_taken_port(host, port)
    build = DemoBuild(folder, full=full)
    stages = build.complete(report=output.note)
    document: dict[str, Any] = {
        "demo": True,
        "dir": str(folder),
        "workspace": str(build.workspace),
        "address": address_of(host, port) if serve else None,
        "stages": [{"stage": one.name, "seconds": one.seconds, "reused": one.reused} for one in stages],
        "seconds": round(sum(one.seconds for one in stages if not one.reused), 1),
    }

    def text() -> str:
        return _("Demostración lista en {folder} ({seconds} s). Datos de demostración: nada en ella es real.").format(
            folder=folder, seconds=f"{Figure(document['seconds']):.1f}"
        )

    output.answer(document, json_wanted=json_wanted, text=text)
    if serve:
        run_server(build.workspace, host=host, port=port)
