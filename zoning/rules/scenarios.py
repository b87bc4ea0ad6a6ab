"""Scenarios: named changes to the land or to the weights, as data of a ruleset."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from zoning.rules.rules_toml import Table

IRRIGATION_GATE = "irrigation_access"
"""Gate that an area with irrigation opens unless the scenario names others."""

NEW_PROTECTED = "national_park"
"""Category of a new protected area unless the scenario names another."""

MOST_DEGREES = 10.0
"""Largest change of temperature that is taken for meant, degC."""

LEAST_RAIN, MOST_RAIN = -100.0, 300.0
"""Smallest and largest change of rain that is taken for meant, %."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Named changes to the land or the rules."""

    name: str
    title: str
    temperature_degc: float = 0.0
    """Added to every temperature, degC."""
    rain_percent: float = 0.0
    """Added to every rain, %."""
    irrigation_areas: str = ""
    """Vector file of the areas that irrigation reaches as well, in the workspace; empty for none."""
    irrigation_gates: tuple[str, ...] = (IRRIGATION_GATE,)
    """Gates that are open in those areas."""
    protected_areas: str = ""
    """Vector file of new protected areas, in the workspace; empty for none."""
    protected_category: str = NEW_PROTECTED
    """Their category, a key of the ruleset's ``cover.protected``."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """Factor name to its weight in place of the ruleset's."""
    source: str = ""
    """Citation, or ``supuesto``."""

    @property
    def rain_factor(self) -> float:
        """What every rain is multiplied by.

        Examples
        --------
        >>> Scenario(name="seco", title="", rain_percent=-15).rain_factor
        0.85
        """
        return 1 + self.rain_percent / 100

    def content(self) -> dict[str, Any]:
        """Return the fields as JSON holds them."""
        return {**asdict(self), "irrigation_gates": list(self.irrigation_gates), "weights": dict(self.weights)}


def read_scenario(name: str, table: Table) -> Scenario:
    """Read one ``[scenarios.NAME]``.

    Raises
    ------
    RulesError
        If a number is out of reason, a weight is not above 0, or a key is unknown.
    """
    weights = table.table("weights")
    scenario = Scenario(
        name=name,
        title=table.text("title"),
        temperature_degc=table.number_in("temperature_degc", -MOST_DEGREES, MOST_DEGREES, default=0.0),
        rain_percent=table.number_in("rain_percent", LEAST_RAIN, MOST_RAIN, default=0.0),
        irrigation_areas=table.text("irrigation_areas", ""),
        irrigation_gates=table.texts("irrigation_gates", (IRRIGATION_GATE,)),
        protected_areas=table.text("protected_areas", ""),
        protected_category=table.text("protected_category", NEW_PROTECTED),
        weights={each: weights.weight(each) for each in weights.data},
        source=table.source(),
    )
    weights.close()
    table.close()
    return scenario


def check_scenario(scenario: Scenario, table: Table, *, gates: Collection[str], categories: Collection[str]) -> None:
    """Refuse a scenario that names a gate or a category the ruleset does not have.

    Raises
    ------
    RulesError
        Naming file, line and key.
    """
    for gate in scenario.irrigation_gates if scenario.irrigation_areas else ():
        if gate not in gates:
            raise table.unknown(gate, gates, key="irrigation_gates")
    if scenario.protected_areas and scenario.protected_category not in categories:
        raise table.unknown(scenario.protected_category, categories, key="protected_category")
