"""The best crop of a cell by words and by tables of bytes is the first with the best of the worst classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.wide_bytes import usable
from zoning.rating.crop_rows import CropRows, best_crops, crop_rows
from zoning.rating.interval_codes import encode
from zoning.rating.reference import rate_side
from zoning.rules.limits import Limits, Side
from zoning.zoning_errors import RulesError

WAYS = [False, True] if usable() else [False]
"""Whether sixty-four cells are taken at a time: only some processors can."""

Crops = Sequence[Mapping[str, Limits]]


def random_limits(rng: np.random.Generator, *, both: bool) -> Limits:
    six = np.sort(rng.uniform(0, 100, 6))
    low = Side.from_classes(six[0], six[1], six[2])
    return Limits(low=low, high=Side.from_classes(six[5], six[4], six[3]) if both else None)


def random_job(rng: np.random.Generator, crops: int, layers: int) -> tuple[Crops, list[str]]:
    """Each crop is limited by most of the characteristics, and by one at least."""
    keys = [f"layer_{number}" for number in range(layers)]
    kept = rng.random((crops, layers)) < 0.8
    kept[:, int(rng.integers(layers))] = True
    return [
        {key: random_limits(rng, both=number % 2 == 1) for number, key in enumerate(keys) if own[number]}
        for own in kept
    ], keys


def expected(crops: Crops, keys: Sequence[str], values: np.ndarray) -> np.ndarray:
    by_crop = np.full((len(crops), values.shape[1]), 4)
    for number, crop in enumerate(crops):
        for row, key in enumerate(keys):
            for side in (crop[key].low, crop[key].high) if key in crop else ():
                if side is not None:
                    by_crop[number] = np.minimum(by_crop[number], rate_side(values[row], side)[1])
    best = by_crop.max(axis=0)
    return np.where(best > 0, best << 4 | by_crop.argmax(axis=0), 0)


def codes_of(values: np.ndarray, rows: CropRows) -> np.ndarray:
    return np.stack([encode(line, cuts) for line, cuts in zip(values, rows.cuts.values(), strict=True)])


@pytest.mark.parametrize("wide", WAYS)
@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), crops=st.integers(1, 16), layers=st.integers(1, 13),
    cells=st.sampled_from([1, 63, 256, 300, 1500]),
)  # fmt: skip
def test_the_best_crop_is_the_first_with_the_best_worst_class(
    wide: bool, seed: int, crops: int, layers: int, cells: int
) -> None:
    rng = np.random.default_rng(seed)
    limits, keys = random_job(rng, crops, layers)
    rows = crop_rows(limits, keys)
    values = rng.uniform(5, 95, (layers, cells)).astype(np.float32)
    values[rng.random(values.shape) < 0.01] = np.nan
    found = best_crops(codes_of(values, rows), rows, wide=wide)
    np.testing.assert_array_equal(found, expected(limits, keys, values))


@pytest.mark.parametrize("wide", WAYS)
def test_as_many_codes_as_sixteen_crops_can_have_are_told_apart(wide: bool) -> None:
    rng = np.random.default_rng(4)
    crops = [{"one": random_limits(rng, both=True), "other": random_limits(rng, both=True)} for _crop in range(16)]
    rows = crop_rows(crops, ["one", "other"])
    assert {len(cuts) for cuts in rows.cuts.values()} == {96}
    values = rng.uniform(-5, 105, (2, 4000)).astype(np.float32)
    found = best_crops(codes_of(values, rows), rows, wide=wide)
    np.testing.assert_array_equal(found, expected(crops, ["one", "other"], values))


def test_codes_that_do_not_lie_together_are_read_as_well() -> None:
    rng = np.random.default_rng(5)
    limits, keys = random_job(rng, 12, 10)
    rows = crop_rows(limits, keys)
    codes = codes_of(rng.uniform(5, 95, (10, 2000)).astype(np.float32), rows)
    scattered = np.asfortranarray(codes)
    np.testing.assert_array_equal(best_crops(scattered, rows), best_crops(codes, rows))
    np.testing.assert_array_equal(best_crops(codes[:, 7:901], rows), best_crops(codes, rows)[7:901])


def test_more_crops_than_a_word_holds_are_refused() -> None:
    limits, keys = random_job(np.random.default_rng(6), 17, 2)
    with pytest.raises(RulesError, match="17 cultivos"):
        crop_rows(limits, keys)


def test_codes_of_other_characteristics_are_refused() -> None:
    limits, keys = random_job(np.random.default_rng(7), 3, 4)
    with pytest.raises(RulesError, match="Códigos de forma"):
        best_crops(np.zeros((3, 10), dtype=np.uint8), crop_rows(limits, keys))
