"""``/api/v1/diff``: two studies compared, and the comparisons that are kept with their reasons."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from api.service import service_of
from gis.messages import translator
from zoning.comparison.diff_document import diff_document
from zoning.comparison.saved_comparisons import saved_comparison, saved_comparisons
from zoning.comparison.study_diff import diff_studies

_ = translator("api")
router = APIRouter(prefix="/api/v1", tags=["Zonificación"])

_NAME = 64


@router.get("/diffs", summary=_("Comparaciones de estudios guardadas, con las razones de cada cambio"))
def diffs(request: Request) -> dict[str, Any]:
    """List the kept comparisons: ``valles diff`` makes one."""
    kept = ("from", "to", "area_ha", "changed_ha", "changed_share")
    return {
        "comparisons": [
            {"comparison": each.name, **{key: each.document[key] for key in kept}}
            for each in saved_comparisons(service_of(request).workspace())
        ]
    }


@router.get("/diff", summary=_("Hectáreas que pasan de una zona y clase a otra entre dos estudios"))
def diff(
    request: Request,
    first: Annotated[str, Query(alias="from", max_length=_NAME, description=_("Estudio de partida"))],
    second: Annotated[str, Query(alias="to", max_length=_NAME, description=_("Estudio con el que se compara"))],
    f: Literal["json", "csv"] = "json",
) -> Response:
    """Answer a kept comparison with its reasons and investments; else the hectares alone, measured now."""
    service = service_of(request)
    one, two = service.study(first), service.study(second)
    saved = saved_comparison(service.workspace(), one.name, two.name)
    if saved is not None:
        document = dict(saved.document)
    else:
        document = diff_document(diff_studies(one, two, reasons=False), investments=False)
        document["reasons_note"] = _("esta comparación no está guardada: hágala con valles diff {one} {two}").format(
            one=one.name, two=two.name
        )
    if f == "csv":
        table = pd.DataFrame(document["transitions"])
        return Response(table.to_csv(index=False), media_type="text/csv; charset=utf-8")
    # Only a kept comparison is drawn: its layer bears this name.
    return JSONResponse({**document, "comparison": saved.name if saved else None})
