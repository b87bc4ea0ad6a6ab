"""The names of a boundary file's municipalities: from its own column or from a table, each one used once."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from gis.atomic import storage_errors
from gis.errors import InputError, MissingError
from gis.messages import translator
from layers.founding.boundary_columns import text_of
from layers.spelling import plain_text, spelling_key

_ = translator("layers")

_SMALL = frozenset({"de", "del", "la", "las", "los", "el", "y", "e", "al"})
_FEWEST_COLUMNS = 2


def read_names(path: Path) -> dict[str, str]:
    """Read a table of names by code: a JSON object, or a CSV whose first two columns are code and name.

    Returns
    -------
    dict
        Key of the code (:func:`layers.spelling.spelling_key`) to name.

    Raises
    ------
    gis.errors.MissingError
        There is no such file.
    gis.errors.InputError
        It is no such table.
    gis.errors.StorageError
        It cannot be read.
    """
    if not path.is_file():
        raise MissingError(_("No existe el archivo {path}").format(path=path))
    with storage_errors(path):
        raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
        found = _from_json(text) if path.suffix.lower() == ".json" else _from_csv(text)
    except (ValueError, csv.Error):
        found = {}
    if not found:
        raise InputError(
            _("{file} no es una tabla de nombres").format(file=path.name),
            expected=_(
                'Un JSON {{"070801": "Vallegrande", …}}, o un CSV con código y nombre en sus dos primeras columnas'
            ),
        )
    return {spelling_key(code): " ".join(name.split()) for code, name in found.items() if name.strip()}


def _from_json(text: str) -> dict[str, str]:
    table = json.loads(text)
    if not isinstance(table, dict) or not all(isinstance(each, str) for each in table.values()):
        return {}
    return {str(code): name for code, name in table.items()}


def _from_csv(text: str) -> dict[str, str]:
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if len(row) >= _FEWEST_COLUMNS]
    return {text_of(code): name for code, name, *_rest in rows if any(map(str.isdigit, code))}


def as_written(names: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """Return names in upper and lower case where a file has them all in capitals, and whether it had.

    Examples
    --------
    >>> as_written({"1": "SAN JOSÉ DE CHIQUITOS", "2": "EL TRIGAL"})[0]
    {'1': 'San José de Chiquitos', '2': 'El Trigal'}
    """
    if not names or not all(name == name.upper() and name != name.lower() for name in names.values()):
        return dict(names), False
    return {code: _title(name) for code, name in names.items()}, True


def told_apart(names: Mapping[str, str], provinces: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return names that nobody can confuse: one used twice gets its province behind it, or its code.

    Parameters
    ----------
    names
        Code to name.
    provinces
        Code to province; may be empty.

    Returns
    -------
    dict
        Code to name, all different whatever their case and accents.
    tuple
        The names that were used more than once.

    Examples
    --------
    >>> told_apart({"1": "San Ramón", "2": "SAN RAMON"}, {"1": "Mamoré", "2": "Ñuflo de Chávez"})[0]["2"]
    'SAN RAMON (Ñuflo de Chávez)'
    """
    count = Counter(plain_text(name) for name in names.values())
    twice = tuple(sorted({name for name in names.values() if count[plain_text(name)] > 1}))
    first = {
        code: f"{name} ({provinces[code]})" if count[plain_text(name)] > 1 and provinces.get(code) else name
        for code, name in names.items()
    }
    again = Counter(plain_text(name) for name in first.values())
    return {code: f"{name} ({code})" if again[plain_text(name)] > 1 else name for code, name in first.items()}, twice


def _title(name: str) -> str:
    words = name.lower().split(" ")
    return " ".join(
        word if place and word in _SMALL else word[:1].upper() + word[1:] for place, word in enumerate(words)
    )
