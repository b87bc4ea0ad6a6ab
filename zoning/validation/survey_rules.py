"""How the rows of a farm survey speak for zones: rules as data, one file per survey."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.atomic import storage_errors
from gis.messages import translator
from zoning.zoning_errors import RulesError

_ = translator("zoning")

BUILTIN = "ena2015"
"""The survey whose rules come with the program."""

ROLES = ("municipality", "unit", "crop", "kind", "water", "area_ha")
"""What a survey must tell, each in a column of its own name."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class ZoneRule:
    """Which rows speak for a zone."""

    zone: str
    """Code of the zone."""
    crops: tuple[str, ...] = ()
    """Beginnings of crop codes; empty is every crop."""
    water: str = ""
    """``irrigated`` or ``rainfed``; empty is both."""
    annual: bool = False
    """Only annual crops."""
    source: str = ""
    """Why."""


@dataclass(frozen=True, kw_only=True)
class SurveyRules:
    """How one survey is read."""

    title: str
    """Name of the survey."""
    source: str
    """Who made it."""
    columns: Mapping[str, str]
    """Role (:data:`ROLES`) to header."""
    values: Mapping[str, tuple[str, ...]]
    """``irrigated``, ``rainfed`` and ``annual``: how the survey writes them."""
    outside: tuple[str, ...]
    """Beginnings of the crop codes that are left out of every denominator."""
    zones: tuple[ZoneRule, ...]
    """In order: the first that fits a row takes it."""

    def counted(self, rows: pd.DataFrame) -> Mask:
        """Say which rows belong to the denominator."""
        return ~_begins(rows["crop"], self.outside)

    def zone_of(self, rows: pd.DataFrame) -> npt.NDArray[np.object_]:
        """Return the zone each row speaks for, empty for none.

        Parameters
        ----------
        rows
            Columns named by role.
        """
        found = np.full(len(rows), "", dtype=object)
        counted = self.counted(rows)
        for rule in self.zones:
            fits = counted & (found == "")
            if rule.crops:
                fits &= _begins(rows["crop"], rule.crops)
            if rule.water:
                fits &= rows["water"].isin(self.values[rule.water]).to_numpy()
            if rule.annual:
                fits &= rows["kind"].isin(self.values["annual"]).to_numpy()
            found[fits] = rule.zone
        return found


def _begins(codes: pd.Series[str], beginnings: tuple[str, ...]) -> Mask:
    found: Mask = codes.str.startswith(beginnings).to_numpy(dtype=np.bool_)
    return found


def load_survey_rules(path: Path | None = None) -> SurveyRules:
    """Read the rules of a survey.

    Parameters
    ----------
    path
        A TOML like ``zoning/data/surveys/ena2015.toml``; by default that one.

    Raises
    ------
    zoning.zoning_errors.RulesError
        It is no TOML, or a key is missing or not what it should be; the key is named.
    gis.errors.StorageError
        It cannot be read.
    """
    resource = files("zoning").joinpath("data", "surveys", f"{BUILTIN}.toml")
    where = str(path or f"{BUILTIN}.toml")
    with storage_errors(where):
        text = path.read_text(encoding="utf-8-sig") if path else resource.read_text(encoding="utf-8")
    try:
        record = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(
            _("{file} no es TOML: {reason}").format(file=where, reason=error),
            expected=_("Se esperaban las reglas de una encuesta"),
        ) from error
    try:
        return _parsed(record)
    except (KeyError, TypeError, AttributeError) as error:
        raise RulesError(
            _("{file}: falta o no sirve la clave {key}").format(file=where, key=error),
            expected=_("Se esperaban title, source, columns, values, outside y zones, como en {name}.toml").format(
                name=BUILTIN
            ),
        ) from error


def _parsed(record: Mapping[str, Any]) -> SurveyRules:
    columns = {role: str(record["columns"][role]) for role in ROLES}
    values = {name: tuple(map(str, record["values"][name])) for name in ("irrigated", "rainfed", "annual")}
    return SurveyRules(
        title=str(record["title"]),
        source=str(record["source"]),
        columns=columns,
        values=values,
        outside=tuple(map(str, record["outside"]["crops"])),
        zones=tuple(_rule(each) for each in record["zones"]),
    )


def _rule(record: Mapping[str, Any]) -> ZoneRule:
    water = str(record.get("water", ""))
    if water not in {"", "irrigated", "rainfed"}:
        raise RulesError(
            _("Agua «{water}» en la regla de {zone}").format(water=water, zone=record["zone"]),
            expected=_("Se esperaba irrigated o rainfed"),
        )
    return ZoneRule(
        zone=str(record["zone"]),
        crops=tuple(map(str, record.get("crops", ()))),
        water=water,
        annual=bool(record.get("annual", False)),
        source=str(record.get("source", "")),
    )
