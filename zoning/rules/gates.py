"""Gates: yes-or-no conditions that open a land-use type or a zone in a cell, never a rating."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.messages import translator
from zoning.rules.characteristic import Characteristic
from zoning.zoning_errors import RulesError

_ = translator("zoning")

WHOLE_METRES = "distance_"
"""Beginning of the names of characteristics that are known in whole metres."""

MAX_GATES = 32
"""A cell's gates are the bits of one uint32."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One comparison of a gate."""

    characteristic: Characteristic
    """What is compared, in its own unit."""
    at_most: float | None = None
    """Passes up to this value, included."""
    at_least: float | None = None
    """Passes from this value, included."""
    missing_passes: bool = True
    """Whether a missing value, or a layer that does not exist, lets the cell through."""

    def passes(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
        """Compare ``values`` (any shape, NaN = missing) with the limits."""
        passed = np.full(values.shape, fill_value=True)
        with np.errstate(invalid="ignore"):
            lowest, highest = self.compared
            if highest is not None:
                passed &= values <= highest
            if lowest is not None:
                passed &= values >= lowest
        return np.where(np.isnan(values), self.missing_passes, passed)

    @property
    def compared(self) -> tuple[np.float32 | None, np.float32 | None]:
        """The lowest and the highest value that pass, as they are compared; ``None`` where there is no such limit."""
        lowest = None if self.at_least is None else np.float32(self._known_to(self.at_least))
        return lowest, None if self.at_most is None else np.float32(self._known_to(self.at_most))

    def _known_to(self, limit: float) -> float:
        """Return a limit with the precision of what it is compared with.

        A distance is known in whole metres, rounded up: a hair less than 500 m would shut out every cell at 499.3 m.
        """
        return float(round(limit)) if self.characteristic.name.startswith(WHOLE_METRES) else limit


@dataclass(frozen=True, kw_only=True)
class Gate:
    """All conditions together, in the listed municipalities or in an observed layer."""

    name: str
    """Key in the ruleset."""
    title: str
    """What a reader sees when the gate is shut, in Spanish."""
    conditions: tuple[Condition, ...] = ()
    """All must pass; a condition on a flagged characteristic is not applied."""
    municipalities: tuple[str, ...] = ()
    """Six-digit codes; empty is anywhere."""
    source: str = ""
    """Citation, or ``supuesto``."""


@dataclass(frozen=True, kw_only=True)
class GateNote:
    """A condition that could not be applied to this territory, to be said on the result."""

    gate: str
    """Name of the gate."""
    characteristic: str
    """Key of the characteristic."""
    reason: str
    """``flagged`` (resolution does not carry it) or ``absent`` (no layer)."""


def gate_notes(gates: Iterable[Gate], *, available: frozenset[str], flagged: frozenset[str]) -> tuple[GateNote, ...]:
    """List the conditions that are not applied because a characteristic is absent or flagged."""
    notes = []
    for gate in gates:
        for condition in gate.conditions:
            key, name = condition.characteristic.key, condition.characteristic.name
            if name in flagged:
                notes.append(GateNote(gate=gate.name, characteristic=key, reason="flagged"))
            elif name not in available and key not in available:
                notes.append(GateNote(gate=gate.name, characteristic=key, reason="absent"))
    return tuple(notes)


def gate_bits(
    gates: tuple[Gate, ...],
    values: Mapping[str, npt.NDArray[np.float32]],
    *,
    cells: int,
    flagged: frozenset[str] = frozenset(),
    municipality: npt.NDArray[np.str_] | None = None,
) -> npt.NDArray[np.uint32]:
    """Evaluate every gate in every cell.

    Parameters
    ----------
    gates
        Gate *i* becomes bit *i*.
    values
        Characteristic key to its values, shape ``(cells,)``, NaN where missing. A key that is absent is missing
        everywhere.
    cells
        Number of cells.
    flagged
        Names of characteristics whose resolution does not carry a cut: their conditions are not applied.
    municipality
        Six-digit code of each cell, shape ``(cells,)``; needed by gates that list municipalities. ``None`` means the
        listing is not known to hold: such a gate is shut.

    Returns
    -------
    numpy.ndarray
        uint32, shape ``(cells,)``.

    Raises
    ------
    RulesError
        If there are more than 32 gates or an array has another length.
    """
    if len(gates) > MAX_GATES:
        raise RulesError(
            _("El reglamento tiene {count} condiciones de acceso").format(count=len(gates)),
            expected=_("Se esperaban a lo sumo {limit}").format(limit=MAX_GATES),
        )
    bits = np.zeros(cells, dtype=np.uint32)
    for index, gate in enumerate(gates):
        passed = np.full(cells, fill_value=True)
        for condition in gate.conditions:
            if condition.characteristic.name in flagged:
                continue
            column = values.get(condition.characteristic.key)
            if column is None:
                passed &= condition.missing_passes
            elif column.shape != (cells,):
                raise RulesError(
                    _("«{key}» tiene forma {shape}").format(key=condition.characteristic.key, shape=column.shape),
                    expected=_("Se esperaban {cells} celdas").format(cells=cells),
                )
            else:
                passed &= condition.passes(column)
        if gate.municipalities:
            passed &= False if municipality is None else np.isin(municipality, gate.municipalities)
        bits |= np.where(passed, np.uint32(1 << index), np.uint32(0))
    return bits
