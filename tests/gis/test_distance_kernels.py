from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from gis.distance_kernels import column_distances, row_distances


def _distance(mask: np.ndarray, cell: float) -> np.ndarray:
    columns = np.empty(mask.shape, np.uint16)
    column_distances(mask, columns)
    out = np.empty(mask.shape, np.float32)
    half = mask.shape[0] // 2
    row_distances(columns, out, 0, half, cell)
    row_distances(columns, out, half, mask.shape[0], cell)
    return out


@settings(max_examples=200, deadline=None)
@given(hnp.arrays(np.bool_, st.tuples(st.integers(1, 14), st.integers(1, 17))))
def test_distance_is_the_general_euclidean_transform(mask: np.ndarray) -> None:
    found = _distance(mask, 30.0)
    if not mask.any():
        assert np.isinf(found).all()
    else:
        assert found == pytest.approx(ndimage.distance_transform_edt(~mask) * 30.0, abs=1e-3)


def test_a_disc_holds_the_cells_of_a_disc_not_of_a_diamond() -> None:
    mask = np.zeros((41, 41), dtype=bool)
    mask[20, 20] = True
    assert int((_distance(mask, 1.0) <= 10).sum()) == 317
