"""Map tiles of rules that were just changed: served beside TiTiler's static layer, and in process beside rio-tiler.

Served: ``valles serve`` with two processes draws the whole default ruleset under a changed rule, tile by tile, for the
made-up territory; TiTiler with two processes on the same loop and parser shows the same map as one layer, a COG with a
palette. The same load asks both for the same distinct tiles over kept-open connections, in turns; nothing is
conditional and no picture is kept on either side. In process: the reference job (twelve crops on ten layers) and the
method job (the whole default ruleset under a changed rule) from a stack's copy that lies as the tiles do, one read a
tile, against rio-tiler's reader on float32 layers of the same cells and compiled comparisons. Both take the nearest
cell and end in a PNG of 256 × 256.
"""

# ruff: noqa: E402  the import path is set first
from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parent / "harness")  # a script's own folder would hide packages

import numpy as np
import pyproj
import rasterio
from contest import Contender, Measured, Report, hold, main
from method_job import CELL, CRS, LEFT, TOP, method_land
from reference_job import CROPS, LAYERS, reference
from tile_drawers import (
    CHANGE,
    Drawn,
    MethodDrawn,
    ReferenceDrawn,
    RioTiler,
    Tile,
    method_by_floats,
    reference_by_floats,
)
from tile_servers import LINES, WORKERS, ServedMap, Turns

from gis.rasters.web_tile import tile_bounds

SIDE, METHOD_SIDE, SMALL_SIDE = 2_048, 1_024, 400
NATIVE, ZOOMS = 13, (12, 13, 14)
"""The zoom whose pixels are about as wide as a cell, and those drawn."""
MOST_TILES = 8
"""Tiles of each zoom, spread evenly."""
SERVED, SMALL_SERVED = (90.0, 250_000), (600.0, 1_500_000)
"""Side of a cell, m, and denominator of the scale of the territory that is served."""
NEEDS = {"rio_tiler": ("rio_tiler",), "method_rio_tiler": ("rio_tiler",)}


def in_process(small: bool, rounds: int, open_: ExitStack) -> tuple[Measured, dict[str, Drawn]]:
    """Draw tiles of both jobs in turns."""
    folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
    job, land = reference(SMALL_SIDE if small else SIDE), method_land(SMALL_SIDE if small else METHOD_SIDE)
    tiles, method_tiles = _inside(job.side, small), _inside(land.side, small)
    drawn: dict[str, Drawn] = {
        "reference": ReferenceDrawn(job, folder, tiles, native=NATIVE, held=False),
        "reference_held": ReferenceDrawn(job, folder, tiles, native=NATIVE, held=True),
        "rio_tiler": RioTiler(*_last(tiles, reference_by_floats(job, folder / "r")), open_),
        "method": MethodDrawn(land, folder / "m", method_tiles, held=False),
        "method_held": MethodDrawn(land, folder / "m", method_tiles, held=True),
        "method_rio_tiler": RioTiler(*_last(method_tiles, method_by_floats(land, folder / "f")), open_),
    }
    contenders = [Contender(name=name, work=work, needs=NEEDS.get(name, ())) for name, work in drawn.items()]
    return hold(contenders, rounds=rounds), drawn


def _last(tiles: list[Tile], made: tuple[Any, Any]) -> tuple[Any, list[Tile], Any]:
    return made[0], tiles, made[1]


def served(small: bool, rounds: int, open_: ExitStack) -> tuple[Measured, dict[str, Turns], ServedMap, float | None]:
    """Ask both servers for the same tiles in turns."""
    cell, scale = SMALL_SERVED if small else SERVED
    folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
    maps = ServedMap(folder, cell=cell, scale=scale, change=CHANGE)
    ours = open_.enter_context(maps.valles())
    turns = {"valles": Turns(ours, maps.preview_paths(ours))}
    contenders = [Contender(name="valles", work=turns["valles"])]
    if find_spec("titiler") is not None:
        turns["titiler"] = Turns(open_.enter_context(maps.titiler()), maps.layer_paths())
        contenders.append(Contender(name="titiler", work=turns["titiler"]))
    else:
        contenders.append(Contender(name="titiler", work=lambda: None, needs=("titiler",)))
    measured = hold(contenders, rounds=rounds)
    return measured, turns, maps, _other_share(turns, maps)


def contest(small: bool, rounds: int) -> Report:
    """Hold both contests."""
    with ExitStack() as open_:
        measured, drawn = in_process(small, rounds, open_)
        asked, turns, maps, differs = served(small, rounds, open_)
    p95, p50 = ({name: each.percentile(share) for name, each in drawn.items()} for share in (0.95, 0.5))
    speed = {name: len(maps.tiles) / spent if spent else None for name, spent in asked.seconds.items()}
    states = {name: sorted({state for turn in each.answers for state in turn.states}) for name, each in turns.items()}
    return Report(
        benchmark="preview_tiles",
        ours=speed["valles"],
        peer=speed["titiler"],
        peer_name="titiler",
        better="higher",
        unit="tiles/s",
        peers={"titiler": speed["titiler"], "rio_tiler": _a_second(p50["rio_tiler"])},
        also={
            **{f"{name} p95 ms": value for name, value in p95.items()},
            **{f"{name} p50 ms": value for name, value in p50.items()},
            "reference p95 over rio_tiler": _share(p95["reference"], p95["rio_tiler"]),
            "method p95 over rio_tiler": _share(p95["method"], p95["method_rio_tiler"]),
            **{f"served {name} processor ms": each.processor_ms() for name, each in turns.items()},
            **{f"served {name} p95 ms": each.percentile(0.95) for name, each in turns.items()},
            **{f"served {name} first turn p95 ms": each.percentile(0.95, first=True) for name, each in turns.items()},
            "served tiles/s, first turn": turns["valles"].answers[0].per_second,
        },
        measured=replace(
            measured,
            seconds={**measured.seconds, **{f"served_{name}": each for name, each in asked.seconds.items()}},
            spread={**measured.spread, **{f"served_{name}": each for name, each in asked.spread.items()}},
            reasons={**measured.reasons, **asked.reasons},
        ),
        job=_job(drawn, maps),
        checks={**_differences(dict(measured.answers), p50), "served": {"states": states, "share_differs": differs}},
        packages=("valles", "titiler.core", "rio-tiler", "rasterio", "uvicorn", "uvloop", "httptools", "numba"),
        notes=(
            "served: the first turn is left out; later what was read of tiles may be in memory, ours 96 MB a process",
            "served: every picture is drawn anew on both sides; no question is conditional",
            "in process: 'held' has the codes of the tile in memory, as when the next change is drawn",
            "the peer rio_tiler is told in tiles/s of its median in process",
            "pixels differ where the peer's warp takes the cell beside, and beyond the native zoom, ours half one off",
        ),
    )


def _a_second(milliseconds: float | None) -> float | None:
    return 1e3 / milliseconds if milliseconds else None


def _share(one: float | None, other: float | None) -> float | None:
    return one / other if one and other else None


def _job(drawn: dict[str, Drawn], maps: ServedMap) -> dict[str, Any]:
    return {
        "reference": {"crops": CROPS, "layers": LAYERS, "tiles": len(drawn["reference"].tiles), "zooms": list(ZOOMS)},
        "method": {"change": CHANGE, "tiles": len(drawn["method"].tiles), "zooms": list(ZOOMS)},
        "served": {
            "job": "method, the whole default ruleset on the made-up territory",
            "tiles": len(maps.tiles),
            "zooms": sorted({tile[0] for tile in maps.tiles}),
            "bands": maps.bands,
            "bands_read_in_full": maps.moved,
            "processes": WORKERS,
            "connections": LINES,
        },
    }


def _inside(side: int, small: bool) -> list[Tile]:
    """Return tiles that lie wholly inside a square, of each zoom some."""
    to_web = pyproj.Transformer.from_crs(CRS, "EPSG:3857", always_xy=True)
    left, bottom, right, top = to_web.transform_bounds(LEFT, TOP - side * CELL, LEFT + side * CELL, TOP)
    half = tile_bounds(0, 0, 0)[2]
    found: list[Tile] = []
    for z in ZOOMS:
        width = 2 * half / 2**z
        xs = range(int((left + half) // width) + 1, int((right + half) // width))
        ys = range(int((half - top) // width) + 1, int((half - bottom) // width))
        inside = [(z, x, y) for x in xs for y in ys]
        found += inside[:: max(len(inside) // MOST_TILES, 1)][:MOST_TILES]
    return found[-2:] if small else found


def _differences(found: dict[str, Any], timed: dict[str, float | None]) -> dict[str, float]:
    """Return the share of pixels where the peer answers otherwise."""
    pairs = (("reference", "reference_held"), ("reference", "rio_tiler"), ("method", "method_held"))
    return {
        f"share of pixels that differ, {one} and {other}": float(
            np.mean([(a != b).mean() for a, b in zip(found[one], found[other], strict=True)])
        )
        for one, other in (*pairs, ("method", "method_rio_tiler"))
        if found.get(other) is not None and other in timed
    }


def _other_share(turns: dict[str, Turns], maps: ServedMap) -> float | None:
    """Return the share of pixels of some tiles in another colour at the peer; refuse pictures that are not ours."""
    chosen = [place for place, tile in enumerate(maps.tiles) if tile in maps.pictures]
    bodies = {}
    for name, each in turns.items():
        paths = [each.paths[place] for place in chosen]
        kept = each.server.load(paths, keep=True).bodies
        bodies[name] = [kept[path] for path in paths]
    if bodies["valles"] != [maps.pictures[maps.tiles[place]] for place in chosen]:
        message = "the server draws another picture than the process"
        raise RuntimeError(message)
    if "titiler" not in bodies:
        return None
    return float(
        np.mean([(_colours(a) != _colours(b)).any(axis=0).mean() for a, b in zip(*bodies.values(), strict=True)])
    )


def _colours(picture: bytes) -> np.ndarray:
    """Return red, green, blue of a PNG, 0 where it is clear, shape (3, 256, 256)."""
    with rasterio.open(BytesIO(picture)) as file:
        bands = file.read()
        if file.count == 1:
            table = np.array([file.colormap(1).get(value, (0, 0, 0, 0)) for value in range(256)], np.uint8)
            bands = np.moveaxis(table[bands[0]], -1, 0)
    return np.where(bands[3] > 0, bands[:3], 0)


if __name__ == "__main__":
    main(__doc__ or "", contest)
