"""``/api/v1/zoning``: studies, their legend, hectares and the reason of any place, as the map asks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from api.service import service_of
from gis.messages import translator
from layers.serving.feature_json import json_value
from layers.styles import class_styles

_ = translator("api")
router = APIRouter(prefix="/api/v1/zoning", tags=["Zonificación"])

Longitude = Annotated[float, Query(ge=-180, le=180, description=_("Longitud en grados"))]
Latitude = Annotated[float, Query(ge=-90, le=90, description=_("Latitud en grados"))]


@router.get("/studies", summary=_("Estudios de zonificación que hay"))
def studies(request: Request) -> dict[str, Any]:
    """List the studies."""
    service = service_of(request)
    rows = []
    for name in service.workspace().studies():
        manifest = service.study(name).manifest
        kept = ("scale", "cell_m", "honest_scale", "climate", "polygons", "ruleset_hash", "demo")
        rows.append({"study": name, **{key: manifest.get(key) for key in kept}})
    return {"studies": rows}


@router.get("/{study}/legend", summary=_("Zonas y clases de un estudio, con sus colores y su escala"))
def legend(request: Request, study: str) -> dict[str, Any]:
    """Answer what the colours of a study mean."""
    manifest = service_of(request).study(study).manifest
    return {
        "zones": [
            {"zone": one["zone"], "name": one["name"], "chain": one["chain"] or None, "colour": one["colour"]}
            for one in manifest["zones"]
        ],
        "classes": [{"class": one.name, "name": one.title, "colour": one.colour} for one in class_styles()],
        "scale": manifest["scale"],
        "cell_m": manifest["cell_m"],
        "honest_scale": manifest["honest_scale"],
        "draws": manifest.get("draws", 0),
        "demo": manifest["demo"],
    }


@router.get("/{study}/summary", summary=_("Hectáreas por zona y clase, de un municipio o de todo el territorio"))
def summary(
    request: Request,
    study: str,
    municipality: Annotated[str, Query(max_length=80)] = "",
    f: Literal["json", "csv"] = "json",
) -> Response:
    """Answer the hectares of a municipality, or of all."""
    service = service_of(request)
    territory = service.territory()
    here = territory.municipality(municipality) if municipality else None
    found = service.study(study)
    frame = found.totals() if here is None else found.summary(here.code)
    if f == "csv":
        return Response(frame.to_csv(index=False), media_type="text/csv; charset=utf-8")
    rows = rows_of(frame, ("zone", "zone_name", "class", "area_ha", "share", "stable_ha"))
    return JSONResponse(
        {
            "study": study,
            "municipality": here.code if here else None,
            "name": here.name if here else territory.name,
            "area_ha": sum(row["area_ha"] for row in rows),
            "rows": rows,
            "demo": territory.demo,
        }
    )


@router.get("/{study}/aptitude", summary=_("Hectáreas por aptitud de cada zona, capa superpuesta y cadena"))
def aptitude(
    request: Request,
    study: str,
    municipality: Annotated[str, Query(max_length=80)] = "",
    code: Annotated[str, Query(max_length=60, description=_("Zona, capa o cadena: HOR, TUR, cadena_turismo"))] = "",
    f: Literal["json", "csv"] = "json",
) -> Response:
    """Answer how many hectares are how apt for what, of one municipality or of all."""
    frame = service_of(request).study(study).aptitude(municipality or None)
    frame = frame[frame["code"] == code] if code else frame
    if f == "csv":
        return Response(frame.to_csv(index=False), media_type="text/csv; charset=utf-8")
    return JSONResponse({"study": study, "rows": rows_of(frame, tuple(frame.columns))})


@router.get("/{study}/sensitivity", summary=_("Qué parte del territorio mueve cada regla o fuente, cambiada sola"))
def sensitivity(request: Request, study: str, f: Literal["json", "csv"] = "json") -> Response:
    """Answer what each single rule or source moves, as measured when the study was made."""
    found = service_of(request).study(study)
    record = found.manifest.get("sensitivity") or {"cells": 0, "step": 0, "before_merge": True, "variants": []}
    if f == "csv":
        frame = pd.DataFrame(record["variants"])
        return Response(frame.to_csv(index=False), media_type="text/csv; charset=utf-8")
    return JSONResponse({"study": study, **record})


def rows_of(frame: pd.DataFrame, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return some columns of a frame as JSON rows; missing values are ``None``."""
    return [
        {column: json_value(value) for column, value in zip(columns, row, strict=True)}
        for row in frame[list(columns)].itertuples(index=False, name=None)
    ]


@router.get("/{study}/explain", summary=_("Qué zona tiene un lugar y por qué, con cada tipo de uso y cada factor"))
def explain(request: Request, study: str, lon: Longitude, lat: Latitude) -> JSONResponse:
    """Answer why a place has the zone it has."""
    return JSONResponse(service_of(request).study(study).explain(lon, lat))
