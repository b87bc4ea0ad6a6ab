"""Options that the price commands share, and the opening of the book."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.usage_error import UsageError
from gis.messages import translator

if TYPE_CHECKING:
    from market_prices.book import Book

_ = translator("api")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,15})?")

ProductOption = Annotated[
    str, typer.Option("--product", metavar="ID", help=_("Producto: tomate, papa … (valles prices products)."))
]
MarketOption = Annotated[
    str, typer.Option("--market", metavar="ID", help=_("Mercado: santa_cruz, cochabamba … (valles prices markets)."))
]
AsOfOption = Annotated[
    str,
    typer.Option(
        "--as-of", metavar=_("FECHA"), help=_("Tal como se sabía al terminar ese día, por ejemplo 2026-05-31.")
    ),
]


@contextmanager
def open_book(workspace: Path) -> Iterator[Book]:
    """Open the price book of a workspace while the block runs.

    Raises
    ------
    MissingError
        If the folder is no workspace.
    """
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from market_prices.book import Book  # noqa: PLC0415  as above

    with Book.open(Workspace.open(workspace)) as book:
        yield book


def written_number(text: str, name: str) -> float:
    """Return a number as people write it.

    Raises
    ------
    UsageError
        If it is no number, naming the option ``name``.

    Examples
    --------
    >>> written_number("12,50", "--price")
    12.5
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise UsageError(
            _("{name} no es un número: «{text}»").format(name=name, text=text[:40]),
            expected=_("Por ejemplo 12,50 (sin separar los miles)"),
        )
    return float(text.strip().replace(",", "."))


def written_date(text: str) -> str | None:
    """Return the ISO date of a date as people write it; nothing written is ``None``.

    Raises
    ------
    UsageError
        If it is no date.
    """
    from market_prices.intake.written_values import parse_date  # noqa: PLC0415  commands load what they use

    if not text:
        return None
    found = parse_date(text)
    if not found:
        raise UsageError(
            _("No es una fecha: «{text}»").format(text=text), expected=_("Por ejemplo 2026-05-31 o 31/5/2026")
        )
    return found
