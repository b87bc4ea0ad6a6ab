"""What a reader asked of a collection, in the OGC's own words: limit, offset, bbox, datetime, property filters, format.

Everything is checked by hand, because the standard wants 400 with a reason for any parameter that is unknown or wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from starlette.datastructures import QueryParams
from starlette.requests import Request

from api.ogc.ogc_crs import CRS84, box_in_degrees, chosen_system
from gis.errors import InputError
from gis.messages import translator
from layers.map_layer import Bounds, FeatureQuery, LayerDescription, Parameter

_ = translator("api")

GENERAL = ("f", "lang")
"""Parameters that every address takes."""
PAGING = ("limit", "offset", "bbox", "bbox-crs", "crs", "datetime")
RESERVED = frozenset((*GENERAL, *PAGING))
_BOX_LENGTHS = (4, 6)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How large a page may be."""

    default: int
    largest: int


def refuse_unknown(params: QueryParams, known: Iterable[str]) -> None:
    """Refuse parameters that mean nothing here.

    Raises
    ------
    InputError
        Naming the first unknown parameter and those that are known.
    """
    allowed = {*GENERAL, *known}
    for name in params:
        if name not in allowed:
            raise InputError(
                _("El parámetro «{name}» no existe aquí").format(name=name),
                expected=_("Uno de: {names}").format(names=", ".join(sorted(allowed))),
            )


def format_of(request: Request) -> str:
    """Return ``html`` or ``json``: what ``f`` says, else what the reader's program prefers.

    Raises
    ------
    InputError
        If ``f`` names another format.
    """
    asked = request.query_params.get("f")
    if asked is None:
        accept = request.headers.get("accept", "")
        return "html" if "text/html" in accept and "json" not in accept else "json"
    if asked not in {"json", "geojson", "html"}:
        raise InputError(_("No hay formato «{name}»").format(name=asked), expected="f=json, f=html")
    return "json" if asked == "geojson" else asked


def feature_query(
    params: QueryParams,
    layer: LayerDescription,
    *,
    parameters: tuple[Parameter, ...],
    limits: Limits,
    systems: tuple[str, ...] = (CRS84,),
) -> FeatureQuery:
    """Read the query of one page of features.

    Parameters
    ----------
    params
        What the reader wrote.
    layer, parameters
        The layer, and what may be chosen about it.
    limits
        How large a page may be.
    systems
        Reference systems in which a box may be written.

    Raises
    ------
    InputError
        If a parameter is unknown or its value cannot be used.

    Examples
    --------
    >>> from starlette.datastructures import QueryParams
    >>> layer = LayerDescription(id="a", title="A", description="", geometry="point", extent=(-65, -19, -63, -17))
    >>> limits = Limits(default=10, largest=100)
    >>> feature_query(QueryParams("limit=500&bbox=-65,-18,-64,-17"), layer, parameters=(), limits=limits).limit
    100
    """
    choices = {parameter.name: parameter for parameter in parameters}
    refuse_unknown(params, (*PAGING, *layer.properties, *choices))
    system = chosen_system(params.get("bbox-crs"), systems, "bbox-crs")
    filters = {
        name: params[name] for name in layer.properties if name in params and name not in RESERVED | choices.keys()
    }
    return FeatureQuery(
        bbox=box_in_degrees(_box(params["bbox"]), system) if params.get("bbox") else None,
        limit=min(_whole(params, "limit", default=limits.default, least=1), limits.largest),
        offset=_whole(params, "offset", default=0, least=0),
        datetime=interval(params["datetime"]) if params.get("datetime") else None,
        filters=filters,
        parameters=chosen_parameters(params, parameters),
    )


def chosen_parameters(params: QueryParams, parameters: tuple[Parameter, ...]) -> dict[str, str]:
    """Return the value of each parameter of a layer: the reader's choice, else its default.

    Raises
    ------
    InputError
        If a choice is not among the allowed values.
    """
    chosen = {}
    for parameter in parameters:
        value = params.get(parameter.name, parameter.default)
        if parameter.values and value not in parameter.values and value != parameter.default:
            raise InputError(
                _("{name} no puede ser «{value}»").format(name=parameter.name, value=value),
                expected=_("Uno de: {names}").format(names=", ".join(parameter.values)),
            )
        if value:
            chosen[parameter.name] = value
    return chosen


def interval(text: str) -> tuple[str | None, str | None]:
    """Read an RFC 3339 moment or interval; ``..`` or nothing is an open end.

    Raises
    ------
    InputError
        If it is no date, or ends before it begins.

    Examples
    --------
    >>> interval("2026-01-01/..")
    ('2026-01-01', None)
    >>> interval("2026-05-01")
    ('2026-05-01', '2026-05-01')
    """
    parts = text.split("/")
    if len(parts) > 2:  # noqa: PLR2004  begin and end
        raise _bad_datetime(text)
    ends = [_moment(part, text) for part in parts]
    begin, end = ends[0], ends[-1]
    if begin is None and end is None and len(parts) == 1:
        raise _bad_datetime(text)
    if begin is not None and end is not None and begin[:10] > end[:10]:
        raise InputError(
            _("El intervalo «{text}» termina antes de empezar").format(text=text),
            expected=_("desde/hasta, por ejemplo 2026-01-01/2026-06-30"),
        )
    return begin, end


def _moment(part: str, text: str) -> str | None:
    if part in {"", ".."}:
        return None
    try:
        if _DATE.fullmatch(part):
            date.fromisoformat(part)
        else:
            datetime.fromisoformat(part)
    except ValueError:
        raise _bad_datetime(text) from None
    return part


def _bad_datetime(text: str) -> InputError:
    return InputError(
        _("datetime no es una fecha ni un intervalo: «{text}»").format(text=text),
        expected=_("2026-05-01, 2026-05-01T12:00:00Z, 2026-01-01/2026-06-30 o 2026-01-01/.."),
    )


def _whole(params: QueryParams, name: str, *, default: int, least: int) -> int:
    text = params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,18}", text) or int(text) < least:
        raise InputError(
            _("{name} no es un número entero que sirva: «{text}»").format(name=name, text=text),
            expected=_("Un entero desde {least}").format(least=least),
        )
    return int(text)


def _box(text: str) -> Bounds:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in _BOX_LENGTHS or not all(math.isfinite(number) for number in numbers):
        raise InputError(
            _("bbox no son cuatro números: «{text}»").format(text=text),
            expected=_("oeste,sur,este,norte en grados, por ejemplo -64.9,-18.9,-63.4,-17.4"),
        )
    half = len(numbers) // 2
    west, south, east, north = numbers[0], numbers[1], numbers[half], numbers[half + 1]
    if south > north:
        raise InputError(
            _("bbox tiene el sur al norte del norte: «{text}»").format(text=text),
            expected=_("oeste,sur,este,norte en grados, por ejemplo -64.9,-18.9,-63.4,-17.4"),
        )
    # A west that lies east of the east is a box over the 180th meridian (RFC 7946, 5.2): layers understand it.
    return west, south, east, north
