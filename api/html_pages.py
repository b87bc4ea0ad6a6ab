"""Simple pages from templates: escaped, in the reader's language, without any script."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request

from gis.messages import current_language, translator


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
    return made


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
