"""Kernels: number the 4-connected patches of a code raster and list the borders of the small ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.coverage.region_merge import find_root
from gis.jit import compiled

Codes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@compiled()
def _provisional(codes: Codes, labels: Ints, parent: Ints) -> int:
    """Label each cell by the patch it shares with the cell above or to the left; return the number of labels."""
    rows, cols = codes.shape
    count = 0
    for row in range(rows):
        for col in range(cols):
            code = codes[row, col]
            above = row > 0 and codes[row - 1, col] == code
            before = col > 0 and codes[row, col - 1] == code
            if above and before:
                label = labels[row, col - 1]
                if labels[row - 1, col] != label:
                    first = find_root(parent, labels[row - 1, col])
                    second = find_root(parent, label)
                    label = min(first, second)
                    parent[max(first, second)] = label
                labels[row, col] = label
            elif above:
                labels[row, col] = labels[row - 1, col]
            elif before:
                labels[row, col] = labels[row, col - 1]
            else:
                labels[row, col] = count
                parent[count] = count
                count += 1
    return count


@compiled()
def label_patches(codes: Codes) -> tuple[Ints, Ints, Codes]:
    """Give the 4-connected patches numbers, in the order of their first cell, row by row.

    Returns
    -------
    tuple
        (rows, cols) patch of each cell; (n,) cells of each patch; (n,) code of each patch.
    """
    rows, cols = codes.shape
    labels = np.empty((rows, cols), dtype=np.int32)
    parent = np.empty(rows * cols, dtype=np.int32)
    count = _provisional(codes, labels, parent)
    patches = 0
    for label in range(count):
        # A root is the smallest label of its patch, so it is renumbered before any that points at it.
        if parent[label] == label:
            parent[label] = patches
            patches += 1
        else:
            parent[label] = parent[parent[label]]
    sizes = np.zeros(patches, dtype=np.int32)
    patch_codes = np.empty(patches, dtype=np.uint8)
    for row in range(rows):
        for col in range(cols):
            patch = parent[labels[row, col]]
            labels[row, col] = patch
            sizes[patch] += 1
            patch_codes[patch] = codes[row, col]
    return labels, sizes, patch_codes


@compiled()
def _note(own: int, other: int, movable: Flags, starts: npt.NDArray[np.int64], neighbours: Ints) -> None:
    """Count ``other`` among the neighbours of ``own`` while ``neighbours`` has no room yet; then write it down."""
    if not movable[own]:
        return
    if neighbours.size:
        neighbours[starts[own]] = other
        starts[own] += 1
    else:
        starts[own + 1] += 1


@compiled()
def _visit_borders(
    labels: Ints, movable: Flags, receives: Flags, starts: npt.NDArray[np.int64], neighbours: Ints
) -> None:
    rows, cols = labels.shape
    for row in range(rows):
        for col in range(cols):
            here = labels[row, col]
            if not receives[here]:
                continue
            if col + 1 < cols and labels[row, col + 1] != here and receives[labels[row, col + 1]]:
                _note(here, labels[row, col + 1], movable, starts, neighbours)
                _note(labels[row, col + 1], here, movable, starts, neighbours)
            if row + 1 < rows and labels[row + 1, col] != here and receives[labels[row + 1, col]]:
                _note(here, labels[row + 1, col], movable, starts, neighbours)
                _note(labels[row + 1, col], here, movable, starts, neighbours)


@compiled()
def patch_borders(labels: Ints, movable: Flags, receives: Flags) -> tuple[npt.NDArray[np.int64], Ints]:
    """List, for every movable patch, the receiving patch across each cell side of its border.

    Parameters
    ----------
    labels
        (rows, cols) patch of each cell.
    movable, receives
        (n,) whether a patch may have to move, and whether it may receive (every movable one may).

    Returns
    -------
    tuple
        (n + 1,) start of each patch's entries; (m,) the patch across each cell side.
    """
    starts = np.zeros(movable.size + 1, dtype=np.int64)
    _visit_borders(labels, movable, receives, starts, np.empty(0, dtype=np.int32))
    for patch in range(movable.size):
        starts[patch + 1] += starts[patch]
    neighbours = np.empty(starts[movable.size], dtype=np.int32)
    if neighbours.size:
        _visit_borders(labels, movable, receives, starts, neighbours)
        # Writing advanced every start to its end, which is the next one's start.
        for patch in range(movable.size, 0, -1):
            starts[patch] = starts[patch - 1]
        starts[0] = 0
    return starts, neighbours


@compiled()
def recode(labels: Ints, root: Ints, code: npt.NDArray[np.int64], codes: Codes) -> None:
    """Write the code of each cell's merged patch into ``codes`` (rows, cols)."""
    rows, cols = labels.shape
    for row in range(rows):
        for col in range(cols):
            codes[row, col] = code[root[labels[row, col]]]
