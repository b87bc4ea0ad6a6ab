"""What is decided before any crop is asked: towns, water, conservation and legal forest; and what takes the rest.

Precedence is URB → AGUA → CON → legal FOR → SD → competition. An area of integrated management decides
nothing: it sets a restriction.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from gis.grid import Grid
from gis.vectors.vector import majority_mask, rasterise, rasterise_values, read_vector
from layers.workspace import Workspace
from zoning.land.cell_places import CellPlaces
from zoning.land.decided_strip import Strip
from zoning.land.prepared_raster import PreparedRaster
from zoning.land.scenario_land import LandChanges, protected_areas
from zoning.rules.ruleset import Ruleset

Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

RESTRICTED, LEGAL, REACHED = 1, 2, 4
"""Bits of a cell's flags: no new clearings; zone given by law; some zone that competes has its gates open."""

RESTRICTION = "restriction"
"""Value of the ruleset's ``protected`` table for areas that only restrict."""

URBAN_USES = frozenset({"residential", "commercial", "industrial", "retail", "urban", "urbano", "residencial"})
"""Values of ``use`` in ``land_use`` that are town; schools, pitches and cemeteries of a village are not."""

PRESENT_USES = ("", "cultivos", "bosque", "pasto")
"""Mapped present use by code; the first is unmapped."""

_COVER_USE = {"farmland": 1, "orchard": 1, "vineyard": 1, "cultivo": 1, "wood": 2, "forest": 2, "bosque": 2}
_COVER_USE |= {"meadow": 3, "grassland": 3, "pasto": 3}
_RASTER_USE = {40: 1, 10: 2, 30: 3}
_SAMPLES = 4


class Precedence:
    """Legal and cover layers of a workspace on the grid of a run. Use it as a context; strips are read from any thread.

    Parameters
    ----------
    workspace
        Whose prepared layers are read; each that is absent decides nothing.
    grid
        Grid of the run.
    ruleset
        Which categories and classes make which zone.
    places
        Cells that will be asked for.
    slope_counts
        Whether the slope is fine enough to make legal forest.
    changes
        Scenario whose new protected areas join those of the workspace; ``None`` adds none.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged, or the ruleset names a zone it does not have.
    """

    def __init__(
        self,
        workspace: Workspace,
        grid: Grid,
        ruleset: Ruleset,
        places: CellPlaces,
        *,
        slope_counts: bool,
        changes: LandChanges | None = None,
    ) -> None:
        self._rules = ruleset
        self._places = places
        self._numbers = {zone.code: zone.number for zone in ruleset.zones}
        self._slope_counts = slope_counts
        protected, inside = protected_areas(workspace, changes), places.inside
        self._decided, self._flags = _legal_layers(protected, grid, ruleset, self._numbers, inside)
        self._decided[mapped_majority(workspace, "water", grid)[inside]] = self._numbers["AGUA"]
        self._decided[mapped_majority(workspace, "land_use", grid, URBAN_USES)[inside]] = self._numbers["URB"]
        self._use = mapped_use(workspace, grid)[inside]
        self._cover: PreparedRaster | None = None
        with ExitStack() as stack:
            if workspace.has_layer("land_cover"):
                path = workspace.layer("land_cover")
                self._cover = stack.enter_context(PreparedRaster(path, grid, method="mode"))
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._stack.close()

    def strip(self, start: int, stop: int, slope: npt.NDArray[np.float32] | None) -> Strip:
        """Say what is decided in the cells of a strip.

        Parameters
        ----------
        start, stop
            First row and the one after the last.
        slope
            Slope of the wanted cells of these rows, %, NaN where missing; ``None`` where there is none.

        Raises
        ------
        gis.errors.VallesError
            The cover raster turns out damaged.
        """
        place, inside = self._places.rows(start, stop), self._places.inside[start:stop]
        cover = None
        if self._cover is not None:
            cover = np.nan_to_num(self._cover.rows(start, stop)[0][inside], nan=0.0).astype(np.int32)
        return decided_strip(
            self._rules,
            mapped=(self._decided[place].copy(), self._flags[place].copy(), self._use[place].copy()),
            cover=cover,
            slope=slope if self._slope_counts else None,
        )


def decided_strip(
    ruleset: Ruleset,
    *,
    mapped: tuple[Codes, Codes, Codes],
    cover: npt.NDArray[np.integer[Any]] | None,
    slope: npt.NDArray[np.float32] | None,
) -> Strip:
    """Join what layers of areas decide with what land cover and slope do.

    Parameters
    ----------
    ruleset
        Which classes and slopes make which zone.
    mapped
        Zone numbers of protected areas, mapped water and towns, 0 for none; flags; present use; each of shape (cells,)
        and changed in place.
    cover
        Class of the land cover of each cell, 0 where it is unknown; ``None`` where there is no such layer.
    slope
        Slope of each cell, %, NaN where missing; ``None`` where it decides nothing.
    """
    rules, number = ruleset.cover, {zone.code: zone.number for zone in ruleset.zones}
    decided, flags, use = mapped
    residual = np.full(decided.shape, number[rules.unknown_zone], dtype=np.uint8)
    if cover is not None:
        residual[cover > 0] = number[rules.open_zone]
        residual[np.isin(cover, rules.forest_classes)] = number[rules.forest_zone]
        for classes, zone in ((rules.water_classes, "AGUA"), (rules.urban_classes, "URB")):
            # A mapped town stays a town where the raster sees water, never the reverse.
            decided[np.isin(cover, classes) & (decided != number["URB"])] = number[zone]
        for kind, present in _RASTER_USE.items():
            use[(use == 0) & (cover == kind)] = present
    if slope is not None:
        with np.errstate(invalid="ignore"):
            steep = (decided == 0) & (slope > np.float32(rules.legal_forest_slope))
        decided[steep] = number["FOR"]
        flags[steep] |= np.uint8(LEGAL)
    return Strip(decided=decided, residual=residual, flags=flags, present_use=use)


def decided_at(
    workspace: Workspace,
    grid: Grid,
    ruleset: Ruleset,
    *,
    row: int,
    col: int,
    slope: npt.NDArray[np.float32] | None,
    changes: LandChanges | None = None,
) -> Strip:
    """Say what is decided in one cell, with the result that a whole run has there; arrays of shape (1,).

    Parameters
    ----------
    workspace, grid, ruleset, changes
        As of :class:`Precedence`.
    row, col
        The cell.
    slope
        Its slope, %, shape (1,), NaN where missing; ``None`` where the slope is too coarse to make legal forest.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged, or the ruleset names a zone it does not have.
    """
    left, top = grid.left + col * grid.cell, grid.top - row * grid.cell
    here = Grid(grid.crs, grid.cell, left=left, top=top, rows=1, cols=1)
    places = CellPlaces.of(np.ones((1, 1), dtype=np.bool_))
    with Precedence(workspace, here, ruleset, places, slope_counts=slope is not None, changes=changes) as precedence:
        return precedence.strip(0, 1, slope)


def _legal_layers(
    protected: gpd.GeoDataFrame | None, grid: Grid, ruleset: Ruleset, numbers: dict[str, int], inside: Mask
) -> tuple[Codes, Codes]:
    """Return the zones that protected areas make and the cells that they restrict, both flat over the cells inside."""
    decided = np.zeros(int(inside.sum()), dtype=np.uint8)
    flags = np.zeros(decided.shape, dtype=np.uint8)
    if protected is None:
        return decided, flags
    effects = protected["category"].map(dict(ruleset.cover.protected))
    for effect in sorted(set(effects.dropna()), key=lambda code: (code == "CON", code)):
        mask = rasterise(protected[effects == effect], grid)[inside]
        if effect == RESTRICTION:
            flags[mask] |= np.uint8(RESTRICTED)
        else:
            decided[mask] = numbers[effect]
            flags[mask] |= np.uint8(LEGAL)
    return decided, flags


def mapped_majority(workspace: Workspace, layer: str, grid: Grid, uses: frozenset[str] | None = None) -> Mask:
    """Mark the cells that the areas of a prepared layer mostly cover, shape (rows, cols); none where it is absent.

    Parameters
    ----------
    workspace, layer
        Where the layer is, and its name.
    grid
        Grid of the run.
    uses
        Values of its column ``use`` that count; ``None`` is every area.

    Raises
    ------
    gis.errors.VallesError
        The layer is damaged.
    """
    frame = _read(workspace, layer)
    if frame is None:
        return np.zeros(grid.shape, dtype=np.bool_)
    if uses is not None:
        frame = frame[frame["use"].isin(sorted(uses))]
    areas = frame[frame.geom_type.isin(["Polygon", "MultiPolygon"])]
    return majority_mask(areas, grid, factor=_SAMPLES)


def mapped_use(workspace: Workspace, grid: Grid) -> Codes:
    """Return the code of the mapped present use of every cell, shape (rows, cols); 0 where none is mapped.

    Raises
    ------
    gis.errors.VallesError
        The layer is damaged.
    """
    frame = _read(workspace, "cover")
    if frame is None:
        return np.zeros(grid.shape, dtype=np.uint8)
    by_class = frame["cover_class"].map(_COVER_USE)
    by_subclass = frame["subclass"].map(_COVER_USE) if "subclass" in frame else by_class
    codes = by_subclass.fillna(by_class)
    known = frame[codes.notna()]
    return rasterise_values(known, codes.dropna().astype(int).to_numpy(), grid).astype(np.uint8)


def _read(workspace: Workspace, layer: str) -> gpd.GeoDataFrame | None:
    if not workspace.has_layer(layer):
        return None
    return read_vector(workspace.layer(layer), layer=layer)
