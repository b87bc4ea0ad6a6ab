"""The data dictionary of a study: every column with its unit and its meaning, in Spanish and in English."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

FILE = "dictionary.toml"

HEADS = ("table", "column", "unit", "meaning_es", "meaning_en")
"""Columns of the dictionary itself."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a file."""

    table: str
    """What the column belongs to: ``zones``, ``layers`` or the name of a CSV file of a study."""
    name: str
    unit: str
    """Empty for texts and codes."""
    spanish: str
    """What it means, in Spanish."""
    english: str
    """The same, in English."""

    @property
    def row(self) -> tuple[str, str, str, str, str]:
        """The entry in the order of :data:`HEADS`."""
        return (self.table, self.name, self.unit, self.spanish, self.english)


@cache
def data_dictionary() -> tuple[Column, ...]:
    """Return every column that a study's files hold, in the order of the files.

    Examples
    --------
    >>> [(each.unit, each.english) for each in data_dictionary() if each.name == "anmi_share"]
    [('0 a 1', 'share of the polygon under that restriction')]
    """
    text = files("zoning").joinpath("data", FILE).read_text(encoding="utf-8")
    return tuple(
        Column(table=table, name=name, unit=entry["unit"], spanish=entry["es"], english=entry["en"])
        for table, columns in tomllib.loads(text).items()
        for name, entry in columns.items()
    )


def columns_of(table: str) -> tuple[Column, ...]:
    """Return the columns of one table.

    Examples
    --------
    >>> [each.name for each in columns_of("summary")][-3:]
    ['share', 'percent', 'stable_ha']
    """
    return tuple(each for each in data_dictionary() if each.table == table)
