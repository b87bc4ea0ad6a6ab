"""Tables of indicators by municipality, such as those of the municipal atlases: joined on the code, zeros or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gis.errors import InputError
from gis.messages import translator
from gis.vectors.plain_table import numbers_of, read_text_table
from layers.mirrors.mirror import MirrorLayer
from layers.sources.municipal_rows import NAME_NAMES, MunicipalRows, municipal_rows
from layers.sources.product import Place, ProductRecord, Supply, Wanted
from layers.sources.vector_piece import needed_file, stated_file, table_piece
from layers.spelling import plain_text
from layers.territory import Territory

_ = translator("layers")

THEME = "municipal_indicators"
_VARIABLES = ("variable", "indicador", "indicator")
_VALUES = ("valor", "value")
_DATES = ("fecha", "date", "anio", "ano", "year", "gestion", "periodo")


@dataclass(frozen=True)
class MunicipalTable:
    """The adapter."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:  # noqa: ARG002  the same file for every place
        """Return the table that the territory names.

        Raises
        ------
        gis.errors.MissingError
            Its address is no CSV file's.
        """
        return (stated_file(self.record, (".csv", ".txt")),)

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the figures of a territory's municipalities, one a row.

        Raises
        ------
        gis.errors.VallesError
            The table is absent, has no municipality of the territory, or no number.
        """
        (wanted,) = self.wanted(place)
        table, joined = indicator_table(needed_file(self.record, supply, wanted), place.territory)
        return (table_piece(self.record, THEME, table, folder, steps=(joined.step,)),)


def product(record: ProductRecord) -> MunicipalTable:
    """Return the adapter of a record."""
    return MunicipalTable(record)


def indicator_table(path: Path, territory: Territory) -> tuple[pd.DataFrame, MunicipalRows]:
    """Read a table of indicators, long (a row per indicator) or wide (a column per indicator).

    Returns
    -------
    DataFrame
        ``code, name, variable, value``, and ``date`` where the table has one: in the order of code, variable, date.
    MunicipalRows
        What was joined.

    Raises
    ------
    gis.errors.VallesError
        It is no table, has no municipality of the territory, or no number.
    """
    joined = municipal_rows(read_text_table(path), territory, what=path.name)
    rows = joined.rows
    names = {plain_text(name): str(name) for name in reversed(rows.columns)}
    variable, value, date = (
        next((names[known] for known in titles if known in names), None) for titles in (_VARIABLES, _VALUES, _DATES)
    )
    if variable is not None and value is not None:
        long = rows.assign(variable=rows[variable], value=numbers_of(rows[value]))
    else:
        long = _melted(rows, date)
    long = long.rename(columns={date: "date"}) if date is not None else long
    long = long[long["value"].notna()]
    if not len(long):
        raise InputError(
            _("{name} no trae ningún número").format(name=path.name),
            expected=_("Columnas «variable» y «valor», o una columna por indicador"),
        )
    kept = ["code", "name", "variable", *(["date"] if date is not None else []), "value"]
    keys = [name for name in ("code", "variable", "date") if name in kept]
    return long[kept].sort_values(keys, kind="stable").reset_index(drop=True), joined


def _melted(rows: pd.DataFrame, date: str | None) -> pd.DataFrame:
    told = {"code", "name", date, *(name for name in rows.columns if plain_text(name) in NAME_NAMES)}
    numeric = {name: numbers_of(rows[name]) for name in rows.columns if name not in told}
    wide = rows.assign(**{name: column for name, column in numeric.items() if column.notna().any()})
    fixed = ["code", "name", *([date] if date is not None else [])]
    columns = [name for name, column in numeric.items() if column.notna().any()]
    return wide.melt(id_vars=fixed, value_vars=columns, var_name="variable", value_name="value")
