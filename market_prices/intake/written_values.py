"""Numbers and dates as people write them: decimal commas, thousands dots, ``5/8/2026``, ``5 de agosto de 2026``."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd

from layers.spelling import plain_text

_MONTHS = ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre")
_MONTH_NUMBERS = {name: number for number, name in enumerate((*_MONTHS, "noviembre", "diciembre"), start=1)}
_MONTH_NUMBERS |= {name[:3]: number for name, number in _MONTH_NUMBERS.items()} | {"setiembre": 9, "set": 9}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ].*)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?: 0?0:00(?::00)?)?")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
_IN_WORDS = re.compile(r"(?:[a-zñ]+,? )?(\d{1,2})(?:\s+de\s+|[\s\-/]+)([a-zñ]+)\.?(?:\s+del?\s+|[\s\-/]+)(\d{4}|\d{2})")
_CURRENCY = re.compile(r"(?i)^(?:bob|bs\.?|\$us|us\$|\$)\s*|\s*(?:bob|bs\.?)$")
_COMMA_DECIMAL = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d+,(?:\d{1,2}|\d{4,})")
_POINT_DECIMAL = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d+\.(?:\d{1,2}|\d{4,})")
_GROUPED = {mark: re.compile(rf"[+-]?\d{{1,3}}(?:\{mark}\d{{3}})+") for mark in ".,"}
_THREE = re.compile(r"[+-]?\d{1,3}[.,]\d{3}")
_CENTURY = 2000


def parse_date(text: str) -> str:
    """Return the ISO date that ``text`` writes, or an empty text if it writes none; day before month.

    Examples
    --------
    >>> parse_date("2026-08-05"), parse_date("5/8/2026"), parse_date("5 de agosto de 2026"), parse_date("31/2/2026")
    ('2026-08-05', '2026-08-05', '2026-08-05', '')
    """
    bare = " ".join(text.strip().lower().split())
    if found := _ISO.fullmatch(bare) or _YEAR_FIRST.fullmatch(bare):
        year, month, day = (int(each) for each in found.groups())
    elif found := _DAY_FIRST.fullmatch(bare):
        day, month, year = (int(each) for each in found.groups())
    elif found := _IN_WORDS.fullmatch(bare):
        named = plain_text(found[2])
        day, month, year = int(found[1]), _MONTH_NUMBERS.get(named, _MONTH_NUMBERS.get(named[:3], 0)), int(found[3])
    else:
        return ""
    try:
        return dt.date(year if year > 99 else year + _CENTURY, month, day).isoformat()  # noqa: PLR2004  two digits
    except ValueError:
        return ""


def parse_dates(texts: pd.Series) -> pd.Series:
    """Return ISO dates, empty where the text writes none; each spelling is read once."""
    return _by_spelling(texts, {each: parse_date(each) for each in texts.unique()}).astype(object)


def parse_numbers(texts: pd.Series, *, point_expected: bool = False) -> tuple[pd.Series, pd.Series]:
    """Return the numbers that a column of text writes, and where one cannot be told from another.

    The column decides: where one cell can only be read with a decimal comma, ``1.234`` is a thousand; where one can
    only be read with a decimal point, ``1,234`` is. With both signs in one column, or none, such a cell is ambiguous.

    Parameters
    ----------
    texts
        Cells as written.
    point_expected
        The format writes decimal points; believed unless a cell can only be read with a decimal comma.

    Returns
    -------
    tuple
        Numbers (float64, NaN where the text is no number) and a boolean series: ambiguous.

    Examples
    --------
    >>> numbers, ambiguous = parse_numbers(pd.Series(["12,5", "1.234,50", "Bs 7"]))
    >>> numbers.tolist(), ambiguous.any()
    ([12.5, 1234.5, 7.0], np.False_)
    """
    spellings = [str(each) for each in texts.unique()]
    bare = {each: _CURRENCY.sub("", each.strip()).replace("\u00a0", "").replace(" ", "") for each in spellings}
    comma = any(_COMMA_DECIMAL.fullmatch(each) for each in bare.values())
    point = any(_POINT_DECIMAL.fullmatch(each) for each in bare.values()) or (point_expected and not comma)
    numbers = {each: _number(text, comma=comma, point=point) for each, text in bare.items()}
    unsure = {each: _ambiguous(text, comma=comma, point=point) for each, text in bare.items()}
    return _by_spelling(texts, numbers).astype("float64"), _by_spelling(texts, unsure).astype(bool)


def stripped(texts: pd.Series) -> pd.Series:
    """Return the texts without blanks around them; each spelling is read once."""
    return _by_spelling(texts, {str(each): str(each).strip() for each in texts.unique()}).astype(object)


def _by_spelling(
    texts: pd.Series, meaning: dict[str, object] | dict[str, str] | dict[str, float] | dict[str, bool]
) -> pd.Series:
    codes, uniques = pd.factorize(texts)
    values = np.array([meaning[str(each)] for each in uniques], dtype=object)
    return pd.Series(values[codes] if len(values) else np.array([], dtype=object), index=texts.index)


def _ambiguous(text: str, *, comma: bool, point: bool) -> bool:
    return comma == point and _THREE.fullmatch(text) is not None


def _number(text: str, *, comma: bool, point: bool) -> float:
    if (comma and not point) or _COMMA_DECIMAL.fullmatch(text):
        thousands, decimal = ".", ","
    else:
        thousands, decimal = ",", "."
    if thousands in text and _GROUPED[thousands].fullmatch(text.partition(decimal)[0]) is None:
        return float("nan")  # a second mark, or one out of place, is a slip: 75..50 is not 7550
    plain = text.replace(thousands, "").replace(decimal, ".")
    try:
        value = float(plain)
    except ValueError:
        return float("nan")
    return value if np.isfinite(value) else float("nan")
