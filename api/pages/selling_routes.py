"""``/precios/{municipality}/vender`` and ``/precios/mercados``: where a load leaves most, what is known of markets."""

from __future__ import annotations

import math
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse

from api.pages.collector_routes import STYLES, place_of
from api.pages.light_page import light_page, slug_of
from api.pages.page_numbers import age, day, money, written
from api.service import service_of
from gis.errors import VallesError
from gis.messages import translator
from market_prices.book import Book
from market_prices.price_errors import ObservationError, UnknownNameError
from market_prices.vocabulary.vocabulary import Market

_ = translator("api")
router = APIRouter(include_in_schema=False)

_LARGEST = 1e9
_UNITS = ("kg", "arroba", "quintal", "libra", "caja", "bolsa", "carga", "docena")
Short = Annotated[str, Query(max_length=80)]


@router.get("/precios/mercados")
def market_directory(request: Request) -> HTMLResponse:
    """List the markets: days, hours, who buys, whom to ask."""
    service = service_of(request)
    territory = service.territory()
    names = {each.code: each for each in territory.municipalities}
    markets = [each for each in service.book().markets() if each.kind != "index"]
    rows = [_market(each, slug_of(names[each.municipality]) if each.municipality in names else "") for each in markets]
    groups = [
        (_("Mercados de los municipios"), [each for each in rows if each["local"]]),
        (_("Mercados de referencia"), [each for each in rows if not each["local"]]),
    ]
    return light_page("prices_markets.html", request, territory, styles=STYLES, groups=groups, simulated=territory.demo)


def _market(market: Market, slug: str) -> dict[str, Any]:
    kinds = {"city": _("ciudad"), "wholesale": _("mayorista"), "local": _("local")}
    facts = [
        (_("Clase"), kinds.get(market.kind, market.kind)),
        (_("Días"), ", ".join(market.days)),
        (_("Horas"), market.hours),
        (_("Quién compra"), market.buyers),
        (_("Asociaciones"), market.associations),
        (_("Contacto"), market.contact),
    ]
    unknown = ", ".join(name for name, text in facts if not text)
    return {
        "name": market.name,
        "slug": slug,
        "local": market.kind == "local",
        "facts": facts,
        "unknown": unknown[:1] + unknown[1:].lower(),
        "source": market.source,
    }


@router.get("/precios/{municipality}/vender")
def where_to_sell(
    request: Request,
    municipality: str,
    *,
    producto: Short = "",
    cantidad: Short = "",
    unidad: Short = "",
    peso: Short = "",
) -> HTMLResponse:
    """Compare what a load would leave at the farm gate in each market."""
    service = service_of(request)
    territory = service.territory()
    here = place_of(service, municipality)
    book = service.book()
    rows: list[dict[str, Any]] = []
    load: dict[str, str] = {}
    trouble: VallesError | None = None
    if producto.strip():
        try:
            frame = book.compare(
                producto,
                here.code,
                quantity=_number(cantidad, 1.0),
                unit=unidad.strip() or "kg",
                unit_kg=_number(peso, None),
            )
            rows, load = _offers(frame, book), _load(frame, book)
        except (ObservationError, UnknownNameError) as error:
            trouble = error
    return light_page(
        "prices_sell.html",
        request,
        territory,
        styles=STYLES,
        status=200 if trouble is None else 400,
        here=here,
        slug=slug_of(here),
        products=[each.name for each in book.products() if each.local],
        units=_UNITS,
        typed={"producto": producto, "cantidad": cantidad, "unidad": unidad, "peso": peso},
        rows=rows,
        load=load,
        trouble=trouble,
        simulated=territory.demo,
    )


def _number(text: str, absent: float | None) -> Any:  # noqa: ANN401  a float, or what stands for none
    if not text.strip():
        return absent
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not 0 < value <= _LARGEST:
        raise ObservationError(
            _("«{text}» no es una cantidad").format(text=text[:40]),
            expected=_("Un número mayor que 0, por ejemplo 12,5"),
        )
    return value


def _load(frame: pd.DataFrame, book: Book) -> dict[str, str]:
    told = frame.attrs
    quantity = float(told["quantity"])
    return {
        "product": book.vocabulary.product(told["product"])[0].name,
        "quantity": written(quantity, 0 if quantity == round(quantity) else 2),
        "unit": told["unit"],
        "kg": written(float(told["load_kg"]), 0 if told["load_kg"] == round(told["load_kg"]) else 1),
    }


def _offers(frame: pd.DataFrame, book: Book) -> list[dict[str, Any]]:
    """Return the markets in words, the best first, each figure for one unit of the load."""
    weight = float(frame.attrs["load_kg"]) / float(frame.attrs["quantity"])
    return [_offer(each, weight, book) for each in frame.to_dict("records")]


def _offer(row: dict[Any, Any], weight: float, book: Book) -> dict[str, Any]:
    def per_unit(name: str, sign: str = "") -> str:
        return _("sin dato") if pd.isna(row[name]) else f"{sign}{money(round(float(row[name]) * weight, 2))}"

    known = not pd.isna(row["net_per_kg"])
    distance = row["distance_km"]
    far = row["break_even_km"]
    terms = [
        (_("Precio allí"), per_unit("price_per_kg")),
        (_("Pérdida en el camino"), per_unit("loss_per_kg", "− ")),
        (_("Comisión"), per_unit("commission_per_kg", "− ")),
        (_("Flete"), per_unit("freight_per_kg", "− ")),
    ]
    return {
        "name": row["market_name"],
        "level": row["level_name"],
        "best": bool(row["best"]),
        "stale": bool(row["stale"]),
        "estimated": bool(row["estimated"]),
        "net": per_unit("net_per_kg") if known else _("sin dato"),
        "total": money(round(float(row["net_total"]))) if known else "",
        "loses": known and float(row["net_per_kg"]) <= 0,
        "terms": terms if not pd.isna(row["price_per_kg"]) else [],
        "distance": ""
        if pd.isna(distance)
        else _("{km} km (distancia supuesta)").format(km=written(float(distance)))
        if row["distance_assumed"]
        else _("{km} km").format(km=written(float(distance))),
        "break_even": "" if pd.isna(far) else written(float(far)),
        "date": day(row["date"], book.today),
        "date_iso": row["date"].isoformat(),
        "age": age(int(row["age_days"])),
        "why": row["why"],
    }
