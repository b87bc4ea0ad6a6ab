"""Rows of a table recognised as municipalities: by a code with or without its leading zeros, or by a spelling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gis.errors import MissingError, NothingHereError
from gis.messages import translator
from layers.spelling import plain_text
from layers.territory import Territory

_ = translator("layers")

CODE_NAMES = ("cod_ine", "codigo_ine", "codigo_municipio", "cod_mun", "codmun", "codigo", "code", "municipality")
NAME_NAMES = ("municipio", "nombre_municipio", "nombre", "name", "shapename")
_MOST_TOLD = 10


@dataclass(frozen=True, eq=False, kw_only=True)
class MunicipalRows:
    """The rows of a table that are municipalities of a territory."""

    rows: pd.DataFrame
    """Those rows, with ``code`` (padded, as the territory writes it) and ``name`` (canonical) before the others."""
    column: str
    """Column by which they were recognised."""
    unmatched: tuple[str, ...]
    """What stands in that column of the other rows: each once, sorted."""

    @property
    def step(self) -> str:
        """Return in words what was joined and what was not."""
        told = _("{count} filas unidas por la columna {column}").format(count=len(self.rows), column=self.column)
        if not self.unmatched:
            return told
        shown = ", ".join(self.unmatched[:_MOST_TOLD]) + ("…" if len(self.unmatched) > _MOST_TOLD else "")
        rest = _("de otros municipios, o sin reconocer ({count}): {shown}").format(
            count=len(self.unmatched), shown=shown
        )
        return f"{told}; {rest}"


def code_column_of(columns: Sequence[str]) -> str | None:
    """Return the column whose title says that it holds municipalities, codes before names; ``None`` where none does.

    Examples
    --------
    >>> code_column_of(["Municipio", "COD_INE", "ventas"])
    'COD_INE'
    """
    known = {plain_text(name): name for name in reversed(columns)}
    return next((known[plain_text(name)] for name in (*CODE_NAMES, *NAME_NAMES) if plain_text(name) in known), None)


def municipal_rows(table: pd.DataFrame, territory: Territory, *, what: str, column: str | None = None) -> MunicipalRows:
    """Return the rows of a table that are municipalities of a territory.

    Parameters
    ----------
    table
        Any table.
    territory
        Whose municipalities are wanted.
    what
        What is being read, for the messages.
    column
        Column that names them; by default the one whose title says so.

    Raises
    ------
    gis.errors.MissingError
        No column names municipalities.
    gis.errors.InputError
        No row is one of the territory's.
    """
    found = column or code_column_of([str(name) for name in table.columns])
    if found is None or found not in table.columns:
        raise MissingError(
            _("{what} no tiene una columna con el código o el nombre del municipio").format(what=what),
            expected=_("Una columna como cod_ine o municipio; tiene: {names}").format(
                names=", ".join(map(str, table.columns))
            ),
        )
    meant = [None if _blank(value) else territory.find(value) for value in table[found]]
    kept = pd.Series([each is not None for each in meant], index=table.index)
    unmatched = tuple(sorted({str(value).strip() for value in table[found][~kept] if not _blank(value)}))
    if not kept.any():
        raise NothingHereError(
            _("{what}: ninguna fila es de un municipio de «{name}»").format(what=what, name=territory.name),
            expected=_("Códigos como {codes} en la columna {column}; hay: {shown}").format(
                codes=", ".join(territory.codes[:3]), column=found, shown=", ".join(unmatched[:3]) or "—"
            ),
        )
    rest = table[kept].drop(columns=[name for name in (found, "code", "name") if name in table.columns])
    named = [(each.code, each.name) for each in meant if each is not None]
    rows = pd.DataFrame({"code": [code for code, _name in named], "name": [name for _code, name in named]})
    return MunicipalRows(rows=pd.concat([rows, rest.reset_index(drop=True)], axis=1), column=found, unmatched=unmatched)


def _blank(value: Any) -> bool:  # noqa: ANN401  cells are of any type
    return value is None or (not isinstance(value, str) and bool(pd.isna(value))) or str(value).strip() == ""
