"""Prices on the map: the markets, and the last price of every product in every market that has a place."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.messages import translator
from layers.map_layer import LayerDescription, MapLayer
from layers.serving.vector_layer import GEOGRAPHIC, NO_EXTENT, FrameMapLayer
from market_prices.book import Book
from market_prices.price_cards import current_series
from market_prices.vocabulary.vocabulary import Market

_ = translator("market_prices")

_PRICE_COLUMNS = (
    "product",
    "product_name",
    "variety",
    "market",
    "market_name",
    "level",
    "level_name",
    "price",
    "currency",
    "unit_name",
    "price_per_kg",
    "kind",
    "kind_name",
    "source_name",
    "date",
    "age_days",
    "age_text",
    "stale",
    "previous_date",
    "previous_price",
    "change_pct",
    "flags",
)


def price_map_layers(book: Book) -> list[MapLayer]:
    """Return the layers ``markets`` and ``prices`` (latest price per market and product, with its date).

    Raises
    ------
    BookError
        The book cannot be read.
    """
    latest = book.latest()
    placed = {each.id: each for each in book.markets() if each.lon is not None and each.lat is not None}
    counts = latest.groupby("market")["product"].nunique()
    last = latest.groupby("market")["date"].max()
    markets: list[MapLayer] = [_markets(book, list(placed.values()), counts, last)]
    return [*markets, _prices(book, latest, placed)]


def _markets(book: Book, placed: list[Market], counts: pd.Series, last: pd.Series) -> FrameMapLayer:
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "kind": each.kind,
            "municipality": each.municipality,
            "department": each.department,
            "days": ", ".join(each.days),
            "hours": each.hours,
            "buyers": each.buyers,
            "associations": each.associations,
            "contact": each.contact,
            "products_with_price": int(counts.get(each.id, 0)),
            "last_price": last[each.id].isoformat() if each.id in last.index else None,
            "source": each.source,
        }
        for each in placed
    ]
    description = LayerDescription(
        id="markets",
        title=_("Mercados"),
        description=_("Mercados locales y de referencia con su lugar; días y horas vacíos: no se conocen."),
        geometry="point",
        extent=NO_EXTENT,
        attribution=_("PMA (WFP) e INE Bolivia"),
        demo=book.summary().demo,
    )
    return FrameMapLayer(description, _points(rows, placed), id_column="id")


def _prices(book: Book, latest: pd.DataFrame, placed: dict[str, Market]) -> FrameMapLayer:
    shown = current_series(latest[latest["market"].isin(placed)], single=True)
    shown = shown.sort_values(["product", "market"], kind="stable").reset_index(drop=True)
    frame = shown[list(_PRICE_COLUMNS)].copy()
    frame.insert(0, "id", shown["product"] + ":" + shown["market"])
    frame["date"] = [each.isoformat() for each in shown["date"]]
    frame["previous_date"] = [None if pd.isna(each) else each.isoformat() for each in shown["previous_date"]]
    sources = [book.vocabulary.source(each) for each in sorted(set(shown["source"]))]
    frame["demo"] = [book.vocabulary.source(each).demo for each in shown["source"]]
    dates = frame["date"]
    description = LayerDescription(
        id="prices",
        title=_("Últimos precios"),
        description=_("Último precio de cada producto en cada mercado, con su fecha y su edad en días."),
        geometry="point",
        extent=NO_EXTENT,
        interval=(dates.min(), dates.max()) if len(dates) else (None, None),
        unit=_("moneda por unidad de venta"),
        licence="; ".join(each.licence for each in sources if each.licence),
        attribution="; ".join(each.attribution for each in sources if each.attribution),
        demo=any(each.demo for each in sources),
    )
    points = _points(frame, [placed[each] for each in shown["market"]])
    return FrameMapLayer(description, points, id_column="id", datetime_column="date")


def _points(rows: Any, places: list[Market]) -> gpd.GeoDataFrame:  # noqa: ANN401  a frame or a list of records
    frame = pd.DataFrame(rows)
    lon = np.array([each.lon for each in places], dtype=float)
    lat = np.array([each.lat for each in places], dtype=float)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lat), crs=GEOGRAPHIC)
