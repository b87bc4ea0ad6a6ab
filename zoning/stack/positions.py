"""Where a value lies inside the interval of its code: a second byte, so that values are known and not only classes.

A position is one byte: 0 is the beginning of the interval itself, so that a value on a limit stays exact; 1 to 255 are
as many equal parts of the interval, each known by its middle. A value decoded lies in the interval of its code whatever
the rounding, so that classes, gates and zones are those of the value itself; it errs by 1/510 of the interval and a
rounding, at most :data:`POSITION_ERROR`. The first and the last interval, which are open, end with the smallest and the
largest value of the strip. Positions are stored as differences from cell to cell, modulo 256, which pack well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.rasters.packed_arrays import Packed, pack
from zoning.rating.interval_codes import Codes, Floats, first_codes

POSITION_ERROR = 1 / 256
"""Largest error of a decoded value, as a share of the interval between two cut points."""

_CODES = 256
_PARTS = 255
_NARROWEST = np.float32(1e-30)
Places = npt.NDArray[np.int32]


def strip_name(key: str, start: int) -> str:
    """Return under which name the positions of a characteristic stand, of the strip that begins with a row."""
    return f"{key}/{start}"


@dataclass(frozen=True, eq=False, kw_only=True)
class Intervals:
    """The interval of each code, arrays of shape (256,)."""

    begin: Floats
    """Its first value; NaN for code 0, which is missing."""
    end: Floats
    """Its last value."""
    width: Floats
    """From its first value to that of the next."""

    @classmethod
    def of(cls, cuts: Floats, *, low: float, high: float) -> Intervals:
        """Return the intervals between some cut points.

        Parameters
        ----------
        cuts
            Rising cut points.
        low, high
            Smallest and largest value seen, which end the open intervals.

        Examples
        --------
        >>> intervals = Intervals.of(np.array([10, 20], dtype=np.float32), low=4, high=25)
        >>> intervals.begin[1:4].tolist(), intervals.width[1:4].tolist()
        ([4.0, 10.0, 20.0], [6.0, 10.0, 5.0])
        """
        begin, end, width = (np.full(_CODES, np.nan, dtype=np.float32) for _each in range(3))
        count = len(cuts) + 1
        first = np.float32(low) if not len(cuts) else min(np.float32(low), cuts[0])
        last = np.float32(high) if not len(cuts) else max(np.float32(high), cuts[-1])
        begin[1 : count + 1] = np.concatenate([[first], cuts])
        end[1 : count + 1] = np.concatenate([np.nextafter(cuts, np.float32(-np.inf)), [last]])
        width[1 : count + 1] = np.concatenate([cuts, [last]]) - begin[1 : count + 1]
        return cls(begin=begin, end=np.maximum(end, begin), width=width)

    @property
    def scale(self) -> Floats:
        """Parts of one unit in each interval; 0 where it has no width."""
        wide = self.width > _NARROWEST
        parts = np.zeros(_CODES, dtype=np.float32)
        return np.divide(np.float32(_PARTS), self.width, out=parts, where=wide)

    @property
    def step(self) -> Floats:
        """Units of one part of each interval."""
        found: Floats = self.width / np.float32(_PARTS)
        return found


def encode_strip(values: Floats, places: Places, cuts: Floats, codes: Codes) -> Packed:
    """Write the codes of the cells of a strip, and return their positions packed.

    Parameters
    ----------
    values
        float32 (cells,), NaN where missing.
    places
        int32 (cells,): where each of them stands in ``codes``.
    cuts
        Rising cut points.
    codes
        uint8, shape (rows · cols of the strip,), written to.
    """
    from zoning.stack.position_loops import encode_cells, extremes  # noqa: PLC0415  the compiler is loaded on demand

    low, high = (float(end) for end in extremes(values))
    intervals = Intervals.of(cuts, low=low, high=high)
    positions = np.empty(len(values), dtype=np.uint8)
    encode_cells(values, places, cuts, first_codes(cuts), intervals.begin, intervals.scale, codes, positions)
    return pack(positions, (low, high))


def positions_of(differences: Codes) -> Codes:
    """Return the positions that were stored as differences."""
    from zoning.stack.position_loops import add_up  # noqa: PLC0415  the compiler is loaded on demand

    positions = np.empty(len(differences), dtype=np.uint8)
    add_up(differences, positions)
    return positions


def decode(
    codes: Codes,
    places: Places,
    positions: Codes,
    intervals: Intervals,
    out: Floats,
    *,
    chosen: Places | None = None,
) -> None:
    """Write the values of the cells of a strip, or of some.

    Parameters
    ----------
    codes
        uint8 (rows · cols of the strip,).
    places
        int32 (cells,): where each cell stands in ``codes``.
    positions
        uint8 (cells,), from :func:`positions_of`.
    intervals
        Of the band in this strip.
    out
        float32, written to, of all cells or of the chosen; NaN where missing.
    chosen
        int32, numbers of the cells wanted; ``None`` is all.
    """
    from zoning.stack.position_loops import decode_cells, decode_chosen  # noqa: PLC0415  the compiler is loaded on demand

    ends = intervals.begin, intervals.step, intervals.end
    if chosen is None:
        decode_cells(codes, places, positions, *ends, out)
    else:
        decode_chosen(codes, places, positions, chosen, *ends, out)
