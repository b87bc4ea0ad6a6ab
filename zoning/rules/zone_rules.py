"""Zones as the ruleset declares them: basket, gates, minimum class and place in the order."""

from __future__ import annotations

from dataclasses import dataclass

from zoning.rules.limits import S1, N

BEFORE, COMPETES, RESIDUAL, DECIDED = "before", "competes", "residual", "decided"
"""When a zone is given out: before the competition, in it, to what no zone took, or by legal and land-cover layers."""

ROLES = (BEFORE, COMPETES, RESIDUAL, DECIDED)
"""Allowed roles."""


@dataclass(frozen=True, kw_only=True)
class Zone:
    """One zone of the ruleset."""

    code: str
    """Short upper-case code, such as ``HOR``."""
    number: int
    """uint8 in every raster, ≥ 1; 0 is outside."""
    name: str
    """Spanish name."""
    chain: str = ""
    """Value chain it belongs to; empty for none."""
    colour: str = "#888888"
    """CSS hexadecimal colour."""
    role: str = DECIDED
    """One of :data:`ROLES`."""
    basket: tuple[tuple[str, ...], ...] = ()
    """Crops that speak for the zone; ids in one inner tuple count as one crop (two plums)."""
    waters: tuple[str, ...] = ()
    """Waters its crops are rated with."""
    managements: tuple[str, ...] = ()
    """Managements its crops are rated with; a rainfed crop never takes an irrigated management, nor the reverse."""
    minimum: int = N
    """Worst class with which it may claim a cell."""
    speaker: int = 2
    """Which crop speaks: 2 is the second-best; never more than the basket holds."""
    gates: tuple[str, ...] = ()
    """Gates of its aptitude; a leading ``!`` means the gate must be shut."""
    competition_gates: tuple[str, ...] = ()
    """Further gates that only its claim needs: its aptitude map is drawn without them."""
    source: str = ""
    """Citation, or ``supuesto``."""

    @property
    def rated(self) -> bool:
        """Whether crops speak for it."""
        return bool(self.basket)

    @property
    def speaks(self) -> int:
        """Rank of the crop that speaks, 1 for a one-crop basket."""
        return min(self.speaker, len(self.basket))

    def claims(self, code: int) -> bool:
        """Whether class ``code`` lets the zone claim a cell.

        Examples
        --------
        >>> Zone(code="VID", number=2, name="Vid", minimum=S1).claims(3)
        False
        """
        return self.minimum <= code <= S1
