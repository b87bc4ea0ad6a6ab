"""The codes of a boundary file's municipalities: zeros put back, strays left out, made where there are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gis.errors import MissingError
from gis.messages import translator
from layers.map_layer import Bounds

_ = translator("layers")

_MOST = 0.9
_FEWEST_CIPHERS = 4
_MOST_TOLD = 12
_INE_LENGTH = 6
_BOLIVIA: Bounds = (-69.7, -22.95, -57.4, -9.6)
"""West, south, east, north of Bolivia, degrees."""
_INE_MOST = 20
"""No department of Bolivia has more provinces, and no province more municipalities."""


@dataclass(frozen=True, kw_only=True)
class Codes:
    """One code per row of a boundary file."""

    codes: tuple[str, ...]
    """Empty for a row that is no municipality."""
    remarks: tuple[str, ...]
    """What was changed and left out, a sentence each."""


def codes_of(texts: Sequence[str], *, bounds: Bounds) -> Codes:
    """Return the codes of the rows of a boundary file as its office writes them.

    Where at least nine rows in ten have ciphers of one length, four or more, a code one cipher short has lost its zero,
    as spreadsheets do, and gets it back; a shorter one is no municipality but a stray shape (a department, a lake) and
    is left out. Codes of five ciphers that all read as those of Bolivia's institute of statistics, and lie there, get
    the zero of their department back.

    Parameters
    ----------
    texts
        What the code column says, row by row; empty where missing.
    bounds
        West, south, east, north of the file, degrees.

    Examples
    --------
    >>> codes_of(["70801", "70802"], bounds=(-64.5, -19.0, -63.5, -17.5)).codes
    ('070801', '070802')
    >>> found = codes_of(["031001"] * 20 + ["04"], bounds=(-66.0, -18.0, -65.0, -17.0))
    >>> found.codes[-1], found.remarks
    ('', ('1 objeto sin código de municipio, descartado: 04',))
    """
    remarks = []
    blank = sum(not text for text in texts)
    if blank:
        remarks.append(_("{count} filas sin código, descartadas").format(count=blank))
    length = _usual_length(texts)
    if length is None:
        return Codes(codes=tuple(texts), remarks=tuple(remarks))
    strays = Counter(text for text in texts if text and len(text) < length - 1)
    if strays:
        remarks.append(_stray_words(strays))
    kept = ["" if len(text) < length - 1 else text for text in texts]
    wanted = _INE_LENGTH if _are_bolivian(kept, bounds) else length
    padded = sum(bool(text) and len(text) < wanted for text in kept)
    if padded:
        remarks.append(
            _("{count} códigos habían perdido el cero de la izquierda; se les devolvió: {one}").format(
                count=padded, one=next(text for text in kept if text and len(text) < wanted).zfill(wanted)
            )
        )
    return Codes(codes=tuple(text and text.zfill(wanted) for text in kept), remarks=tuple(remarks))


def made_codes(count: int) -> tuple[str, ...]:
    """Return codes for municipalities that have none, in their order.

    Examples
    --------
    >>> made_codes(3)
    ('001', '002', '003')
    """
    width = max(3, len(str(count)))
    return tuple(str(number).zfill(width) for number in range(1, count + 1))


def chosen(codes: Sequence[str], only: Sequence[str]) -> tuple[bool, ...]:
    """Say which rows are wanted: those whose code is one of ``only`` or begins with one.

    Raises
    ------
    gis.errors.MissingError
        No code begins with one of them.

    Examples
    --------
    >>> chosen(["070801", "070901", "010101"], ["0708", "010101"])
    (True, False, True)
    """
    for each in only:
        if not any(code.startswith(each) for code in codes):
            begins = Counter(code[: max(len(each), 2)] for code in codes if code)
            raise MissingError(
                _("Ningún código empieza con «{text}»").format(text=each),
                expected=_("Empiezan con: {names}").format(
                    names=", ".join(f"{start} ({count})" for start, count in sorted(begins.items())[:_MOST_TOLD])
                ),
                remedy=_("Corrija --only: códigos enteros o su comienzo, separados por comas"),
            )
    return tuple(not only or any(code.startswith(each) for each in only) for code in codes)


def _usual_length(texts: Sequence[str]) -> int | None:
    """Return the length of the codes where nine in ten, those that lost a zero counted in, have it."""
    present = [text for text in texts if text]
    if not present or not all(map(_is_number, present)):
        return None
    lengths = Counter(map(len, present))
    usual = max(lengths, key=lambda length: (lengths[length] + lengths[length - 1], length))
    if lengths[usual] + lengths[usual - 1] < _MOST * len(present) or usual < _FEWEST_CIPHERS:
        return None
    return usual if max(lengths) == usual else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _are_bolivian(codes: Sequence[str], bounds: Bounds) -> bool:
    west, south, east, north = bounds
    inside = west >= _BOLIVIA[0] and south >= _BOLIVIA[1] and east <= _BOLIVIA[2] and north <= _BOLIVIA[3]
    present = [code for code in codes if code]
    return inside and bool(present) and all(map(_is_bolivian, present))


def _is_bolivian(code: str) -> bool:
    """Department 1 to 9 without its zero, province and municipality of two ciphers each."""
    parts = code[:1], code[1:3], code[3:]
    return len(code) == _INE_LENGTH - 1 and parts[0] != "0" and all(1 <= int(part) <= _INE_MOST for part in parts[1:])


def _stray_words(strays: Counter[str]) -> str:
    told = [f"{code} (×{count})" if count > 1 else code for code, count in sorted(strays.items())]
    names = ", ".join(told[:_MOST_TOLD] + (["…"] if len(told) > _MOST_TOLD else []))
    if strays.total() == 1:
        return _("1 objeto sin código de municipio, descartado: {names}").format(names=names)
    return _("{count} objetos sin código de municipio, descartados: {names}").format(count=strays.total(), names=names)
