"""``/api/v1/prices/bulletin``: the bulletin of the week as JSON, text, table and printed page."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.answer_states import problems_for
from api.service import service_of
from gis.messages import current_language, translator

_ = translator("api")
router = APIRouter(prefix="/api/v1/prices", tags=["Precios"], responses=problems_for(400, 404, 422, 503))

_DAY = r"^\d{4}-\d{2}-\d{2}$"
_TYPES = {
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
}


@router.get("/bulletin/{municipality}", summary=_("Boletín de la semana de un municipio, o de la región (region)"))
def bulletin(
    request: Request,
    municipality: str,
    *,
    date: Annotated[str | None, Query(pattern=_DAY, description=_("Último de los siete días"))] = None,
    as_of: Annotated[str | None, Query(pattern=_DAY, description=_("Como se sabía al terminar ese día"))] = None,
    text: Annotated[
        Literal["message", "radio"], Query(description=_("Con f=txt: mensaje, o para la radio"))
    ] = "message",
    f: Annotated[Literal["json", "txt", "csv", "pdf"], Query(description=_("Formato de la respuesta"))] = "json",
) -> Response:
    """Answer the bulletin; unchanged since the reader's last visit, only that."""
    service = service_of(request)
    region = municipality == "region"
    place = "region" if region else service.territory().municipality(municipality.replace("-", " ")).code
    book = service.book()
    parts = (book.state(), place, date or book.today, as_of, text, f, current_language())
    tag = f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found = book.bulletin(None if region else place, date=date, as_of=as_of)
    content: bytes | str
    if f == "pdf":
        content = found.pdf()
        headers["Content-Disposition"] = f'inline; filename="boletin-{place}-{found.data.date.isoformat()}.pdf"'
    elif f == "csv":
        content = found.csv()
    elif f == "txt":
        content = f"{found.radio() if text == 'radio' else found.message()}\n"
    else:
        content = json.dumps(found.as_dict(), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Response(content, media_type=_TYPES[f], headers=headers)
