"""``valles serve``: the web server of a workspace."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from gis.errors import InputError, StorageError
from gis.messages import translator

if TYPE_CHECKING:
    import uvicorn

_ = translator("api")
_FACTORY = "api.app:serving_app"
_PATIENCE_S = 0.2

HostOption = Annotated[str, typer.Option("--host", metavar=_("DIRECCIÓN"), help=_("Dirección en la que se escucha."))]
PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help=_("Puerto en el que se escucha."))]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve", cls=spanish_help.Command, help=_("Publica el espacio de trabajo por HTTP."))(serve)


def serve(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help=_("Procesos que atienden."))] = 1,
    json_wanted: JsonOption = False,
) -> None:
    """Serve a workspace until interrupted."""
    from api.settings import read_settings  # noqa: PLC0415  commands load what they use
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use

    Workspace.open(workspace)
    read_settings()
    refuse_taken_port(host, port)
    if json_wanted:
        document = {"workspace": str(workspace), "address": address_of(host, port), "workers": workers}
        output.answer(document, json_wanted=True, text=str)
        sys.stdout.flush()
    run_server(workspace, host=host, port=port, workers=workers)


def refuse_taken_port(host: str, port: int) -> None:
    """Make sure that nobody listens on the address.

    Raises
    ------
    StorageError
        If the port is taken or may not be used.
    InputError
        If this machine has no such address.
    """
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise InputError(
            _("Esta máquina no conoce la dirección {host}").format(host=host),
            expected=_("127.0.0.1 para esta máquina, 0.0.0.0 para toda la red"),
        ) from None
    with socket.socket(family, kind, protocol) as trial:
        if sys.platform != "win32":
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(address)
            trial.listen(1)
        except OSError as error:
            raise StorageError(
                _("No se puede escuchar en {host}:{port}: {why}").format(host=host, port=port, why=error.strerror),
                expected=_("Un puerto libre"),
                remedy=_("Detenga el otro programa o elija otro puerto: --port {port}").format(
                    port=port + 1 if port < 65535 else port - 1  # noqa: PLR2004  last port
                ),
            ) from error


def address_of(host: str, port: int) -> str:
    """Return the address that a person opens.

    Examples
    --------
    >>> address_of("0.0.0.0", 8000)
    'http://127.0.0.1:8000'
    """
    shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104  only what is shown
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def run_server(workspace: Path, *, host: str, port: int, workers: int = 1) -> None:
    """Serve in the foreground until interrupted; an interruption is a normal end."""
    import uvicorn  # noqa: PLC0415  commands load what they use

    os.environ["VALLES_WORKSPACE"] = str(workspace.absolute())
    options: dict[str, Any] = {"factory": True, "host": host, "port": port, "log_level": "warning"}
    ready = _("Valles sirve {workspace} en {address} (Ctrl-C para terminar)").format(
        workspace=workspace, address=address_of(host, port)
    )
    try:
        if workers > 1:
            threading.Thread(target=_announce, args=(host, port, ready), daemon=True).start()
            uvicorn.run(_FACTORY, workers=workers, **options)
        else:
            _announcing_server(uvicorn.Config(_FACTORY, **options), ready).run()
    except KeyboardInterrupt:
        output.note(_("Terminado"))


def _announce(host: str, port: int, ready: str) -> None:
    """Say the server's address once one of its processes answers."""
    shown = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104  only asked, not listened on
    while True:
        try:
            socket.create_connection((shown, port), timeout=1).close()
        except OSError:
            time.sleep(_PATIENCE_S)
        else:
            output.note(ready)
            return


def _announcing_server(config: uvicorn.Config, ready: str) -> uvicorn.Server:
    """Return a server that says its address once it really answers."""
    import uvicorn  # noqa: PLC0415  commands load what they use

    class AnnouncingServer(uvicorn.Server):
        """A server that announces itself."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            """Begin to listen, then say so."""
            await super().startup(sockets)
            if self.started:
                output.note(ready)

    return AnnouncingServer(config)
