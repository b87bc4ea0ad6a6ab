"""Rules made ready to run: which land-use types exist here, which columns they read, and the kernel's arrays."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gis.messages import translator
from zoning.rules.characteristic import Characteristic
from zoning.rules.crop_library import Crop
from zoning.rules.gates import Gate, GateNote, gate_notes
from zoning.rules.kernel_tables import KernelTables, build_tables
from zoning.rules.land_use_types import Factor, LandUseType
from zoning.rules.ruleset import Ruleset
from zoning.rules.type_builder import build_types
from zoning.rules.zone_rules import BEFORE, COMPETES, RESIDUAL, Zone
from zoning.zoning_errors import RulesError

_ = translator("zoning")

MAX_OPTIONAL = 16
"""Missing optional groups of a cell are the bits of one uint16."""


@dataclass(frozen=True, kw_only=True)
class CompiledRules:
    """One ruleset for one set of layers. Everything a run, a point or an explanation needs."""

    ruleset: Ruleset
    """Where it comes from."""
    land_use_types: tuple[LandUseType, ...]
    """Every rated land-use type; the kernel's ``land_use_type`` indexes it. Flagged factors are in it, absent optional
    ones are not."""
    characteristics: tuple[Characteristic, ...]
    """Rows of the kernel's ``values``; its ``limiting`` indexes it. Required ones stand here even without a layer: such
    a row is NaN."""
    gates: tuple[Gate, ...]
    """Gate *i* is bit *i* of the kernel's ``gates``."""
    gate_characteristics: tuple[Characteristic, ...]
    """What the gates compare; not all of them are rows of ``values``."""
    gate_notes: tuple[GateNote, ...]
    """Conditions not applied here: flagged or without a layer."""
    zones: tuple[Zone, ...]
    """All zones, in the order of their numbers."""
    rated_zones: tuple[Zone, ...]
    """Zones with a basket: decided before, competing in order, residual."""
    baskets: tuple[tuple[tuple[int, ...], ...], ...]
    """For each rated zone, for each basket crop, indices into ``land_use_types``."""
    optional: tuple[str, ...]
    """Names of the optional characteristics; bit *i* of the kernel's ``incomplete``."""
    available: frozenset[str]
    """Names (or keys) of the characteristics a layer gives."""
    flagged: frozenset[str]
    """Names whose resolution carries neither rating nor cut."""
    absent: tuple[str, ...]
    """Names that the rules want and no layer gives, required first."""
    tables: KernelTables
    """The kernel's arrays."""

    @cached_property
    def inputs(self) -> tuple[Characteristic, ...]:
        """Everything to be measured: rows of ``values`` and what the gates compare."""
        return tuple(sorted({*self.characteristics, *self.gate_characteristics}))

    @cached_property
    def gate_names(self) -> tuple[str, ...]:
        """Names of the gates in bit order."""
        return tuple(gate.name for gate in self.gates)

    def zone(self, code_or_number: str | int) -> Zone:
        """Return a zone by code or number.

        Raises
        ------
        RulesError
            If the ruleset has no such zone.
        """
        for zone in self.zones:
            if code_or_number in (zone.code, zone.number):
                return zone
        raise RulesError(
            _("Zona desconocida: {zone}").format(zone=code_or_number),
            expected=_("Se esperaba una de: {codes}").format(codes=", ".join(zone.code for zone in self.zones)),
        )

    def incomplete_names(self, bits: int) -> tuple[str, ...]:
        """Names of the optional characteristics whose bits are set."""
        return tuple(name for bit, name in enumerate(self.optional) if bits >> bit & 1)

    def factor_of(self, land_use_type: int, characteristic: int) -> Factor | None:
        """Return the factor of a land-use type that compares a characteristic, both by index; ``None`` if none."""
        if land_use_type < 0 or characteristic < 0:
            return None
        wanted = self.characteristics[characteristic]
        for factor in self.land_use_types[land_use_type].factors:
            if factor.characteristic == wanted and not factor.flagged:
                return factor
        return None


def compile_rules(
    ruleset: Ruleset,
    crops: Mapping[str, Crop],
    *,
    available: Collection[str],
    flagged: Collection[str] = (),
) -> CompiledRules:
    """Make a ruleset ready for a territory's layers.

    Parameters
    ----------
    ruleset, crops
        Rules and crop library.
    available
        Characteristics a layer gives, by name (``temp_mean``: any window) or by key (``temp_mean@09-01``).
    flagged
        Names that are present but too coarse to rate or to cut (``slope``, ``height_above_stream`` from an elevation
        coarser than 90 m): shown, out of class and mean, their gate conditions not applied.

    Raises
    ------
    RulesError
        If the rules want more gates or optional groups than the kernel has bits, name a crop the library lacks, or
        leave a land-use type without a required factor.
    """
    present, marked = frozenset(available), frozenset(flagged)
    if len(ruleset.optional) > MAX_OPTIONAL:
        raise RulesError(
            _("{count} factores opcionales").format(count=len(ruleset.optional)),
            expected=_("Se esperaban a lo sumo {limit}").format(limit=MAX_OPTIONAL),
        )

    def has(each: Characteristic) -> bool:
        return each.name in present or each.key in present or each.name in marked

    types, dropped = build_types(ruleset, crops, has=has, flagged=marked)
    rated = _rated_zones(ruleset)
    baskets = _baskets(ruleset, rated, types)
    reads = _optional_reads(ruleset, rated)
    compared = {condition.characteristic for gate in ruleset.gates for condition in gate.conditions}
    columns = {factor.characteristic for each in types for factor in each.factors if not factor.flagged}
    characteristics = tuple(sorted(columns | {each for read in reads for each in read if has(each)}))
    lacking = [each.name for each in (*characteristics, *sorted(compared)) if not has(each)]
    lost = sorted({name for names in dropped.values() for name in names})
    return CompiledRules(
        ruleset=ruleset,
        land_use_types=tuple(types),
        characteristics=characteristics,
        gates=ruleset.gates,
        gate_characteristics=tuple(sorted(compared)),
        gate_notes=gate_notes(ruleset.gates, available=present, flagged=marked),
        zones=ruleset.zones,
        rated_zones=rated,
        baskets=baskets,
        optional=ruleset.optional,
        available=present,
        flagged=marked,
        absent=tuple(dict.fromkeys([*lacking, *lost])),
        tables=_tables(ruleset, types, rated, baskets, dropped, reads, characteristics, has=has),
    )


def _rated_zones(ruleset: Ruleset) -> tuple[Zone, ...]:
    zones = ruleset.zones_by_order
    return tuple(zone for role in (BEFORE, COMPETES, RESIDUAL) for zone in zones if zone.role == role and zone.rated)


def _baskets(
    ruleset: Ruleset, zones: Sequence[Zone], types: Sequence[LandUseType]
) -> tuple[tuple[tuple[int, ...], ...], ...]:
    numbers = {each.id: index for index, each in enumerate(types)}
    return tuple(
        tuple(tuple(numbers[name] for crop in group for name in ruleset.type_ids(zone, crop)) for group in zone.basket)
        for zone in zones
    )


def _optional_reads(ruleset: Ruleset, zones: Sequence[Zone]) -> list[list[Characteristic]]:
    """For each zone, the optional characteristics that its gates compare."""
    gates = {gate.name: gate for gate in ruleset.gates}
    reads = [
        {
            condition.characteristic
            for name in (*zone.gates, *zone.competition_gates)
            for condition in gates[name.removeprefix("!")].conditions
            if condition.characteristic.name in ruleset.optional
        }
        for zone in zones
    ]
    return [sorted(read) for read in reads]


def _tables(  # noqa: PLR0917  the parts of one table
    ruleset: Ruleset,
    types: Sequence[LandUseType],
    zones: Sequence[Zone],
    baskets: Sequence[Sequence[Sequence[int]]],
    dropped: Mapping[str, frozenset[str]],
    reads: Sequence[Sequence[Characteristic]],
    characteristics: Sequence[Characteristic],
    *,
    has: Callable[[Characteristic], bool],
) -> KernelTables:
    columns = {each.key: row for row, each in enumerate(characteristics)}
    bits = {name: bit for bit, name in enumerate(ruleset.optional)}
    return build_tables(
        types,
        zones,
        baskets=baskets,
        columns=columns,
        gate_bits={gate.name: bit for bit, gate in enumerate(ruleset.gates)},
        optional_bits=bits,
        absent=[sum(1 << bits[name] for name in dropped[each.id]) for each in types],
        zone_optional=[[(columns[each.key], 1 << bits[each.name]) for each in read if has(each)] for read in reads],
        zone_absent=[sum({1 << bits[each.name] for each in read if not has(each)}) for read in reads],
    )
