"""Words a user reads: Spanish in the source, other languages from each package's gettext catalogue.

Every package has a catalogue of its own, ``<package>/locale/<language>/LC_MESSAGES/<package>.mo``; the Spanish text is
the message identifier, so Spanish is always complete. The language is a property of the current context: a web request
or a command chooses it once.
"""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files

LANGUAGES = ("es", "en", "qu")
"""Languages a user may choose; the first is the default, and what another one lacks is said in it."""

POINT_LANGUAGES = ("en",)
"""Languages that write the decimal sign as a point; the others write a comma."""

_language: ContextVar[str | None] = ContextVar("valles_language", default=None)


def current_language() -> str:
    """Return the language of the current context: chosen, else ``VALLES_LANGUAGE``, else Spanish."""
    chosen = _language.get() or os.environ.get("VALLES_LANGUAGE", LANGUAGES[0])
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


class Figure(float):
    """A number that is written as the language of the context writes it: ``−5,75`` in Spanish, ``−5.75`` in English.

    Examples
    --------
    >>> f"{Figure(-5.75):.1f}", f"{Figure(0.314):+.0%}"
    ('−5,8', '+31%')
    """

    def __format__(self, spec: str) -> str:
        """Write the number by an ordinary format specification."""
        text = super().__format__(spec).replace("-", "−")
        return text if current_language() in POINT_LANGUAGES else text.replace(".", ",")


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Speak ``language`` inside the block; an unknown one means Spanish."""
    token = _language.set(language if language in LANGUAGES else LANGUAGES[0])
    try:
        yield
    finally:
        _language.reset(token)


@cache
def _catalogue(package: str, language: str) -> gettext.NullTranslations:
    return gettext.translation(package, str(files(package) / "locale"), languages=[language], fallback=True)


def translator(package: str) -> Callable[[str], str]:
    """Return the translating function of ``package``, by custom bound to the name ``_``.

    Examples
    --------
    >>> _ = translator("gis")
    >>> _("Sin dato")
    'Sin dato'
    """

    def translate(message: str) -> str:
        language = current_language()
        return message if language == LANGUAGES[0] else _catalogue(package, language).gettext(message)

    return translate
