"""``/zoning/preview``: a study's map under changed rules, tile by tile, and the hectares of a municipality.

Nothing is written but the change itself, under its hash; whoever may read the map may try a rule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api.answer_states import problems_for
from api.pages.visit_limit import VisitLimit
from api.preview_body import sent_change
from api.preview_lane import PNG, tile_headers
from api.preview_shelf import shelf_of
from api.service import service_of
from gis.messages import translator
from layers.serving.feature_json import json_value
from zoning.comparison.preview import PreviewTable

_ = translator("api")
router = APIRouter(prefix="/zoning/preview", tags=["Zonificación"])

DEEPEST = 24
CHANGES_MOST, CHANGES_SECONDS = 180, 60.0
"""Changes that one address may send within so many seconds: whoever drags a limit sends two or three in a second."""

POST_WAIT, READ_WAIT = 2.0, 20.0
"""Seconds that an answer waits for a study to be opened before it says that it is being prepared."""

Table = Annotated[str, Query(max_length=64, description=_("Clave («hash») que respondió POST /zoning/preview"))]
OfStudy = Annotated[str, Query(max_length=64, description=_("Estudio; sin él, el del servidor"))]

EXAMPLE = {"gates": {"near_people": {"distance_road": 3000}}, "minimum": {"VID": "S2"}}
BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"type": "object", "examples": [EXAMPLE]}, "example": EXAMPLE}},
}
"""What is sent, as the definition of the address tells it."""


@router.post(
    "",
    summary=_("Enviar un cambio de reglas para verlo en el mapa; no se guarda ningún estudio"),
    responses={
        503: {"description": _("El estudio se está preparando: pedir de nuevo")},
        **problems_for(400, 404, 409, 413, 422, 429),
    },
    openapi_extra={"requestBody": BODY},
)
def post_change(request: Request, change: Annotated[object, Depends(sent_change)], study: OfStudy = "") -> JSONResponse:
    """Take a change of rules and answer its hash, where to ask for its tiles, and what it needs."""
    wait = cast("VisitLimit", request.app.state.preview_limit).wait(request.client.host if request.client else "")
    if wait > 0:
        raise HTTPException(
            429,
            _("Demasiados cambios de reglas desde esta dirección: a lo sumo {most} por minuto").format(
                most=CHANGES_MOST
            ),
            headers={"Retry-After": str(math.ceil(wait))},
        )
    posted, table = shelf_of(request).post(study, change, wait=POST_WAIT)
    return JSONResponse(
        {
            "hash": posted.hash,
            "study": posted.study,
            "ready": table.drawn is not None,
            "tiles": f"/zoning/preview/{{z}}/{{x}}/{{y}}.png?table={posted.hash}",
            "summary": f"/zoning/preview/summary?table={posted.hash}&municipality=",
            "needs": _needs(table),
        },
        headers={"Cache-Control": "no-store"},
    )


@router.get("/summary", summary=_("Hectáreas por zona y clase de un municipio con un cambio de reglas y sin él"))
def summary(
    request: Request,
    table: Table,
    municipality: Annotated[str, Query(max_length=80)],
    study: OfStudy = "",
) -> JSONResponse:
    """Answer the hectares of a municipality under a change beside those of the study's rules."""
    posted, preview, rows = shelf_of(request).table(table, study, wait=READ_WAIT)
    here = service_of(request).territory().municipality(municipality)
    frame = preview.summary(rows, here.code)
    names = {zone.code: zone.name for zone in rows.rules.zones}
    told: list[Mapping[str, Any]] = [
        {
            "zone": row["zone"],
            "zone_name": names[row["zone"]],
            "class": row["class"],
            **{name: json_value(row[name]) for name in ("area_ha", "base_ha", "change_ha")},
        }
        for row in frame.to_dict("records")
    ]
    gained = frame.groupby("zone")["change_ha"].sum().clip(lower=0).sum()
    return JSONResponse(
        {
            "study": posted.study,
            "hash": posted.hash,
            "municipality": here.code,
            "name": here.name,
            "moved_ha": round(float(gained), 4),
            "before_merge": True,
            "rows": told,
            "demo": service_of(request).territory().demo,
        },
        headers={"Cache-Control": "no-cache"},
    )


@router.get(
    "/{z}/{x}/{y}.png",
    summary=_("Una tesela del mapa de zonas con un cambio de reglas; 204 fuera del territorio"),
    responses={204: {"description": _("Nada que dibujar")}},
)
def tile(
    request: Request,
    *,
    z: Annotated[int, Path(ge=0, le=DEEPEST)],
    x: Annotated[int, Path(ge=0)],
    y: Annotated[int, Path(ge=0)],
    table: Table,
    study: OfStudy = "",
) -> Response:
    """Send one tile, drawn now from the stack; 204 where there is nothing to draw."""
    posted, preview, rows = shelf_of(request).table(table, study, wait=READ_WAIT)
    headers = tile_headers(preview.hash, posted.hash, service_of(request).settings.tile_max_age)
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    picture = preview.tile(rows, z, x, y)
    if picture is None:
        return Response(status_code=204, headers=headers)
    return Response(picture, headers=headers, media_type=PNG)


def _needs(table: PreviewTable) -> dict[str, Any]:
    cost = table.cost
    return {
        "text": str(cost),
        "encode": list(cost.encode),
        "layers": list(cost.layers),
        "seconds": round(cost.seconds, 1),
        "uncut": [
            {"characteristic": each.characteristic, "limit": each.limit, "nearest": list(each.nearest)}
            for each in table.uncut
        ],
    }
