"""The smaller tables of a ``ruleset.toml``: frost, map, cover, overlays, assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gis.messages import translator
from zoning.rules.characteristic import OVERLAY_QUANTITIES, QUANTITIES, Characteristic, parse_months
from zoning.rules.crop_library import read_limits
from zoning.rules.land_use_types import Factor
from zoning.rules.rules_toml import Table
from zoning.rules.ruleset import Cover, Frost, MapRules, Overlay
from zoning.rules.shown_values import shown_numbers
from zoning.seasons import DECEMBER, SOUTHERN, Calendar
from zoning.zoning_errors import RulesError

_ = translator("zoning")

SMALLEST_SCALE, LARGEST_SCALE = 1_000, 10_000_000
"""Denominators of a map scale that is taken for meant."""

ASSUMPTION = "supuesto"
"""Word that marks a rule without a source."""


def read_frost(table: Table) -> Frost:
    """Read ``[frost]``."""
    margins, spread = table.numbers("margins"), table.numbers("offset_spread")
    if len(margins) != len(("S3", "S2", "S1")) or not margins[0] < margins[1] < margins[2]:
        raise table.refusal(
            _("márgenes {values}").format(values=shown_numbers(margins)),
            key="margins",
            expected=_("Se esperaban tres números crecientes: S3, S2, S1"),
        )
    low, high = pair(table, "offset_spread", spread)
    frost = Frost(
        offset=table.number_in("offset", max(low, 0.0), high),
        offset_spread=(low, high),
        margins=(margins[0], margins[1], margins[2]),
        source=table.source(),
    )
    table.close()
    return frost


def read_calendar(table: Table) -> Calendar:
    """Read ``[calendar]``, the months of the indices; without it they are those of the southern hemisphere."""
    if not table.data:
        return SOUTHERN
    coldest = table.integer("coldest_month")
    if not 1 <= coldest <= DECEMBER:
        raise table.refusal(
            _("{month} no es un mes.").format(month=coldest), key="coldest_month", expected=_("Se esperaba de 1 a 12")
        )
    calendar = Calendar(
        coldest_month=coldest,
        warm_months=_window(table, "warm_months"),
        vineyard_months=_window(table, "vineyard_months"),
    )
    table.source()
    table.close()
    return calendar


def _window(table: Table, key: str) -> tuple[int, int]:
    try:
        return parse_months(table.text(key))
    except RulesError as error:
        if error.found.startswith(table.file.name):
            raise
        raise table.refusal(error.found, key=key, expected=error.expected) from error


def read_map(table: Table) -> MapRules:
    """Read ``[map]``."""
    rules = MapRules(
        scale=int(table.number_in("scale", SMALLEST_SCALE, LARGEST_SCALE)),
        mmu_ha_per_scale2=table.number_in("mmu_ha_per_scale2", 0.0),
        conflict_quantile=table.number_in("conflict_quantile", 0.0, 1.0),
        source=table.source(),
    )
    table.close()
    return rules


def read_cover(table: Table) -> Cover:
    """Read ``[cover]``."""
    protected = table.table("protected")
    cover = Cover(
        protected={key: protected.text(key) for key in protected.data},
        urban_classes=tuple(int(each) for each in table.numbers("urban_classes")),
        water_classes=tuple(int(each) for each in table.numbers("water_classes")),
        forest_classes=tuple(int(each) for each in table.numbers("forest_classes")),
        legal_forest_slope=table.number_in("legal_forest_slope", *QUANTITIES["slope"].span),
        forest_zone=table.text("forest_zone"),
        open_zone=table.text("open_zone"),
        unknown_zone=table.text("unknown_zone"),
        silvopastoral_slope=pair(table, "silvopastoral_slope", table.numbers("silvopastoral_slope")),
        source=table.source(),
    )
    table.close()
    return cover


def read_overlay(code: str, table: Table) -> Overlay:
    """Read one ``[overlays.CODE]``."""
    factors = tuple(_overlay_factor(name, each) for name, each in table.tables("factors"))
    if not factors:
        raise table.refusal(_("una capa superpuesta sin factores"), key="factors")
    overlay = Overlay(
        code=code,
        name=table.text("name"),
        chain=table.text("chain"),
        colour=table.text("colour"),
        factors=tuple(sorted(factors, key=lambda factor: (factor.characteristic, factor.name))),
    )
    table.close()
    return overlay


def _overlay_factor(name: str, table: Table) -> Factor:
    characteristic = table.text("characteristic")
    if characteristic not in OVERLAY_QUANTITIES:
        found = _("capa desconocida «{name}»").format(name=characteristic)
        raise table.unknown(characteristic, OVERLAY_QUANTITIES, key="characteristic", found=found)
    unit = table.text("unit")
    if unit != QUANTITIES[characteristic].unit:
        raise table.refusal(
            _("unidad «{unit}»").format(unit=unit),
            key="unit",
            expected=_("Se esperaba «{unit}»").format(unit=QUANTITIES[characteristic].unit),
        )
    factor = Factor(
        name=name,
        characteristic=Characteristic(characteristic),
        limits=read_limits(table, QUANTITIES[characteristic]),
        weight=table.weight("weight", 1.0),
        required=table.flag("required", default=True),
        source=table.source(),
    )
    table.close()
    return factor


def pair(table: Table, key: str, values: tuple[float, ...]) -> tuple[float, float]:
    """Check that ``values`` are two rising numbers.

    Raises
    ------
    RulesError
        If they are not.
    """
    if len(values) != 2 or values[0] > values[1]:  # noqa: PLR2004  a pair
        raise table.refusal(
            _("los valores {values}").format(values=shown_numbers(values)),
            key=key,
            expected=_("Se esperaban dos números, de menor a mayor"),
        )
    return values[0], values[1]


def assumptions(data: Mapping[str, Any], path: tuple[str, ...] = ()) -> tuple[str, ...]:
    """List every rule whose source says ``supuesto``, as ``table.key: source``, in the order of the file.

    Examples
    --------
    >>> assumptions({"frost": {"offset": 8, "source": "supuesto"}})
    ('frost: supuesto',)
    """
    found: list[str] = []
    for key, value in data.items():
        rows = value if isinstance(value, list) else [value]
        for row in rows:
            if isinstance(row, Mapping):
                source = str(row.get("source", ""))
                if ASSUMPTION in source:
                    found.append(f"{'.'.join((*path, key))}: {source}")
                found.extend(assumptions(row, (*path, key)))
    return tuple(found)
