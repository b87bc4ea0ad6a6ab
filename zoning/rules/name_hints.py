"""A name that is not there: which one was perhaps meant, and which there are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from gis.messages import translator
from layers.spelling import plain_text

_ = translator("zoning")

MOST_HINTS = 3
"""Names that are offered as the one that was meant."""

_NEAR = 0.6


def meant(found: str, name: str, known: Iterable[str]) -> str:
    """Add to what was found which name was perhaps meant.

    Parameters
    ----------
    found
        What is wrong, in words.
    name
        As somebody wrote it.
    known
        Names that exist.

    Examples
    --------
    >>> meant("nombre desconocido", "near_peopel", ["near_people", "slope_6"])
    'nombre desconocido: ¿quiso decir «near_people»?'
    >>> meant("nombre desconocido", "lluvia", ["slope_6"])
    'nombre desconocido'
    """
    plain: dict[str, str] = {}
    for each in sorted(known):
        plain.setdefault(plain_text(each), each)
    near = get_close_matches(plain_text(name), plain, n=MOST_HINTS, cutoff=_NEAR)
    if not near:
        return found
    return _("{found}: ¿quiso decir {names}?").format(found=found, names=", ".join(f"«{plain[each]}»" for each in near))


def one_of(known: Iterable[str]) -> str:
    """Say which names there are.

    Examples
    --------
    >>> one_of(["slope_6", "near_people"])
    'Se esperaba uno de: near_people, slope_6'
    """
    return _("Se esperaba uno de: {names}").format(names=", ".join(sorted(known)) or "—")
