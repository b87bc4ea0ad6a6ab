"""What may be asked of price series on the command line, and the figures that come of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from api.cli.price_options import AsOfOption, open_book, written_date
from gis.messages import translator

_ = translator("api")

__all__ = [
    "AsOfOption",
    "LevelOption",
    "OneMarketOption",
    "OneProductOption",
    "UnitOption",
    "UntilOption",
    "VarietyOption",
    "read_figures",
    "series_name",
]

OneProductOption = Annotated[
    str, typer.Option("--product", metavar="ID", help=_("Producto, o rubro del índice del INE; sin él, todos."))
]
OneMarketOption = Annotated[
    str, typer.Option("--market", metavar="ID", help=_("Mercado: santa_cruz, nacional …; sin él, todos."))
]
UntilOption = Annotated[
    str, typer.Option("--to", metavar=_("FECHA"), help=_("Solo con datos de fecha hasta este día, sabidos cuando sea."))
]
UnitOption = Annotated[str, typer.Option("--unit", metavar=_("UNIDAD"), help=_("Solo precios en esta unidad."))]
LevelOption = Annotated[str, typer.Option("--level", help=_("Solo farm_gate, wholesale o retail."))]
VarietyOption = Annotated[str, typer.Option("--variety", help=_("Solo esta variedad."))]


def read_figures(
    figures: Literal["indicators", "vintages", "season", "forecast"],
    workspace: Path,
    product: str,
    market: str,
    *,
    as_of: str,
    until: str,
    **only: str,
) -> list[dict[str, Any]]:
    """Return figures of the series of a product in a market, as JSON has them; an empty text means all.

    Raises
    ------
    gis.errors.VallesError
        A name or a date means nothing, or the book cannot be read.
    """
    from market_prices import records, with_first_values  # noqa: PLC0415  commands load what they use

    day, end = written_date(as_of), written_date(until)
    wanted = {name: value or None for name, value in only.items()}
    with open_book(workspace) as book:
        reading = {"season": book.season, "forecast": book.forecast}
        read = reading.get(figures, book.indicators)
        found = read(product or None, market or None, as_of=day, until=end, **wanted)
        return records(with_first_values(found) if figures == "vintages" else found)


def series_name(row: dict[str, Any]) -> str:
    """Return how a reader calls the series of a row."""
    parts = (row["product_name"], row["variety"], row["market_name"], row["level_name"], row["unit_name"])
    return ", ".join(part for part in parts if part)
