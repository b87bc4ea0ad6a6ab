"""What readers say of prices they hold to be wrong: a flag and their words, never a change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from gis.messages import translator
from market_prices.book_tables import quality_flag, reader_report
from market_prices.price_errors import ObservationError, TooManyReportsError
from market_prices.quality import flag_book

_ = translator("market_prices")

TEXT_MOST = 500
"""Characters of a reader's words."""
TEXT_LEAST = 5
CONTACT_MOST = 120
MOST_OF_PRICE = 20
"""Reports of one price that are kept."""
MOST_OF_DAY = 300
"""Reports of all prices that are kept in one day (UTC)."""
READER = "lector"
"""Author of the flags that readers raise."""


def plain_words(text: str, contact: str) -> tuple[str, str]:
    """Return a reader's words and contact on one line each, without control characters.

    Raises
    ------
    ObservationError
        The words are too few or too many, or the contact too long.
    """
    words, who = (_one_line(each) for each in (text, contact))
    if not TEXT_LEAST <= len(words) <= TEXT_MOST:
        raise ObservationError(
            _("El aviso tiene {count} letras").format(count=len(words)),
            expected=_("Entre {least} y {most}: qué está mal y cómo lo sabe").format(least=TEXT_LEAST, most=TEXT_MOST),
        )
    if len(who) > CONTACT_MOST:
        raise ObservationError(
            _("El contacto tiene {count} letras").format(count=len(who)),
            expected=_("Hasta {most}: un teléfono o un correo").format(most=CONTACT_MOST),
        )
    return words, who


def _one_line(text: str) -> str:
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def keep_report(
    connection: sa.Connection, price: Mapping[Any, Any] | pd.Series, words: str, contact: str, *, now: dt.datetime
) -> tuple[int, str]:
    """Write a reader's words about a price; the first ones raise its flag.

    Parameters
    ----------
    connection
        In a transaction that writes.
    price
        ``series_id``, ``date`` and ``time`` of the price that holds.
    words, contact
        As :func:`plain_words` returns them.
    now
        Moment of recording, UTC without zone.

    Returns
    -------
    tuple
        Number of the flag, and its status: ``open``, or what a steward had already decided.

    Raises
    ------
    TooManyReportsError
        That price, or this day, has as many reports as are kept.
    """
    _refuse_flood(connection, now)
    place = (int(price["series_id"]), price["date"], str(price["time"]))
    slot: dict[str, Any] = dict(zip(("series_id", "date", "time"), place, strict=True))
    slot["revision"] = flag_book.revision_of(connection, *place)
    flag = _flag_of(connection, slot)
    if flag is None:
        row = {**slot, "kind": flag_book.REPORTED, "severity": "notice", "mode": "reader", "note": words}
        row |= dict.fromkeys(("factor", "expected", "suggested"))
        flag_book.keep_flags(connection, [row], author=READER, now=now)
        flag = _flag_of(connection, slot)
    if flag is None:
        raise TooManyReportsError(_("El aviso no se pudo guardar"))
    many = sa.select(sa.func.count()).select_from(reader_report).where(reader_report.c.flag_id == flag)
    if int(connection.execute(many).scalar_one()) >= MOST_OF_PRICE:
        raise TooManyReportsError(
            _("Ese precio ya tiene {count} avisos").format(count=MOST_OF_PRICE), remedy=_("Ya se está revisando")
        )
    told = {"flag_id": flag, "text": words, "contact": contact, "recorded_at": now}
    connection.execute(sa.insert(reader_report), told)
    found = flag_book.flags_frame(connection, of=[place[0]])
    return flag, str(found.loc[found["flag"] == flag, "status"].iloc[0])


def _flag_of(connection: sa.Connection, slot: Mapping[str, Any]) -> int | None:
    same = [quality_flag.c[name] == value for name, value in slot.items()]
    found = connection.execute(sa.select(quality_flag.c.id).where(*same, quality_flag.c.kind == flag_book.REPORTED))
    return found.scalar_one_or_none()


def _refuse_flood(connection: sa.Connection, now: dt.datetime) -> None:
    today = sa.select(sa.func.count()).select_from(reader_report)
    today = today.where(reader_report.c.recorded_at >= dt.datetime.combine(now.date(), dt.time()))
    if int(connection.execute(today).scalar_one()) >= MOST_OF_DAY:
        raise TooManyReportsError(
            _("Hoy ya llegaron {count} avisos").format(count=MOST_OF_DAY), remedy=_("Vuelva a intentarlo mañana")
        )


def reports_of(connection: sa.Connection, flags: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """Return the words and contacts of the readers behind each of some flags, the first ones first."""
    wanted = set(flags)
    found: dict[int, list[tuple[str, str]]] = {}
    if not wanted:
        return found
    told = reader_report
    for each in connection.execute(sa.select(told.c.flag_id, told.c.text, told.c.contact).order_by(told.c.id)):
        if each.flag_id in wanted:
            found.setdefault(int(each.flag_id), []).append((each.text, each.contact))
    return found
