"""Protected areas of every level in one layer: what the law makes of a designation, and which outline is taken."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import pandas as pd

from layers.preparation.protected_categories import CATEGORIES, INTEGRATED, MUNICIPAL, NATIONAL_PARK, STRICT
from layers.spelling import plain_text

_WORDS = (
    # An integrated-management area that is a park too restricts as the wider of the two: its park is not told apart.
    (INTEGRATED, ("manejointegrado", "integratedmanagement", "anmi")),
    (STRICT, ("strict", "estricta", "reservabiologica", "biologicalreserve", "wilderness", "santuario")),
    (NATIONAL_PARK, ("parquenacional", "nationalpark")),
)


_LOCAL = ("municipal", "departamental", "departmental", "provincial", "regional")
_IUCN = {"ia": STRICT, "ib": STRICT, "ii": NATIONAL_PARK, "v": INTEGRATED, "vi": INTEGRATED}
"""Management categories of the IUCN whose effect is plain; III (monument) and IV (habitat) may allow farming."""


def category_of(designation: object, iucn: object = None) -> str:
    """Return the category of a designation in Spanish or English; an unknown one is ``municipal``.

    The words of the designation decide, being the law; where they say nothing, the IUCN category. Areas of departments
    and municipalities restrict land use but exclude nothing, and so does a designation whose effect is not known:
    taking it for a park would erase zones without a ground.

    Parameters
    ----------
    designation
        As the law names it.
    iucn
        Management category of the IUCN, such as ``II``, where a source states it.

    Examples
    --------
    >>> category_of("Área Natural de Manejo Integrado")
    'integrated_management'
    >>> category_of("National Park"), category_of("Municipal Protected Area", "II")
    ('national_park', 'municipal')
    >>> category_of("Reserva de la Biosfera", "VI")
    'integrated_management'
    """
    return _known(designation, iucn) or MUNICIPAL


def _known(designation: object, iucn: object) -> str | None:
    key = plain_text(designation)
    told = next((category for category, words in _WORDS if any(word in key for word in words)), None)
    if told is None and any(word in key for word in _LOCAL):
        return MUNICIPAL
    return told or _IUCN.get(plain_text(iucn))


def unknown_designations(areas: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Return the designations, with the IUCN category, whose effect is not known: each once, sorted."""
    found = set()
    for designation, category, stated in zip(areas["designation"], _iucn_of(areas), areas["category"], strict=True):
        if stated == MUNICIPAL and _known(designation, category) is None:
            words = designation if isinstance(designation, str) and designation else "—"
            found.add(f"{words} (UICN {category})" if isinstance(category, str) and category else words)
    return tuple(sorted(found))


def _iucn_of(areas: gpd.GeoDataFrame) -> list[object]:
    return list(areas["iucn"]) if "iucn" in areas else [None] * len(areas)


def merge_protected_areas(
    first: gpd.GeoDataFrame, other: gpd.GeoDataFrame | None = None
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Put two sets together; an area that both name is taken from the first.

    Parameters
    ----------
    first
        The more detailed set, with ``name``, ``designation``, ``category`` and ``source``.
    other
        The wider set, with the same columns and reference system, or ``None``.

    Returns
    -------
    GeoDataFrame
        Rows in the order of category, name and designation, with ``category`` filled where a source states none.
    tuple of str
        Names that both sets hold.
    """
    named = {plain_text(name) for name in first["name"] if name}
    doubled: tuple[str, ...] = ()
    both = first
    if other is not None:
        again = pd.Series([plain_text(name) in named for name in other["name"]], index=other.index, dtype=bool)
        doubled = tuple(sorted({str(name) for name in other["name"][again]}))
        both = gpd.GeoDataFrame(pd.concat([first, other[~again]], ignore_index=True), crs=first.crs)
    stated = [value if value in CATEGORIES else None for value in both["category"]]
    both = both.assign(
        category=[
            value or category_of(designation, iucn)
            for value, designation, iucn in zip(stated, both["designation"], _iucn_of(both), strict=True)
        ]
    )
    ordered = both.sort_values(["category", "name", "designation"], kind="stable", na_position="last")
    return cast("gpd.GeoDataFrame", ordered.reset_index(drop=True)), doubled
