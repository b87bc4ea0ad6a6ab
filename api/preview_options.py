"""What may be tried on a study's map, and what was tried under a hash: read by the panel that moves a rule."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.answer_states import problems_for
from api.pages.map_words import characteristic_words
from api.preview_routes import OfStudy, Table
from api.preview_shelf import StaleStudyError
from api.service import service_of
from gis.errors import InputError, MissingError
from gis.messages import current_language, translator
from layers.preparation.protected_categories import CATEGORIES
from layers.styles import class_styles
from zoning.comparison.change_options import options_of, study_rules
from zoning.comparison.change_text import change_text, plain_content
from zoning.comparison.option_records import ChangeOptions, LimitOption
from zoning.comparison.posted_changes import posted_change
from zoning.rules.characteristic import QUANTITIES
from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.rule_change import RESTRICTION
from zoning.rules.rules_toml import content_hash
from zoning.study.study import Study

_ = translator("api")
router = APIRouter(prefix="/api/v1/zoning", tags=["Zonificación"])

_CLAIMS = ("S1", "S2", "S3")
_LETTERS = "twhesf"
"""Subclass letters in the order in which a crop's factors are offered: climate before relief before soil."""


@router.get(
    "/options",
    summary=_("Qué límites, accesos, clases y órdenes de un estudio se pueden probar en el mapa"),
    responses=problems_for(404, 409),
)
def options(request: Request, study: OfStudy = "") -> Response:
    """Answer what may be tried: every number with its unit, today's value and the values that need no layer."""
    found = service_of(request).study(study)
    told = _options(found)
    headers = {"ETag": f'"{content_hash(told)[:24]}-{current_language()}"', "Cache-Control": "no-cache"}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return JSONResponse(told, headers=headers)


@router.get(
    "/trial",
    summary=_("El cambio de reglas que se envió con una clave, para repetirlo o guardarlo"),
    responses=problems_for(404, 409),
)
def trial(request: Request, table: Table, study: OfStudy = "", f: Literal["json", "toml"] = "json") -> Response:
    """Answer the change of a hash, as it can be sent again or as lines for the files of rules."""
    service = service_of(request)
    posted = posted_change(service.workspace(), table)
    if study and study != posted.study:
        raise MissingError(
            _("El ensayo es del estudio «{own}», no de «{asked}»").format(own=posted.study, asked=study),
            remedy=_("Ábralo en el mapa de ese estudio, o pruebe el mismo cambio en este."),
        )
    content = plain_content(posted.change)
    name = f"ensayo-{posted.study}-{posted.hash[:8]}"
    if f == "toml":
        rules, crops = _rules(service.study(posted.study))
        text = change_text(posted.change, rules.ruleset, crops, study=posted.study)
        saved = {"Content-Disposition": f'attachment; filename="{name}.toml"', "Cache-Control": "no-cache"}
        return Response(text, media_type="application/toml; charset=utf-8", headers=saved)
    told = {"hash": posted.hash, "study": posted.study, "change": content}
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    saved = {"Content-Disposition": f'inline; filename="{name}.json"', "Cache-Control": "no-cache"}
    return Response(text, media_type="application/json", headers=saved)


def _rules(study: Study) -> tuple[CompiledRules, Any]:
    try:
        return study_rules(study)
    except InputError as error:
        raise StaleStudyError(error.found, expected=error.expected, remedy=error.remedy) from error


def _options(study: Study) -> dict[str, Any]:
    rules, _crops = _rules(study)
    found = options_of(study)
    words = characteristic_words()
    lists = _Lists()
    return {
        "study": study.name,
        "classes": [{"class": one.name, "name": one.title} for one in class_styles() if one.name in _CLAIMS],
        "zones": [
            {"zone": zone.code, "name": zone.name, "minimum": found.minimum.get(zone.code)} for zone in rules.zones
        ],
        "order": list(found.order),
        "crops": list(_crop_options(found, words, lists)),
        "gates": list(_gate_options(found, words, lists)),
        "protected": [
            {"category": name, "title": _category_title(name), "makes": makes}
            for name, makes in found.protected.items()
        ],
        "restriction": RESTRICTION,
        "legal_forest_slope": (
            None if found.legal_forest_slope is None else {"unit": "%", **lists.limit(found.legal_forest_slope)}
        ),
        "not_applied": [words.get(name, name) for name in (*found.flagged, *found.absent)],
        "stops": lists.held,
    }


class _Lists:
    """Lists of values, each told once: many limits of one characteristic share theirs."""

    def __init__(self) -> None:
        self.held: list[list[float]] = []
        self._places: dict[tuple[float, ...], int] = {}

    def limit(self, option: LimitOption) -> dict[str, Any]:
        """Return a limit with the number of its list."""
        if option.stops not in self._places:
            self._places[option.stops] = len(self.held)
            self.held.append(list(option.stops))
        return {"limit": option.name, "value": option.value, "stops": self._places[option.stops]}


def _crop_options(found: ChangeOptions, words: dict[str, str], lists: _Lists) -> Iterable[dict[str, Any]]:
    for crop in sorted(found.crops, key=lambda each: each.name):
        yield {
            "crop": crop.crop,
            "name": crop.name[:1].upper() + crop.name[1:],
            "zones": list(crop.zones),
            "factors": [
                {
                    "factor": each.factor,
                    "title": words.get(each.characteristic, each.characteristic),
                    "unit": each.unit,
                    "source": each.source,
                    "limits": [lists.limit(limit) for limit in each.limits],
                }
                for each in sorted(crop.factors, key=lambda each: _LETTERS.find(QUANTITIES[each.characteristic].letter))
            ],
        }


def _gate_options(found: ChangeOptions, words: dict[str, str], lists: _Lists) -> Iterable[dict[str, Any]]:
    for gate in found.gates:
        yield {
            "gate": gate.gate,
            "title": gate.title[:1].upper() + gate.title[1:],
            "zones": list(gate.zones),
            "conditions": [
                {
                    "characteristic": each.characteristic,
                    "title": words.get(each.characteristic, each.characteristic),
                    "unit": each.unit,
                    **lists.limit(each.limit),
                }
                for each in gate.conditions
            ],
        }


def _category_title(name: str) -> str:
    titles = dict(
        zip(
            CATEGORIES,
            (_("Parque nacional"), _("Área de manejo integrado"), _("Área municipal"), _("Reserva estricta")),
            strict=True,
        )
    )
    return titles.get(name, name)
