"""The rules of gates, exclusions and residual as tables over codes, so that changing them reads no layer."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from zoning.rating.interval_codes import SLOPE, representatives
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.gates import Gate, gate_bits
from zoning.rules.ruleset import Cover

Floats = npt.NDArray[np.float32]

CODES = 256
"""Entries of a table over one byte."""

RESTRICTION = "restriction"
"""Value of the ruleset's ``protected`` table for areas that only restrict."""

TOWN_WATER = ("URB", "AGUA")
"""Zones that mapped towns and mapped water make."""

WATER_BIT, TOWN_BIT, IRRIGATED_BIT = 1, 2, 4
"""Bits of what stands on a cell: mostly mapped water, mostly mapped town, irrigation of a scenario."""

MOST_CATEGORIES = 8
"""Categories of protected areas that one byte holds."""


def land_tables(
    rules: CompiledRules,
    cuts: Mapping[str, Floats],
    *,
    municipalities: Sequence[str],
    categories: Sequence[str],
    opened: Collection[str],
) -> dict[str, Any]:
    """Return the fields of :class:`zoning.rating.row_tables.RowTables` that do not rate; parameters as there."""
    keys = list(cuts)
    compared = [each.key for each in rules.gate_characteristics if each.key in cuts]
    fixed = _everywhere(rules, set(compared))
    by_place = np.zeros(max(CODES, len(municipalities) + 1), dtype=np.uint32)
    listed = tuple(replace(gate, conditions=()) for gate in rules.gates)
    by_place[1 : len(municipalities) + 1] = fixed & gate_bits(
        listed, {}, cells=len(municipalities), municipality=np.array(municipalities, dtype=np.str_)
    )
    bits = sum(1 << bit for bit, gate in enumerate(rules.gates) if gate.name in opened)
    opens = np.array([_opens(rules, key, cuts[key]) for key in compared], dtype=np.uint32).reshape(-1, CODES)
    slope = [keys.index(SLOPE)] if SLOPE in keys and SLOPE not in rules.flagged else []
    return {
        "gate_band": np.array([keys.index(key) for key in compared], dtype=np.int32),
        "gate_open": opens,
        "gate_planes": _bytes_of(opens),
        "municipality_open": by_place,
        "scenario_open": np.array([0, bits], dtype=np.uint32),
        "slope_band": np.array(slope, dtype=np.int32),
        "steep": _steep(rules.ruleset.cover, cuts[SLOPE]) if slope else np.zeros(CODES, dtype=np.uint8),
        **_decisions(rules, categories),
    }


def code_values(cuts: Floats) -> Floats:
    """Return a value of every code, NaN for missing and for codes not in use, shape (256,)."""
    values = np.full(CODES, np.nan, dtype=np.float32)
    low, _high = representatives(cuts)
    values[1 : len(low) + 1] = low
    return values


def _only(gate: Gate, keys: Collection[str], *, among: bool) -> Gate:
    conditions = tuple(each for each in gate.conditions if (each.characteristic.key in keys) is among)
    return replace(gate, conditions=conditions, municipalities=())


def _everywhere(rules: CompiledRules, compared: set[str]) -> int:
    """Return the gates that conditions on characteristics without codes leave open."""
    gates = tuple(_only(gate, compared, among=False) for gate in rules.gates)
    return int(gate_bits(gates, {}, cells=1, flagged=rules.flagged)[0])


def _opens(rules: CompiledRules, key: str, cuts: Floats) -> npt.NDArray[np.uint32]:
    gates = tuple(_only(gate, {key}, among=True) for gate in rules.gates)
    return gate_bits(gates, {key: code_values(cuts)}, cells=CODES, flagged=rules.flagged)


def _bytes_of(words: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Return the bytes of rows of words, the lowest first, shape (4 · rows, columns).

    Examples
    --------
    >>> _bytes_of(np.array([[1, 258]], dtype=np.uint32)).tolist()
    [[1, 2], [0, 1], [0, 0], [0, 0]]
    """
    rows, columns = words.shape
    parts = words.astype("<u4").view(np.uint8).reshape(rows, columns, 4).transpose(0, 2, 1)
    return np.ascontiguousarray(parts).reshape(-1, columns)


def _steep(cover: Cover, cuts: Floats) -> npt.NDArray[np.uint8]:
    with np.errstate(invalid="ignore"):
        return (code_values(cuts) > np.float32(cover.legal_forest_slope)).astype(np.uint8)


def _decisions(rules: CompiledRules, categories: Sequence[str]) -> dict[str, npt.NDArray[np.uint8]]:
    """Return what protected areas, mapped water and towns, and land cover decide; precedence as in a zoning."""
    cover = rules.ruleset.cover
    town, water = (rules.zone(code).number for code in TOWN_WATER)
    protected = np.zeros(CODES, dtype=np.uint8)
    for number in range(CODES):
        held = {cover.protected.get(name) for bit, name in enumerate(categories) if number >> bit & 1}
        codes = sorted((code for code in held if code and code != RESTRICTION), key=lambda code: (code == "CON", code))
        if codes:
            protected[number] = rules.zone(codes[-1]).number
    residual = np.full(CODES, rules.zone(cover.open_zone).number, dtype=np.uint8)
    residual[0] = rules.zone(cover.unknown_zone).number
    residual[_bytes(cover.forest_classes)] = rules.zone(cover.forest_zone).number
    decided = np.zeros(CODES, dtype=np.uint8)
    decided[_bytes(cover.water_classes)] = water
    decided[_bytes(cover.urban_classes)] = town
    return {
        "protected": protected,
        "built": np.array([0, water, town, town], dtype=np.uint8),
        "cover": decided,
        "residual": residual,
    }


def _bytes(classes: Sequence[int]) -> list[int]:
    """Return the land-cover classes that a cell can have: a rule may name others, which are nowhere."""
    return [each for each in classes if 0 < each < CODES]
