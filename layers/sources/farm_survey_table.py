"""An agricultural survey with the columns of Bolivia's ENA 2015: area per crop and municipality, no household.

The rows of such a file are plots of households. They are read where they lie, added up in memory, and only sums leave
this module; a sum over fewer than three holdings is left out, because its household could be told from it. A file on
the web is refused: fetching it would write its rows to the disk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gis.errors import MissingError, NothingHereError
from gis.messages import translator
from gis.vectors.plain_table import numbers_of, read_text_table
from layers.mirrors.mirror import MirrorLayer
from layers.sources.municipal_rows import municipal_rows
from layers.sources.product import Place, ProductRecord, Supply, Wanted
from layers.sources.vector_piece import own_file, table_piece
from layers.territory import Territory
from layers.transfer.addresses import is_address

_ = translator("layers")

THEME = "farm_survey"
FEWEST_UNITS = 3
"""A sum over fewer holdings is not told."""
MUNICIPALITY, UNIT, CROP, AREA, IRRIGATED = "cod_ine", "id_persona", "cultiv", "sup_exp", "riego"
"""Columns of the survey: code, holding, name of the crop, expanded area in hectares, 1 where it is irrigated."""


@dataclass(frozen=True)
class FarmSurvey:
    """The adapter."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:  # noqa: ARG002  nothing travels
        """Return nothing: the survey is read where it lies."""
        return ()

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:  # noqa: ARG002  as above
        """Write the sums of a territory's municipalities.

        Raises
        ------
        gis.errors.MissingError
            The survey is no file on this disk, or lacks a column.
        gis.errors.InputError
            It is no table, or has no municipality of the territory.
        """
        stated = own_file(self.record, (".csv",))
        if stated is None or is_address(stated.address):
            raise MissingError(
                _("{title}: las filas son de hogares y no se traen de la red").format(title=self.record.title),
                expected=_("Un CSV en este equipo: [addresses] {id} = …").format(id=self.record.id),
            )
        table, steps = crop_areas(Path(stated.address), place.territory)
        return (table_piece(self.record, THEME, table, folder, steps=steps, unit="ha"),)


def product(record: ProductRecord) -> FarmSurvey:
    """Return the adapter of a record."""
    return FarmSurvey(record)


def crop_areas(path: Path, territory: Territory) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Add up a survey by municipality and crop.

    Returns
    -------
    DataFrame
        ``code, name, crop, area_ha, irrigated_ha, units``: expanded hectares, those under irrigation where the survey
        says (missing where it says of none), and holdings surveyed; in the order of code and crop.
    tuple of str
        What was done and left out, in words.

    Raises
    ------
    gis.errors.MissingError
        There is no such file, or it lacks a column.
    gis.errors.InputError
        It is no table, or has no municipality of the territory.
    """
    read = read_text_table(path)
    absent = [name for name in (MUNICIPALITY, UNIT, CROP, AREA) if name not in read.columns]
    if absent:
        raise MissingError(
            _("{name} no tiene la columna «{column}»").format(name=path.name, column=absent[0]),
            expected=_("Las columnas de la ENA 2015: {names}").format(
                names=f"{MUNICIPALITY}, {UNIT}, {CROP}, {AREA}, {IRRIGATED}"
            ),
        )
    if "area_ha" in read.columns:
        read = read.drop(columns="area_ha")
    joined = municipal_rows(read, territory, what=path.name, column=MUNICIPALITY)
    rows = joined.rows.assign(area_ha=numbers_of(joined.rows[AREA]))
    rows = rows[(rows[CROP] != "") & (rows["area_ha"] > 0)]
    if not len(rows):
        raise NothingHereError(
            _("{name}: ninguna fila del territorio tiene cultivo y superficie").format(name=path.name),
            expected=_("Hectáreas mayores que 0 en la columna {column}").format(column=AREA),
        )
    water = numbers_of(rows[IRRIGATED]) if IRRIGATED in rows else pd.Series(float("nan"), index=rows.index)
    rows = rows.assign(irrigated_ha=rows["area_ha"].where(water == 1, 0.0).where(water.isin([1, 2])))
    grouped = rows.groupby(["code", "name", CROP], sort=True)
    sums = pd.DataFrame(
        {
            "area_ha": grouped["area_ha"].sum().round(2),
            "irrigated_ha": grouped["irrigated_ha"].sum(min_count=1).round(2),
            "units": grouped[UNIT].nunique(),
        }
    ).reset_index()
    shown = sums[sums["units"] >= FEWEST_UNITS].rename(columns={CROP: "crop"}).reset_index(drop=True)
    steps = [
        _("sumas por municipio y cultivo de {units} unidades agropecuarias, con factor de expansión").format(
            units=rows[UNIT].nunique()
        )
    ]
    if len(shown) < len(sums):
        steps.append(
            _("{count} sumas de menos de {fewest} unidades, omitidas para no revelar un hogar").format(
                count=len(sums) - len(shown), fewest=FEWEST_UNITS
            )
        )
    return shown, tuple(steps)
