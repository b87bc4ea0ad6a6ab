"""Seams at the borders of tiles: straight steps that relief and climate do not have, and straight strips of voids.

A step is judged by what a value jumps over three cells, less what the slope beside it explains: zero on a slope however
steep, noise of either sign on rough ground, and the same offset over and over along the border of a badly joined tile.
The median over a stretch of the line, divided by that of the lines beside it, is its score; scores are added up along
straight lines, upright and lying ones and those that lean a little, as a meridian does on a plane.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gis.grid import Grid

Floats = NDArray[np.float32]

STRETCH_CELLS = 48
"""Cells of a line whose median step is one stretch."""
LEAST_STRETCHES = 6
"""Stretches in a row that make a seam."""
LEAST_SCORE = 9.0
"""Sum of the scores along a seam divided by the square root of their number: in noise 1 is common and 5 never seen."""
LEAST_MEAN = 1.8
"""Mean score along a seam, in median deviations of the lines beside it."""
_SHARES = (1.0, 0.5, 0.25)
_SAME_SIGN = 0.85
_KNOWN = 0.8
_MOST_SCORE = 4.0
_TO_DEVIATION = 1.4826
_FEWEST = 0.75
_NEIGHBOURS = 41
_LEAN = np.linspace(-0.05, 0.05, 41)
"""Columns per row: a meridian leans that much 9 degrees from the middle of a plane at 20 degrees of latitude."""
_SHORTEST_STRETCH = 8
_SIDE, _JUMP = 4, 3
_REACH = 2 * _SIDE + _JUMP
_MIDDLE = _SIDE + 2
_STRIP_LENGTH = 24
_STRIP_SLENDER = 0.08
_STRIP_FULL = 0.5
_STRIP_WIDEST = 60


@dataclass(frozen=True, kw_only=True)
class Seam:
    """A straight step or void across a raster."""

    upright: bool
    """From north to south; else from west to east."""
    row: int
    """Row of its middle."""
    col: int
    """Column of its middle."""
    cells: int
    """Length, cells."""
    step: float
    """Height of the step, in the unit of the layer; NaN for a strip of voids."""


@dataclass(eq=False)
class SeamFinder:
    """Takes a raster strip by strip, from the top, and then names its seams.

    Parameters
    ----------
    grid
        The raster's.
    """

    grid: Grid
    _across: list[Floats] = field(default_factory=list)
    _down: list[Floats] = field(default_factory=list)
    _above: Floats | None = None

    @property
    def stretch(self) -> int:
        """Cells of a stretch: fewer on a small raster."""
        return int(np.clip(min(self.grid.shape) // 8, _SHORTEST_STRETCH, STRETCH_CELLS))

    def add(self, values: Floats) -> None:
        """Take the next rows, shape (rows, cols), NaN where missing."""
        side = self.stretch
        beside = _steps(values)
        self._across += [
            _medians(beside[first : first + side]) for first in range(0, max(len(beside) - side // 2, 1), side)
        ]
        whole = values if self._above is None else np.concatenate([self._above, values])
        down = _steps(whole.T).T
        count = max(whole.shape[1] // side, 1)
        self._down.append(np.stack([_medians(part.T) for part in np.array_split(down, count, axis=1)], axis=1))
        self._above = whole[-_REACH:].copy()

    def seams(self, floor: float) -> tuple[Seam, ...]:
        """Return the seams whose step is larger than ``floor``, in the unit of the layer; the longest first."""
        found = []
        if self._across:
            lines = _lines(np.stack(self._across), floor, side=self.stretch)
            found += [self._seam(each, upright=True, side=self.stretch) for each in lines]
        if self._down:
            lying = np.concatenate(self._down).T
            side = self.grid.cols / len(lying)
            found += [self._seam(each, upright=False, side=side) for each in _lines(lying, floor, side=side)]
        return tuple(sorted(found, key=lambda each: (-each.cells, each.row, each.col)))

    def _seam(self, line: _Line, *, upright: bool, side: float) -> Seam:
        along = (line.first + line.last + 1) / 2 * side
        length, across = (self.grid.rows, self.grid.cols) if upright else (self.grid.cols, self.grid.rows)
        along = min(int(along), length - 1)
        place = min(line.place + _MIDDLE, across - 1)
        return Seam(
            upright=upright,
            row=along if upright else place,
            col=place if upright else along,
            cells=min(round((line.last - line.first + 1) * side), length),
            step=line.step,
        )


@dataclass(frozen=True, kw_only=True)
class _Line:
    """First and last stretch of a seam, where its middle one lies, and its median step."""

    first: int
    last: int
    place: int
    step: float


def void_strips(missing: NDArray[np.bool_]) -> tuple[Seam, ...]:
    """Return the long thin patches of missing cells: voids where two tiles do not meet.

    Parameters
    ----------
    missing
        Cells that should have a value and have none, shape (rows, cols).
    """
    labels, _count = ndimage.label(missing, structure=np.ones((3, 3)))
    found = []
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        rows, cols = np.nonzero(labels[place] == number)
        spread = np.cov(np.stack([rows, cols]).astype(np.float64)) if rows.size > 2 else np.zeros((2, 2))  # noqa: PLR2004  a spread needs three places
        minor, major = np.sqrt(np.maximum(np.linalg.eigvalsh(spread), 0.0)) * np.sqrt(12.0)
        if major < _STRIP_LENGTH or minor > max(_STRIP_SLENDER * major, 1.5) or minor > _STRIP_WIDEST:
            continue
        if rows.size < _STRIP_FULL * major:
            continue
        upright = bool(np.ptp(rows) > np.ptp(cols))
        middle = (int(np.median(rows)) + place[0].start, int(np.median(cols)) + place[1].start)
        found.append(Seam(upright=upright, row=middle[0], col=middle[1], cells=round(major), step=float("nan")))
    return tuple(sorted(found, key=lambda each: (-each.cells, each.row, each.col)))


def _steps(values: Floats) -> Floats:
    """Return the jump over three cells less the slope of the four cells on either side, shape (rows, cols − 11).

    Column ``j`` of the answer is the jump from column ``j + 4`` to ``j + 7``.
    """
    span = values.shape[1] - _REACH
    if span <= 0:
        return np.full((len(values), 0), np.nan, dtype=np.float32)
    far_left, left = values[:, :span], values[:, _SIDE : _SIDE + span]
    right, far_right = values[:, _SIDE + _JUMP : _SIDE + _JUMP + span], values[:, _REACH:]
    slope = (left - far_left + far_right - right) * np.float32(0.5 / _SIDE)
    return np.asarray(right - left - np.float32(_JUMP) * slope, dtype=np.float32)


def _medians(block: Floats) -> Floats:
    """Return the median of each column of which at least three quarters are known, else NaN."""
    known = np.isfinite(block)
    out = np.full(block.shape[1], np.nan, dtype=np.float32)
    whole = known.all(axis=0)
    if whole.any():
        out[whole] = np.median(block[:, whole], axis=0)
    partly = ~whole & (known.mean(axis=0) >= _FEWEST)
    if partly.any():
        out[partly] = np.nanmedian(block[:, partly], axis=0)
    return out


def _lines(steps: Floats, floor: float, *, side: float) -> list[_Line]:
    """Find straight lines of steps of one sign; ``steps`` has a row per stretch and a column per line of cells."""
    if not steps.size or len(steps) < LEAST_STRETCHES:
        return []
    size = np.abs(np.nan_to_num(steps, nan=0.0))
    noise = ndimage.median_filter(size, size=(1, min(_NEIGHBOURS, size.shape[1]))) * np.float32(_TO_DEVIATION)
    ratio = steps / np.maximum(noise, np.float32(floor / 10))
    score = np.clip(ratio, -_MOST_SCORE, _MOST_SCORE).astype(np.float32)
    found: list[_Line] = []
    for width in sorted({max(LEAST_STRETCHES, round(share * len(steps))) for share in _SHARES}, reverse=True):
        for first in range(0, len(steps) - width + 1, max(width // 4, 1)):
            found += _in_window(steps, score, first, width, floor=floor, side=side)
    kept: list[_Line] = []
    for line in sorted(found, key=lambda each: (-(each.last - each.first), -abs(each.step), each.place)):
        near = 2 * _REACH + abs(_LEAN[0]) * side * len(steps) / 2
        if not any(abs(line.place - other.place) <= near for other in kept):
            kept.append(line)
    return kept


def _in_window(steps: Floats, score: Floats, first: int, width: int, *, floor: float, side: float) -> list[_Line]:
    """Return at most the best line through ``width`` stretches from ``first`` on."""
    part, part_steps, rows = score[first : first + width], steps[first : first + width], np.arange(width)
    best: tuple[float, float, int] | None = None
    for lean in _LEAN:
        shift = np.rint((rows - (width - 1) / 2) * lean * side).astype(np.int64)
        reach = int(np.abs(shift).max())
        count = part.shape[1] - 2 * reach
        if count <= 0:
            continue
        columns = reach + shift[:, np.newaxis] + np.arange(count)
        along = part[rows[:, np.newaxis], columns]
        known = np.isfinite(along)
        number = np.maximum(known.sum(axis=0), 1)
        total = np.where(known, along, 0.0).sum(axis=0)
        agree = (np.sign(np.where(known, along, 0.0)) == np.sign(total)).sum(axis=0) / number
        fits = (number >= _KNOWN * width) & (agree >= _SAME_SIGN) & (np.abs(total) / number >= LEAST_MEAN)
        strong = fits & (np.abs(total) / np.sqrt(number) >= LEAST_SCORE)
        # Beside a seam its own step lends the slope a false one of the other sign: the highest step is the seam.
        height = np.where(known, part_steps[rows[:, np.newaxis], columns], 0.0).sum(axis=0) / number
        height = np.where(strong, np.abs(height), 0.0)
        place = int(height.argmax())
        if height[place] > (0.0 if best is None else best[0]):
            best = (float(height[place]), float(lean), reach + place)
    if best is None:
        return []
    _height, lean, place = best
    columns = place + np.rint((rows - (width - 1) / 2) * lean * side).astype(np.int64)
    step = float(np.nanmedian(steps[first + rows, columns]))
    if abs(step) < floor:
        return []
    return [_Line(first=first, last=first + width - 1, place=place, step=round(step, 4))]
