"""The files of the demonstration's mirror, each labelled, and the list that describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.atomic import sha256_of, write_atomically
from gis.rasters.cog import CellType, write_cog
from gis.rasters.raster import Raster
from gis.vectors.vector_files import write_geojson, write_gpkg
from layers.demo.nature import CROPS, blob
from layers.demo.noise import generator
from layers.territory import Territory

LABEL = "datos de demostración"
"""What every file and attribute of the demonstration says."""
_LICENCE = "CC0 1.0: datos de demostración, generados por programa"
_ATTRIBUTION = "Valles, datos de demostración: no representan el territorio"
_DATE = "2025"
_COVER_PATCHES = 160
_ONE_ARTISAN_IN = 8
_CRAFTS = ("tejido (demo)", "cerámica (demo)", "cestería (demo)", "madera (demo)")
_SITES: tuple[tuple[str, str, str], ...] = (
    ("lodging", "hotel", "Hospedaje"),
    ("restaurant", "restaurant", "Comedor"),
    ("grocery", "marketplace", "Mercado"),
    ("attraction", "viewpoint", "Mirador"),
    ("art_gallery", "craft", "Casa de artesanía"),
)


@dataclass
class MirrorFolder:
    """Writes layers into a folder and remembers what it wrote."""

    folder: Path
    """The folder, which exists."""
    entries: list[dict[str, str]] = field(default_factory=list)
    """One record per layer, in the order written."""

    def raster(
        self,
        theme: str,
        raster: Raster,
        *,
        names: list[str],
        unit: str = "",
        dtype: CellType = "float32",
        scale: float = 1.0,
        classes: bool = False,
    ) -> None:
        """Write a raster of a theme.

        Raises
        ------
        StorageError
            When the disk refuses.
        """
        file = f"{theme}.tif"
        write_cog(
            self.folder / file,
            raster,
            names=names,
            dtype=dtype,
            scale=scale,
            classes=classes,
            tags={"notice": LABEL, "source": LABEL, "licence": _LICENCE},
        )
        bands = f"1-{len(names)}" if len(names) > 1 else "1"
        self._remember(theme, file, bands=bands, unit=unit or raster.unit)

    def vector(self, theme: str, frame: gpd.GeoDataFrame, *, gpkg: bool = False) -> None:
        """Write a vector layer of a theme; every row says that it is a demonstration.

        Raises
        ------
        StorageError
            When the disk refuses.
        """
        labelled = frame.assign(fuente=LABEL)
        if gpkg:
            write_gpkg(labelled, self.folder / f"{theme}.gpkg", layer=theme)
            self._remember(theme, f"{theme}.gpkg", layer=theme)
        else:
            write_geojson(labelled, self.folder / f"{theme}.geojson")
            self._remember(theme, f"{theme}.geojson")

    def finish(self) -> None:
        """Write ``mirror.toml``.

        Raises
        ------
        StorageError
            When the disk refuses.
        """
        blocks = [
            "\n".join(["[[layer]]", *(f'{key} = "{value}"' for key, value in entry.items())]) for entry in self.entries
        ]
        head = f"# {LABEL.capitalize()}: todo fue generado por programa; nada de esto es un dato del territorio.\n\n"
        write_atomically(self.folder / "mirror.toml", head + "\n\n".join(blocks) + "\n")

    def _remember(self, theme: str, file: str, **more: str) -> None:
        climate = {"climate": "demo"} if theme.startswith("temperature") or theme == "precipitation" else {}
        self.entries.append(
            {
                "theme": theme,
                "file": file,
                **more,
                **climate,
                "source": LABEL,
                "licence": _LICENCE,
                "attribution": _ATTRIBUTION,
                "date": _DATE,
                "sha256": sha256_of(self.folder / file),
            }
        )


def demo_boundaries(territory: Territory, outlines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the outlines with the columns that official boundaries have."""
    columns = {
        "cod_ine": [each.code for each in territory.municipalities],
        "municipio": [each.name for each in territory.municipalities],
        "provincia": [each.province for each in territory.municipalities],
        "departamento": [territory.department] * len(territory.codes),
        "area_km2": [each.area_km2 for each in territory.municipalities],
    }
    return gpd.GeoDataFrame(columns, geometry=list(outlines.geometry), crs=outlines.crs)


def demo_cover(land_cover: Raster, settlements: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return mapped fields, orchards and vineyards on tilled ground: ``clase``, ``subclase`` and polygons.

    Parameters
    ----------
    land_cover
        Codes of ESA WorldCover.
    settlements
        With ``comunidad``; orchards lie near Vallegrande and Comarapa, vineyards near Samaipata.
    """
    grid, random = land_cover.grid, generator("cover")
    rows, cols = np.nonzero(land_cover.filled() == CROPS)
    picked = np.sort(random.choice(len(rows), size=min(_COVER_PATCHES, len(rows)), replace=False))
    spots = np.column_stack([grid.xs[cols[picked]], grid.ys[rows[picked]]])
    special = {"vineyard": ("Samaipata",), "orchard": ("Vallegrande", "Comarapa")}
    kinds = np.full(len(spots), "farmland", dtype=object)
    for kind, names in special.items():
        for point in settlements.loc[settlements["comunidad"].isin(names), "geometry"]:
            kinds[np.hypot(spots[:, 0] - point.x, spots[:, 1] - point.y) < 9_000.0] = kind  # noqa: PLR2004  around town
    shapes = [
        blob(x, y, float(area), name=f"field-{number}")
        for number, ((x, y), area) in enumerate(zip(spots, random.uniform(6.0, 45.0, len(spots)), strict=True))
    ]
    columns = {"clase": ["farmland"] * len(spots), "subclase": list(kinds)}
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=settlements.crs)


def demo_artisan_communities(settlements: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return communities where somebody makes things by hand: ``comunidad``, ``rubro``, ``artesanos`` and points."""
    random = generator("artisans")
    picked = np.sort(random.choice(len(settlements), size=len(settlements) // _ONE_ARTISAN_IN, replace=False))
    there = settlements.iloc[picked]
    columns = {
        "comunidad": [str(name) for name in there["comunidad"]],
        "rubro": [_CRAFTS[place % len(_CRAFTS)] for place in range(len(there))],
        "artesanos": [int(count) for count in random.integers(3, 30, len(there))],
    }
    return gpd.GeoDataFrame(columns, geometry=list(there.geometry), crs=settlements.crs)


def demo_points_of_interest(settlements: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return lodging, markets and sights in and around the towns: ``clase``, ``subclase``, ``nombre`` and points."""
    random = generator("points")
    towns = settlements[settlements["clase"] == "town"]
    rows, places = [], []
    for name, point, inhabitants in zip(towns["comunidad"], towns.geometry, towns["poblacion"], strict=True):
        for kind, subkind, word in _SITES:
            for number in range(1 + int(inhabitants) // 2_500):
                rows.append((kind, subkind, f"{word} {name} {number + 1} (demo)"))
                reach = 3_000.0 if kind == "attraction" else 450.0
                places.append((point.x + random.normal(0, reach), point.y + random.normal(0, reach)))
    columns = pd.DataFrame(rows, columns=["clase", "subclase", "nombre"])
    return gpd.GeoDataFrame(columns, geometry=shapely.points(np.round(places, 1)), crs=settlements.crs)
