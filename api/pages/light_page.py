"""The light pages under ``/precios``: one template, its style inside, and a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import HTMLResponse

from api.pages.html_pages import render
from gis.messages import LANGUAGES, current_language, translator
from layers.spelling import plain_text
from layers.territory import Municipality, Territory

_ = translator("api")


@cache
def asset(name: str) -> bytes:
    """Return a file of ``api/static``."""
    return files("api").joinpath("static", name).read_bytes()


@cache
def _style(*names: str) -> tuple[str, str]:
    """Return style sheets as one, and the policy that allows it and nothing else."""
    text = "\n".join(asset(name).decode("utf-8").strip() for name in names)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    )
    return text, policy


def light_page(
    template: str,
    request: Request,
    territory: Territory,
    *,
    styles: tuple[str, ...] = ("producer.css",),
    status: int = 200,
    **values: Any,  # noqa: ANN401  a template takes anything
) -> HTMLResponse:
    """Return a page that needs no script and asks for nothing but its icon.

    Parameters
    ----------
    template
        File name in ``api/templates``; it extends ``prices_base.html``.
    request
        The request being answered.
    territory
        Whose page it is.
    styles
        Style sheets of ``api/static``, written into the page.
    status
        HTTP state.
    **values
        What the template names.
    """
    style, policy = _style(*styles)
    text = render(
        template,
        request,
        territory=territory,
        notice=notice_of(territory),
        root=root_of(request),
        style=style,
        other_language=other_language(request),
        lang_suffix="" if current_language() == LANGUAGES[0] else f"?lang={current_language()}",
        **values,
    )
    return HTMLResponse(text, status, {"Content-Security-Policy": policy})


def slug_of(municipality: Municipality) -> str:
    """Return the municipality's name as it stands in an address, such as ``pampa-grande``."""
    return "-".join(plain_text(word) for word in municipality.name.split())


def municipality_links(territory: Territory) -> list[dict[str, str]]:
    """Return every municipality with the last part of its address, in that order."""
    ordered = sorted(territory.municipalities, key=slug_of)
    return [{"name": one.name, "slug": slug_of(one), "province": one.province} for one in ordered]


def root_of(request: Request) -> str:
    """Return the path under which the server is reached; empty at the top."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def notice_of(territory: Territory) -> str:
    """Return the territory's notice without the heading under which the pages show it."""
    if not territory.demo:
        return territory.notice
    heading = _("Datos de demostración")
    bare = territory.notice.removeprefix(heading).lstrip(" :.")
    return bare[:1].upper() + bare[1:] if bare else _("Mapas y precios simulados: no sirven para decidir.")


def other_language(request: Request) -> dict[str, str]:
    """Return where the same page stands in the other language."""
    here = current_language()
    code = next(language for language in LANGUAGES if language != here)
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    query = urlencode(kept if code == LANGUAGES[0] else [*kept, ("lang", code)])
    path = root_of(request) + request.url.path.removeprefix(root_of(request))
    names = {"es": "Español", "en": "English"}
    return {"code": code, "name": names[code], "address": f"{path}?{query}" if query else path}
