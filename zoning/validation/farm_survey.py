"""A farm survey added up by municipality and zone. Its rows are households: nothing but sums leaves this module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from gis.atomic import storage_errors
from gis.errors import InputError, MissingError
from gis.messages import translator
from layers.territory import Territory
from zoning.validation.survey_rules import SurveyRules

_ = translator("zoning")

FEWEST_UNITS = 3
"""Below so many units a sum could be told from its household, and is not shown."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SurveySums:
    """What a survey says of each municipality."""

    rules: SurveyRules
    """How it was read."""
    table: pd.DataFrame
    """``municipality, zone, surveyed_ha, surveyed_share`` (of the land in crops), ``units`` (holdings with that zone's
    crops): one row for every municipality and zone, 0 where nobody grows it."""
    units: pd.Series[int]
    """Holdings surveyed in each municipality."""
    cropped_ha: pd.Series[float]
    """The denominator: expanded hectares in crops, without forage, by municipality."""
    elsewhere: int
    """Rows of municipalities outside the territory: left out."""


def read_survey(path: Path | str, rules: SurveyRules, territory: Territory) -> SurveySums:
    """Add up a survey.

    Parameters
    ----------
    path
        A CSV with a row per plot and the columns that the rules name.
    rules
        How it is read.
    territory
        Whose municipalities are wanted; codes of five or six digits and any spelling of a name are understood.

    Raises
    ------
    gis.errors.MissingError
        There is no such file, or a column is missing, which is named.
    gis.errors.InputError
        It is no table, an area is no number or negative (its line is named), or no row lies in the territory.
    """
    rows = _rows(Path(path), rules)
    codes = {text: territory.find(text) for text in rows["municipality"].unique()}
    rows["municipality"] = [found.code if (found := codes[text]) else "" for text in rows["municipality"]]
    elsewhere = int((rows["municipality"] == "").sum())
    rows = rows[rows["municipality"] != ""]
    if rows.empty:
        raise InputError(
            _("{path}: ninguna fila es de un municipio de «{name}»").format(path=path, name=territory.name),
            expected=_("Se esperaban códigos INE como {codes}").format(codes=", ".join(territory.codes[:3])),
        )
    units = rows.groupby("municipality")["unit"].nunique()
    counted = rows[rules.counted(rows)]
    counted = counted.assign(zone=rules.zone_of(counted))
    cropped = counted.groupby("municipality")["area_ha"].sum().reindex(units.index, fill_value=0.0)
    names = list(dict.fromkeys(rule.zone for rule in rules.zones))
    index = pd.MultiIndex.from_product([units.index, names], names=["municipality", "zone"])
    grouped = counted.groupby(["municipality", "zone"])
    table = pd.DataFrame(
        {
            "surveyed_ha": grouped["area_ha"].sum().reindex(index, fill_value=0.0),
            "units": grouped["unit"].nunique().reindex(index, fill_value=0),
        }
    ).reset_index()
    whole = table["municipality"].map(cropped)
    table["surveyed_share"] = (table["surveyed_ha"] / whole).where(whole > 0)
    return SurveySums(rules=rules, table=table, units=units, cropped_ha=cropped, elsewhere=elsewhere)


def _rows(path: Path, rules: SurveyRules) -> pd.DataFrame:
    if not path.is_file():
        raise MissingError(
            _("No existe la encuesta {path}").format(path=path), remedy=_("Revise el nombre y la carpeta")
        )
    try:
        with storage_errors(path):
            head = pd.read_csv(path, nrows=0, encoding="utf-8-sig")
            absent = [name for name in rules.columns.values() if name not in head.columns]
            if absent:
                raise MissingError(
                    _("{path} no tiene la columna «{column}»").format(path=path, column=absent[0]),
                    expected=_("Se esperaban: {names} ({title})").format(
                        names=", ".join(rules.columns.values()), title=rules.title
                    ),
                )
            read = pd.read_csv(
                path, usecols=list(rules.columns.values()), dtype=str, keep_default_na=False, encoding="utf-8-sig"
            )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(
            _("{path} no es una tabla: {reason}").format(path=path, reason=str(error).strip()[:120]),
            expected=_("Se esperaba un CSV en UTF-8 con una fila por parcela"),
        ) from error
    rows = pd.DataFrame({role: read[name].str.strip() for role, name in rules.columns.items()})
    for role in ("water", "kind", "municipality", "unit"):
        # Codes that went through a table of numbers come back as 1.0.
        rows[role] = rows[role].str.replace(r"^(\d+)\.0$", r"\1", regex=True)
    area = pd.to_numeric(rows["area_ha"], errors="coerce")
    wrong = (area.isna() | (area < 0)).to_numpy()
    if wrong.any():
        line = int(wrong.nonzero()[0][0]) + 2
        raise InputError(
            _("{path}, línea {line}, columna «{column}»: no es una superficie").format(
                path=path, line=line, column=rules.columns["area_ha"]
            ),
            expected=_("Se esperaban hectáreas desde 0, con punto decimal"),
        )
    return rows.assign(area_ha=area)
