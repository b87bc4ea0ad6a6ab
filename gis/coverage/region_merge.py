"""Kernel: merge regions below a minimum size into their neighbours, smallest first.

One algorithm serves cells (:mod:`gis.coverage.patches`) and polygons (:mod:`gis.coverage.partition`): a region is a
size, a code and its borders; where the borders come from does not matter. Regions are numbered by location, so the
smallest number of a merged region is its place, and every tie is broken by place.

Only borders of regions that may still have to move are needed. A region that is scanned is the smallest of all, so
what it becomes has at least twice its size: each border is read at most ``log2(minimum / smallest)`` times, and large
regions are never read at all.
"""

# ruff: noqa: PLR0917  compiled kernels are called by position

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@compiled()
def find_root(parent: Ints, item: int) -> int:
    """Return the root of ``item`` in a union-find forest, halving its path."""
    while parent[item] != item:
        parent[item] = parent[parent[item]]
        item = parent[item]
    return item


@compiled()
def _before(size: Floats, place: Ints, first: int, second: int) -> bool:
    if size[first] != size[second]:
        return bool(size[first] < size[second])
    return bool(place[first] < place[second])


@compiled()
def _swap(size: Floats, place: Ints, first: int, second: int) -> None:
    size[first], size[second] = size[second], size[first]
    place[first], place[second] = place[second], place[first]


@compiled()
def _sift_down(size: Floats, place: Ints, count: int) -> None:
    at = 0
    while True:
        child = 2 * at + 1
        if child >= count:
            return
        if child + 1 < count and _before(size, place, child + 1, child):
            child += 1
        if not _before(size, place, child, at):
            return
        _swap(size, place, child, at)
        at = child


@compiled()
def _sift_up(size: Floats, place: Ints, at: int) -> None:
    while at > 0:
        above = (at - 1) // 2
        if not _before(size, place, at, above):
            return
        _swap(size, place, at, above)
        at = above


@compiled()
def _gather(
    region: int,
    following: Ints,
    parent: Ints,
    starts: npt.NDArray[np.int64],
    neighbours: Ints,
    lengths: Floats,
    border: Floats,
    touched: Ints,
) -> int:
    """Add up the border of ``region`` by neighbour in ``border``; return how many neighbours ``touched`` lists."""
    found = 0
    member = region
    while member >= 0:
        for edge in range(starts[member], starts[member + 1]):
            other = find_root(parent, neighbours[edge])
            if other == region:
                continue
            if border[other] == 0.0:
                touched[found] = other
                found += 1
            border[other] += lengths[edge] if lengths.size else 1.0
        member = following[member]
    return found


@compiled()
def _choose(touched: Ints, found: int, border: Floats) -> int:
    """Return the neighbour with the longest border, the first place among equals; clear ``border``."""
    best = touched[0]
    longest = border[best]
    for index in range(found):
        other = touched[index]
        if border[other] > longest or (border[other] == longest and other < best):
            best = other
            longest = border[other]
    for index in range(found):
        border[touched[index]] = 0.0
    return int(best)


@compiled()
def _join(
    region: int,
    touched: Ints,
    receiver: int,
    code: npt.NDArray[np.int64],
    size: Floats,
    pinned: npt.NDArray[np.bool_],
    parent: Ints,
    following: Ints,
    last: Ints,
) -> int:
    """Unite ``region`` with every neighbour of code ``receiver``; return the root, the first place of all."""
    root = region
    for other in touched:
        if code[other] != receiver:
            continue
        low, high = min(root, other), max(root, other)
        parent[high] = low
        following[last[low]] = high
        last[low] = last[high]
        size[low] += size[high]
        pinned[low] |= pinned[high]
        root = low
    return root


@compiled()
def merge_regions(
    size: Floats,
    code: npt.NDArray[np.int64],
    pinned: npt.NDArray[np.bool_],
    starts: npt.NDArray[np.int64],
    neighbours: Ints,
    lengths: Floats,
    heap_size: Floats,
    heap_place: Ints,
    count: int,
    minimum: float,
) -> Ints:
    """Merge regions smaller than ``minimum``; return each region's root, with ``code`` and ``size`` of roots updated.

    Parameters
    ----------
    size, code
        (n,) size of each region, in any unit, and its code; both are changed.
    pinned
        (n,) regions that never move; what joins one does not move any more either; changed.
    starts, neighbours, lengths
        (n + 1,), (m,), (m,) or (0,): borders of each region that may move with the regions that may receive it, and
        their lengths (none: each entry counts 1). A region that must not receive is never listed.
    heap_size, heap_place, count
        (count,) sizes and numbers of the regions that may move and are too small, sorted; both are used up.
    minimum
        The size no movable region that has a neighbour stays below.
    """
    regions = size.size
    parent = np.arange(regions).astype(np.int32)
    following = np.full(regions, -1, dtype=np.int32)
    last = np.arange(regions).astype(np.int32)
    border = np.zeros(regions, dtype=np.float64)
    touched = np.empty(regions, dtype=np.int32)
    while count > 0:
        region = heap_place[0]
        seen = heap_size[0]
        count -= 1
        _swap(heap_size, heap_place, 0, count)
        _sift_down(heap_size, heap_place, count)
        if parent[region] != region or size[region] != seen:
            continue
        found = _gather(region, following, parent, starts, neighbours, lengths, border, touched)
        if found == 0:
            continue
        best = _choose(touched, found, border)
        receiver = code[best]
        root = _join(region, touched[:found], receiver, code, size, pinned, parent, following, last)
        code[root] = receiver
        if size[root] < minimum and not pinned[root]:
            heap_size[count] = size[root]
            heap_place[count] = root
            count += 1
            _sift_up(heap_size, heap_place, count - 1)
    for region in range(regions):
        parent[region] = find_root(parent, region)
    return parent
