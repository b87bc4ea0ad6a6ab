"""Why a cell has no rating: which required data it lacks, and whether any zone's conditions reach it at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zoning.rules.characteristic import QUANTITIES
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.kernel_tables import masks
from zoning.rules.limits import SD
from zoning.rules.zone_rules import BEFORE, COMPETES, Zone

if TYPE_CHECKING:
    from zoning.rating.kernel import BlockResult

_THEMES = {
    "elevation": "elevación",
    "slope": "elevación",
    **dict.fromkeys(
        ("temp_annual", "temp_mean", "temp_min", "temp_max", "extreme_min", "huglin", "gdd", "chill_hours"),
        "temperatura",
    ),
    **dict.fromkeys(("rain_annual", "rain_season"), "lluvia"),
}
_BITS = 16


def required_words(rules: CompiledRules) -> tuple[str, ...]:
    """Return what the rules require, in words of a sentence; word *i* is bit *i* of :func:`required_gaps`.

    A sentence is part of a study's files and stays Spanish.
    """
    words = (_THEMES.get(name) or QUANTITIES[name].title.split(" ", 1)[1] for name in rules.ruleset.required)
    return tuple(dict.fromkeys(words))[:_BITS]


def required_gaps(
    columns: Mapping[str, npt.NDArray[np.float32]], rules: CompiledRules, *, cells: int
) -> npt.NDArray[np.uint16]:
    """Say which required data each cell lacks.

    Parameters
    ----------
    columns
        Characteristic key to its values, shape (cells,), NaN where missing; a key that is absent is missing everywhere.
    rules
        Whose required characteristics are looked at.
    cells
        How many there are.

    Returns
    -------
    numpy.ndarray
        uint16 (cells,): bit *i* set where :func:`required_words` *i* is missing.
    """
    words = required_words(rules)
    bits = np.zeros(cells, dtype=np.uint16)
    for each in rules.characteristics:
        if each.name not in rules.ruleset.required:
            continue
        word = _THEMES.get(each.name) or each.quantity.title.split(" ", 1)[1]
        column = columns.get(each.key)
        gone = np.ones(cells, dtype=np.bool_) if column is None else np.isnan(column)
        bits[gone] |= np.uint16(1 << words.index(word))
    return bits


def mark_required_gaps(
    block: BlockResult, columns: Mapping[str, npt.NDArray[np.float32]], rules: CompiledRules
) -> None:
    """Write into ``block.incomplete`` what the cells without data lack."""
    bare = np.flatnonzero(block.cls == SD)
    if bare.size:
        there = {key: column[bare] for key, column in columns.items()}
        block.incomplete[bare] = required_gaps(there, rules, cells=bare.size)


def claimants(rules: CompiledRules) -> tuple[Zone, ...]:
    """Return the zones that may take a cell by their aptitude."""
    return tuple(zone for zone in rules.rated_zones if zone.role in {BEFORE, COMPETES})


def reached(gates: npt.NDArray[np.uint32], rules: CompiledRules) -> npt.NDArray[np.bool_]:
    """Say in which cells at least one zone that competes has all its gates open, shape of ``gates``."""
    found = np.zeros(gates.shape, dtype=np.bool_)
    order = {name: bit for bit, name in enumerate(rules.gate_names)}
    for zone in claimants(rules):
        need, forbid = masks((*zone.gates, *zone.competition_gates), order)
        found |= ((gates & np.uint32(need)) == need) & ((gates & np.uint32(forbid)) == 0)
    return found


def least_access(rules: CompiledRules) -> str:
    """Return the titles of the gates of the zone that asks the fewest, which a cell that none reaches lacks too."""
    titles = {gate.name: gate.title for gate in rules.gates}
    asked = [[*zone.gates, *zone.competition_gates] for zone in claimants(rules)]
    plain = [names for names in asked if names and not any(name.startswith("!") for name in names)]
    if not plain or not all(asked):
        return ""
    return "; ".join(titles[name] for name in min(plain, key=len))
