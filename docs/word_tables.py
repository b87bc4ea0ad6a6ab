"""Names with a Spanish meaning each: the fields of a polygon, the files of a study, the settings of a server.

A name of the program that has no words here, or words without a name, stops the build.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markdown_tables import table

from api import Settings
from zoning.study.polygons import COLUMNS

FIELDS = {
    "zone_id": "identificador: municipio, zona y número",
    "municipality": "código INE de seis cifras",
    "municipality_name": "nombre del municipio",
    "zone": "código de la zona",
    "zone_name": "nombre de la zona",
    "chain": "cadena productiva",
    "legal": "la zona viene de la ley, no de una calificación",
    "area_ha": "hectáreas, en la proyección equivalente del territorio",
    "class": "S1, S2, S3, N, NR (no se califica) o SD (sin dato)",
    "subclass": "clase con las letras de lo que limita, como S2ts",
    "score": "orden dentro de la clase, de 0 a 1",
    "limiting": "característica que limita",
    "limiting_p10": "su décimo inferior dentro del polígono",
    "limiting_p50": "su mediana dentro del polígono",
    "limiting_p90": "su décimo superior dentro del polígono",
    "limiting_limit": "valor con que empieza la clase siguiente; en S1, el valor con que termina",
    "limiting_gap": "lo que falta hasta ese valor",
    "second_limiting": "segunda característica que limita",
    "runner_up": "zona que quedó segunda",
    "margin": "diferencia de orden con la segunda, si es de la misma clase",
    "conflict": "la segunda es casi igual de buena",
    "stability": "parte de los sorteos con la misma zona, de 0 a 1, media de sus celdas; vacío sin `--uncertainty`",
    "entropy": "entropía de las zonas sorteadas, bits, media de sus celdas; vacío sin `--uncertainty`",
    "flip_factor": "característica que más veces cambia la zona; vacío si nunca cambia o sin `--uncertainty`",
    "rule_id": "zona y tipo de uso que habla por ella",
    "use_conflict": "el uso cartografiado contradice la zona",
    "restriction": "restricción que se añade, como «sin nuevos desmontes»",
    "anmi_share": "parte del polígono bajo esa restricción, de 0 a 1",
    "incomplete": "factores opcionales que faltaron",
    "ruleset_hash": "huella del reglamento",
    "explanation": "la razón, en una oración",
}

SETTINGS = {
    "workspace": "espacio de trabajo que se publica",
    "study": "estudio que se muestra cuando no se nombra otro",
    "page_limit": "objetos por página de una colección",
    "page_limit_max": "objetos por página, a lo sumo",
    "tile_max_age": "segundos que una tesela puede guardarse sin preguntar",
    "refresh_seconds": "segundos entre dos miradas a los archivos",
}


def pages() -> dict[str, str]:
    """Return the generated pages, by name."""
    return {"fields": fields(), "settings": settings()}


def fields() -> str:
    """Return the fields of every polygon, in the order of the files."""
    return table(("campo", "qué es"), [(f"`{name}`", _word(FIELDS, name, COLUMNS)) for name in COLUMNS])


def settings() -> str:
    """Return the settings of a server, each with its variable and its value by default."""
    known = Settings.model_fields
    rows = [(f"`VALLES_{name.upper()}`", _word(SETTINGS, name, known), f"`{known[name].default}`") for name in known]
    return table(("variable", "qué es", "por omisión"), rows)


def _word(words: Mapping[str, str], name: str, known: Iterable[str]) -> str:
    strange = set(words) - set(known)
    if name not in words or strange:
        message = f"docs/word_tables.py: no words for {name!r}" if name not in words else f"no such names: {strange}"
        raise KeyError(message)
    return words[name]
