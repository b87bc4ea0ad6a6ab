"""The demonstration territory: the true names, codes, seats, areas and altitudes, and everything else made by code."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from gis.messages import translator
from layers.territory import Territory, builtin_territory

_ = translator("layers")

DEMO_CELL_M = 90.0
"""Side of a cell of the demonstration, m."""
LABEL = "datos de demostración"
"""What every file and attribute of the demonstration says."""


@cache
def demo_territory() -> Territory:
    """Return the Valles Cruceños as a demonstration: cell 90 m, its own climate, labelled everywhere.

    Examples
    --------
    >>> demo_territory().demo, demo_territory().codes[0]
    (True, '070801')
    """
    return replace(
        builtin_territory("valles_crucenos"),
        id="demo",
        name=_("Valles Cruceños (datos de demostración)"),
        cell_m=DEMO_CELL_M,
        climate="demo",
        demo=True,
        notice=_(
            "Datos de demostración: contornos, relieve, clima, suelos y precios inventados. No sirven para decidir."
        ),
    )
