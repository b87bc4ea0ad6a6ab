"""``/api/v1/prices``: latest prices, series and municipal cards as JSON or CSV."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, Response

from api.answer_states import problems_for
from api.service import service_of
from gis.messages import translator
from market_prices.book import records
from market_prices.vocabulary.index_items import INDEX_MARKET

if TYPE_CHECKING:
    import pandas as pd

_ = translator("api")
router = APIRouter(prefix="/api/v1/prices", tags=["Precios"], responses=problems_for(400, 404, 422, 503))

Format = Annotated[Literal["json", "csv"], Query(description=_("Formato de la respuesta"))]
Name = Annotated[str | None, Query(max_length=80)]
Product = Annotated[str, Query(max_length=80, description=_("Producto, o rubro del índice del INE"))]
Day = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description=_("Fecha, como 2026-05-31"))]
InUnit = Annotated[str | None, Query(max_length=80, description=_("Medida en la que decir el precio"))]
Vintages = Annotated[bool, Query(description=_("También la primera ALPS de cada mes, como se calculó al terminar"))]
Level = Annotated[Literal["farm_gate", "wholesale", "retail"] | None, Query(description=_("Nivel del precio"))]


@router.get("/latest", summary=_("Último precio de cada producto en cada mercado, con su edad"))
def latest(
    request: Request,
    *,
    product: Name = None,
    market: Name = None,
    as_of: Day = None,
    level: Level = None,
    unit: Name = None,
    in_unit: InUnit = None,
    f: Format = "json",
) -> Response:
    """Answer the latest prices."""
    book = service_of(request).book()
    if f == "json" and in_unit is None:
        rows = book.latest_records(product, market, as_of=as_of, level=level, unit=unit)
        return JSONResponse({"demo": service_of(request).territory().demo, "prices": rows})
    frame = book.latest(product, market, as_of=as_of, level=level, unit=unit, in_unit=in_unit)
    return _rows(request, frame, f, name="prices")


@router.get("/series", summary=_("Serie de un producto en un mercado"))
def series(
    request: Request,
    *,
    product: Annotated[str, Query(max_length=80)],
    market: Annotated[str, Query(max_length=80)],
    as_of: Day = None,
    level: Level = None,
    unit: Name = None,
    in_unit: InUnit = None,
    start: Day = None,
    end: Day = None,
    frequency: Annotated[Literal["daily", "weekly", "monthly"] | None, Query()] = None,
    f: Format = "json",
) -> Response:
    """Answer a series."""
    if f == "json" and in_unit is None:
        wanted = {"as_of": as_of, "level": level, "unit": unit, "start": start, "end": end, "frequency": frequency}
        rows = service_of(request).book().series_records(product, market, **wanted)
        demo = service_of(request).territory().demo
        return JSONResponse({"product": product, "market": market, "demo": demo, "series": rows})
    frame = (
        service_of(request)
        .book()
        .series(
            product,
            market,
            as_of=as_of,
            level=level,
            unit=unit,
            in_unit=in_unit,
            start=start,
            end=end,
            frequency=frequency,
        )
    )
    return _rows(request, frame, f, name="series", product=product, market=market)


def series_asked(
    *,
    product: Product,
    market: Name = None,
    as_of: Day = None,
    until: Day = None,
    level: Level = None,
    unit: Name = None,
    variety: Name = None,
) -> dict[str, str | None]:
    """Return which series a reader asked for, up to when and as known when."""
    only = {"level": level, "unit": unit, "variety": variety}
    return {"product": product, "market": market, "as_of": as_of, "until": until, **only}


Asked = Annotated[dict[str, Any], Depends(series_asked)]


@router.get("/indicators", summary=_("Precio real, alertas ALPS e IFPA, cambio y volatilidad por mes"))
def indicators(request: Request, asked: Asked, *, vintages: Vintages = False, f: Format = "json") -> Response:
    """Answer the indicators of each series of a product."""
    from market_prices import with_first_values  # noqa: PLC0415  a server starts without it

    book = service_of(request).book()

    def read(**wanted: str | None) -> pd.DataFrame:
        found = book.indicators(**wanted)
        return with_first_values(found) if vintages else found

    return _figures(request, read, asked, f, name="indicators")


@router.get("/season", summary=_("Índice estacional de un producto: qué meses son caros y cuáles baratos"))
def season(request: Request, asked: Asked, f: Format = "json") -> Response:
    """Answer the seasonal index of each series of a product."""
    return _figures(request, service_of(request).book().season, asked, f, name="season")


@router.get("/forecast", summary=_("Precio de los tres meses que siguen, o por qué nada mejora el último precio"))
def forecast(request: Request, asked: Asked, f: Format = "json") -> Response:
    """Answer the forecast of each series of a product."""
    return _figures(request, service_of(request).book().forecast, asked, f, name="forecast")


@router.get("/spread", summary=_("Diferencia de precio entre mercados, con los bloqueos al lado"))
def spread(
    request: Request,
    *,
    product: Product,
    market: Name = None,
    other: Name = None,
    as_of: Day = None,
    until: Day = None,
    level: Level = None,
    variety: Name = None,
    frequency: Annotated[Literal["weekly", "monthly"] | None, Query()] = None,
    f: Format = "json",
) -> Response:
    """Answer the prices of pairs of markets side by side, and which follows which."""
    book = service_of(request).book()
    wanted = {"other": other, "as_of": as_of, "until": until, "level": level, "variety": variety}
    frame = book.spread(product, market, **wanted, frequency=frequency)
    if f == "csv":
        return _rows(request, frame, f, name="spread")
    pairs = records(book.transmission(product, market, **wanted, frequency=frequency))
    asked = {"product": product, "market": market or "", "other": other or ""}
    demo = service_of(request).territory().demo
    return JSONResponse({**asked, "demo": demo, "spread": records(frame), "transmission": pairs})


@router.get("/municipal/{municipality}", summary=_("Precios de un municipio: propios, o de sus mercados de referencia"))
def municipal(request: Request, municipality: str, as_of: Day = None, f: Format = "json") -> Response:
    """Answer the price cards of a municipality."""
    import pandas as pd  # noqa: PLC0415  a server starts without it

    service = service_of(request)
    here = service.territory().municipality(municipality)
    told = service.book().municipal(here.code, as_of=as_of).as_dict()
    if f == "json":
        return JSONResponse(told)
    rows = [{**card, "flags": " ".join(card["flags"])} for card in told["cards"]]
    return Response(pd.DataFrame(rows).to_csv(index=False), media_type="text/csv; charset=utf-8")


@router.get("/region", summary=_("Precios de todos los municipios, cada uno con los suyos o los de referencia"))
def region(request: Request, *, as_of: Day = None) -> Response:
    """Answer the price cards of all municipalities."""
    service = service_of(request)
    told = [each.as_dict() for each in service.book().region(as_of=as_of)]
    return JSONResponse(
        {"demo": service.territory().demo or any(each["demo"] for each in told), "municipalities": told}
    )


@router.get("/compare", summary=_("Dónde conviene vender: lo que queda en la finca, por mercado, con cada descuento"))
def compare(
    request: Request,
    *,
    product: Annotated[str, Query(max_length=80)],
    municipality: Annotated[str, Query(max_length=80)],
    quantity: Annotated[float, Query(gt=0, le=1e9)] = 1.0,
    unit: Annotated[str, Query(max_length=80)] = "kg",
    unit_kg: Annotated[float | None, Query(gt=0, le=1e6)] = None,
    market: Name = None,
    as_of: Day = None,
    f: Format = "json",
) -> Response:
    """Answer what a load leaves in each market."""
    service = service_of(request)
    here = service.territory().municipality(municipality).code
    frame = service.book().compare(
        product, here, quantity=quantity, unit=unit, unit_kg=unit_kg, market=market, as_of=as_of
    )
    told = {name: frame.attrs[name] for name in ("product", "municipality", "quantity", "unit", "load_kg")}
    return _rows(request, frame, f, name="markets", **told)


@router.get("/products", summary=_("Productos que el libro conoce, y en cuántos mercados tiene precio cada uno"))
def products(request: Request) -> dict[str, Any]:
    """Answer the products."""
    book = service_of(request).book()
    priced = {(each["product"], each["market"]) for each in book.latest_records()}
    markets = Counter(product for product, market in priced if market != INDEX_MARKET)
    return {
        "products": [
            {
                "id": one.id,
                "name": one.name,
                "group": one.group,
                "kind": one.kind,
                "chain": one.chain,
                "synonyms": list(one.synonyms),
                "local": one.local,
                "markets": markets[one.id],
            }
            for one in (*book.products(), *book.index_items())
        ]
    }


def _figures(
    request: Request, read: Callable[..., pd.DataFrame], asked: dict[str, Any], wanted: str, *, name: str
) -> Response:
    return _rows(request, read(**asked), wanted, name=name, product=asked["product"], market=asked["market"] or "")


def _rows(request: Request, frame: pd.DataFrame, wanted: str, *, name: str, **more: Any) -> Response:  # noqa: ANN401  JSON is anything
    demo = service_of(request).territory().demo
    if wanted == "csv":
        text = frame.to_csv(index=False)
        return Response(text, media_type="text/csv; charset=utf-8")
    return JSONResponse({**more, "demo": demo, name: records(frame)})
