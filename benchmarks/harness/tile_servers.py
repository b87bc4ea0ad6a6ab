"""Two servers of the same map: ``valles serve`` draws it under changed rules, TiTiler shows it as a layer."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import numpy as np
from page_load import Answers, load

from gis.rasters.cog import CogWriter
from gis.rasters.web_level import TileRange
from layers.demo.demo_territory import demo_territory, write_demo_mirror
from layers.mirrors.mirror import Mirror
from layers.preparation.fetch import fetch
from layers.workspace import Workspace
from zoning.comparison.preview import Preview
from zoning.study.study_run import run

HARNESS = Path(__file__).resolve().parent
WORKERS = 2
LINES = 8
"""Connections that ask at once."""
SETTINGS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_CACHEMAX": "200",
    "VSI_CACHE": "TRUE",
    "GDAL_NUM_THREADS": "1",
}
"""What TiTiler's manual says of its environment."""
_PATIENCE_S = 240.0

Tile = tuple[int, int, int]


class Server:
    """A server in a process group of its own. Use it as a context."""

    def __init__(self, command: Sequence[str], settings: Mapping[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._command = [str(self.port) if each == "PORT" else each for each in command]
        self._settings = {**os.environ, **settings}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, env=self._settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.2)
            else:
                return self
        self.__exit__(None, None, None)
        message = "the server does not answer"
        raise RuntimeError(message)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=30)

    def load(self, paths: Sequence[str], *, keep: bool = False) -> Answers:
        """Ask for every path once."""
        return load(("127.0.0.1", self.port), paths, lines=LINES, keep=keep)

    def processor_seconds(self) -> float | None:
        """Return the processor time of its processes so far, s; ``None`` where the system does not tell."""
        total, ticks = 0.0, os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
        if not Path("/proc/self/stat").exists():
            return None
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self._process.pid:
                total += (int(fields[11]) + int(fields[12])) / ticks
        return total


class Turns:
    """Asks a server for the tiles again and again, and keeps what every turn gave."""

    def __init__(self, server: Server, paths: Sequence[str]) -> None:
        self.server, self.paths = server, list(paths)
        self.answers: list[Answers] = []
        self.processor: list[float] = []

    def __call__(self) -> Answers:
        """Ask once for all."""
        before = self.server.processor_seconds()
        self.answers.append(self.server.load(self.paths))
        after = self.server.processor_seconds()
        if before is not None and after is not None:
            self.processor.append((after - before) / len(self.paths) * 1e3)
        return self.answers[-1]

    def processor_ms(self) -> float | None:
        """Return the median processor time of a tile of the later turns, ms."""
        return float(np.median(self.processor[1:])) if len(self.processor) > 1 else None

    def percentile(self, share: float, *, first: bool = False) -> float | None:
        """Return a percentile of a tile over the later turns, or of the first, ms."""
        timed = self.answers[:1] if first else self.answers[1:]
        times = [each for turn in timed for each in turn.milliseconds]
        return float(np.quantile(times, share)) if times else None


class ServedMap:
    """The demonstration's territory, zoned; and the same map under a change, as a layer for others.

    Parameters
    ----------
    folder
        Empty folder.
    cell
        Side of a cell, m.
    change
        Change of rules.
    """

    def __init__(self, folder: Path, *, cell: float, scale: int, change: Mapping[str, Any]) -> None:
        self.change = dict(change)
        write_demo_mirror(folder / "mirror", cell_m=cell)
        self.workspace = Workspace.init(folder / "workspace", demo_territory().with_cell(cell))
        fetch(self.workspace, Mirror.read(folder / "mirror"))
        preview = Preview(run(self.workspace, scale=scale))
        table = preview.table(self.change)
        told = preview.stack.zone(table.rules, maps=True).zone
        self.layer = folder / "layer.tif"
        colours = {zone.number: (*bytes.fromhex(zone.colour.lstrip("#")), 255) for zone in table.rules.zones}
        grid = preview.stack.land.grid
        with CogWriter(
            self.layer, grid, names=["zone"], unit="class", dtype="uint8", nodata=0, colours=colours
        ) as writer:
            writer.write(np.zeros(grid.shape, np.uint8) if told is None else told)
        self.native, self.levels = preview.web.index.native, preview.web.index.levels
        self.tiles = [
            tile
            for zoom in (self.native - 1, self.native, self.native + 1)
            for tile in _tiles(self.levels, zoom)
            if preview.zones(table, *tile) is not None
        ]
        self.expected = {tile: preview.zones(table, *tile) for tile in self.tiles[:: max(len(self.tiles) // 40, 1)]}
        self.bands, self.moved = len(preview.web.index.bands), len(table.drawn.moved if table.drawn else ())
        self.pictures = {tile: preview.tile(table, *tile) for tile in self.expected}
        preview.close()

    def valles(self) -> Server:
        """Return the server that draws."""
        begin = "from api.cli import main; main()"
        where = ["-w", str(self.workspace.root), "--port", "PORT", "--workers", str(WORKERS)]
        return Server([sys.executable, "-c", begin, "serve", *where], {})

    def titiler(self) -> Server:
        """Return the server that shows the layer."""
        return Server(
            [sys.executable, "-m", "uvicorn", "--factory", "static_tiles:make", "--app-dir", str(HARNESS), "--port",
             "PORT", "--workers", str(WORKERS), "--loop", "auto", "--http", "auto", "--log-level", "warning"], SETTINGS,
        )  # fmt: skip

    def preview_paths(self, server: Server) -> list[str]:
        """Send the change, wait until every process is ready, and return where the tiles are."""
        address = f"http://127.0.0.1:{server.port}/zoning/preview"
        question = urllib.request.Request(
            address, data=json.dumps(self.change).encode(), headers={"Content-Type": "application/json"}
        )
        until, told = time.monotonic() + _PATIENCE_S, {}
        while not told and time.monotonic() < until:
            try:
                with urllib.request.urlopen(question, timeout=30) as answer:  # noqa: S310  our own server
                    told = json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != 503:  # noqa: PLR2004  being prepared
                    raise
                time.sleep(1)
        paths = [str(told["tiles"]).format(z=z, x=x, y=y) for z, x, y in self.tiles]
        while time.monotonic() < until:
            states = server.load(paths[:16]).states
            if set(states) == {200}:
                break
            time.sleep(1)
        return paths

    def layer_paths(self) -> list[str]:
        """Return where TiTiler has the same tiles."""
        query = f"url={quote(str(self.layer), safe='')}"
        return [f"/tiles/WebMercatorQuad/{z}/{x}/{y}.png?{query}" for z, x, y in self.tiles]


def _tiles(levels: Sequence[TileRange], zoom: int) -> list[Tile]:
    tiles = levels[min(zoom, len(levels) - 1)]
    deep = zoom - tiles.zoom
    return [
        (zoom, x, y)
        for y in range(tiles.row << deep, tiles.row + tiles.rows << deep)
        for x in range(tiles.col << deep, tiles.col + tiles.cols << deep)
    ]
