"""What a layer says of itself: licence, date and source, and whether that date is too long ago for what it shows."""

from __future__ import annotations

import datetime as dt
import re

from gis.messages import translator
from layers.provenance import LayerRecord

_ = translator("layers")

OLDEST_YEARS = {
    "land_cover": 6,
    "cover": 8,
    "land_use": 8,
    "roads": 10,
    "places": 10,
    "points_of_interest": 10,
    "protected_areas": 8,
    "protected_areas_other": 8,
    "settlements": 15,
    "boundaries": 15,
}
"""Years after which a theme no longer shows what is there; relief, soil and normals of climate do not age."""
_YEAR = re.compile(r"(?:19|20)\d{2}")


def declared_warnings(record: LayerRecord, today: dt.date) -> tuple[str, ...]:
    """Say what a layer does not state, and what it shows too late.

    Parameters
    ----------
    record
        Its provenance.
    today
        Day from which its age counts.
    """
    absent = {_("sin licencia"): record.licence, _("sin fecha"): record.date, _("sin fuente"): record.source}
    told = [words for words, value in absent.items() if not value]
    years = [int(each) for each in _YEAR.findall(record.date)]
    oldest = OLDEST_YEARS.get(record.theme)
    if years and oldest is not None and today.year - max(years) > oldest:
        told.append(
            _("es de {year}: más de {years} años, y lo que muestra cambia").format(year=max(years), years=oldest)
        )
    return tuple(told)
