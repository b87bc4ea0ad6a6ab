"""A compiled ruleset as one program of GRASS's ``r.mapcalc``: the same zones and classes from the same values.

Written so that GRASS does as little as it can: only classes (the class of the second-best crop needs no score), every
comparison, curve and gate once however many land-use types share it, values widened to double once (r.mapcalc compares
with double constants), missing values left to travel as nulls until a land-use type is finished, and one pass over the
rows for both answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from method_job import UNRATED

from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.gates import Gate
from zoning.rules.land_use_types import Factor, LandUseType
from zoning.rules.limits import S1, N, Side, comparison_limits
from zoning.rules.zone_rules import BEFORE, RESIDUAL, Zone

_WON_BEFORE = 10
"""Added to the class of a zone that is decided before the competition: no other class comes up to it."""


class Program:
    """Expressions by name, each written once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[str, str] = {}

    def let(self, text: str) -> str:
        """Return the name of an expression, which is computed where it first appears."""
        if text not in self._names:
            self._names[text] = f"v{len(self._names)}"
            self.lines.append(f"{self._names[text]} = {text}")
        return self._names[text]

    def text(self, outputs: Mapping[str, str]) -> str:
        """Return the lines that ``r.mapcalc file=`` reads; ``outputs`` maps a map to what it holds."""
        (first, held), *rest = outputs.items()
        return "\n".join([f"{first} = eval({', '.join([*self.lines, held])})", *(f"{to} = {of}" for to, of in rest)])


class MethodProgram:
    """Writes a ruleset into a program.

    Parameters
    ----------
    rules
        Compiled rules.
    layers
        Characteristic key, or name of a band of places, to its map; a key that is absent has no layer.
    gapless
        Keys of those that are missing nowhere.
    municipalities
        Six-digit codes; number 1 is the first.
    categories
        Categories of protected areas; bit *i* is the *i*-th.
    """

    def __init__(
        self,
        rules: CompiledRules,
        layers: Mapping[str, str],
        *,
        gapless: frozenset[str],
        municipalities: Sequence[str],
        categories: Sequence[str],
    ) -> None:
        self.rules, self.layers, self.gapless = rules, layers, gapless
        self.municipalities, self.categories = municipalities, categories
        self.program = Program()
        self._gates = {gate.name: self._gate(gate) for gate in rules.gates}

    def write(self) -> tuple[str, str]:
        """Write everything and return the names of zone and class."""
        types = [self._type(each) for each in self.rules.land_use_types]
        zones = [self._zone(place, types) for place in range(len(self.rules.rated_zones))]
        zone, cls = self._settled(types, zones)
        fixed, let = self._decided(), self.program.let
        outside = let(f"{self.layers['municipality']} == 0")
        zone = let(f"if({outside}, 0, if({fixed}, {fixed}, {zone}))")
        return zone, let(f"if({outside} || {fixed}, {UNRATED}, {cls})")

    def _value(self, key: str) -> str:
        name = self.layers[key]
        return name if key in self.gapless else self.program.let(f"double({name})")

    def _missing(self, key: str) -> str:
        return self.program.let(f"isnull({self.layers[key]})")

    def _compared(self, key: str, sign: str, limit: float) -> str:
        number = f"{int(limit)}" if key in self.gapless else repr(float(limit))
        return self.program.let(f"{self._value(key)} {sign} {number}")

    def _gate(self, gate: Gate) -> str:
        """Return where all conditions of a gate hold."""
        parts = []
        for each in gate.conditions:
            key = each.characteristic.key
            if each.characteristic.name in self.rules.flagged:
                continue
            if key not in self.layers:
                parts.append(str(int(each.missing_passes)))
                continue
            lowest, highest = each.compared
            passed = [self._compared(key, ">=", lowest)] if lowest is not None else []
            passed += [self._compared(key, "<=", highest)] if highest is not None else []
            if key in self.gapless:
                parts += passed
            else:
                parts.append(f"if({self._missing(key)}, {int(each.missing_passes)}, {_all(passed)})")
        if gate.municipalities:
            numbers = [place for place, code in enumerate(self.municipalities, 1) if code in gate.municipalities]
            parts.append(_any(self.layers["municipality"], numbers))
        return self.program.let(_all(parts))

    def _open(self, names: Iterable[str]) -> str:
        """Return where gates are open; ``!name`` must be shut. Empty for none."""
        wanted = [f"!{self._gates[name[1:]]}" if name.startswith("!") else self._gates[name] for name in names]
        return self.program.let(_all(sorted(wanted))) if wanted else ""

    def _side(self, key: str, side: Side) -> list[str]:
        """Return the comparisons of one side whose sum is the class less one."""
        sign = ">=" if side.rising else "<="
        limits = [float(limit) for limit in comparison_limits(side)]
        return [self._compared(key, sign, limit) if np.isfinite(limit) else "1" for limit in limits]

    def _factor(self, factor: Factor) -> str:
        """Return the class of a factor: null where a required value is missing, the best where an optional one is."""
        key, limits = factor.characteristic.key, factor.limits
        if key not in self.layers:
            return "null()" if factor.required else str(S1)
        sides = [f"1 + {' + '.join(self._side(key, side))}" for side in (limits.low, limits.high) if side is not None]
        text = sides[0] if len(sides) == 1 else f"min({', '.join(sides)})"
        text = f"max({text}, {factor.cap})" if factor.cap > N else text
        if not factor.required and key not in self.gapless:
            text = f"if({self._missing(key)}, {S1}, {text})"
        return self.program.let(text)

    def _type(self, each: LandUseType) -> str:
        """Return the class of a land-use type, 0 where a required value is missing."""
        worst = self.program.let(f"min({', '.join(self._factor(each) for each in each.factors if not each.flagged)})")
        return self.program.let(f"if(isnull({worst}), 0, {worst})")

    def _crop(self, variants: Sequence[int], types: Sequence[str]) -> str:
        """Return the class of a crop's best open variant: 0 where all open ones are SD, N where none is open."""
        let, found, shut = self.program.let, [], True
        for index in variants:
            opened = self._open(self.rules.land_use_types[index].gates)
            shut &= bool(opened)
            found.append(let(f"if({opened}, {types[index]}, -1)") if opened else types[index])
        best = found[0] if len(found) == 1 else let(f"max({', '.join(found)})")
        return let(f"if({best} < 0, {N}, {best})") if shut else best

    def _zone(self, place: int, types: Sequence[str]) -> str:
        """Return the class of a zone: that of its second-best crop, N where a gate is shut."""
        zone, let = self.rules.rated_zones[place], self.program.let
        crops = [self._crop(variants, types) for variants in self.rules.baskets[place]]
        top, second = crops[0], ""
        for crop in crops[1:]:
            lower = let(f"min({top}, {crop})")
            second = let(f"max({second}, {lower})") if second else lower
            top = let(f"max({top}, {crop})")
        said = top if zone.speaks == 1 else second
        opened = self._open(zone.gates)
        return let(f"if({opened}, {said}, {N})") if opened else said

    def _settled(self, types: Sequence[str], classes: Sequence[str]) -> tuple[str, str]:
        """Return zone and class of the cells that nothing has decided."""
        let, key, winner = self.program.let, "0", "0"
        unknown = let(f"max({', '.join(types)}) == 0")
        for zone, cls in zip(self.rules.rated_zones, classes, strict=True):
            if zone.role == RESIDUAL:
                continue
            may = self._open([*zone.gates, *zone.competition_gates]) or "1"
            before = let(f"{key} >= {_WON_BEFORE}") if key != "0" else "0"
            unknown = let(f"{unknown} || {may} && {cls} == 0 && !{before}")
            takes = let(f"{may} && {cls} >= {max(zone.minimum, N)} && {self._beats(zone, cls, key)}")
            winner = let(f"if({takes}, {zone.number}, {winner})")
            own = f"{cls} + {_WON_BEFORE}" if zone.role == BEFORE else cls
            key = let(f"if({takes}, {own}, {key})")
        residual = self._residual()
        cls = let(f"if({key} >= {_WON_BEFORE}, {key} - {_WON_BEFORE}, {key})")
        for zone, own in zip(self.rules.rated_zones, classes, strict=True):
            if zone.role == RESIDUAL:
                takes = let(f"{key} == 0 && {residual} == {zone.number}")
                unknown = let(f"{unknown} || {takes} && {own} == 0")
                cls = let(f"if({takes}, {own}, {cls})")
        zone = let(f"if({unknown}, {self.rules.zone('SD').number}, if({winner}, {winner}, {residual}))")
        return zone, let(f"if({unknown}, 0, if({cls}, {cls}, {UNRATED}))")

    @staticmethod
    def _beats(zone: Zone, cls: str, key: str) -> str:
        return f"{key} == 0" if zone.role == BEFORE else f"{cls} > {key}"

    def _residual(self) -> str:
        cover, number = self.rules.ruleset.cover, lambda code: self.rules.zone(code).number
        forest = _any(self.layers["cover"], cover.forest_classes)
        known = f"if({forest}, {number(cover.forest_zone)}, {number(cover.open_zone)})"
        return self.program.let(f"if({self.layers['cover']} == 0, {number(cover.unknown_zone)}, {known})")

    def _decided(self) -> str:
        """Return the zone that no competition asks for, 0 where there is none."""
        cover, let, number = self.rules.ruleset.cover, self.program.let, lambda code: self.rules.zone(code).number
        kept = "0"
        effects = sorted(set(cover.protected.values()) - {"restriction"}, key=lambda code: (code == "CON", code))
        for effect in effects:
            mask = sum(1 << bit for bit, name in enumerate(self.categories) if cover.protected.get(name) == effect)
            kept = let(f"if({self.layers['protected']} & {mask}, {number(effect)}, {kept})")
        kept = let(f"if({self.layers['built']} & 1, {number('AGUA')}, {kept})")
        kept = let(f"if({self.layers['built']} & 2, {number('URB')}, {kept})")
        for classes, code in ((cover.water_classes, "AGUA"), (cover.urban_classes, "URB")):
            kept = let(
                f"if({_any(self.layers['cover'], classes)} && {kept} != {number('URB')}, {number(code)}, {kept})"
            )
        slope, limit = "slope", cover.legal_forest_slope
        steep = f"if({self._missing(slope)}, 0, {self._compared(slope, '>', float(np.float32(limit)))})"
        return let(f"if({kept}, {kept}, if({steep}, {number('FOR')}, 0))")


def _all(parts: Sequence[str]) -> str:
    return " && ".join(parts) or "1"


def _any(name: str, numbers: Sequence[int]) -> str:
    return f"({' || '.join(f'{name} == {each}' for each in numbers) or '0'})"
