"""Writing prices over HTTP: one price, a file, a decision on a flag; with a token whose role allows it."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from api.answer_states import problems_for
from api.price_access import Writer, require_flag
from api.service import service_of
from gis.messages import translator
from market_prices.access.access_errors import RightError
from market_prices.access.account_records import CORRECT, DECIDE, IMPORT, RECORD, Account
from market_prices.book import Book, records
from market_prices.price_errors import ObservationError, UnknownNameError

_ = translator("api")
router = APIRouter(prefix="/api/v1/prices", tags=[_("Escribir precios")])

Text = Annotated[str, Field(max_length=80)]
_PROBLEM_FIELDS = ("line", "status", "code", "reason", "raw")
_FILE_BODY = {
    "requestBody": {
        "required": True,
        "description": _("El archivo tal cual: CSV, XLSX u ODS"),
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
}


class NewPrice(BaseModel):
    """One price as it was seen."""

    model_config = ConfigDict(extra="forbid")

    product: Text
    market: Annotated[str, Field(max_length=80, description=_("Mercado, o el código de un municipio"))]
    unit: Annotated[str, Field(max_length=80, description=_("kg, arroba, caja …; vacía sólo con NC o NA"))] = ""
    price: Annotated[float | None, Field(description=_("El más común; nulo sólo con availability"))] = None
    low: float | None = None
    high: float | None = None
    quantity: Annotated[float, Field(description=_("Cuántas unidades valen ese precio"))] = 1.0
    date: Annotated[str, Field(max_length=40, description=_("Día del precio; hoy si no se dice"))] = ""
    time: Text = ""
    level: Annotated[str, Field(max_length=40, description="farm_gate, wholesale, retail")] = "wholesale"
    variety: Text = ""
    package: Text = ""
    currency: Text = "BOB"
    availability: Annotated[str, Field(max_length=40, description=_("NC: había, no se tomó; NA: no había"))] = ""
    sale: Text = ""
    offered: Annotated[float | None, Field(description=_("Cantidad ofrecida, en la unidad"))] = None
    origin: Text = ""
    correction: Annotated[bool, Field(description=_("Reemplaza lo anotado ese día; lo anterior queda"))] = False


class Decision(BaseModel):
    """What a steward says of a flag."""

    model_config = ConfigDict(extra="forbid")

    decision: Annotated[
        Literal["confirmed", "dismissed"],
        Field(description=_("confirmed: es un error y sale de las series; dismissed: vale")),
    ]
    reason: Annotated[str, Field(min_length=1, max_length=400)]


@router.post(
    "",
    status_code=201,
    summary=_("Anota un precio; el autor es el usuario de la clave"),
    responses=problems_for(400, 401, 403, 413, 422, 429, 503),
)
def add_price(request: Request, writer: Writer, price: NewPrice) -> Response:
    """Record one price."""
    book = service_of(request).book()
    given = price.model_dump()
    writer.require(RECORD)
    try:
        writer.require(CORRECT if given["correction"] else RECORD, book.vocabulary.market(given["market"]))
        given["date"] = given["date"] or None
        done = book.add(given.pop("product"), given.pop("market"), **given, author=writer.name)
    except UnknownNameError as error:  # what a body names is no address: nothing is missing here
        raise ObservationError(error.found, expected=error.expected, remedy=error.remedy) from error
    return JSONResponse({**done.as_dict(), "author": writer.name}, 201)


@router.post(
    "/import",
    summary=_("Trae un archivo de precios: con dry_run=true muestra qué pasaría, sin él lo escribe"),
    responses=problems_for(400, 401, 403, 413, 422, 429, 503),
    openapi_extra=_FILE_BODY,
)
async def import_prices(
    request: Request,
    writer: Writer,
    *,
    name: Annotated[str, Query(max_length=200, description=_("Nombre del archivo, con su terminación"))],
    dry_run: Annotated[bool, Query(description=_("Sólo mostrar qué pasaría"))] = False,
    fix: Annotated[bool, Query(description=_("El archivo trae filas rechazadas, corregidas"))] = False,
) -> Response:
    """Import a file in one transaction."""
    writer.require(IMPORT)
    if writer.municipalities:
        raise RightError(
            _("{name} no puede importar: su clave se limita a un municipio").format(name=writer.name),
            expected=_("Una clave sin límite de municipio: un archivo puede traer cualquier mercado"),
            remedy=_("Anote los precios en la página de su municipio, o pida que se importe el archivo"),
        )
    content = await request.body()
    book = service_of(request).book()
    return await run_in_threadpool(_imported, book, writer, content, PurePath(name).name, dry_run=dry_run, fix=fix)


def _imported(book: Book, writer: Account, content: bytes, name: str, *, dry_run: bool, fix: bool) -> Response:
    if not name or not name.isprintable():
        raise ObservationError(_("Falta el nombre del archivo"), expected=_("name=precios.csv en la dirección"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        done = book.import_file(path, author=writer.name, dry_run=dry_run, fix=fix)
    problems = [{each: getattr(row, each) for each in _PROBLEM_FIELDS} for row in done.problems]
    told = {"file": name, "rows": done.rows, "dry_run": dry_run, "problems": problems, "author": writer.name}
    return JSONResponse({**done.as_dict(), **told}, 200 if dry_run or done.batch is None else 201)


@router.get(
    "/flags",
    summary=_("Marcas de la revisión: qué precio parece un error, y por qué"),
    responses=problems_for(400, 401, 403, 404, 422, 429, 503),
)
def flags(
    request: Request,
    writer: Writer,
    *,
    product: Annotated[str | None, Query(max_length=80)] = None,
    market: Annotated[str | None, Query(max_length=80)] = None,
    status: Literal["open", "confirmed", "dismissed", "lapsed", "superseded", "all"] = "open",
    severity: Literal["error", "doubtful", "notice"] | None = None,
) -> dict[str, Any]:
    """List flags, worst first."""
    writer.require(DECIDE)
    book = service_of(request).book()
    rows = records(book.flags(product, market, status=status, severity=severity))
    return {"flags": [each for each in rows if writer.covers(book.vocabulary.market(each["market"]))]}


@router.post(
    "/flags/{flag}/decision",
    summary=_("Confirma o descarta una marca, con su motivo"),
    responses=problems_for(400, 401, 403, 404, 413, 422, 429, 503),
)
def decide(request: Request, writer: Writer, flag: int, told: Decision) -> dict[str, Any]:
    """Record what a steward says of a flag."""
    writer.require(DECIDE)
    book = service_of(request).book()
    require_flag(book, writer, flag)
    book.decide(flag, told.decision, author=writer.name, reason=told.reason)
    return {"flag": flag, "decision": told.decision, "author": writer.name, "reason": told.reason}
