"""Cut two sets of lines at each other exactly: snap rounding on a fine grid of whole ticks.

Every end and every crossing becomes a *hot* tick, and every line that passes through the square of a hot tick is led
through it. The result is a set of unique edges that meet only at their ends (Hobby 1999, *Practical segment
intersection with finite precision output*). All decisions are taken on whole numbers, and every edge remembers what
lies on its left and on its right, whichever set said so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

Longs = npt.NDArray[np.int64]

UNKNOWN = -2
"""Side of a line that its own set says nothing about."""
OUTSIDE = -1
"""Side that belongs to none."""


@dataclass(frozen=True)
class Edges:
    """Directed straight edges between ticks, with what lies on either side."""

    start: Longs
    """(n, 2) column and row of the first end, ticks."""
    end: Longs
    """(n, 2) column and row of the second end, ticks."""
    code: Longs
    """(n, 2) code on the left and on the right; UNKNOWN for lines that divide no codes."""
    unit: Longs
    """(n, 2) unit on the left and on the right, OUTSIDE, or UNKNOWN for lines that divide no units."""

    def take(self, index: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Edges:
        """Return the edges of ``index``."""
        return Edges(self.start[index], self.end[index], self.code[index], self.unit[index])

    @property
    def count(self) -> int:
        """Number of edges."""
        return len(self.start)


def joined(parts: list[Edges]) -> Edges:
    """Put several sets of edges one after another."""
    return Edges(
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
        np.concatenate([part.code for part in parts]),
        np.concatenate([part.unit for part in parts]),
    )


def pack(points: Longs) -> Longs:
    """Pack ticks (n, 2), each from 0 to 2³¹, into one sortable number."""
    return points[:, 0] << np.int64(32) | points[:, 1]


def unpack(keys: Longs) -> Longs:
    """Undo :func:`pack`."""
    return np.stack([keys >> np.int64(32), keys & np.int64(0xFFFFFFFF)], axis=1)


def _lines(edges: Edges) -> npt.NDArray[np.object_]:
    return np.asarray(shapely.linestrings(np.stack([edges.start, edges.end], axis=1).astype(np.float64)))


def _crossings(first: Edges, second: Edges) -> Longs:
    """Return the ticks nearest to the proper crossings of ``first[i]`` and ``second[i]``, exactly rounded."""
    # Python's whole numbers: the products of four coordinates outgrow 64 bits.
    p, d = first.start.astype(object), (first.end - first.start).astype(object)
    q, e = second.start.astype(object), (second.end - second.start).astype(object)
    offset = q - p
    denominator = d[:, 0] * e[:, 1] - d[:, 1] * e[:, 0]
    along = offset[:, 0] * e[:, 1] - offset[:, 1] * e[:, 0]
    across = offset[:, 0] * d[:, 1] - offset[:, 1] * d[:, 0]
    negative = denominator < 0
    for term in (denominator, along, across):
        term[negative] = -term[negative]
    proper = (denominator > 0) & (along >= 0) & (along <= denominator) & (across >= 0) & (across <= denominator)
    p, d, along, denominator = p[proper], d[proper], along[proper, None], denominator[proper, None]
    return np.asarray((2 * (p * denominator + d * along) + denominator) // (2 * denominator), dtype=np.int64)


def _passes(edges: Edges, points: Longs) -> npt.NDArray[np.bool_]:
    """Say whether edge i meets the closed square of side one tick around point i."""
    start, end, centre = 2 * edges.start, 2 * edges.end, 2 * points
    meets = np.all((np.minimum(start, end) <= centre + 1) & (np.maximum(start, end) >= centre - 1), axis=1)
    along = end - start
    sides = [
        np.sign(along[:, 0] * (centre[:, 1] + dy - start[:, 1]) - along[:, 1] * (centre[:, 0] + dx - start[:, 0]))
        for dx in (-1, 1)
        for dy in (-1, 1)
    ]
    return np.asarray(meets & (np.abs(np.sum(sides, axis=0)) < len(sides)))


def _led_through(edges: Edges, hot: Longs) -> Edges:
    """Lead every edge through the hot ticks it passes."""
    tree = shapely.STRtree(np.asarray(shapely.points(hot.astype(np.float64))))
    edge, point = tree.query(_lines(edges), predicate="dwithin", distance=0.75)
    passes = _passes(edges.take(edge), hot[point])
    edge, point = edge[passes], point[passes]
    place = np.sum((hot[point] - edges.start[edge]) * (edges.end[edge] - edges.start[edge]), axis=1)
    order = np.lexsort((pack(hot[point]), place, edge))
    edge, point = edge[order], point[order]
    follows = edge[1:] == edge[:-1]
    parent = edge[1:][follows]
    return Edges(hot[point[:-1]][follows], hot[point[1:]][follows], edges.code[parent], edges.unit[parent])


def _cancelled(sides: Longs) -> tuple[int, int]:
    """Return what lies left and right of edges that fell into one: what is on both sides has lost its room."""
    known = sides[sides[:, 0] != UNKNOWN]
    left, right = known[:, 0].tolist(), known[:, 1].tolist()
    for value in list(left):
        if value in right:
            left.remove(value)
            right.remove(value)
    return (left[0], right[0]) if left and right else (UNKNOWN, UNKNOWN)


def unique_edges(edges: Edges) -> Edges:
    """Turn every edge the same way, drop those without length and make one of those that coincide."""
    first, second = pack(edges.start), pack(edges.end)
    turned = (first > second)[:, None]
    low, high = np.minimum(first, second), np.maximum(first, second)
    code = np.where(turned, edges.code[:, ::-1], edges.code)
    unit = np.where(turned, edges.unit[:, ::-1], edges.unit)
    order = np.lexsort((high, low))
    order = order[low[order] != high[order]]
    low, high, code, unit = low[order], high[order], code[order], unit[order]
    opens = np.ones(len(low), dtype=bool)
    opens[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    begin = np.flatnonzero(opens)
    end = np.append(begin[1:], len(low))
    merged_code, merged_unit = code[begin], unit[begin]
    for at in np.flatnonzero(end - begin > 1):
        merged_code[at] = _cancelled(code[begin[at] : end[at]])
        merged_unit[at] = _cancelled(unit[begin[at] : end[at]])
    divides = (merged_code[:, 0] != UNKNOWN) | (merged_unit[:, 0] != UNKNOWN)
    return Edges(unpack(low[begin]), unpack(high[begin]), merged_code, merged_unit).take(divides)


def node(zones: Edges, units: Edges) -> Edges:
    """Cut zone lines and unit lines at each other.

    Parameters
    ----------
    zones, units
        Lines that meet their own kind only at ends.

    Returns
    -------
    Edges
        Unique edges that meet only at their ends, in the order of their place.
    """
    zone_lines = _lines(zones)
    unit_of, zone_of = shapely.STRtree(zone_lines).query(_lines(units), predicate="dwithin", distance=2.0)
    near = np.unique(zone_of)
    local = joined([units, zones.take(near)])
    hot = np.concatenate([local.start, local.end, _crossings(units.take(unit_of), zones.take(zone_of))])
    cut = _led_through(local, unpack(np.unique(pack(hot))))
    far = np.ones(zones.count, dtype=bool)
    far[near] = False
    return unique_edges(joined([cut, zones.take(far)]))
