"""The zoning engine: land evaluation by the law of the minimum, with a reason for every polygon.

Names are loaded when they are first asked for, so that a command which zones nothing does not pay for the engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoning.chunks.chunk_raster import zone_stack
    from zoning.comparison.what_if import Experiment, what_if
    from zoning.rules.crop_library import Crop, load_crops
    from zoning.rules.ruleset import Ruleset
    from zoning.rules.ruleset_file import load_ruleset, parse_ruleset
    from zoning.study.study import Study
    from zoning.study.study_run import run
    from zoning.study.zone_layers import zone_map_layers
    from zoning.validation.accuracy import Accuracy, assess_accuracy

__all__ = [
    "Accuracy",
    "Crop",
    "Experiment",
    "Ruleset",
    "Study",
    "assess_accuracy",
    "load_crops",
    "load_ruleset",
    "parse_ruleset",
    "run",
    "what_if",
    "zone_map_layers",
    "zone_stack",
]

_HOME = {
    "Accuracy": "zoning.validation.accuracy",
    "Crop": "zoning.rules.crop_library",
    "Experiment": "zoning.comparison.what_if",
    "Ruleset": "zoning.rules.ruleset",
    "Study": "zoning.study.study",
    "assess_accuracy": "zoning.validation.accuracy",
    "load_crops": "zoning.rules.crop_library",
    "load_ruleset": "zoning.rules.ruleset_file",
    "parse_ruleset": "zoning.rules.ruleset_file",
    "run": "zoning.study.study_run",
    "what_if": "zoning.comparison.what_if",
    "zone_map_layers": "zoning.study.zone_layers",
    "zone_stack": "zoning.chunks.chunk_raster",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever the name stands for
    """Load a public name from its module.

    Raises
    ------
    AttributeError
        If there is no such name.
    """
    if name not in _HOME:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
