"""Names compared as people mean them: without accents, case, blanks or the leading zeros of a code."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"\d+(\.0+)?")


def plain_text(text: object) -> str:
    """Return ``text`` lower-case, without accents, punctuation or blanks.

    Examples
    --------
    >>> plain_text("  PUCARÁ ") == plain_text("Pucara")
    True
    """
    bare = unicodedata.normalize("NFKD", str(text))
    return "".join(letter for letter in bare.casefold() if letter.isalnum())


def spelling_key(text: object) -> str:
    """Return the key under which a code or a name is looked up.

    A number loses its decimals and its leading zeros, a name its accents, case and blanks.

    Examples
    --------
    >>> spelling_key("070801"), spelling_key(70801.0), spelling_key("Moro Moro")
    ('70801', '70801', 'moromoro')
    """
    bare = str(text).strip()
    return bare.split(".")[0].lstrip("0") if _NUMBER.fullmatch(bare) else plain_text(bare)
