"""Dates in a column of text: written in one way all through, and brought to ISO 8601."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from gis.errors import InputError
from gis.messages import translator
from layers.own.own_request import words_of

_ = translator("layers")

_NAMES = ("fecha", "date", "periodo", "mes", "anio", "ano", "year", "gestion", "dia")
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("aaaa-mm-dd", re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})")),
    ("dd/mm/aaaa", re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})")),
    ("aaaa-mm", re.compile(r"(?P<year>\d{4})[-/](?P<month>\d{1,2})")),
    ("mm/aaaa", re.compile(r"(?P<month>\d{1,2})[/-](?P<year>\d{4})")),
    ("aaaa", re.compile(r"(?P<year>\d{4})(\.0+)?")),
)
_YEARS = range(1900, 2101)


def date_column(columns: Sequence[str]) -> str:
    """Return the column whose title says that it holds dates; empty where none does.

    Examples
    --------
    >>> date_column(["municipio", "Fecha de corte", "ventas"]), date_column(["a"])
    ('Fecha de corte', '')
    """
    told = {name: words_of(name) for name in columns}
    exact = next((name for known in _NAMES for name, words in told.items() if words == known), "")
    return exact or next((name for name, words in told.items() if words.split("_")[0] in {"fecha", "date"}), "")


def iso_dates(texts: Sequence[str], *, what: str, column: str, first_line: int = 2) -> list[str]:
    """Return dates as ISO 8601, as exact as they were written: a year, a month or a day.

    Parameters
    ----------
    texts
        One a row.
    what, column
        Name the file and the column in messages.
    first_line
        Line of the file in which the first row stands.

    Raises
    ------
    gis.errors.InputError
        A cell is no date, or they are written in several ways; the line is named.

    Examples
    --------
    >>> iso_dates(["31/03/2026", "1/4/2026"], what="x.csv", column="fecha")
    ['2026-03-31', '2026-04-01']
    """
    found: list[str] = []
    form = ""
    for line, text in enumerate(texts, start=first_line):
        name, iso = _read(text.strip())
        if not iso:
            raise InputError(
                _("{file}, línea {line}, columna «{column}»: «{text}» no es una fecha").format(
                    file=what, line=line, column=column, text=text
                ),
                expected=_("Una fecha como 2026-03-31, 31/03/2026, 2026-03 o 2026"),
            )
        if form and name != form:
            raise InputError(
                _("{file}, línea {line}: «{text}» está escrita {name} y las anteriores {form}").format(
                    file=what, line=line, text=text, name=name, form=form
                ),
                expected=_("Todas las fechas de la columna «{column}» escritas igual").format(column=column),
                remedy=_("Escríbalas todas como {form}").format(form="aaaa-mm-dd"),
            )
        form = name
        found.append(iso)
    return found


def _read(text: str) -> tuple[str, str]:
    """Return the form of a date and the date as ISO 8601, empty where it is none."""
    for name, pattern in _FORMS:
        match = pattern.fullmatch(text)
        if match is not None:
            parts = {key: int(value) for key, value in match.groupdict().items()}
            return name, _iso(parts)
    return "", ""


def _iso(parts: dict[str, int]) -> str:
    year, month, day = parts["year"], parts.get("month"), parts.get("day")
    if year not in _YEARS:
        return ""
    try:
        whole = dt.date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return ""
    if month is None:
        return f"{year:04d}"
    return whole.isoformat() if day is not None else f"{year:04d}-{month:02d}"
