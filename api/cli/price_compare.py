"""``valles prices compare``: what a load leaves at the farm gate in each market, term by term."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.price_options import AsOfOption, MarketOption, open_book, written_date, written_number
from gis.messages import translator

_ = translator("api")


def register(prices: typer.Typer) -> None:
    """Add the command."""
    prices.command(
        "compare",
        cls=spanish_help.Command,
        help=_("Dónde conviene vender: lo que queda en la finca, por mercado, con cada descuento."),
    )(compare)


def compare(
    *,
    product: Annotated[str, typer.Option("--product", metavar="ID", help=_("Producto."))],
    municipality: Annotated[
        str, typer.Option("--municipality", metavar=_("MUNICIPIO"), help=_("Dónde está la carga: nombre o código."))
    ],
    quantity: Annotated[str, typer.Option("--quantity", metavar="N", help=_("Cuánto, en la unidad."))] = "1",
    unit: Annotated[str, typer.Option("--unit", metavar=_("UNIDAD"), help=_("Unidad: kg, caja, @ …"))] = "kg",
    unit_kg: Annotated[
        str, typer.Option("--unit-kg", metavar="KG", help=_("Cuánto pesa una unidad, si el libro no lo sabe."))
    ] = "",
    market: MarketOption = "",
    as_of: AsOfOption = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Compare markets."""
    from market_prices.book import records  # noqa: PLC0415  commands load what they use

    many, day = written_number(quantity, "--quantity"), written_date(as_of)
    weight = written_number(unit_kg, "--unit-kg") if unit_kg else None
    with open_book(workspace) as book:
        table = book.compare(
            product, municipality, quantity=many, unit=unit, unit_kg=weight, market=market or None, as_of=day
        )
    rows = records(table)
    told = {name: table.attrs[name] for name in ("product", "municipality", "quantity", "unit", "load_kg")}
    best = next((row["market"] for row in rows if row["best"]), None)
    output.answer({**told, "best": best, "markets": rows}, json_wanted=json_wanted, text=lambda: _text(rows))


def _text(rows: list[dict[str, object]]) -> str:
    if not rows:
        return _("Sin dato: ningún mercado tiene precio de este producto.")
    heads = {
        "market_name": _("mercado"),
        "level_name": _("nivel"),
        "price_per_kg": _("Bs por kg"),
        "loss_per_kg": _("pérdida"),
        "commission_per_kg": _("comisión"),
        "freight_per_kg": _("flete"),
        "net_per_kg": _("queda por kg"),
        "net_total": _("queda en total"),
        "break_even_km": _("conviene hasta km"),
        "age_text": _("edad"),
    }
    lines = [output.columns(rows, heads), ""]
    best = next((row for row in rows if row["best"]), None)
    if best is None:
        lines.append(_("Ningún precio es actual: no se puede decir dónde conviene vender."))
    else:
        lines.append(_("Conviene {market}: {why}.").format(market=best["market_name"], why=best["why"]))
        if best["estimated"]:
            lines.append(_("Es un cálculo estimado: hay supuestos en él."))
    return "\n".join(lines)
