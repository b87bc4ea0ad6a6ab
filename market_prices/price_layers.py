"""Prices on the map: the markets, the last price of each product in them, and the alert of each municipality."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.messages import translator
from layers.map_layer import Bounds, LayerDescription, LegendEntry, MapLayer
from layers.serving.vector_layer import GEOGRAPHIC, NO_EXTENT, FrameMapLayer
from market_prices.book import Book
from market_prices.bulletin.alert_level import LEVELS, NO_LEVEL, level_name
from market_prices.bulletin.price_choice import Moment
from market_prices.bulletin.price_map import PRICE_PROPERTIES, PROPERTIES
from market_prices.price_snapshots import SnapshotLayer
from market_prices.readings.figures import json_ready
from market_prices.readings.price_cards import current_series
from market_prices.vocabulary.vocabulary import Market

_ = translator("market_prices")

Span = tuple[str | None, str | None]
"""First and last day with a price, ISO."""
COLOURS = {"normal": "#7fb58a", "stress": "#f2d46b", "alert": "#e08a3c", "crisis": "#a63d1e", NO_LEVEL: "#c9c9c4"}
"""Colour of each alert level."""
_SIMPLE_DEGREES = 0.002
"""Outlines of municipalities are drawn this exactly, degrees: each stands once for every product."""
_LAST_PROPERTIES = {
    "id": "string",
    "product": "string",
    "product_name": "string",
    "variety": "string",
    **PRICE_PROPERTIES,
    "previous_date": "string",
    "previous_price": "number",
}


def price_map_layers(book: Book, municipalities: gpd.GeoDataFrame | None = None) -> list[MapLayer]:
    """Return the layers ``markets``, ``prices`` (last price per market and product) and ``price_alerts``.

    Parameters
    ----------
    book
        The price book.
    municipalities
        Outlines in longitude and latitude with their six-digit ``code``; where one is missing, its market stands in.

    Raises
    ------
    BookError
        The book cannot be read.
    """
    latest = book.latest()
    summary = book.summary()
    first, last = (None if each is None else each.isoformat() for each in (summary.first, summary.last))
    placed = {each.id: each for each in book.markets() if each.lon is not None and each.lat is not None}
    markets = _markets(list(placed.values()), latest, demo=summary.demo)
    return [
        markets,
        _prices(book, latest, placed, (first, last)),
        _alerts(book, _outlines(book, municipalities), (first, last), demo=summary.demo),
    ]


def _markets(placed: list[Market], latest: pd.DataFrame, *, demo: bool) -> FrameMapLayer:
    counts = latest.groupby("market")["product"].nunique()
    last = latest.groupby("market")["date"].max()
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
        demo=demo,
    )
    return FrameMapLayer(description, _points(pd.DataFrame(rows), placed), id_column="id")


def _prices(book: Book, latest: pd.DataFrame, placed: dict[str, Market], span: Span) -> SnapshotLayer:
    def make(moment: Moment) -> gpd.GeoDataFrame:
        frame = _last_rows(book.prices_at(moment, tuple(placed)), book)
        return _points(frame, [placed[each] for each in frame["market"]])

    sources = [book.vocabulary.source(each) for each in sorted(set(latest["source"]))]
    description = LayerDescription(
        id="prices",
        title=_("Últimos precios"),
        description=_(
            "Último precio de cada producto en cada mercado, con su fecha y su edad en días; con datetime, el último "
            "hasta ese día, o dentro de ese intervalo."
        ),
        geometry="point",
        extent=_extent(_points(pd.DataFrame(index=range(len(placed))), list(placed.values()))),
        interval=span,
        unit=_("moneda por unidad de venta"),
        licence="; ".join(each.licence for each in sources if each.licence),
        attribution="; ".join(each.attribution for each in sources if each.attribution),
        properties=_LAST_PROPERTIES,
        demo=any(each.demo for each in sources),
    )
    return SnapshotLayer(description, book, make)


def _last_rows(latest: pd.DataFrame, book: Book) -> pd.DataFrame:
    """Return one row per product and market, of the series that counts there."""
    shown = current_series(latest, single=True).sort_values(["product", "market"], kind="stable", ignore_index=True)
    told = shown.assign(
        id=shown["product"] + ":" + shown["market"],
        date=[each.isoformat() for each in shown["date"]],
        previous_date=[json_ready(each) for each in shown["previous_date"].tolist()],
        demo=[book.vocabulary.source(each).demo for each in shown["source"]],
    )
    return told[list(_LAST_PROPERTIES)]


def _alerts(book: Book, outlines: gpd.GeoSeries, span: Span, *, demo: bool) -> SnapshotLayer:
    def make(moment: Moment) -> gpd.GeoDataFrame:
        frame = book.price_map(moment)
        placed = frame[frame["municipality"].isin(outlines.index)].reset_index(drop=True)
        return gpd.GeoDataFrame(placed, geometry=outlines.loc[placed["municipality"]].to_numpy(), crs=GEOGRAPHIC)

    legend = tuple(
        LegendEntry(value=each, label=level_name(each), colour=COLOURS[each]) for each in (*LEVELS, NO_LEVEL)
    )
    description = LayerDescription(
        id="price_alerts",
        title=_("Precios y alertas por municipio"),
        description=_(
            "Una fila por municipio y producto (product=tomate): su último precio, propio o de referencia, y la alerta "
            "ALPS o IFPA de esa serie o del índice nacional; «sin dato» donde no se sabe. Con datetime, la de ese día."
        ),
        geometry="polygon" if set(outlines.geom_type) <= {"Polygon", "MultiPolygon"} and len(outlines) else "point",
        extent=_extent(outlines),
        interval=span,
        unit=_("moneda por unidad de venta"),
        legend=legend,
        styled_property="alert",
        properties=PROPERTIES,
        attribution=_("PMA (WFP) e INE Bolivia"),
        demo=demo,
    )
    return SnapshotLayer(description, book, make)


def _outlines(book: Book, municipalities: gpd.GeoDataFrame | None) -> gpd.GeoSeries:
    """Return the place of each municipality by code: its outline, or the point of its market."""
    found = {
        each.municipality: shapely.Point(each.lon, each.lat)
        for each in book.vocabulary.local_markets()
        if each.lon is not None and each.lat is not None
    }
    if municipalities is not None and len(municipalities):
        simple = shapely.coverage_simplify(municipalities.geometry.to_numpy(), _SIMPLE_DEGREES)
        found |= dict(zip(municipalities["code"].astype(str), simple, strict=True))
    return gpd.GeoSeries(found, crs=GEOGRAPHIC)


def _extent(places: gpd.GeoSeries | gpd.GeoDataFrame) -> Bounds:
    if not len(places):
        return NO_EXTENT
    west, south, east, north = (float(value) for value in places.total_bounds)
    return west, south, east, north


def _points(frame: pd.DataFrame, places: list[Market]) -> gpd.GeoDataFrame:
    lon = np.array([each.lon for each in places], dtype=float)
    lat = np.array([each.lat for each in places], dtype=float)
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(lon, lat), crs=GEOGRAPHIC)
