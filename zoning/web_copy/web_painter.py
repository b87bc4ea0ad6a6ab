"""Zones of the pixels of a tile under any rules that the codes of a stack know, from its copy for viewing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gis.rasters.web_tile import TILE_PIXELS
from zoning.rating.interval_codes import Codes, Floats, cut_points
from zoning.rating.row_kernel import zone_rows
from zoning.rating.row_tables import RowTables
from zoning.rules.compiled_rules import CompiledRules
from zoning.web_copy.web_index import WebIndex, same_codes
from zoning.web_copy.web_shelf import WebShelf
from zoning.web_copy.web_stack import Kinds, WebPlace, WebStack, split


@dataclass(frozen=True, eq=False, kw_only=True)
class WebTable:
    """Rules ready to be drawn from a copy."""

    rules: CompiledRules
    """The rules."""
    rows: RowTables
    """The same as rows."""
    bands: tuple[int, ...]
    """Band of the copy that each row of codes comes from."""
    moved: tuple[int, ...]
    """Bands in which a limit lies where the rules of the copy have none: their codes tell kinds further apart."""
    same: Codes | None
    """For each of those what its codes count as, shape (moved bands, 256)."""


def web_table(index: WebIndex, cuts: Mapping[str, Floats], rules: CompiledRules, rows: RowTables) -> WebTable:
    """Make rules ready to be drawn.

    Parameters
    ----------
    index
        Of the copy.
    cuts
        Characteristic key to the cut points of its codes, of what the rules read, in the order of ``rows``.
    rules
        Rules all of whose limits are among them.
    rows
        The same as rows.
    """
    place = {key: number for number, key in enumerate(index.bands)}
    needed = {key: points for key, points in cut_points(rules, spare=False).items() if key in cuts}
    moved = {key: cuts[key] for key, points in needed.items() if not np.isin(points, index.cuts[key]).all()}
    return WebTable(
        rules=rules,
        rows=rows,
        bands=tuple(place[key] for key in cuts),
        moved=tuple(place[key] for key in moved),
        same=same_codes(moved, needed) if moved else None,
    )


class WebPainter:
    """A copy that is drawn. Any number of threads may ask.

    Parameters
    ----------
    web
        The copy.
    most_bytes
        Memory that tiles may take which a table that follows may want again.
    """

    def __init__(self, web: WebStack, *, most_bytes: int) -> None:
        self.web, self.shelf = web, WebShelf(web, most_bytes=most_bytes)
        self._coded = len(web.index.bands)
        self._units = web.index.municipalities

    def zones(self, table: WebTable, z: int, x: int, y: int) -> Codes | None:
        """Return the zone number of every pixel of a tile, 0 outside, shape (256, 256); ``None`` where all are 0.

        Raises
        ------
        gis.errors.InputError
            There is no such tile, or the copy turns out damaged.
        """
        from zoning.web_copy.web_loops import paint  # noqa: PLC0415  the compiler is paid for by who computes

        place = self.web.place(z, x, y)
        kinds = None if place is None else self.shelf.kinds(place)
        if place is None or kinds is None:
            return None
        label, vectors = self._told_apart(table, place, kinds)
        own = vectors[: self._coded]
        if table.bands != tuple(range(self._coded)):
            own = own[list(table.bands)]
        found = zone_rows(own, vectors[self._coded :], table.rules, table.rows, municipalities=self._units).zone
        zones: Codes = np.empty((TILE_PIXELS, TILE_PIXELS), dtype=np.uint8)
        return zones if paint(label, found, TILE_PIXELS // place.side, zones) else None

    def warm(self, table: WebTable) -> None:
        """Draw the whole world both ways, so that whatever must be compiled is before somebody waits for a tile.

        Raises
        ------
        gis.errors.InputError
            The copy turns out damaged.
        """
        moved = replace(table, moved=(0,), same=np.zeros((1, 256), dtype=np.uint8))
        for each in (table, moved):
            self.zones(each, 0, 0, 0)
        self.shelf.forget()

    def _told_apart(self, table: WebTable, place: WebPlace, kinds: Kinds) -> tuple[npt.NDArray[np.uint16], Codes]:
        """Return the kind of each pixel shown and the codes of each kind, as the table tells them apart."""
        shown = (slice(place.row, place.row + place.side), slice(place.col, place.col + place.side))
        label = before = np.ascontiguousarray(kinds.label[shown])
        if table.same is None:
            return label, kinds.vectors
        first, count, moved = np.empty(0, dtype=np.int32), kinds.vectors.shape[1], []
        for band, same in zip(table.moved, table.same, strict=True):
            moved.append(np.ascontiguousarray(self.shelf.codes(place, band)[shown]).ravel())
            label, first = split(label, moved[-1], same, count)
            count = len(first)
        vectors = kinds.vectors.take(before.ravel()[first], axis=1)
        for band, codes in zip(table.moved, moved, strict=True):
            vectors[band] = codes[first]
        return label, vectors
