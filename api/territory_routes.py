"""``/api/v1/territory``: the territory and its municipalities, as the map's picker needs them."""

from __future__ import annotations

from typing import Any

import shapely
from fastapi import APIRouter, Request
from shapely.geometry import shape

from api.service import Service, service_of
from gis.messages import translator
from layers.map_layer import FeatureQuery, MapLayer
from layers.territory import Municipality

_ = translator("api")
router = APIRouter(prefix="/api/v1", tags=["Territorio"])
_DECIMALS = 6


@router.get("/territory", summary=_("Territorio y municipios"))
def territory(request: Request) -> dict[str, Any]:
    """Territory, its extent and its municipalities."""
    service = service_of(request)
    here = service.territory()
    outlines = _outlines(service)
    studies = service.workspace().studies()
    shown = service.settings.study if service.settings.study in studies else next(iter(studies), None)
    boxes = [outline["bounds"] for outline in outlines.values()]
    return {
        "id": here.id,
        "name": here.name,
        "demo": here.demo,
        "notice": here.notice,
        "bounds": _around(boxes) if boxes else _seats_box(here.municipalities),
        "study": shown,
        "municipalities": [_municipality(one, outlines.get(one.code)) for one in here.municipalities],
    }


def _municipality(one: Municipality, outline: dict[str, Any] | None) -> dict[str, Any]:
    seat = one.seat
    return {
        "code": one.code,
        "name": one.name,
        "province": one.province,
        "bounds": outline["bounds"] if outline else None,
        "area_ha": outline["area_ha"] if outline else None,
        "seat": {"name": seat.name, "lon": seat.lon, "lat": seat.lat} if seat else None,
    }


def _outlines(service: Service) -> dict[str, dict[str, Any]]:
    """Return box and area of each municipality whose outline is prepared, by code."""
    layer: MapLayer | None = service.registry.layers().get("municipalities")
    if layer is None:
        return {}
    page = layer.features(FeatureQuery(limit=100_000))
    return {
        str(feature["properties"]["code"]): {
            "bounds": [round(float(edge), _DECIMALS) for edge in shapely.bounds(shape(feature["geometry"]))],
            "area_ha": feature["properties"].get("area_ha"),
        }
        for feature in page.features
    }


def _around(boxes: list[list[float]]) -> list[float]:
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return [min(wests), min(souths), max(easts), max(norths)]


def _seats_box(municipalities: tuple[Municipality, ...]) -> list[float] | None:
    """Return the box of the seats, while no outline is prepared."""
    seats = [one.seat for one in municipalities if one.seat]
    return _around([[seat.lon, seat.lat, seat.lon, seat.lat] for seat in seats]) if seats else None
