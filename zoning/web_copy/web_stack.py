"""The copy of a stack for viewing, open: the codes of a tile, and the kinds of pixels that no rule tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from gis.rasters.frames import FrameReader
from gis.rasters.shared_file import damaged
from gis.rasters.web_level import AREA, WebLevelReader
from gis.rasters.web_tile import TILE_PIXELS, tile_bounds
from zoning.rating.interval_codes import Codes
from zoning.web_copy.web_index import WebIndex, label_type, level_paths


@dataclass(frozen=True, kw_only=True)
class WebPlace:
    """Where the pixels of a tile are stored."""

    zoom: int
    """Zoom of the stored tile."""
    number: int
    """Its number in its zoom."""
    row: int
    """First row of it that is shown."""
    col: int
    """First column."""
    side: int
    """Rows and columns shown: 256, or fewer where a pixel is drawn larger."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Kinds:
    """Pixels of a stored tile by kind: no limit of the rules that the copy was made for lies between two of one."""

    label: npt.NDArray[np.uint16]
    """Kind of each pixel, shape (256, 256)."""
    vectors: Codes
    """Codes and places of the first pixel of each kind, shape (bands, kinds)."""

    @property
    def bytes(self) -> int:
        """Memory it takes."""
        return int(self.label.nbytes + self.vectors.nbytes)


class WebStack:
    """The copy, open for any number of threads. Use it as a context.

    Parameters
    ----------
    folder
        Where it stands (:func:`zoning.web_copy.web_build.web_folder`).
    index
        From :func:`zoning.web_copy.web_build.build_web`.

    Raises
    ------
    gis.errors.VallesError
        A file is absent or damaged.
    """

    def __init__(self, folder: Path, index: WebIndex) -> None:
        self.index = index
        bands = len(index.names)
        with ExitStack() as files:
            self._codes = [
                files.enter_context(WebLevelReader(level_paths(folder, tiles.zoom)[0], tiles, bands))
                for tiles in index.levels
            ]
            self._kinds = [
                files.enter_context(FrameReader(level_paths(folder, tiles.zoom)[1])) for tiles in index.levels
            ]
            for tiles, reader in zip(index.levels, self._kinds, strict=True):
                if len(reader) != tiles.count:
                    raise damaged(reader.path)
            self._open = files.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.close()

    def close(self) -> None:
        """Close its files."""
        self._open.close()

    def place(self, z: int, x: int, y: int) -> WebPlace | None:
        """Return where the pixels of a tile are stored; ``None`` outside the territory.

        Raises
        ------
        gis.errors.InputError
            There is no such tile.
        """
        tile_bounds(z, x, y)
        native = self.index.native
        depth = max(z - native, 0)
        number = self.index.levels[z - depth].place(x >> depth, y >> depth)
        if number is None:
            return None
        side = max(TILE_PIXELS >> depth, 1)
        row, col = (((each & (1 << depth) - 1) * TILE_PIXELS) >> depth for each in (y, x))
        return WebPlace(zoom=z - depth, number=number, row=row, col=col, side=side)

    def kinds(self, place: WebPlace) -> Kinds | None:
        """Return the kinds of the stored tile; ``None`` where it is empty.

        Raises
        ------
        gis.errors.InputError
            The file turns out damaged.
        """
        frame = self._kinds[place.zoom].read(place.number)
        if frame is None:
            return None
        bands = len(self.index.names)
        # Labels of one byte or two; what follows them is a whole number of columns.
        for size in (1, 2):
            count, rest = divmod(len(frame) - size * AREA, bands)
            if rest == 0 and count > 0 and np.dtype(label_type(count)).itemsize == size:
                label = frame[: size * AREA].view(label_type(count)).astype(np.uint16)
                vectors = frame[size * AREA :].reshape(bands, count)
                return Kinds(label=label.reshape(TILE_PIXELS, TILE_PIXELS), vectors=vectors)
        raise damaged(self._kinds[place.zoom].path)

    def codes(self, place: WebPlace, bands: Sequence[int]) -> Codes:
        """Return stored codes of some bands of the whole stored tile, shape (bands, 256, 256).

        Raises
        ------
        gis.errors.InputError
            The file turns out damaged.
        """
        return self._codes[place.zoom].read(place.number, bands).reshape(-1, TILE_PIXELS, TILE_PIXELS)


def split(
    label: npt.NDArray[np.uint16], codes: Codes, same: Codes, kinds: int
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int32]]:
    """Split the kinds of pixels by the codes of one band more.

    Parameters
    ----------
    label
        Kind of each pixel, shape (rows, cols).
    codes
        Codes of the band, shape (rows · cols,).
    same
        What each code counts as, shape (256,).
    kinds
        Number of kinds so far.

    Returns
    -------
    tuple
        The new kind of each pixel, of the same shape; and the first pixel of each new kind.
    """
    from zoning.web_copy.web_loops import split_kinds  # noqa: PLC0415  the compiler is paid for by who computes

    before, stretches = label.ravel(), int(same.max()) + 1
    now, first = (np.empty(before.size, dtype=np.int32) for _each in range(2))
    table = np.full(kinds * stretches, -1, dtype=np.int32)
    first = first[: split_kinds(before, codes, same, stretches, table, now, first)]
    return now.astype(np.uint16).reshape(label.shape), first
