"""Kernels: follow half-edges around the faces of a planar graph.

Half-edge ``h`` runs along edge ``h // 2``, forwards if even; its twin is ``h ^ 1``. A ring keeps its face on the left.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@compiled()
def trace_rings(origin: Ints, order: Ints, place: Ints, first: Ints, alive: Flags) -> tuple[Ints, Longs]:
    """Follow every ring of living edges once.

    Parameters
    ----------
    origin
        (h,) vertex where each half-edge begins.
    order, place, first
        Half-edges sorted by vertex and angle; the place of each in that order; (v + 1,) first place of each vertex.
    alive
        (h // 2,) edges that still divide something.

    Returns
    -------
    tuple
        Half-edges ring by ring; start of each ring, with the end of the last.
    """
    seen = np.zeros(origin.size, dtype=np.bool_)
    sequence = np.empty(origin.size, dtype=np.int32)
    starts = np.empty(origin.size + 1, dtype=np.int64)
    rings = 0
    at = 0
    for begin in range(origin.size):
        if seen[begin] or not alive[begin // 2]:
            continue
        starts[rings] = at
        rings += 1
        half = begin
        while not seen[half]:
            seen[half] = True
            sequence[at] = half
            at += 1
            back = half ^ 1
            vertex = origin[back]
            slot = place[back]
            while True:
                # The next one clockwise from the way back is the sharpest turn to the left.
                slot = slot - 1 if slot > first[vertex] else first[vertex + 1] - 1
                if alive[order[slot] // 2]:
                    break
            half = order[slot]
    starts[rings] = at
    return sequence[:at].copy(), starts[: rings + 1].copy()


@compiled()
def ring_areas(sequence: Ints, starts: Longs, origin: Ints, xs: Longs, ys: Longs) -> Longs:
    """Return twice the signed area of each ring, ticks², exactly; positive where it runs anticlockwise."""
    areas = np.zeros(starts.size - 1, dtype=np.int64)
    for ring in range(starts.size - 1):
        x0, y0 = xs[origin[sequence[starts[ring]]]], ys[origin[sequence[starts[ring]]]]
        total = np.int64(0)
        for at in range(starts[ring], starts[ring + 1]):
            here, there = origin[sequence[at]], origin[sequence[at] ^ 1]
            total += (xs[here] - x0) * (ys[there] - y0) - (xs[there] - x0) * (ys[here] - y0)
        areas[ring] = total
    return areas


@compiled()
def split_rings(sequence: Ints, starts: Longs, origin: Ints, vertices: int) -> tuple[Ints, Longs]:
    """Split rings that touch themselves into simple ones.

    Returns
    -------
    tuple
        Half-edges ring by ring; start of each simple ring, with the end of the last.
    """
    on_stack = np.full(vertices, -1, dtype=np.int32)
    stack = np.empty(sequence.size, dtype=np.int32)
    result = np.empty(sequence.size, dtype=np.int32)
    begins = np.empty(sequence.size + 1, dtype=np.int64)
    rings = 0
    out = 0
    for ring in range(starts.size - 1):
        top = 0
        for at in range(starts[ring], starts[ring + 1]):
            half = sequence[at]
            on_stack[origin[half]] = top
            stack[top] = half
            top += 1
            close = on_stack[origin[half ^ 1]]
            if close < 0:
                continue
            begins[rings] = out
            rings += 1
            for index in range(close, top):
                on_stack[origin[stack[index]]] = -1
                result[out] = stack[index]
                out += 1
            top = close
    begins[rings] = out
    return result, begins[: rings + 1].copy()
