"""The bulletin to be sent in a message and to be read on the radio."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from gis.messages import translator
from market_prices.bulletin.alert_level import level_name
from market_prices.bulletin.bulletin_records import BulletinData, BulletinLine
from market_prices.bulletin.bulletin_words import (
    change_words,
    day_words,
    longer_words,
    money,
    nothing_words,
    place_words,
    product_words,
    section_words,
    spoken_money,
    week_words,
)

_ = translator("market_prices")

MESSAGE_MOST = 1000
"""Characters of a message, so that it is read to its end."""
RADIO_MOST = 24
"""Prices that are read aloud."""
_STALE_NAMED = 6
_LOUD = ("alert", "crisis")


def message_text(bulletin: BulletinData) -> str:
    """Return the bulletin for a message, at most 1000 characters: what moved most comes first.

    Examples
    --------
    >>> import datetime as dt
    >>> empty = {"lines": (), "stale": (), "national": (), "attributions": ()}
    >>> print(message_text(BulletinData(place="070801", name="Comarapa", date=dt.date(2026, 8, 25), **empty)))
    Precios de Comarapa, 25 de agosto de 2026
    Todavía no hay precios para Comarapa en el libro.
    """
    head = [_("Precios de {place}, {day}").format(place=place_words(bulletin), day=day_words(bulletin.date))]
    head += [_("DATOS DE DEMOSTRACIÓN: no sirven para vender")] if bulletin.demo else []
    if not bulletin.sure:
        head.append(nothing_words(bulletin))
    tail = [*_national(bulletin), *_stale(bulletin, many=_STALE_NAMED), *_doubtful(bulletin)]
    shown = _loudest(_one_per_product(bulletin.sure) if bulletin.name else bulletin.sure)
    for many in range(len(shown), -1, -1):
        rest = len(shown) - many
        more = [_("Y más en la hoja y en la página: {count}.").format(count=rest)] if rest else []
        text = "\n".join([*head, *_message_lines(shown[:many]), *more, *tail])
        if len(text) <= MESSAGE_MOST:
            return text
    return "\n".join(head)[:MESSAGE_MOST]


def radio_text(bulletin: BulletinData) -> str:
    """Return the bulletin to be read aloud: whole sentences, the kinds of prices one after the other."""
    told = [_("Boletín de precios de {place}, {week}.").format(place=place_words(bulletin), week=week_words(bulletin))]
    if bulletin.demo:
        told.append(_("Atención: son datos de demostración, no sirven para vender ni para comprar."))
    if not bulletin.sure:
        told.append(nothing_words(bulletin))
    told += headlines(bulletin)
    shown = _one_per_product(bulletin.sure) if bulletin.name else list(bulletin.sure)
    for (kind, market, level), lines in groupby(shown[:RADIO_MOST], key=_heading):
        place = _("{market}, precio {level}").format(market=market, level=level)
        told.append(f"\n{section_words(kind, bulletin)}. {place}:")
        told += [_sentence(each) for each in lines]
    if len(shown) > RADIO_MOST:
        told.append(_("Y más en la hoja y en la página: {count}.").format(count=len(shown) - RADIO_MOST))
    closing = [*_national(bulletin), *_stale(bulletin, many=RADIO_MOST), *_doubtful(bulletin)]
    return "\n".join([*told, *([""] if closing else []), *closing])


def _heading(line: BulletinLine) -> tuple[str, str, str]:
    return line.kind, line.market_name, line.level_name


def _loudest(lines: Iterable[BulletinLine]) -> list[BulletinLine]:
    """Return the lines by how much they moved in the week, those without a change last."""
    return sorted(lines, key=lambda each: -1.0 if each.change_week is None else abs(each.change_week), reverse=True)


def _one_per_product(lines: Iterable[BulletinLine]) -> list[BulletinLine]:
    """Return one line of each product: its own price before a reference, the first market before the others."""
    order = {"observed": 0, "reference": 1, "estimated": 2}
    first: dict[str, int] = {}
    kept: dict[str, BulletinLine] = {}
    for place, line in enumerate(lines):
        rank = order[line.kind]
        if line.product not in kept or rank < order[kept[line.product].kind]:
            first.setdefault(line.product, place)
            kept[line.product] = line
    return [kept[product] for product in sorted(first, key=first.__getitem__)]


def _message_lines(lines: Sequence[BulletinLine]) -> list[str]:
    told = []
    kinds = {"observed": 0, "reference": 1, "estimated": 2}
    for (kind, market, level), group in groupby(
        sorted(lines, key=lambda each: (kinds[each.kind], *_heading(each))), _heading
    ):
        label = {"observed": _("Observado"), "reference": _("Referencia"), "estimated": _("Estimado")}[kind]
        told.append(f"{label}, {market}, {level}:")
        told += [_short(each) for each in _loudest(group)]
    return told


def _short(line: BulletinLine) -> str:
    price = _("{money} por {unit}").format(money=money(line.price, line.currency), unit=line.unit_name)
    parts = [price, *([change_words(line)] if line.change_week is not None else []), *_alarm(line), line.age_text]
    return f"- {product_words(line)}: {', '.join(parts)}"


def _sentence(line: BulletinLine) -> str:
    price = _("{money} por {unit}").format(money=spoken_money(line.price, line.currency), unit=line.unit_name)
    changes = [each for each in (change_words(line), longer_words(line)) if each]
    parts = [f"{product_words(line)}: {price}", *changes, *_alarm(line)]
    return f"{'; '.join(parts)}. {_('Precio {age}.').format(age=line.age_text)}".replace(" %", _(" por ciento"))


def _alarm(line: BulletinLine) -> list[str]:
    return [_("en {level}").format(level=level_name(line.alert.level))] if line.alert.level in _LOUD else []


def headlines(bulletin: BulletinData) -> list[str]:
    """Return the sentence that comes first: what went up and what went down in the week."""
    moved = [each for each in _loudest(bulletin.sure) if each.change_week is not None and each.basis == "week"]
    told = []
    for text, lines in (
        (_("Lo que más subió: {names}."), [each for each in moved if (each.change_week or 0.0) >= 1.0]),
        (_("Lo que más bajó: {names}."), [each for each in moved if (each.change_week or 0.0) <= -1.0]),
    ):
        names = [
            _("{product} en {market}").format(product=product_words(each).lower(), market=each.market_name)
            for each in lines[:3]
        ]
        told += [text.format(names="; ".join(names))] if names else []
    return told


def _national(bulletin: BulletinData) -> list[str]:
    if not bulletin.national:
        return []
    names = ", ".join(f"{each.product_name} ({level_name(each.alert.level)})" for each in bulletin.national)
    return [_("Índice nacional de precios, fuera de lo normal: {names}.").format(names=names)]


def _stale(bulletin: BulletinData, *, many: int) -> list[str]:
    if not bulletin.stale:
        return []
    newest = sorted(bulletin.stale, key=lambda each: (each.age_days, each.product_name))[:many]
    names = ", ".join(
        _("{product} ({days} días)").format(product=each.product_name, days=each.age_days) for each in newest
    )
    rest = len(bulletin.stale) - len(newest)
    more = _(" y {count} más").format(count=rest) if rest else ""
    return [_("Sin precio reciente: {names}{more}.").format(names=names, more=more)]


def _doubtful(bulletin: BulletinData) -> list[str]:
    many = len(bulletin.doubtful) + sum(each.left_out for each in bulletin.lines)
    return [_("Por revisar, no se dan: {count}.").format(count=many)] if many else []
