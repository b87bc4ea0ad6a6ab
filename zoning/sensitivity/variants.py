"""Variants of a study as data: what changes, in words for people and in keys for the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from gis.messages import translator
from zoning.rules.characteristic import QUANTITIES
from zoning.rules.rules_toml import RulesFile, Table

_ = translator("zoning")

FORMAT = 1
"""Version of the file's shape."""

FILE = "sensitivity.toml"
"""Name of the file: a workspace may hold its own, else that of the program counts."""

SLOPES = ("", "ignored", "counted", "coarse")
"""What a variant may do with the slope: nothing; flag it; let it rate and cut; take it from a coarser elevation."""

FORESTS = ("", "unknown", "mapped", "steep")
"""What may decide the residual: as in the study; nothing known; mapped present use; the slope alone."""

OFF = "off"
"""In place of a limit: the condition is not asked."""

GateChange = Mapping[str, float | str]
"""Characteristic of a condition to its new upper limit, to :data:`OFF`, or to the characteristic that replaces it."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One thing changed about a study."""

    id: str
    """Short name, unique in the file."""
    rule: str
    """Which of the rules that decide the map it belongs to, in Spanish."""
    title: str
    """What it does, in Spanish."""
    source: str
    """Why anybody would change it: a citation, or ``supuesto``."""
    on: str = ""
    """Id of the variant it is measured against; empty is the study itself."""
    needs: tuple[str, ...] = ()
    """Characteristics that must be there and fine enough to cut with, or the variant says nothing."""
    climate: bool = False
    """Whether the other climate source takes the place of the study's."""
    slope: str = ""
    """One of :data:`SLOPES`."""
    slope_cell_m: float = 0.0
    """Cell of the coarser elevation, m."""
    slope_factor: float = 1.0
    """What every slope is multiplied by."""
    gates: Mapping[str, GateChange] = field(default_factory=dict)
    """Gate to what changes in its conditions."""
    ungated: tuple[str, ...] = ()
    """Gates that no zone asks any more."""
    managements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Zone to the managements its crops are rated with."""
    minimum: int = 0
    """Steps by which the minimum class of zones rises (+1) or falls (−1), never below S3 nor above S1."""
    minimum_zones: tuple[str, ...] = ()
    """Zones whose minimum moves; empty is every zone that has one."""
    prefer: tuple[str, ...] = ()
    """Keys of the source that a crop factor is rated by: the first that its file keeps; ``none`` is not rated."""
    prefer_factors: tuple[str, ...] = ()
    """Factors that :attr:`prefer` touches; empty is all."""
    among: tuple[str, ...] = ()
    """Sources that the file must keep, all of them, for :attr:`prefer` to touch a factor."""
    frost_offset: float | None = None
    """From the mean to the extreme of the minima, degC; ``None`` leaves it."""
    without: tuple[str, ...] = ()
    """Characteristics taken for missing everywhere."""
    forest: str = ""
    """One of :data:`FORESTS`."""


def load_variants(path: Path | None = None) -> tuple[Variant, ...]:
    """Read the variants of a file, or those that come with the program.

    Raises
    ------
    RulesError
        If the file is no list of variants: the message names file, line and key.

    Examples
    --------
    >>> load_variants()[0].rule
    'fuente de clima'
    """
    if path is None:
        text = files("zoning").joinpath("data", FILE).read_text(encoding="utf-8")
        return parse_variants(text, name=FILE)
    return parse_variants(path.read_text(encoding="utf-8-sig"), name=path.name)


def parse_variants(text: str, *, name: str = FILE) -> tuple[Variant, ...]:
    """Read the variants from the text of a file.

    Raises
    ------
    RulesError
        As in :func:`load_variants`.
    """
    root = RulesFile(name=name, text=text).root()
    if root.number("format") != FORMAT:
        raise root.refusal(
            _("formato {found:g}").format(found=root.number("format")),
            key="format",
            expected=_("Se esperaba {format}").format(format=FORMAT),
        )
    found: dict[str, Variant] = {}
    for table in root.rows("variant"):
        variant = _variant(table)
        if variant.id in found:
            raise table.refusal(_("la variante «{id}» está dos veces").format(id=variant.id), key="id")
        if variant.on and variant.on not in found:
            raise table.refusal(
                _("nombre desconocido «{name}»").format(name=variant.on),
                key="on",
                expected=_("Se esperaba una variante anterior: {names}").format(names=", ".join(found) or "—"),
            )
        found[variant.id] = variant
    root.close()
    return tuple(found.values())


def _variant(table: Table) -> Variant:
    gates, managements = table.table("gates"), table.table("managements")
    variant = Variant(
        id=table.text("id"),
        rule=table.text("rule"),
        title=table.text("title"),
        source=table.source(),
        on=table.text("on", ""),
        needs=_known(table, "needs"),
        climate=table.flag("climate"),
        slope=_one_of(table, "slope", SLOPES),
        slope_cell_m=table.number("slope_cell_m", 0.0),
        slope_factor=table.number("slope_factor", 1.0),
        gates={name: _gate_change(gates.table(name)) for name in gates.data},
        ungated=table.texts("ungated", ()),
        managements={zone: managements.texts(zone) for zone in managements.data},
        minimum=int(table.number("minimum", 0)),
        minimum_zones=table.texts("minimum_zones", ()),
        prefer=table.texts("prefer", ()),
        prefer_factors=table.texts("prefer_factors", ()),
        among=table.texts("among", ()),
        frost_offset=table.optional_number("frost_offset"),
        without=_known(table, "without"),
        forest=_one_of(table, "forest", FORESTS),
    )
    if variant.slope == "coarse" and not variant.slope_cell_m > 0:
        raise table.refusal(_("una elevación más gruesa sin celda"), key="slope_cell_m")
    if not 0 < variant.slope_factor < float("inf"):
        raise table.refusal(
            _("el valor {value!r}").format(value=variant.slope_factor),
            key="slope_factor",
            expected=_("Se esperaba un número mayor que 0"),
        )
    if variant.frost_offset is not None and variant.frost_offset < 0:
        raise table.refusal(
            _("El descuento de heladas es {offset} °C.").format(offset=variant.frost_offset), key="frost_offset"
        )
    table.close()
    return variant


def _gate_change(table: Table) -> dict[str, float | str]:
    changes: dict[str, float | str] = {}
    for name, value in table.data.items():
        changes[name] = table.text(name) if isinstance(value, str) else table.number(name)
        if isinstance(value, str) and value != OFF and value not in QUANTITIES:
            raise table.refusal(
                _("capa desconocida «{name}»").format(name=value),
                key=name,
                expected=_("Se esperaba un número, {off} o una de: {names}").format(
                    off=OFF, names=", ".join(sorted(QUANTITIES))
                ),
            )
    return changes


def _known(table: Table, key: str) -> tuple[str, ...]:
    names = table.texts(key, ())
    for name in names:
        if name not in QUANTITIES:
            raise table.refusal(
                _("capa desconocida «{name}»").format(name=name),
                key=key,
                expected=_("Se esperaba una de: {names}").format(names=", ".join(sorted(QUANTITIES))),
            )
    return names


def _one_of(table: Table, key: str, allowed: tuple[str, ...]) -> str:
    value = table.text(key, "")
    if value not in allowed:
        raise table.refusal(
            _("el valor «{value}»").format(value=value),
            key=key,
            expected=_("Se esperaba uno de: {allowed}").format(allowed=", ".join(filter(None, allowed))),
        )
    return value
