"""The thresholds of the quality check, as data with their sources."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gis.messages import translator
from market_prices.price_errors import PriceFileError

_ = translator("market_prices")

FILE = "quality.toml"


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A factor between two ways to say the same price."""

    name: str
    value: float
    """How many times."""
    words: str
    """The two ways, for a reader."""
    units: tuple[str, ...] = ()
    """Units of series that it may concern; empty is any."""


@dataclass(frozen=True, kw_only=True)
class QualityRules:
    """Thresholds; ``[section] key`` of the file is ``section_key`` here. Scales are natural logarithms of the price."""

    neighbourhood_each_side: int
    """Prices before and after that are looked at, number."""
    neighbourhood_past: int
    """Prices before, when only the past is known, number."""
    neighbourhood_fewest: int
    """Neighbours without which nothing is judged, number."""
    neighbourhood_window_days: int
    """How far away in time a neighbour may be, days."""
    scale_floor: float
    """Smallest scale of a series, logarithm."""
    scale_ceiling: float
    """Largest scale of a series, logarithm."""
    scale_past_changes: int
    """Changes from which the scale is estimated when only the past is known, number."""
    scale_deviations: float
    """Robust standard deviations from which a price is far, number."""
    error_factor_pattern: float
    """Smallest factor of an error that bears the mark of a slip of the pen."""
    error_factor_plain: float
    """Smallest factor of an error without such a mark."""
    error_factor_entry: float
    """The same, when only the past is known."""
    error_factor_blocked: float
    """The same for a rise on days with road blocks."""
    error_factor_doubtful: float
    """Smallest factor that is worth a look."""
    error_tolerance: float
    """How near what was expected a corrected price must come, logarithm."""
    error_transposed_factor: float
    """Smallest factor of transposed digits."""
    error_transposed_tolerance: float
    """How near what was expected the digits in order must come, logarithm."""
    first_days: int
    """How old a price elsewhere may be that the first of a series is compared with, days."""
    first_factor: float
    """Smallest factor outside the range of the prices elsewhere from which a first price is worth a look."""
    first_factor_error: float
    """The same from which it is an error, and from which it is looked at on days with road blocks."""
    shock_peer_days: int
    """How far away in time a price of another market or product may be, days."""
    shock_blocks: float
    """Road blocks in a day from which supply is cut, number."""
    shock_blocks_days: int
    """How long prices stay lifted afterwards, days."""
    level_each_side: int
    """Prices before and after a change of level, number."""
    level_factor: float
    """Smallest factor of a change of level."""
    level_spread: float
    """Widest interquartile range of each side, logarithm."""
    health_stuck_share: float
    """Share of prices equal to the one before from which a series stands still."""
    health_stuck_run: int
    """Equal prices in a row that stand out in a series that moves, number."""
    health_stuck_least: int
    """Prices without which no series is said to stand still, number."""
    health_gap_factor: float
    """How many times the usual step a gap lasts."""
    health_gap_days: int
    """Shortest gap, days."""
    health_stale_days: int
    """Age of the last price from which a series is silent, days."""
    ratios: tuple[Ratio, ...]
    sources: Mapping[str, str]
    """Where each value comes from, by ``section.key``."""


@cache
def quality_rules() -> QualityRules:
    """Return the rules that come with the package."""
    return read_quality_rules((files("market_prices") / "data" / FILE).read_text(encoding="utf-8"))


def read_quality_rules(text: str) -> QualityRules:
    """Make rules from the text of a file.

    Raises
    ------
    PriceFileError
        It is no TOML, a value is missing or no positive number, or one has no source.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PriceFileError(_("{file} no es TOML válido: {reason}").format(file=FILE, reason=error)) from error
    ratios = tuple(
        Ratio(
            name=name,
            value=_number(f"ratio.{name}", record),
            words=str(record.get("words", name)),
            units=tuple(record.get("units", ())),
        )
        for name, record in told.pop("ratio", {}).items()
    )
    records = {(section, name): each for section, listed in told.items() for name, each in listed.items()}
    values: dict[str, Any] = {
        f"{section}_{name}": _number(f"{section}.{name}", each) for (section, name), each in records.items()
    }
    sources = {f"{section}.{name}": str(each["source"]) for (section, name), each in records.items()}
    expected = set(QualityRules.__dataclass_fields__) - {"ratios", "sources"}
    if set(values) != expected:
        raise PriceFileError(
            _("{file}: claves que faltan o sobran: {names}").format(
                file=FILE, names=", ".join(sorted(expected ^ set(values)))
            ),
            expected=_("Las claves del archivo que trae el programa"),
        )
    return QualityRules(**values, ratios=ratios, sources=sources)


def _number(key: str, record: Any) -> float:  # noqa: ANN401  whatever TOML holds
    value = record.get("value") if isinstance(record, dict) else None
    if not isinstance(value, int | float) or not value > 0 or not record.get("source"):
        raise PriceFileError(
            _("{file}, {key}: hace falta un valor positivo y su fuente").format(file=FILE, key=key),
            expected=_('Por ejemplo {{ value = 4, source = "supuesto: …" }}').format(),
        )
    return value
