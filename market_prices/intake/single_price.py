"""One price entered by hand: checked like a row of a file, refused at once when it cannot be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gis.messages import translator
from market_prices.intake.files import check_rows
from market_prices.intake.import_report import ImportReport
from market_prices.intake.intake_rows import NUMBER_COLUMNS, IntakeRows
from market_prices.intake.row_meaning import resolve
from market_prices.price_errors import ObservationError
from market_prices.readings.figures import json_ready
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

_SHOWN = ("date", "time", "market", "product", "variety", "level", "unit", "quantity", "package", "low", "price")
_REST = ("high", "currency", "availability", "sale", "offered", "origin", "kind", "source")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What was recorded of one price."""

    figure: dict[str, Any]
    """The record, ready for JSON."""
    flags: tuple[str, ...]
    """Doubts, by code."""
    reason: str
    """The doubts in words; empty for none."""

    def as_dict(self) -> dict[str, Any]:
        """Return everything ready for JSON."""
        return {**self.figure, "flags": list(self.flags), "reason": self.reason}


def single_row(vocabulary: Vocabulary, *, today: dt.date, **given: Any) -> IntakeRows:  # noqa: ANN401  the parts of a price
    """Return one checked row from the parts that ``Book.add`` takes.

    Raises
    ------
    UnknownNameError
        Product, market or unit is in no vocabulary.
    ObservationError
        A part is impossible.
    """
    vocabulary.product(given["product"])
    vocabulary.market(given["market"])
    if given["unit"] or not given["availability"]:
        vocabulary.unit(given["unit"])
    parts = dict(given)
    date = parts["date"]
    parts["date"] = today.isoformat() if date is None else date.isoformat() if isinstance(date, dt.date) else date
    for name in NUMBER_COLUMNS:
        parts[name] = _figure(name, parts[name])
    raw = "; ".join(
        f"{name}={json_ready(value)}" for name, value in parts.items() if json_ready(value) not in {None, ""}
    )
    frame = pd.DataFrame({name: pd.Series([value], dtype=_type(name)) for name, value in parts.items()})
    rows = IntakeRows(frame, np.array([1]), lambda _position: raw)
    resolve(rows, vocabulary)
    check_rows(rows, vocabulary, today)
    _refuse(rows)
    return rows


def recorded_from(rows: IntakeRows, report: ImportReport) -> Recorded:
    """Return what became of the row.

    Raises
    ------
    ObservationError
        The book had it already.
    """
    _refuse(rows)
    if report.duplicates:
        raise ObservationError(_("Ese precio ya está registrado"), remedy=_("No hace falta hacer nada"))
    row = rows.frame.iloc[0]
    figure = {name: json_ready(row[name]) for name in (*_SHOWN, *_REST)}
    return Recorded(figure=figure, flags=tuple(rows.flags[0].split()), reason=str(rows.notes[0]))


def _type(name: str) -> type:
    return float if name in NUMBER_COLUMNS else object


def _figure(name: str, value: object) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise ObservationError(_("{name} = {value} no es un número").format(name=name, value=value))
    return float(value)


def _refuse(rows: IntakeRows) -> None:
    if not rows.good[0]:
        raise ObservationError(
            _("No se puede registrar: {reason}").format(reason=rows.reason[0]),
            remedy=_("Corrija el dato y repita la orden"),
        )
