"""One natural Spanish sentence for every polygon, in a planner's words, with decimal comma.

The sentences are part of a study's files, so they are Spanish whatever language the reader of a page has chosen; that
is why they do not pass through the catalogue.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

_FEMININE_WORDS = frozenset({"vid", "nuez", "pendiente", "flor", "sed"})
_FEMININE_ENDINGS = ("a", "as", "ión", "dad", "tud")
_DECIMALS = {"degC": 1, "pH": 1, "": 1, "%": 1, "kg/dm3": 2, "dS/m": 1}
_SYMBOLS = {"degC": "°C", "degC·d": "°C·día", "pH": "", "mm/month": "mm/mes"}
_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
_ROUND_FROM = 10.0
_GROUP_FROM = 10_000


@dataclass(frozen=True, kw_only=True)
class Limitation:
    """What holds a land-use type back in a polygon."""

    crop: str
    """Spanish name of the crop that speaks for the zone."""
    irrigated: bool
    """Whether that crop is irrigated there."""
    title: str
    """Spanish name of the factor with its article, such as ``la temperatura media del ciclo``."""
    value: float
    """Median of the factor's characteristic in the polygon, in ``unit``."""
    unit: str
    limit: float | None
    """Value at which the next better class begins, in the best class where that ends; ``None`` if there is none."""
    next_class: str | None
    """Class beyond ``limit``."""
    best: bool = False
    """Whether the class is the best one, so that ``limit`` leads down."""
    months: tuple[int, ...] = ()
    """First and last month on the field, 1 to 12; empty where unknown."""


@dataclass(frozen=True, kw_only=True)
class SentenceFacts:
    """All that a sentence may say about a polygon."""

    zone_name: str
    subclass: str
    """Class and letters, such as ``S2ts``; empty where the zone is not rated."""
    limitation: Limitation | None
    reason: str = ""
    """Why a zone that competes for nothing is here, a clause without its full stop."""
    second_title: str = ""
    """Spanish name of the second limiting factor, with its article."""
    runner_up_name: str = ""
    conflict: bool = False
    """Whether the runner-up is as good by a hair."""
    alone: bool = False
    """Whether no other zone could have claimed it."""
    class_share: float = 1.0
    """Share of the polygon's rated cells that are of its class, 0 to 1."""
    restriction: str = ""
    restriction_share: float = 0.0
    """Share of the polygon under the restriction, 0 to 1."""
    incomplete: tuple[str, ...] = ()
    """Spanish names of the optional factors that were missing."""
    use_conflict: str = ""
    stability: str = ""
    """How sure the zone is, a clause without its full stop."""


def spanish_number(value: float, unit: str = "", *, more: int = 0) -> str:
    """Write a quantity with decimal comma, as many digits as its unit deserves, and its symbol.

    Parameters
    ----------
    value
        In ``unit``; a missing one (NaN) is written ``sin dato``.
    unit
        As in the name of a characteristic, such as ``degC``, ``mm`` or ``%``.
    more
        Decimals beyond what the unit deserves.

    Examples
    --------
    >>> spanish_number(18.23, "degC"), spanish_number(712.4, "mm"), spanish_number(4.26, "%")
    ('18,2 °C', '712 mm', '4,3 %')
    >>> spanish_number(20, "degC"), spanish_number(13838, "ha"), spanish_number(float("nan"), "mm")
    ('20 °C', '13 838 ha', 'sin dato')
    """
    if not math.isfinite(value):
        return "sin dato"
    decimals = _DECIMALS.get(unit, 0)
    if unit == "%" and abs(value) >= _ROUND_FROM:
        decimals = 0
    text = f"{value:.{decimals + more}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text in {"-0", ""} else text
    whole, comma, rest = text.partition(".")
    if abs(value) >= _GROUP_FROM:
        whole = f"{int(whole):,}".replace(",", " ")
    number = whole + ("," + rest if comma else "")
    symbol = _SYMBOLS.get(unit, unit)
    return f"{number} {symbol}".rstrip().replace("-", "−")


def spanish_share(share: float) -> str:
    """Write a share of 0 to 1 in per cent; what is not whole is never written as none or all.

    Examples
    --------
    >>> spanish_share(0.876), spanish_share(0.001), spanish_share(0.999), spanish_share(1.0)
    ('88 %', 'menos del 1 %', '99 %', '100 %')
    """
    percent = share * 100
    if 0 < percent < 1:
        return "menos del 1 %"
    rounded = round(percent)
    if rounded == 100 and share < 1 - 5e-4:  # noqa: PLR2004  per cent
        rounded = 99
    return f"{rounded} %"


def spanish_part(share: float) -> str:
    """Write a share of a polygon as a noun phrase that may follow ``en``.

    Examples
    --------
    >>> spanish_part(0.35), spanish_part(0.001), spanish_part(1.0)
    ('el 35 % de su superficie', 'menos del 1 % de su superficie', 'toda su superficie')
    """
    text = spanish_share(share)
    if text == "100 %":
        return "toda su superficie"
    return f"{text} de su superficie" if text.startswith("menos") else f"el {text} de su superficie"


def is_feminine(noun: str) -> bool:
    """Guess the gender of a noun phrase from its first word.

    Examples
    --------
    >>> is_feminine("vid"), is_feminine("papa"), is_feminine("maíz"), is_feminine("caña de azúcar")
    (True, True, False, True)
    """
    word = noun.split(maxsplit=1)[0].lower() if noun.strip() else ""
    return word in _FEMININE_WORDS or word.endswith(_FEMININE_ENDINGS)


def with_article(noun: str) -> str:
    """Put the definite article before a noun phrase.

    Examples
    --------
    >>> with_article("vid"), with_article("papa"), with_article("pastos")
    ('la vid', 'la papa', 'los pastos')
    """
    plural = _is_plural(noun)
    article = ("las" if plural else "la") if is_feminine(noun) else ("los" if plural else "el")
    return f"{article} {noun}"


def sentence(facts: SentenceFacts) -> str:
    """Say in one sentence what a polygon is and why.

    Examples
    --------
    >>> limitation = Limitation(
    ...     crop="tomate", irrigated=True, title="la temperatura media del ciclo", value=18.2, unit="degC", limit=20.0,
    ...     next_class="S1",
    ... )
    >>> sentence(SentenceFacts(zone_name="Zona hortícola", subclass="S2t", limitation=limitation))
    'Zona hortícola, clase S2t: al tomate lo limita la temperatura media del ciclo (18,2 °C; desde 20 °C sería S1).'
    """
    head = facts.zone_name
    if facts.subclass:
        head += f", clase {facts.subclass}"
        if facts.class_share < 0.9:  # noqa: PLR2004  below it the class is not the whole story
            head += f" en {spanish_part(facts.class_share)}"
    clauses = [_cause(facts.limitation) if facts.limitation else facts.reason]
    if facts.limitation:
        clauses += [f"después, {facts.second_title}" if facts.second_title else "", _variant(facts.limitation)]
        clauses.append(facts.reason)
    if facts.alone:
        clauses.append("ninguna otra zona compite aquí")
    elif facts.runner_up_name:
        name = _lower_first(facts.runner_up_name)
        clauses.append(f"en disputa con «{name}»" if facts.conflict else f"la segunda opción es «{name}»")
    if facts.use_conflict:
        clauses.append(facts.use_conflict)
    if facts.restriction:
        clauses.append(_restriction(facts))
    if facts.incomplete:
        clauses.append(f"calificación sin datos de {enumeration(facts.incomplete)}")
    clauses.append(facts.stability)
    body = "; ".join(clause for clause in clauses if clause)
    return f"{head}: {body}." if body else f"{head}."


def _cause(limitation: Limitation) -> str:
    feminine, plural = is_feminine(limitation.crop), _is_plural(limitation.crop)
    to_whom = "a " + with_article(limitation.crop) if feminine or plural else f"al {limitation.crop}"
    pronoun = ("la" if feminine else "lo") + ("s" if plural else "")
    remark = _remark(limitation)
    if limitation.best or limitation.limit is None or limitation.next_class is None:
        closest = "lo más ajustado son" if _is_plural(limitation.title) else "lo más ajustado es"
        return f"nada limita {to_whom}; {closest} {_bracketed(limitation.title, remark)}"
    verb = "limitan" if _is_plural(limitation.title) else "limita"
    return f"{to_whom} {pronoun} {verb} {_bracketed(limitation.title, remark)}"


def _remark(limitation: Limitation) -> str:
    """Say the value, and the limit where the class changes."""
    if limitation.limit is None or limitation.next_class is None:
        return spanish_number(limitation.value, limitation.unit)
    measured, bound = _told_apart(limitation.value, limitation.limit, limitation.unit)
    above = limitation.limit > limitation.value
    ways = ("por encima de", "por debajo de") if limitation.best else ("desde", "hasta")
    way = ways[0 if above else 1]
    return f"{measured}; {way} {bound} sería {limitation.next_class}"


def _told_apart(first: float, second: float, unit: str) -> tuple[str, str]:
    """Write two quantities with enough decimals to differ, unless they differ by less than a thousandth."""
    for more in range(4):
        texts = spanish_number(first, unit, more=more), spanish_number(second, unit, more=more)
        if texts[0] != texts[1]:
            break
    return texts


def _variant(limitation: Limitation) -> str:
    """Say with which water and in which months the crop was rated."""
    if not limitation.months:
        return ""
    water = "con riego" if limitation.irrigated else "a secano"
    first, last = limitation.months
    if (last - first) % 12 == 11:  # noqa: PLR2004  twelve months
        return f"{water}, todo el año"
    if first == last:
        return f"{water}, en {_MONTHS[first - 1]}"
    return f"{water}, de {_MONTHS[first - 1]} a {_MONTHS[last - 1]}"


def _bracketed(title: str, remark: str) -> str:
    """Put a remark in brackets after a title, inside the brackets that the title may end with."""
    return f"{title[:-1]}, {remark})" if title.endswith(")") else f"{title} ({remark})"


def _restriction(facts: SentenceFacts) -> str:
    if facts.restriction_share >= 0.9995:  # noqa: PLR2004  the whole polygon, to rounding
        return f"{facts.restriction} en toda su superficie"
    return f"{facts.restriction} en {spanish_part(facts.restriction_share)}"


def enumeration(words: tuple[str, ...], *, joint: str = "y") -> str:
    """Join words as a sentence does, ``y`` before a sound of *i* being ``e``.

    Examples
    --------
    >>> enumeration(("drenaje", "salinidad", "inundación")), enumeration(("agua", "suelo"), joint="o")
    ('drenaje, salinidad e inundación', 'agua o suelo')
    """
    if len(words) < 2:  # noqa: PLR2004  nothing to join
        return "".join(words)
    if joint == "y" and words[-1].lower().startswith(("i", "hi")):
        joint = "e"
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def _is_plural(noun: str) -> bool:
    word = noun.split(maxsplit=1)[0].lower() if noun.strip() else ""
    return word.endswith(("as", "os", "es"))


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]
