"""Simple pages from templates: escaped, in the reader's language, without any script."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request

from gis.messages import current_language, translator

_ = translator("api")


@cache
def environment() -> Environment:
    """Return the environment of the templates in ``api/templates``; undefined names are errors."""
    made = Environment(
        loader=PackageLoader("api", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["_"] = translator("api")
    made.filters["plain"] = plain
    return made


def plain(value: object) -> str:
    """Return a value of a feature as people write it: decimal comma in Spanish, nothing where nothing is known.

    Examples
    --------
    >>> plain(884.9323448), plain(None), plain(True)
    ('884,932', '', 'sí')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("sí") if value else _("no")
    if isinstance(value, float):
        text = f"{value:.3f}".rstrip("0").rstrip(".")
        return text if current_language() == "en" else text.replace(".", ",")
    return str(value)


def render(template: str, request: Request, **values: Any) -> str:  # noqa: ANN401  a template takes anything
    """Fill a template.

    Parameters
    ----------
    template
        File name in ``api/templates``.
    request
        The request being answered; the template sees it as ``request``.
    **values
        What the template names.
    """
    return environment().get_template(template).render(request=request, language=current_language(), **values)
