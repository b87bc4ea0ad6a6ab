"""Tables of the open data that the program knows, read from its catalogue of sources."""

from __future__ import annotations

from markdown_tables import figure, table

from layers.catalogue.reference_themes import reference_layers
from layers.catalogue.themes import theme
from layers.sources.cover_classes import mapbiomas_table, worldcover_classes
from layers.sources.mapspam import column_of, crop_names
from layers.sources.product import ProductRecord
from layers.sources.registry import catalogue
from layers.sources.soilgrids import DEPTHS_CM, PROPERTIES

_SHOWN = "geobolivia"
"""Products of this family are many and alike: their own table lists them."""


def pages() -> dict[str, str]:
    """Return name and text of the generated pages."""
    return {
        "sources": sources(),
        "source_credits": source_credits(),
        "official_layers": official_layers(),
        "cover_becomes": cover_becomes(),
        "soil_properties": soil_properties(),
        "crop_columns": crop_columns(),
    }


def sources() -> str:
    """Return the products: what they bring, how fine, of when, and where they lie."""
    rows = [
        (
            f"`{each.id}`",
            f"[{each.title}]({each.homepage})" if each.homepage else each.title,
            "; ".join(_title(one) for one in each.themes),
            "—" if each.resolution_m is None else f"{figure(each.resolution_m)} m",
            each.date or "—",
            f"`{each.address}`" if each.address else "la da el usuario",
        )
        for each in _records()
    ]
    return table(("producto", "título", "trae", "celda", "fecha", "dirección"), rows)


def source_credits() -> str:
    """Return licence and attribution of the products."""
    rows = [
        (
            f"`{each.id}`",
            each.licence,
            "sí" if each.redistributable else "no",
            each.attribution,
        )
        for each in _records()
    ]
    return table(("producto", "licencia", "se puede repartir", "qué citar"), rows)


def official_layers() -> str:
    """Return the official layers that a territory may take to compare with."""
    dates = {each.id: each.date for each in catalogue().records}
    rows = [(each.subject, each.title, dates[each.id], f"`{each.id}`") for each in reference_layers()]
    return table(("materia", "capa", "fecha", "producto y tema"), rows)


def cover_becomes() -> str:
    """Return which codes of MapBiomas become which class."""
    becomes, rows = mapbiomas_table().becomes, []
    for code, name in {0: "sin dato", **worldcover_classes()}.items():
        own = [str(each) for each, kind in sorted(becomes.items()) if kind == code]
        rows.append((code, name, ", ".join(own) or "—"))
    return table(("clase", "cobertura", "códigos de MapBiomas Bolivia"), rows)


def soil_properties() -> str:
    """Return the properties of SoilGrids, their steps and bands."""
    depths = ", ".join(f"{top}–{bottom}" for top, bottom in DEPTHS_CM)
    rows = [(f"`{each.id}`", f"`{each.band}`", f"× {figure(each.step)} {each.unit}", depths) for each in PROPERTIES]
    return table(("propiedad", "banda", "paso guardado", "capas promediadas, cm"), rows)


def crop_columns() -> str:
    """Return the crops of MapSPAM and their columns."""
    return table(
        ("cultivo", "código", "columna"), [(name, code, f"`{column_of(code)}`") for code, name in crop_names().items()]
    )


def _records() -> list[ProductRecord]:
    return [each for each in catalogue().records if not each.id.startswith(_SHOWN)]


def _title(theme_id: str) -> str:
    known = theme(theme_id)
    return theme_id if known is None else known.title
