"""What the copy of a stack for viewing holds, and what it was made from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gis.grid import Bounds, Grid
from gis.rasters.web_level import TileRange
from gis.rasters.web_tile import TILE_PIXELS, tile_bounds
from zoning.rating.interval_codes import Codes, Floats
from zoning.rating.row_kernel import place_names
from zoning.stack.index_file import index_text, is_whole, read_index
from zoning.stack.stack_index import StackIndex

FORMAT = 2
"""Version of the copy's shape; one of another version is made anew."""

INDEX_FILE = "web.json"
"""Name inside a copy's folder."""

_CODES = 256
_RADIUS = 6_378_137.0


@dataclass(frozen=True, kw_only=True, eq=False)
class WebIndex:
    """Everything about the copy but its tiles."""

    stack: str
    """Hash of the stack it copies."""
    bands: Mapping[str, str]
    """Characteristic key to the hash of its band, in the order of the file; the bands of places follow."""
    place_content: str
    """Hash of what the bands of places were made from."""
    municipalities: int
    """Number of municipalities."""
    cuts: Mapping[str, Floats]
    """Characteristic key to the cut points between which pixels count as one kind."""
    levels: tuple[TileRange, ...]
    """Its tiles by zoom, from 0 to the native one."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Length of each file of the folder, bytes."""

    @property
    def names(self) -> tuple[str, ...]:
        """Bands in the order of the file: characteristic keys, then places."""
        return (*self.bands, *place_names(self.municipalities))

    @property
    def native(self) -> int:
        """The deepest zoom that is stored: its pixels are no wider than a cell."""
        return len(self.levels) - 1

    def whole(self, folder: Path) -> bool:
        """Whether the files of a folder are there with the lengths they were written with."""
        return is_whole(folder, self.sizes)

    def text(self) -> str:
        """Return the index as JSON; float32 numbers survive it exactly."""
        content: dict[str, Any] = {
            "stack": self.stack,
            "bands": dict(self.bands),
            "place_content": self.place_content,
            "municipalities": self.municipalities,
            "cuts": {key: [float(cut) for cut in cuts] for key, cuts in self.cuts.items()},
            "levels": [[each.zoom, each.col, each.row, each.cols, each.rows] for each in self.levels],
            "sizes": dict(self.sizes),
        }
        return index_text(content, version=FORMAT)

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read the index of a copy's folder; ``None`` where there is none, or one of another version.

        Raises
        ------
        gis.errors.InputError
            It is damaged.
        """
        return read_index(folder / INDEX_FILE, cls._of, version=FORMAT)

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            stack=str(data["stack"]),
            bands={str(key): str(name) for key, name in data["bands"].items()},
            place_content=str(data["place_content"]),
            municipalities=int(data["municipalities"]),
            cuts={str(key): np.array(cuts, dtype=np.float32) for key, cuts in data["cuts"].items()},
            levels=tuple(
                TileRange(zoom=zoom, col=col, row=row, cols=cols, rows=rows)
                for zoom, col, row, cols, rows in data["levels"]
            ),
            sizes={str(name): int(size) for name, size in data["sizes"].items()},
        )


def level_paths(folder: Path, zoom: int) -> tuple[Path, Path]:
    """Return the files of one zoom: codes, and kinds of pixels."""
    return folder / f"{zoom:02}.tif", folder / f"{zoom:02}.kinds"


def label_type(kinds: int) -> type[np.uint8 | np.uint16]:
    """Return the type that the kinds of a tile are stored in."""
    return np.uint8 if kinds <= _CODES else np.uint16


def index_for(index: StackIndex, needed: Mapping[str, Floats], grid: Grid, bounds: Bounds) -> WebIndex:
    """Say what the copy of a stack shall be.

    Parameters
    ----------
    index
        Of the stack.
    needed
        Characteristic key to the cut points that the study's own rules need.
    grid
        Cells of the territory.
    bounds
        The same in WebMercator: left, bottom, right, top, m.
    """
    none = np.empty(0, dtype=np.float32)
    native = native_zoom(grid.cell, bounds)
    return WebIndex(
        stack=index.hash,
        bands={band.key: band.hash for band in index.bands},
        place_content=index.place_content,
        municipalities=len(index.municipalities),
        cuts={band.key: needed.get(band.key, none) for band in index.bands},
        levels=tuple(TileRange.covering(bounds, zoom) for zoom in range(native + 1)),
    )


def native_zoom(cell: float, bounds: Bounds) -> int:
    """Return the first zoom whose pixels are no wider on the ground than a cell, in the middle of the territory.

    Examples
    --------
    >>> native_zoom(30.0, (-7_200_000.0, -2_200_000.0, -7_100_000.0, -2_000_000.0))
    13
    """
    left, _bottom, right, _top = tile_bounds(0, 0, 0)
    widest = (right - left) / TILE_PIXELS / math.cosh((bounds[1] + bounds[3]) / 2 / _RADIUS)
    return min(max(math.ceil(math.log2(widest / cell)), 0), 20)


def interval_table(cuts: Floats, wanted: Floats) -> Codes:
    """Return for each code in which stretch between the wanted cut points it lies, shape (256,); a gap stays 0.

    Parameters
    ----------
    cuts
        Cut points of the codes.
    wanted
        Some of them, at most 254.

    Examples
    --------
    >>> interval_table(np.float32([1, 2, 3]), np.float32([2]))[:5].tolist()
    [0, 1, 1, 2, 2]
    """
    table = np.zeros(_CODES, dtype=np.uint8)
    lows = np.concatenate([np.array([-np.inf], dtype=np.float32), cuts])
    table[1 : len(lows) + 1] = 1 + np.searchsorted(wanted, lows, side="right")
    return table


def same_codes(cuts: Mapping[str, Floats], wanted: Mapping[str, Floats]) -> npt.NDArray[np.uint8]:
    """Return :func:`interval_table` of each characteristic, shape (bands, 256)."""
    none = np.empty(0, dtype=np.float32)
    return np.stack([interval_table(each, wanted.get(key, none)) for key, each in cuts.items()])
