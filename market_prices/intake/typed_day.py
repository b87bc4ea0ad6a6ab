"""Prices typed in a form: cells of text, read with the same words and checks as the sheet of a market day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from hashlib import sha256

import numpy as np
import pandas as pd

from market_prices.intake.files import ReadFile, check_rows
from market_prices.intake.format_list import HEADERS, finish, list_frame
from market_prices.intake.intake_rows import IntakeRows
from market_prices.vocabulary.vocabulary import Vocabulary

NAME = "formulario"
MOST_ROWS = 200
"""Rows of one form."""
COLUMNS = tuple(HEADERS)
"""What a row may tell; what it does not tell is empty."""


def typed_day(lines: Sequence[tuple[int, Mapping[str, str]]], vocabulary: Vocabulary, today: dt.date) -> ReadFile:
    """Return typed rows, checked, as the book takes them.

    Parameters
    ----------
    lines
        Number of each row in its form, and its cells by column of the record; a product without price, lowest or
        highest price and availability should not be among them.
    vocabulary
        Meaning of the names.
    today
        Dates after this one are refused.
    """
    cells = [{name: " ".join(str(row.get(name, "")).split()) for name in COLUMNS} for _number, row in lines]
    texts = ["; ".join(f"{HEADERS[name][0]}={text}" for name, text in row.items() if text) for row in cells]
    frame = pd.DataFrame(cells, columns=list(COLUMNS), dtype=object)
    numbers = np.array([number for number, _row in lines], dtype=np.int64)
    rows = finish(IntakeRows(list_frame(frame), numbers, lambda position: texts[position]), vocabulary)
    check_rows(rows, vocabulary, today)
    digest = sha256("\n".join(texts).encode()).hexdigest()
    return ReadFile(name=NAME, sha256=digest, format=NAME, rows=rows)
