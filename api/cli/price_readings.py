"""``valles prices latest|series|export|products|markets``: what the price book says, with the age of every figure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.price_options import AsOfOption, MarketOption, ProductOption, open_book, written_date
from gis.messages import translator

_ = translator("api")

UnitOption = Annotated[
    str, typer.Option("--unit", metavar=_("UNIDAD"), help=_("Dice el precio en esta medida: arroba, quintal, 46 kg …"))
]
LevelOption = Annotated[str, typer.Option("--level", help=_("Solo farm_gate, wholesale o retail."))]


def register(prices: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    prices.command("latest", cls=look, help=_("Último precio de cada producto en cada mercado, con su edad."))(latest)
    prices.command("series", cls=look, help=_("Serie de un producto en un mercado."))(series)
    prices.command("export", cls=look, help=_("Escribe el libro, o parte de él, en CSV, JSON o Parquet."))(export)
    prices.command("products", cls=look, help=_("Productos que el libro conoce, con sus otros nombres."))(products)
    prices.command("markets", cls=look, help=_("Mercados que el libro conoce."))(markets)


def latest(
    *,
    product: ProductOption = "",
    market: MarketOption = "",
    as_of: AsOfOption = "",
    level: LevelOption = "",
    unit: UnitOption = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Show the latest prices."""
    from market_prices.book import records  # noqa: PLC0415  commands load what they use

    day = written_date(as_of)
    with open_book(workspace) as book:
        frame = book.latest(product or None, market or None, as_of=day, level=level or None, in_unit=unit or None)
    rows = records(frame)
    heads = {
        "product_name": _("producto"),
        "market_name": _("mercado"),
        "price": _("precio"),
        "unit_name": _("unidad"),
        "price_per_kg": _("por kg"),
        "date": _("fecha"),
        "age_text": _("edad"),
        "kind_name": _("clase"),
    }
    heads |= _asked_heads(unit)
    output.answer(
        {"prices": rows},
        json_wanted=json_wanted,
        text=lambda: output.columns(rows, heads) if rows else _("Sin dato: el libro no tiene precios así."),
    )


def series(
    *,
    product: Annotated[str, typer.Option("--product", metavar="ID", help=_("Producto."))],
    market: Annotated[str, typer.Option("--market", metavar="ID", help=_("Mercado."))],
    as_of: AsOfOption = "",
    level: LevelOption = "",
    unit: UnitOption = "",
    variety: Annotated[str, typer.Option("--variety", help=_("Solo esta variedad."))] = "",
    since: Annotated[str, typer.Option("--from", metavar=_("FECHA"), help=_("Desde este día."))] = "",
    until: Annotated[str, typer.Option("--to", metavar=_("FECHA"), help=_("Hasta este día."))] = "",
    frequency: Annotated[
        str, typer.Option("--frequency", help=_("daily, weekly o monthly; sin ella, cada dato."))
    ] = "",
    raw: Annotated[bool, typer.Option("--raw", help=_("También los errores confirmados, con su marca."))] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Show a series."""
    from market_prices.book import records  # noqa: PLC0415  commands load what they use

    day, start, end = written_date(as_of), written_date(since), written_date(until)
    with open_book(workspace) as book:
        frame = book.series(
            product,
            market,
            as_of=day,
            level=level or None,
            in_unit=unit or None,
            variety=variety or None,
            start=start,
            end=end,
            frequency=frequency or None,
            raw=raw,
        )
    rows = records(frame)
    heads = {
        "date": _("fecha"),
        "price": _("precio"),
        "unit_name": _("unidad"),
        "level_name": _("nivel"),
        "kind_name": _("clase"),
        "flags": _("marcas"),
    }
    heads |= _asked_heads(unit)
    output.answer(
        {"product": product, "market": market, "series": rows},
        json_wanted=json_wanted,
        text=lambda: output.columns(rows, heads) if rows else _("Sin dato: no hay precios así."),
    )


def _asked_heads(unit: str) -> dict[str, str]:
    """Return the further headings where a unit was asked for."""
    asked = {"asked_price": _("precio pedido"), "asked_unit": _("por"), "asked_note": _("por qué no")}
    return asked if unit else {}


def export(
    *,
    out: Annotated[Path, typer.Option("--out", metavar=_("ARCHIVO"), help=_("Archivo .csv, .json o .parquet."))],
    product: ProductOption = "",
    market: MarketOption = "",
    as_of: AsOfOption = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Write prices into a file."""
    day = written_date(as_of)
    with open_book(workspace) as book:
        path = book.export(out, product=product or None, market=market or None, as_of=day)
    output.answer({"file": str(path)}, json_wanted=json_wanted, text=lambda: _("Escrito: {file}").format(file=path))


def products(workspace: WorkspaceOption = DEFAULT_WORKSPACE, json_wanted: JsonOption = False) -> None:
    """List the products."""
    with open_book(workspace) as book:
        rows: list[dict[str, Any]] = [
            {
                "id": one.id,
                "name": one.name,
                "group": one.group,
                "kind": one.kind,
                "chain": one.chain,
                "scientific": one.scientific,
                "synonyms": list(one.synonyms),
            }
            for one in (*book.products(), *book.index_items())
        ]

    def text() -> str:
        told = [(one["id"], one["name"], ", ".join(one["synonyms"])) for one in rows]
        return output.table(told, ["id", _("nombre"), _("otros nombres")])

    output.answer({"products": rows}, json_wanted=json_wanted, text=text)


def markets(workspace: WorkspaceOption = DEFAULT_WORKSPACE, json_wanted: JsonOption = False) -> None:
    """List the markets."""
    with open_book(workspace) as book:
        rows: list[dict[str, Any]] = [
            {
                "id": one.id,
                "name": one.name,
                "kind": one.kind,
                "municipality": one.municipality,
                "lon": one.lon,
                "lat": one.lat,
                "days": list(one.days),
                "hours": one.hours,
                "buyers": one.buyers,
                "associations": one.associations,
                "contact": one.contact,
                "source": one.source,
            }
            for one in book.markets()
        ]
    heads = {
        "id": "id",
        "name": _("nombre"),
        "kind": _("tipo"),
        "municipality": _("municipio"),
        "days": _("días"),
        "hours": _("horas"),
        "buyers": _("quién compra"),
    }
    unknown = _("sin dato")
    told = [{**row, "days": ", ".join(row["days"]) or unknown, "hours": row["hours"] or unknown} for row in rows]
    output.answer({"markets": rows}, json_wanted=json_wanted, text=lambda: output.columns(told, heads))
