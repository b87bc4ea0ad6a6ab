"""Reference systems of answers and boxes: OGC API Features, part 2.

Layers speak longitude and latitude (CRS84) only; here features are brought into the system a reader asks for, in the
axis order that system's authority states (EPSG:4326 is latitude first), and boxes are brought back.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError
from shapely.geometry import mapping, shape

from gis.errors import InputError
from gis.messages import translator
from layers.map_layer import Bounds

_ = translator("api")

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
_DEGREE_DECIMALS = 7
_METRE_DECIMALS = 3


def systems_of(territory_crs: str) -> tuple[str, ...]:
    """Return the systems in which features are given, CRS84 first, that of the territory last.

    Examples
    --------
    >>> systems_of("EPSG:32720")[-1]
    'http://www.opengis.net/def/crs/EPSG/0/32720'
    """
    always = (CRS84, f"{_EPSG}4326", f"{_EPSG}3857")
    authority, _colon, code = territory_crs.partition(":")
    own = f"{_EPSG}{code}"
    return always if authority.upper() != "EPSG" or own in always else (*always, own)


def chosen_system(asked: str | None, known: tuple[str, ...], name: str) -> str:
    """Return the system that a reader asks for under the parameter ``name``, CRS84 when none.

    Raises
    ------
    InputError
        If features are not given in it.
    """
    if not asked:
        return CRS84
    if asked not in known:
        raise InputError(
            _("{name} pide un sistema de referencia que no se ofrece: «{text}»").format(name=name, text=asked),
            expected=_("Uno de: {names}").format(names=", ".join(known)),
        )
    return asked


@lru_cache(maxsize=32)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(_crs(source), _crs(target))


@lru_cache(maxsize=32)
def _crs(system: str) -> pyproj.CRS:
    name = "OGC:CRS84" if system == CRS84 else f"EPSG:{system.removeprefix(_EPSG)}"
    try:
        return pyproj.CRS.from_user_input(name)
    except CRSError as error:
        raise InputError(_("Sistema de referencia desconocido: «{name}»").format(name=name)) from error


def box_in_degrees(box: Bounds, system: str) -> Bounds:
    """Return a box in ``system``, axes in its authority's order, as west, south, east and north in degrees.

    Raises
    ------
    InputError
        If the box lies where the system is not defined.

    Examples
    --------
    >>> box_in_degrees((-19.0, -65.0, -18.0, -64.0), "http://www.opengis.net/def/crs/EPSG/0/4326")
    (-65.0, -19.0, -64.0, -18.0)
    """
    if system == CRS84:
        return box
    # Taken edge by edge: the outline of a box in metres is curved in degrees.
    bounds = _transformer(system, CRS84).transform_bounds(*box)
    west, south, east, north = (float(edge) for edge in bounds)
    if not all(np.isfinite((west, south, east, north))):
        raise InputError(
            _("bbox queda fuera de su sistema de referencia"), expected=_("Un recuadro en las unidades de bbox-crs")
        )
    return west, south, east, north


def feature_in(feature: Mapping[str, Any], system: str) -> dict[str, Any]:
    """Return a GeoJSON feature of CRS84 with its geometry in ``system``."""
    if system == CRS84 or feature.get("geometry") is None:
        return dict(feature)
    transformer = _transformer(CRS84, system)
    decimals = _DEGREE_DECIMALS if _crs(system).is_geographic else _METRE_DECIMALS

    def moved(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        first, second = transformer.transform(points[:, 0], points[:, 1])
        return np.round(np.column_stack([first, second]), decimals)

    return {**feature, "geometry": mapping(shapely.transform(shape(feature["geometry"]), moved))}
