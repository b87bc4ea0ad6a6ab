"""A real PostgreSQL for the tests: from Debian's packages, on loopback, in a folder that is thrown away."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BINARIES = Path("/usr/lib/postgresql")
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "32MB"}
"""A server that is thrown away need not survive a power cut."""
_STARTING_S = 60


def binaries() -> Path | None:
    """Return the folder of ``initdb`` and ``postgres``, the newest version first; ``None`` where there is none."""
    found = sorted(BINARIES.glob("*/bin/initdb"), key=lambda each: float(each.parent.parent.name), reverse=True)
    if found:
        return found[0].parent
    program = shutil.which("initdb")
    return Path(program).resolve().parent if program else None


def why_not() -> str:
    """Say why no server can be started; empty if one can."""
    if os.name != "posix":
        return "PostgreSQL is started on POSIX systems only"
    if binaries() is None:
        return "PostgreSQL's server is not installed: apt-get install postgresql"
    if os.geteuid() == 0 and _unprivileged() is None:
        return "PostgreSQL refuses to run as root and there is no user postgres"
    return ""


@contextmanager
def running_server(**settings: str) -> Iterator[str]:
    """Start a server while the block runs and give the URL of its first database; stopped by its process id."""
    folder = Path(tempfile.mkdtemp(prefix="valles-postgresql-"))
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = _unprivileged()
        if user is None:
            raise RuntimeError(why_not())
        shutil.chown(folder, user, user)
        who = {"user": user, "group": user, "extra_groups": []}
    home = binaries()
    if home is None:
        raise RuntimeError(why_not())
    data, port = folder / "data", _free_port()
    initdb = [home / "initdb", "-D", data, "-U", "valles", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **who)
    options = {**FAST, **settings, "listen_addresses": "127.0.0.1", "port": str(port)}
    options["unix_socket_directories"] = str(folder)
    told = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [home / "postgres", "-D", data, *told], stdout=log, stderr=subprocess.STDOUT, cwd=folder, **who
        )
        try:
            _wait(home, port, server, folder / "log")
            yield f"postgresql+psycopg://valles@127.0.0.1:{port}/postgres"
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.send_signal(3)  # SIGQUIT: stop at once
                server.wait(timeout=10)
            shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> str | None:
    import pwd  # noqa: PLC0415  no such module on Windows

    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return None


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait(home: Path, port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _STARTING_S
    ask = [home / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(ask, check=False).returncode:
        if server.poll() is not None or time.monotonic() > until:
            raise RuntimeError(log.read_text(encoding="utf-8", errors="replace"))
        time.sleep(0.05)
