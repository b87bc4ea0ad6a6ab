"""Reading a road-block calendar from a table: a day and how many blocks there were."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from gis.errors import MissingError
from gis.messages import translator
from market_prices.price_errors import PriceFileError

_ = translator("market_prices")

_DATES = ("fecha", "date")
_BLOCKS = ("bloqueos", "conflicto", "blocks")


def read_road_calendar(path: Path) -> dict[dt.date, float]:
    """Return the road blocks of each day of a CSV file with ``fecha`` and ``bloqueos`` (or ``conflicto``).

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    PriceFileError
        It has no such columns, or a row has no day or no number.
    """
    if not path.is_file():
        raise MissingError(_("No existe el archivo {path}").format(path=path))
    try:
        table = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    except (ValueError, UnicodeDecodeError, OSError) as error:
        raise PriceFileError(_("No se puede leer {path}: {reason}").format(path=path, reason=error)) from error
    names = {str(each).strip().lower(): each for each in table.columns}
    day = next((names[each] for each in _DATES if each in names), None)
    number = next((names[each] for each in _BLOCKS if each in names), None)
    if day is None or number is None:
        raise PriceFileError(
            _("{path} no es un calendario de bloqueos").format(path=path.name),
            expected=_("Un CSV con las columnas fecha y bloqueos"),
        )
    calendar = {}
    for at, (written, blocks) in enumerate(zip(table[day], table[number], strict=True)):
        try:
            count = float(blocks)
            date = dt.date.fromisoformat(written.strip()[:10])
        except ValueError:
            count, date = -1.0, dt.date.min
        if not 0 <= count < float("inf"):
            raise PriceFileError(
                _("{path}, línea {line}: fecha o número de bloqueos que no se entiende").format(
                    path=path.name, line=at + 2
                ),
                expected=_("Por ejemplo 2026-06-06,83"),
            )
        calendar[date] = count
    return calendar
