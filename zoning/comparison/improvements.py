"""Improvements of the land as data: which single factor each of them lifts, and how far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.comparison.study_land import CellBlock
from zoning.rules.characteristic import QUANTITIES
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.rules_toml import RulesFile, Table

_ = translator("zoning")

FILE = "improvements.toml"


@dataclass(frozen=True, kw_only=True)
class Improvement:
    """One improvement of the land."""

    name: str
    """Key, such as ``terraces``."""
    title: str
    """Spanish name."""
    gates: tuple[str, ...] = ()
    """Gates that it opens everywhere."""
    characteristic: str = ""
    """What it changes, whatever the months; empty where it only opens gates."""
    at_most: float | None = None
    """Brings greater values down to this, in the unit of the characteristic."""
    at_least: float | None = None
    """Brings smaller values up to this, in the unit of the characteristic."""
    add: float = 0.0
    """Is added, in the unit of the characteristic."""
    source: str = ""
    """Citation, or ``supuesto``."""

    def missing_here(self, rules: CompiledRules) -> str:
        """Say what keeps this improvement from being judged with some rules and layers; empty if nothing does."""
        lacking = [gate for gate in self.gates if gate not in rules.gate_names]
        if lacking:
            return _("el reglamento no tiene el acceso {gate}").format(gate=lacking[0])
        if not self.characteristic:
            return ""
        title = _(QUANTITIES[self.characteristic].title)
        if self.characteristic in rules.flagged:
            return _("{title} no tiene resolución suficiente").format(title=title)
        if self.characteristic not in rules.available:
            return _("no hay capa de {title}").format(title=title.split(" ", 1)[1])
        return ""

    def lift(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the values after the improvement, same shape; missing ones stay missing.

        Examples
        --------
        >>> Improvement(name="x", title="x", at_most=2).lift(np.array([1, 9], dtype=np.float32))
        array([1., 2.], dtype=float32)
        """
        lifted = values + np.float32(self.add)
        if self.at_most is not None:
            lifted = np.minimum(lifted, np.float32(self.at_most))
        if self.at_least is not None:
            lifted = np.maximum(lifted, np.float32(self.at_least))
        return lifted

    def apply(self, block: CellBlock) -> CellBlock:
        """Return the cells as they would be with the improvement."""
        keys = [key for key in block.columns if key.partition("@")[0] == self.characteristic]
        opened = sum(1 << bit for bit, name in enumerate(block.gates) if name in self.gates)
        return replace(
            block,
            columns={**block.columns, **{key: self.lift(block.columns[key]) for key in keys}},
            opened=block.opened | np.uint32(opened),
        )


@cache
def improvements() -> tuple[Improvement, ...]:
    """Return the improvements that come with the program, in the order of their file.

    Raises
    ------
    RulesError
        The file is damaged: the message names line and key.

    Examples
    --------
    >>> [each.name for each in improvements()]
    ['irrigation', 'terraces', 'drainage', 'liming', 'frost_protection']
    """
    text = files("zoning").joinpath("data", FILE).read_text(encoding="utf-8")
    return parse_improvements(text)


def parse_improvements(text: str, *, name: str = FILE) -> tuple[Improvement, ...]:
    """Read improvements from the text of their file.

    Raises
    ------
    RulesError
        A key is unknown, a unit wrong, or an improvement lifts nothing: the message names line and key.
    """
    root = RulesFile(name=name, text=text).root()
    return tuple(_read(key, root.table(key)) for key in root.data)


def _read(name: str, table: Table) -> Improvement:
    characteristic = table.text("characteristic", "")
    if characteristic:
        if characteristic not in QUANTITIES:
            raise table.refusal(
                _("capa desconocida «{name}»").format(name=characteristic),
                key="characteristic",
                expected=_("Se esperaba una de: {names}").format(names=", ".join(sorted(QUANTITIES))),
            )
        unit, expected = table.text("unit"), QUANTITIES[characteristic].unit
        if unit != expected:
            raise table.refusal(
                _("unidad «{unit}»").format(unit=unit),
                key="unit",
                expected=_("Se esperaba «{unit}»").format(unit=expected),
            )
    improvement = Improvement(
        name=name,
        title=table.text("title"),
        gates=table.texts("gates", ()),
        characteristic=characteristic,
        at_most=table.optional_number("at_most"),
        at_least=table.optional_number("at_least"),
        add=table.number("add", 0.0),
        source=table.source(),
    )
    table.close()
    lifts = improvement.at_most is not None or improvement.at_least is not None or improvement.add
    if bool(characteristic) != bool(lifts) or not (characteristic or improvement.gates):
        raise table.refusal(
            _("una mejora que no cambia nada"),
            expected=_("Se esperaba gates, o characteristic con at_most, at_least o add"),
        )
    return improvement
