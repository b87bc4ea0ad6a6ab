"""Land-use types: crop × water × management × sowing window, each with the factors that rate it."""

from __future__ import annotations

from dataclasses import dataclass

from zoning.rules.characteristic import Characteristic
from zoning.rules.limits import Limits, N

RAINFED, IRRIGATED = "rainfed", "irrigated"
"""The two evaluations: always both."""

WATERS = (RAINFED, IRRIGATED)
"""Allowed waters."""


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One factor of one land-use type: a characteristic compared with limits."""

    name: str
    """Key of the factor, such as ``temperature`` or ``slope``."""
    characteristic: Characteristic
    """What is compared; its unit is the unit of the limits."""
    limits: Limits
    """Class limits and the curve between them."""
    weight: float = 1.0
    """Weight in the geometric mean, not yet normalised over the factors present; never lifts a limitation."""
    required: bool = True
    """A missing value makes the land-use type SD; otherwise it is rated without the factor."""
    cap: int = N
    """Worst class the factor may cause: N, or S3 where the layer is too coarse to exclude (pH at 5′)."""
    flagged: bool = False
    """Present, but its resolution carries no rating: out of class and mean, shown in explanations."""
    source: str = ""
    """Citation of the limits, or ``supuesto``."""

    @property
    def unit(self) -> str:
        """Unit of value and limits."""
        return self.characteristic.unit

    @property
    def letter(self) -> str:
        """Subclass letter."""
        return self.characteristic.quantity.letter


@dataclass(frozen=True, kw_only=True)
class LandUseType:
    """A way of using land that is rated as one."""

    id: str
    """``crop/water/management/window``, such as ``tomate/irrigated/irrigated_field/09-01``."""
    crop: str
    """Library id."""
    water: str
    """``rainfed`` or ``irrigated``."""
    management: str
    """Key of a management in the ruleset: ``hand``, ``mechanised``, ``irrigated_field``…"""
    window: tuple[int, int]
    """First and last month, 1–12."""
    factors: tuple[Factor, ...]
    """Sorted by characteristic and name, so that the order of a file never matters."""
    gates: tuple[str, ...] = ()
    """Gates that must be open: irrigation access, slope of the management."""
    window_source: str = ""
    """Citation of the months, or ``supuesto``."""

    @property
    def window_text(self) -> str:
        """Window as text, such as ``09-01``."""
        return f"{self.window[0]:02d}-{self.window[1]:02d}"

    def factor(self, name: str) -> Factor:
        """Return the factor called ``name``.

        Raises
        ------
        KeyError
            If this land-use type has no such factor.
        """
        return {factor.name: factor for factor in self.factors}[name]
