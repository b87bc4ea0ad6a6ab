"""The compiled loops over the cells of polygons and municipalities."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gis.jit import compiled

Labels = npt.NDArray[np.int32]


@compiled()
def own_cells(labels: Labels, zone: npt.NDArray[np.uint8], numbers: npt.NDArray[np.uint8], counts: Labels) -> None:
    """Count for each label the cells whose zone is that of the label's polygon; ``numbers`` begins with label 0."""
    for i in range(labels.size):
        label = labels[i]
        if label > 0 and numbers[label] == zone[i]:
            counts[label] += 1


@compiled()
def group_cells(labels: Labels, starts: npt.NDArray[np.int64], order: Labels) -> None:
    """Write the cells of each label one after the other, in their order; ``starts`` moves to each one's end."""
    for i in range(labels.size):
        label = labels[i]
        order[starts[label]] = i
        starts[label] += 1


@compiled()
def count_classes(
    unit: npt.NDArray[np.uint16],
    classes: npt.NDArray[np.uint8],
    limits: npt.NDArray[np.uint8],
    rows: int,
    counts: npt.NDArray[np.int64],
) -> None:
    """Count cells by municipality and class, ``rows`` a municipality, and by what limits them; none are nothing."""
    nothing = counts.shape[1] - 1
    for i in range(unit.size):
        limit = min(np.int64(limits[i]), nothing) if limits.size else nothing
        counts[(np.int64(unit[i]) - 1) * rows + classes[i], limit] += 1
