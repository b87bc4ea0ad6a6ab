"""The rules as words: for each class, which of eight land-use types a code of a characteristic lets reach it.

A *group* is eight lanes, one land-use type each; all variants of a crop stand side by side in one group. A word has a
byte for each of the classes N, S3, S2 and S1 with a bit for every lane, set where that type reaches at least that
class. The words of all characteristics are and'ed: what is left says the class of eight types at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from zoning.rating.code_ratings import CLASS_SHIFT, CODES, rating_words
from zoning.rating.interval_codes import Floats
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.kernel_tables import KernelTables
from zoning.rules.limits import N

LANES = 8
"""Land-use types of a group."""

LEVELS = 4
"""Classes of a word, N first."""

TABLE = 128
"""Runs of codes that a table of bytes tells apart."""

Classes = npt.NDArray[np.uint8]

_FIRST_LANE = 0x01010101
"""Bits of the first lane in all classes."""


class WordTables(NamedTuple):
    """One compiled ruleset as words; ranges ``a[i]:a[i + 1]`` index the next array."""

    runs: npt.NDArray[np.uint8]
    """Shape (bands + 1, 256): number of the run of codes in which no land-use type changes its class; 0 is missing."""
    fits: bool
    """Whether every characteristic has at most 128 runs."""
    words: npt.NDArray[np.uint32]
    """Shape (entries, 256): the word of every run, N in the lowest byte."""
    planes: npt.NDArray[np.uint8]
    """Shape (entries · 4, 128): its bytes, N first."""
    entry_band: npt.NDArray[np.int32]
    """Row of the codes of each entry; one past the last where there are none."""
    group_start: npt.NDArray[np.int32]
    """Shape (groups + 1,): range of each group's entries."""
    group_masks: npt.NDArray[np.uint8]
    """Shape (groups, 6): lanes whose crop goes on one, two and four lanes later; first lanes of crops; lanes in use;
    and 255 where the only crop of the group goes on in the next."""
    group_lanes: npt.NDArray[np.uint8]
    """Shape (groups, conditions): lanes that are open where a condition holds."""
    zone_group: npt.NDArray[np.int32]
    """Shape (zones + 1,): range of each rated zone's groups."""
    need: npt.NDArray[np.uint32]
    """Gates that a condition wants open."""
    forbid: npt.NDArray[np.uint32]
    """Gates that it wants shut."""
    gate_bytes: int
    """Bytes of the gates that conditions ask for."""
    zone_claim: npt.NDArray[np.int32]
    """Condition under which each rated zone may claim a cell."""
    zone_open: npt.NDArray[np.int32]
    """Condition under which its own gates are open."""


@dataclass(frozen=True)
class Group:
    """Land-use types of eight lanes, crop by crop."""

    crops: list[tuple[int, ...]] = field(default_factory=list)
    """Land-use types of each crop, the variants side by side."""
    goes_on: bool = False
    """Whether its only crop has further variants in the next group."""

    @property
    def types(self) -> list[int]:
        """Land-use type of each lane in use."""
        return [kind for crop in self.crops for kind in crop]

    def masks(self) -> list[int]:
        """Return a row of :attr:`WordTables.group_masks`."""
        crop_of = [number for number, crop in enumerate(self.crops) for _kind in crop]
        found = [
            sum(1 << lane for lane in range(len(crop_of) - ahead) if crop_of[lane] == crop_of[lane + ahead])
            for ahead in (1, 2, 4)
        ]
        first = sum(1 << lane for lane in range(len(crop_of)) if lane == 0 or crop_of[lane] != crop_of[lane - 1])
        return [*found, first, (1 << len(crop_of)) - 1, 255 if self.goes_on else 0]


def groups_of(basket: Sequence[Sequence[int]]) -> list[Group]:
    """Give every variant of every crop a lane; only a crop of more than eight takes several groups, all its own.

    Examples
    --------
    >>> [group.crops for group in groups_of([[0, 1, 2], [3, 4, 5, 6], [7, 8], list(range(10, 20))])]
    [[(0, 1, 2), (3, 4, 5, 6)], [(7, 8)], [(10, 11, 12, 13, 14, 15, 16, 17)], [(18, 19)]]
    """
    found: list[Group] = []
    room = 0
    for crop in basket:
        parts = [tuple(crop[place : place + LANES]) for place in range(0, len(crop), LANES)]
        if len(parts) > 1:
            found += [Group([part], goes_on=part is not parts[-1]) for part in parts]
            room = 0
        elif parts and len(crop) <= room:
            found[-1].crops.append(parts[0])
            room -= len(crop)
        elif parts:
            found.append(Group(parts))
            room = LANES - len(crop)
    return found


def word_tables(rules: CompiledRules, cuts: Mapping[str, Floats], samples: Floats) -> WordTables:
    """Turn compiled rules into words for codes with the given cut points.

    Parameters
    ----------
    rules
        Compiled rules.
    cuts
        Characteristic key to the cut points its codes were made with.
    samples
        From :func:`zoning.rating.code_ratings.code_samples`.
    """
    tables, keys = rules.tables, list(cuts)
    classes = _curve_classes(samples)
    bands = [keys.index(each.key) if each.key in keys else len(keys) for each in rules.characteristics]
    runs, firsts = _runs(tables, classes, bands, len(keys))
    zones = [groups_of(basket) for basket in rules.baskets]
    groups = [group for each in zones for group in each]
    conditions, zone_claim, zone_open = _conditions(tables, groups)
    levels = _curve_words(classes)
    words, entry_band, group_start = [np.zeros((0, CODES), dtype=np.uint32)], [], [0]
    for group in groups:
        columns, found = _group_words(tables, group.types, levels)
        own = [bands[column] for column in columns]
        words.append(np.take_along_axis(found, firsts[own], axis=1))
        entry_band += own
        group_start.append(len(entry_band))
    table = np.concatenate(words)
    planes = table[:, :TABLE].astype("<u4").view(np.uint8).reshape(-1, TABLE, LEVELS).transpose(0, 2, 1)
    held = list(conditions)
    lanes = [
        [sum(1 << lane for lane, kind in enumerate(group.types) if _gates(tables, kind) == pair) for pair in held]
        for group in groups
    ]
    return WordTables(
        runs=runs,
        fits=bool(runs.max(initial=0) < TABLE),
        words=table,
        planes=np.ascontiguousarray(planes).reshape(-1, TABLE),
        entry_band=np.array(entry_band, dtype=np.int32),
        group_start=np.array(group_start, dtype=np.int32),
        group_masks=np.array([group.masks() for group in groups], dtype=np.uint8).reshape(-1, 6),
        group_lanes=np.array(lanes, dtype=np.uint8).reshape(len(groups), len(held)),
        zone_group=np.cumsum([0, *(len(each) for each in zones)]).astype(np.int32),
        need=np.array([need for need, _forbid in held], dtype=np.uint32),
        forbid=np.array([forbid for _need, forbid in held], dtype=np.uint32),
        gate_bytes=max((need | forbid).bit_length() + 7 for need, forbid in held) // 8,
        zone_claim=zone_claim,
        zone_open=zone_open,
    )


def _curve_classes(samples: Floats) -> Classes:
    """Return the class of every code of every curve, shape (curves, 256)."""
    middle = (samples[0].astype(np.float64) + samples[-1]) / 2
    return ((rating_words(middle) >> CLASS_SHIFT) + 1).astype(np.uint8)


def _runs(
    tables: KernelTables, classes: Classes, bands: Sequence[int], missing: int
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the run of each code of each band, and the first code of every run: 0 for runs not in use."""
    changes = np.zeros((missing + 1, CODES), dtype=np.bool_)
    changes[:, 1] = True
    for curve, column in enumerate(tables.curve_column):
        changes[bands[column], 2:] |= classes[curve, 2:] != classes[curve, 1:-1]
    runs = np.cumsum(changes, axis=1)
    runs[missing] = 0
    firsts = np.zeros((missing + 1, CODES), dtype=np.int64)
    band, code = np.nonzero(changes[:missing])
    firsts[band, runs[band, code]] = code
    return runs.astype(np.uint8), firsts


def _gates(tables: KernelTables, kind: int) -> tuple[int, int]:
    return int(tables.type_need[kind]), int(tables.type_forbid[kind])


def _conditions(
    tables: KernelTables, groups: Sequence[Group]
) -> tuple[dict[tuple[int, int], int], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return numbers of the distinct pairs of open and shut gates, and those of each zone's claim and own gates."""
    numbers: dict[tuple[int, int], int] = {}
    for group in groups:
        for kind in group.types:
            numbers.setdefault(_gates(tables, kind), len(numbers))
    rows = [[int(mask) for mask in row] for row in tables.zone_masks]
    claim = [numbers.setdefault((row[2], row[3]), len(numbers)) for row in rows]
    own = [numbers.setdefault((row[0], row[1]), len(numbers)) for row in rows]
    return numbers, np.array(claim, dtype=np.int32), np.array(own, dtype=np.int32)


def _factors(tables: KernelTables, kind: int) -> list[tuple[int, bool]]:
    """Return curve of each factor of a land-use type, and whether it is required."""
    span = range(tables.type_start[kind], tables.type_start[kind + 1])
    return [(int(tables.factor_curve[place]), bool(tables.factor_required[place])) for place in span]


def _curve_words(classes: Classes) -> npt.NDArray[np.uint32]:
    """Return the word of every code of every curve for the first lane, shape (2, curves, 256): optional, required.

    A missing value, code 0, says nothing of what is optional and lets nothing pass of what is required.
    """
    found = np.zeros((2, *classes.shape), dtype=np.uint32)
    for level in range(LEVELS):
        found |= (classes >= N + level).astype(np.uint32) << np.uint32(8 * level)
    found[0, :, 0], found[1, :, 0] = _FIRST_LANE, 0
    return found


def _group_words(
    tables: KernelTables, types: Sequence[int], levels: npt.NDArray[np.uint32]
) -> tuple[list[int], npt.NDArray[np.uint32]]:
    """Return the characteristics of a group, sorted, and the word of every code of each, shape (entries, 256)."""
    factors = [_factors(tables, kind) for kind in types]
    columns = sorted({int(tables.curve_column[curve]) for own in factors for curve, _required in own})
    places = {column: place for place, column in enumerate(columns)}
    used = _FIRST_LANE * ((1 << len(types)) - 1)
    found = np.full((len(columns), CODES), used, dtype=np.uint32)
    for lane, own in enumerate(factors):
        others = np.uint32(used & ~(_FIRST_LANE << lane))
        for curve, required in own:
            found[places[int(tables.curve_column[curve])]] &= levels[int(required), curve] << np.uint32(lane) | others
    return columns, found
