"""Which parts of a map stay below its minimum mapping unit, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

EXEMPT = ("CON", "URB", "AGUA", "SD")
"""Zones that the minimum mapping unit spares; what the law gives is spared wherever it is."""

REASONS: Mapping[str, str] = {
    "exempt_zone": "zona que la unidad mínima no toca: CON, URB, AGUA, SD o bosque por ley",
    "enclosed": "encerrada del todo por zonas que ni desaparecen ni reciben",
    "cut_by_border": "encerrada por ellas en su municipio; la misma zona sigue al otro lado del límite municipal",
    "with_free_neighbour": "pudo unirse a otra y no se unió",
}
"""Reason to its words."""


@dataclass(frozen=True, kw_only=True)
class SmallParts:
    """Parts below the minimum mapping unit by why they stand."""

    counts: Mapping[str, int]
    """How many for each of :data:`REASONS`; the last is 0 on a sound map."""
    hectares: Mapping[str, float]
    """Their area, ha."""

    def record(self) -> dict[str, dict[str, str | int | float]]:
        """Return the counts as the manifest holds them."""
        return {
            name: {"parts": self.counts[name], "area_ha": round(self.hectares[name], 3), "why": words}
            for name, words in REASONS.items()
        }


def small_parts(zones: gpd.GeoDataFrame, minimum_ha: float) -> SmallParts:
    """Count the parts below the minimum mapping unit by why they stand.

    Parameters
    ----------
    zones
        Polygons of a valid coverage with ``zone, legal, municipality, area_ha``.
    minimum_ha
        Minimum mapping unit, ha.

    Returns
    -------
    SmallParts
        A neighbour is what shares a line with a part; a common corner counts for nothing.

    Raises
    ------
    KeyError
        A column is not there.
    """
    area = zones["area_ha"].to_numpy(dtype=np.float64)
    spared = (zones["zone"].isin(EXEMPT) | zones["legal"]).to_numpy(dtype=np.bool_)
    below = area < minimum_ha * (1 - 1e-9)
    units = zones["municipality"].to_numpy()
    reason = np.where(below & spared, "exempt_zone", np.where(below, "enclosed", "")).astype(object)
    shapes = np.asarray(zones.geometry.array, dtype=object)
    asked = np.flatnonzero(below & ~spared)
    mine, theirs = shapely.STRtree(shapes[~spared]).query(shapes[asked], predicate="intersects")
    mine, theirs = asked[mine], np.flatnonzero(~spared)[theirs]
    apart = mine != theirs
    mine, theirs = mine[apart], theirs[apart]
    shared = shapely.length(shapely.intersection(shapes[mine], shapes[theirs])) > 0
    mine, theirs = mine[shared], theirs[shared]
    reason[mine] = "cut_by_border"
    reason[mine[units[mine] == units[theirs]]] = "with_free_neighbour"
    return SmallParts(
        counts={name: int(np.sum(reason == name)) for name in REASONS},
        hectares={name: float(area[reason == name].sum()) for name in REASONS},
    )
