"""Units of sale, and their weight where it is known for that product, place, package and date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gis.messages import Figure, translator
from layers.spelling import plain_text

_ = translator("market_prices")

_COUNTED = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(\D.*)")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit in which something is sold."""

    id: str
    """Lower-case unaccented Spanish, such as ``arroba``."""
    name: str
    plural: str
    kind: str
    """``mass``, ``volume``, ``count`` or ``package``."""
    kg: float | None = None
    """Kilograms of one unit, where it is the same for everything."""
    litres: float | None = None
    """Litres of one unit of volume."""
    units: float | None = None
    """Pieces of one unit of count."""
    synonyms: tuple[str, ...] = ()
    note: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """The weight of a unit for some product, place, package and dates; without ``kg`` it is expressly not known."""

    unit: str
    kg: float | None
    """Kilograms of one unit."""
    source: str
    product: str = ""
    variety: str = ""
    markets: tuple[str, ...] = ()
    package: str = ""
    provider: str = ""
    """Source of the prices it applies to."""
    first: str = ""
    """First date, ISO; empty is open."""
    last: str = ""
    """Last date, ISO; empty is open."""

    def precision(self) -> int:
        """How many things the rule fixes: the more, the more it is to be believed."""
        fixed = (self.product, self.variety, self.markets, self.package, self.provider, self.first or self.last)
        return sum(bool(each) for each in fixed)

    def applies(self, sale: Sale, date: str) -> bool:
        """Say whether the rule holds for a sale on an ISO date."""
        return (
            self.unit == sale.unit
            and self.product in {"", sale.product}
            and self.variety in {"", sale.variety}
            and (not self.markets or sale.market in self.markets)
            and self.package in {"", sale.package}
            and self.provider in {"", sale.source}
            and (not self.first or self.first <= date)
            and (not self.last or date <= self.last)
        )


@dataclass(frozen=True, kw_only=True)
class Sale:
    """What is sold, where and in which unit, as far as its weight goes."""

    product: str
    variety: str
    market: str
    unit: str
    package: str = ""
    source: str = ""


@dataclass(frozen=True)
class Weight:
    """The weight of one unit."""

    kg: float | None
    """Kilograms of one unit; ``None`` where no conversion is known."""
    note: str
    """Why, in words a user reads."""


@dataclass(frozen=True)
class Measures:
    """All units and conversions."""

    units: Mapping[str, Unit]
    conversions: tuple[Conversion, ...] = ()
    index: Mapping[str, str] = field(init=False, repr=False)
    """Plain name of a unit and its id."""
    dated: frozenset[str] = field(init=False, repr=False)
    """Units that some conversion gives a weight for certain dates only."""
    rules: Mapping[str, tuple[Conversion, ...]] = field(init=False, repr=False)
    """Conversions of each unit."""

    def __post_init__(self) -> None:
        """Index every spelling: exact case first, so that ``g`` and ``G`` are both grams."""
        index: dict[str, str] = {}
        for each in self.units.values():
            for name in (each.id, each.name, each.plural, *each.synonyms):
                index.setdefault(_unit_key(name), each.id)
        rules: dict[str, list[Conversion]] = {}
        for rule in self.conversions:
            rules.setdefault(rule.unit, []).append(rule)
        object.__setattr__(self, "index", index)
        object.__setattr__(self, "rules", {unit: tuple(each) for unit, each in rules.items()})
        object.__setattr__(self, "dated", frozenset(each.unit for each in self.conversions if each.first or each.last))

    def parse(self, text: str) -> tuple[str, float] | None:
        """Return unit id and quantity of a written unit (``46 KG``, ``3 libras``, ``caja``), ``None`` if unknown.

        Examples
        --------
        >>> measures = Measures({"kg": Unit(id="kg", name="kg", plural="kg", kind="mass", kg=1.0)})
        >>> measures.parse("11,5 KG"), measures.parse("Kg"), measures.parse("balde")
        (('kg', 11.5), ('kg', 1.0), None)
        """
        whole = self.index.get(_unit_key(text))
        if whole is not None:
            return whole, 1.0
        counted = _COUNTED.fullmatch(text)
        unit = self.index.get(_unit_key(counted[2])) if counted else None
        quantity = float(counted[1].replace(",", ".")) if counted else 0.0
        return (unit, quantity) if unit is not None and quantity > 0 else None

    def weight(self, sale: Sale, date: str) -> Weight:
        """Return the weight of one unit on an ISO date: the most precise rule, else the unit's own, else none."""
        unit = self.units.get(sale.unit)
        rules = [each for each in self.rules.get(sale.unit, ()) if each.applies(sale, date)]
        best = max(rules, key=Conversion.precision, default=None)
        if best is not None:
            return Weight(best.kg, best.source)
        if unit is not None and unit.kg is not None:
            return Weight(unit.kg, unit.source)
        if unit is not None and unit.note:
            return Weight(None, unit.note)
        return Weight(None, _("no se conoce el peso de esta medida para este producto y lugar"))

    def label(self, unit: str, quantity: float) -> str:
        """Return how a reader calls ``quantity`` of ``unit``.

        Examples
        --------
        >>> measures = Measures({
        ...     "kg": Unit(id="kg", name="kg", plural="kg", kind="mass", kg=1.0),
        ...     "quintal": Unit(id="quintal", name="quintal", plural="quintales", kind="mass", kg=46.0)})
        >>> measures.label("kg", 46.0), measures.label("kg", 1.0), measures.label("quintal", 2.0)
        ('quintal de 46 kg', 'kg', '2 quintales')
        """
        known = self.units.get(unit)
        name, plural = (known.name, known.plural) if known else (unit, unit)
        if quantity == 1:
            return name
        number = f"{Figure(quantity):g}"
        if known is not None and known.kg == 1:
            named = [each for each in self.units.values() if each.kg == quantity]
            if named:
                return _("{name} de {number} {unit}").format(name=named[0].name, number=number, unit=plural)
        return f"{number} {plural}"


def _unit_key(text: str) -> str:
    return "@" if text.strip() == "@" else plain_text(text)
