"""How far a market is by road: known roads, and for the rest the straight line times how much these roads wind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from layers.spelling import plain_text
from market_prices.vocabulary.selling_terms import Road
from market_prices.vocabulary.vocabulary import Market, Vocabulary

_EARTH = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Distance:
    """A way between two markets."""

    km: float
    """Length, km."""
    assumed: bool
    """Part of it is a straight line times the winding of the known roads."""


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Shortest ways between the markets of a vocabulary.

    Parameters
    ----------
    vocabulary
        Its markets, and its roads by the names of places. A road may pass through a town that is no market.
    """

    vocabulary: Vocabulary
    winding: float | None = field(init=False)
    """Median of road length over straight line on the roads whose ends have coordinates; ``None``: no such road."""
    _places: Mapping[str, int] = field(init=False, repr=False)
    _known: npt.NDArray[np.float64] = field(init=False, repr=False)
    _all: npt.NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Lay out the network: kilometres between places, infinite where nothing is known."""
        roads = self.vocabulary.selling.roads
        markets = [each for each in self.vocabulary.all_markets if each.kind != "index"]
        names = sorted({each.id for each in markets} | {self._place(end) for road in roads for end in _ends(road)})
        places = {name: number for number, name in enumerate(names)}
        known = np.full((len(names), len(names)), np.inf)
        for road in roads:
            start, end = (places[self._place(each)] for each in _ends(road))
            known[start, end] = known[end, start] = min(known[start, end], road.km)
        object.__setattr__(self, "_places", places)
        object.__setattr__(self, "_known", known)
        object.__setattr__(self, "winding", self._winding(roads))
        object.__setattr__(self, "_all", self._with_straight_lines(markets))

    def distance(self, start: str, end: str) -> Distance | None:
        """Return the shortest way between two markets, by id; ``None`` where nothing tells it."""
        if start == end:
            return Distance(0.0, assumed=False)
        for lengths, assumed in ((self._known, False), (self._all, True)):
            km = self._shortest(lengths, start, end)
            if np.isfinite(km):
                return Distance(round(km, 1), assumed=assumed)
        return None

    def _shortest(self, lengths: npt.NDArray[np.float64], start: str, end: str) -> float:
        from scipy.sparse.csgraph import dijkstra  # noqa: PLC0415  slow to load, for this question alone

        edges = np.where(np.isfinite(lengths), lengths, 0.0)
        ways: npt.NDArray[np.float64] = np.asarray(dijkstra(edges, directed=False, indices=[self._places[start]]))
        return float(ways[0, self._places[end]])

    def _place(self, name: str) -> str:
        plain = plain_text(name)
        return self.vocabulary.market_index.get(plain, plain)

    def _winding(self, roads: Sequence[Road]) -> float | None:
        ratios = []
        for road in roads:
            ends = [self._market(self._place(each)) for each in _ends(road)]
            straight = _straight_km(*ends) if all(ends) else None
            if straight:
                ratios.append(road.km / straight)
        return median(ratios) if ratios else None

    def _market(self, place: str) -> Market | None:
        return next((each for each in self.vocabulary.all_markets if each.id == place), None)

    def _with_straight_lines(self, markets: Sequence[Market]) -> npt.NDArray[np.float64]:
        lengths = self._known.copy()
        on_road: npt.NDArray[np.bool_] = np.asarray(np.isfinite(self._known).any(axis=1))
        for one, other in combinations(markets, 2):
            here, there = self._places[one.id], self._places[other.id]
            straight = _straight_km(one, other)
            # Between two places that known roads join, a guess would only undercut what is known.
            if straight is None or self.winding is None or (on_road[here] and on_road[there]):
                continue
            lengths[here, there] = lengths[there, here] = straight * self.winding
        return lengths


def _ends(road: Road) -> tuple[str, str]:
    return road.start, road.end


def _straight_km(one: Market | None, other: Market | None) -> float | None:
    if one is None or other is None or None in {one.lon, one.lat, other.lon, other.lat}:
        return None
    _azimuth, _back, metres = _EARTH.inv(one.lon, one.lat, other.lon, other.lat)
    return float(metres) / 1000
