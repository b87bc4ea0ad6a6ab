"""A territory from a boundary file: columns guessed, projection and cell chosen, a ``territory.toml`` to fill in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from gis.crs import equal_area_crs
from gis.messages import Figure, translator
from gis.projection_choice import Kind, ProjectionChoice, choose_projection
from gis.vectors.vector_files import write_gpkg
from layers.founding.boundary_municipalities import BoundaryRequest, municipalities_of
from layers.founding.cell_choice import CELLS_M, choose_cell
from layers.preparation.boundaries import BoundaryReport, prepare_boundaries
from layers.spelling import plain_text
from layers.territory import Municipality, Territory, builtin_territories, load_territory
from layers.workspace import Workspace

_ = translator("layers")

__all__ = ["BOUNDARY_FILE", "BoundaryRequest", "NewTerritory", "init_from_boundaries", "territory_from_boundaries"]

BOUNDARY_FILE = "boundaries.gpkg"
"""Name of a workspace's own boundary file."""
_TAKEN = ("demo",)
_SQUARE_KM = 1e6


@dataclass(frozen=True, kw_only=True)
class NewTerritory:
    """What was made of a boundary file."""

    territory: Territory
    outlines: gpd.GeoDataFrame
    """``code``, ``name``, ``province`` and ``geometry`` in longitude and latitude."""
    code_column: str
    """Empty where the codes were made."""
    name_column: str
    projection: ProjectionChoice
    boundary: BoundaryReport
    remarks: tuple[str, ...]
    """What was assumed, changed, left out and chosen, a sentence each."""

    @property
    def northern(self) -> bool:
        """Whether the middle of the territory lies north of the equator."""
        _west, south, _east, north = self.outlines.total_bounds
        return bool(south + north > 0)

    @property
    def to_fill_in(self) -> tuple[str, ...]:
        """What the file could not tell and a person should, a sentence each."""
        absent = [] if any(each.province for each in self.territory.municipalities) else [_("provincias")]
        return (
            _("territory.toml: {absent} de los municipios, y sus mercados de referencia").format(
                absent=", ".join([*absent, _("sedes con su altitud (con ellas se descubre una capa desplazada)")])
            ),
            *(
                ()
                if self.territory.country
                else (_("territory.toml: `country`, el país; sin él no se sabe qué archivos abiertos son los suyos"),)
            ),
            _("territory.toml: `climate`, la fuente de clima (worldclim, chelsa…); ha de ser una que el espejo traiga"),
            _(
                "markets.toml, products.toml y measures.toml: los mercados, productos y medidas del lugar; "
                "los de partida son de Bolivia"
            ),
        )


def territory_from_boundaries(
    request: BoundaryRequest, *, title: str = "", country: str = "", cell_m: float | None = None
) -> NewTerritory:
    """Make a territory of the municipalities of a boundary file.

    Parameters
    ----------
    request
        Which municipalities of which file.
    title
        Name of the territory; by default that of the file.
    country
        In which country it lies, by name or ISO 3166 code; empty leaves it to be filled in.
    cell_m
        Side of a cell, m; by default the finest that the size of the territory allows.

    Raises
    ------
    gis.errors.MissingError
        The file, a column, or a municipality that was asked for is not there.
    gis.errors.InputError
        It is no usable file of polygons, or the territory is too large for any projection.
    gis.errors.CoverageError
        Its polygons cannot be made to fit.
    """
    found = municipalities_of(request)
    outlines = found.outlines
    hull = shapely.get_coordinates(shapely.convex_hull(shapely.union_all(outlines.geometry.convex_hull.to_numpy())))
    projection = choose_projection(hull[:, 0], hull[:, 1])
    west, south, east, north = (float(value) for value in outlines.total_bounds)
    name = " ".join(title.split()) or request.path.stem.split(".")[0].replace("_", " ").strip().capitalize()
    territory = Territory(
        id=_identity(title or request.path.stem.split(".")[0]),
        name=name or _identity(request.path.stem),
        crs=projection.name,
        area_crs=str(equal_area_crs((west + east) / 2, (south + north) / 2).srs),
        country=" ".join(country.split()),
        cell_m=cell_m or _cell(outlines, projection),
        municipalities=tuple(
            Municipality(code=row.code, name=row.name, province=row.province, aliases=found.spellings.get(row.code, ()))
            for row in outlines[["code", "name", "province"]].itertuples(index=False)
        ),
        boundaries=BOUNDARY_FILE,
    )
    clean, report = prepare_boundaries(outlines, territory)
    told = [*found.remarks, *_about_boundary(report, clean), *_about_plane(projection, territory, chosen=not cell_m)]
    return NewTerritory(
        territory=territory,
        outlines=outlines,
        code_column=found.columns.code,
        name_column=found.columns.name,
        projection=projection,
        boundary=report,
        remarks=tuple(told),
    )


def init_from_boundaries(root: Path, new: NewTerritory, *, files: Mapping[str, str] | None = None) -> Workspace:
    """Make a workspace for a new territory: its commented ``territory.toml``, its outlines and the files given.

    Raises
    ------
    gis.errors.InputError
        ``root`` is a workspace already.
    gis.errors.StorageError
        The folder cannot be written.
    """
    workspace = Workspace.init(root, new.territory, files=files)
    write_gpkg(new.outlines, workspace.root / BOUNDARY_FILE, layer="boundaries")
    load_territory(workspace.root)
    return workspace


def _cell(outlines: gpd.GeoDataFrame, projection: ProjectionChoice) -> float:
    left, bottom, right, top = (float(value) for value in outlines.to_crs(projection.crs).total_bounds)
    return choose_cell(right - left, top - bottom)


def _about_boundary(report: BoundaryReport, clean: gpd.GeoDataFrame) -> list[str]:
    told = []
    parts = np.asarray(shapely.get_num_geometries(clean.geometry.to_numpy()))
    if (parts > 1).any():
        told.append(
            _("{count} municipios de varias partes (islas o enclaves), {parts} en total").format(
                count=int((parts > 1).sum()), parts=int(parts[parts > 1].sum())
            )
        )
    if report.overlap_m2 >= 1.0 or report.gaps:
        told.append(
            _(
                "Límites: {overlap:.3f} km² de solapes y {gaps} huecos de {gap:.3f} km² se cerrarán al prepararlos"
            ).format(
                overlap=Figure(report.overlap_m2 / _SQUARE_KM), gaps=report.gaps, gap=Figure(report.gap_m2 / _SQUARE_KM)
            )
        )
    return told


def _about_plane(projection: ProjectionChoice, territory: Territory, *, chosen: bool) -> list[str]:
    words = {
        Kind.UTM: _("Proyección: la zona UTM {zone} ({crs}); deforma las longitudes a lo sumo {error:.2%}"),
        Kind.EQUAL_AREA: _(
            "Proyección: la mejor zona UTM (toca {zones}) deformaría las longitudes en {utm:.2%}; se hizo una "
            "equivalente centrada en el territorio, que las deforma a lo sumo {error:.2%}: {crs}"
        ),
        Kind.TRANSVERSE_MERCATOR: _(
            "Proyección: la mejor zona UTM (toca {zones}) deformaría las longitudes en {utm:.2%}; se hizo una "
            "transversa de Mercator centrada en el territorio, que las deforma a lo sumo {error:.2%}: {crs}"
        ),
    }[projection.kind]
    epsg = projection.crs.to_epsg()
    told = [
        words.format(
            zone="" if epsg is None else f"{epsg % 100}{'S' if epsg // 100 == 327 else 'N'}",  # noqa: PLR2004  327zz
            crs=projection.name,
            zones=", ".join(map(str, projection.utm_zones)),
            utm=Figure(projection.utm_distortion),
            error=Figure(projection.distortion),
        )
    ]
    if len(projection.utm_zones) > 1 and projection.kind is Kind.UTM:
        told.append(
            _("El territorio toca las zonas UTM {zones}; se eligió la que menos deforma").format(
                zones=", ".join(map(str, projection.utm_zones))
            )
        )
    if chosen and territory.cell_m > CELLS_M[0]:
        told.append(
            _("Celda de {cell:g} m: con {finest:g} m el territorio pasaría de cien millones de celdas").format(
                cell=territory.cell_m, finest=CELLS_M[0]
            )
        )
    return told


def _identity(text: str) -> str:
    bare = re.sub(r"[^a-z0-9]+", "_", plain_text_words(text)).strip("_")
    named = bare if bare[:1].isalpha() else f"territorio_{bare}".rstrip("_")
    # The name of a territory that comes with the program would borrow its rules and its label.
    return f"{named}_propio" if named in {*builtin_territories(), *_TAKEN} else named


def plain_text_words(text: str) -> str:
    """Return words lower-case and without accents, separated by one underscore.

    Examples
    --------
    >>> plain_text_words("Límites de Tarija")
    'limites_de_tarija'
    """
    return "_".join(plain_text(word) for word in re.split(r"[\W_]+", text) if plain_text(word))
