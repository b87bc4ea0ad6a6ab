"""Map layers of prices as they stood at a moment: made when asked for, remembered while the book stays the same."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd

from gis.messages import current_language, translator
from layers.map_layer import FeaturePage, FeatureQuery, LayerDescription, Parameter, Tile
from layers.serving.vector_layer import FrameMapLayer
from market_prices.book import Book
from market_prices.bulletin.price_choice import Moment
from market_prices.facets.book_refusals import day_told

_ = translator("market_prices")

_KEPT = 12
"""Moments that a layer remembers."""
_Key = tuple[str, Moment, str]


@dataclass(frozen=True, eq=False)
class SnapshotLayer:
    """The last prices at a moment, as features.

    ``datetime`` says which: a day or moment, the last prices dated up to it; an interval, the last prices dated in it;
    nothing, those of today. The parameter ``as_of`` leaves out what was recorded later than that day.

    Parameters
    ----------
    description
        What it is, its properties and extent among it.
    book
        The price book.
    make
        Makes the features of a moment, in longitude and latitude; column ``id`` names them.
    """

    description: LayerDescription
    book: Book
    make: Callable[[Moment], gpd.GeoDataFrame]
    _held: dict[_Key, FrameMapLayer] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def id(self) -> str:
        """Short lower-case name."""
        return self.description.id

    def describe(self) -> LayerDescription:
        """Say what the layer is."""
        return self.description

    def parameters(self) -> tuple[Parameter, ...]:
        """Offer to tell what was known on a day."""
        return (Parameter(name="as_of", title=_("Como se sabía al terminar ese día, por ejemplo 2026-05-31")),)

    def features(self, query: FeatureQuery) -> FeaturePage:
        """Return the prices of the moment that is asked for.

        Raises
        ------
        ObservationError
            ``as_of`` is no date.
        gis.errors.MissingError
            A filter names no property.
        BookError
            The book cannot be read.
        """
        return self._at(self.moment(query)).features(dataclasses.replace(query, datetime=None))

    def tile(self, z: int, x: int, y: int, parameters: Mapping[str, str]) -> Tile | None:  # noqa: ARG002  MapLayer
        """Return nothing: these features are few."""
        return None

    def moment(self, query: FeatureQuery) -> Moment:
        """Return the moment that a query asks for; nothing is known of the future."""
        start, end = query.datetime or (None, None)
        known = day_told(query.parameters.get("as_of") or None)
        today = min(self.book.today, known) if known is not None else self.book.today
        day = today if end is None else min(_day(end), today)
        first = None if start is None or start == end else _day(start)
        return Moment(day=day, as_of=known, first=first)

    def _at(self, moment: Moment) -> FrameMapLayer:
        key = (self.book.state(), moment, current_language())
        with self._lock:
            held = self._held.get(key)
            if held is None:
                held = FrameMapLayer(self.description, self.make(moment), id_column="id")
                while len(self._held) >= _KEPT:
                    del self._held[next(iter(self._held))]
                self._held[key] = held
        return held


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text[:10])
