"""HydroRIVERS 1.0: the river network of a continent, a zip archive of a shapefile or a file geodatabase per region.

Columns after its technical documentation: ``ORD_STRA`` is the Strahler order, ``DIS_AV_CMS`` the mean discharge of many
years in m³/s. It does not say which rivers carry water all the year, so ``permanent`` stays empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.errors import InputError
from gis.messages import translator
from layers.mirrors.mirror import MirrorLayer
from layers.sources.countries import country_of
from layers.sources.product import Place, ProductRecord, Supply, Wanted
from layers.sources.vector_piece import needed_file, own_file, read_in_place, refuse_nothing, vector_piece

_ = translator("layers")

RIVER_ORDER = 4
"""Strahler order from which a reach is called a river; below it is a stream."""
_ENDINGS = (".zip", ".shp", ".gpkg", ".geojson", ".fgb")
_ORDER, _DISCHARGE = "ORD_STRA", "DIS_AV_CMS"


@dataclass(frozen=True)
class HydroRivers:
    """The adapter."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:
        """Return the archive of the place's region.

        Raises
        ------
        gis.errors.MissingError
            The territory's country is not known.
        """
        stated = own_file(self.record, _ENDINGS)
        if stated is not None:
            return (stated,)
        name = f"HydroRIVERS_v10_{country_of(place.territory, self.record).rivers}_shp.zip"
        return (Wanted(address=self.record.address + name, name=name, whole=True),)

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the reaches of a place with their order and discharge.

        Raises
        ------
        gis.errors.VallesError
            The file is absent, damaged, or has not the columns of HydroRIVERS.
        """
        (wanted,) = self.wanted(place)
        frame = read_in_place(needed_file(self.record, supply, wanted), place.bounds)
        refuse_nothing(self.record, frame, place)
        absent = [name for name in (_ORDER, _DISCHARGE) if name not in frame.columns]
        if absent:
            raise InputError(
                _("{name} no es HydroRIVERS: le falta {columns}").format(name=wanted.name, columns=", ".join(absent)),
                expected=_("Las columnas ORD_STRA (orden de Strahler) y DIS_AV_CMS (caudal medio, m³/s)"),
            )
        return (vector_piece(self.record, "streams", _streams(frame), folder, steps=_steps(frame)),)


def product(record: ProductRecord) -> HydroRivers:
    """Return the adapter of a record."""
    return HydroRivers(record)


def _streams(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    order = pd.to_numeric(frame[_ORDER], errors="coerce")
    discharge = pd.to_numeric(frame[_DISCHARGE], errors="coerce")
    return gpd.GeoDataFrame(
        {
            "stream_class": np.where(order >= RIVER_ORDER, "river", "stream"),
            "stream_order": order.astype("Int64"),
            "discharge_m3_s": discharge.where(discharge >= 0).astype(float),
        },
        geometry=list(frame.geometry),
        crs=frame.crs,
    )


def _steps(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    return (
        _("{count} tramos; río desde el orden de Strahler {order}, quebrada por debajo").format(
            count=len(frame), order=RIVER_ORDER
        ),
        _("la fuente no dice qué cursos llevan agua todo el año"),
    )
