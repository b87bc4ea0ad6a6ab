"""The catalogue: every theme a zoning can use, what it must look like and what is made of it."""

from __future__ import annotations

from layers.catalogue.raster_themes import raster_themes
from layers.catalogue.reference_themes import reference_themes
from layers.catalogue.theme_records import Theme
from layers.catalogue.vector_themes import boundary_themes, vector_themes


def themes() -> tuple[Theme, ...]:
    """Return the catalogue, in the order in which layers are prepared.

    Examples
    --------
    >>> [theme.id for theme in themes() if theme.requirement == "required"][:2]
    ['boundaries', 'elevation']
    """
    return (*boundary_themes(), *raster_themes(), *vector_themes(), *reference_themes())


def theme(theme_id: str) -> Theme | None:
    """Return the theme of that name, or ``None`` if the catalogue does not hold it."""
    return next((each for each in themes() if each.id == theme_id), None)
