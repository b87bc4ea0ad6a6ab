"""Colours that people with any colour vision tell apart, and the names of suitability classes."""

from __future__ import annotations

from dataclasses import dataclass

from gis.messages import translator
from layers.map_layer import LegendEntry

_ = translator("layers")

PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#999999", "#332288", "#882255")
"""For categories without an order: Okabe and Ito (2008), then two of Paul Tol's."""
SEQUENCE = ("#ffffcc", "#c7e9b4", "#7fcdbb", "#41b6c4", "#2c7fb8", "#253494")
"""For quantities, light to dark."""
MISSING = "#d9d9d9"
"""Where there is no datum."""


@dataclass(frozen=True, kw_only=True)
class ClassStyle:
    """How a suitability class is drawn."""

    name: str
    """``S1`` … ``SD``."""
    title: str
    """What a reader sees."""
    colour: str
    """CSS hexadecimal colour; lightness falls with suitability, so a grey copy still reads."""
    hatch: str = ""
    """Pattern that says the same without colour: empty, ``/``, ``x`` or ``.``."""


def class_styles() -> tuple[ClassStyle, ...]:
    """Return the suitability classes, the best first, then unsuitable and no data.

    Examples
    --------
    >>> [style.name for style in class_styles()]
    ['S1', 'S2', 'S3', 'N', 'SD']
    """
    return (
        ClassStyle(name="S1", title=_("muy apta"), colour="#00603d"),
        ClassStyle(name="S2", title=_("moderadamente apta"), colour="#3f9b6c"),
        ClassStyle(name="S3", title=_("marginalmente apta"), colour="#9ccf84", hatch="/"),
        ClassStyle(name="N", title=_("no apta"), colour="#f5dfc0", hatch="x"),
        ClassStyle(name="SD", title=_("sin dato"), colour=MISSING, hatch="."),
    )


def category_legend(*values: tuple[str, str]) -> tuple[LegendEntry, ...]:
    """Return a legend for categories, colours in the order of the palette and from its start again after its end.

    Parameters
    ----------
    values
        Value of the styled property and what a reader sees.

    Examples
    --------
    >>> category_legend(("river", "río"))[0].colour
    '#0072b2'
    """
    return tuple(
        LegendEntry(value=value, label=label, colour=PALETTE[place % len(PALETTE)])
        for place, (value, label) in enumerate(values)
    )
