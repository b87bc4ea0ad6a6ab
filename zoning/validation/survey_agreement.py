"""Zones against a farm survey: whether municipalities with more of a zone also grow more of its crops."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from gis.errors import InputError
from gis.messages import translator
from zoning.study.study import Study
from zoning.validation.blanks import known
from zoning.validation.farm_survey import FEWEST_UNITS, SurveySums, read_survey
from zoning.validation.map_areas import zone_names
from zoning.validation.rank_correlation import RankCorrelation, rank_correlation
from zoning.validation.survey_rules import SurveyRules, load_survey_rules

_ = translator("zoning")

_SMALL_SAMPLE = 30
_FEW_PLACES = 3


@dataclass(frozen=True, kw_only=True)
class ZoneAgreement:
    """One zone over all municipalities."""

    zone: str
    """Code."""
    name: str
    """Spanish name."""
    correlation: RankCorrelation
    """Share of the crop zones against share of the surveyed crops."""
    of_municipality: RankCorrelation
    """The same with the share of the whole municipality: another denominator, beside it so that neither is picked."""
    grown_in: int
    """Municipalities where the survey met its crops."""
    units: int
    """Holdings that grow its crops."""
    verdict: str
    """What it proves and what not, in Spanish."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SurveyAgreement:
    """A study held against a survey."""

    title: str
    """Of the survey."""
    source: str
    """Who made it."""
    zones: tuple[ZoneAgreement, ...]
    """In the order of the rules."""
    shares: pd.DataFrame
    """``municipality, municipality_name, zone, zoned_ha, zoned_share, municipality_share, surveyed_ha, surveyed_share,
    units, shown``: sums only; those of fewer than three holdings are marked not ``shown``."""
    remarks: tuple[str, ...]
    """What the reader must know, in Spanish."""

    def table(self) -> pd.DataFrame:
        """Return the shares that may be shown: where fewer than three holdings speak the survey's is missing."""
        table = self.shares.drop(columns="shown")
        for column in ("surveyed_share", "surveyed_ha"):
            table[column] = table[column].where(self.shares["shown"])
        return table

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        rows = [
            {key: known(value) if isinstance(value, float) else value for key, value in row.items()}
            for row in self.table().to_dict(orient="records")
        ]
        return {
            "survey": self.title,
            "source": self.source,
            "zones": [_zone_document(each) for each in self.zones],
            "municipalities": rows,
            "remarks": list(self.remarks),
        }


def _zone_document(found: ZoneAgreement) -> dict[str, Any]:
    rank = found.correlation
    return {
        "zone": found.zone,
        "name": found.name,
        "rho": rank.rho,
        "n": rank.places,
        "p": rank.p_value,
        "bound": rank.bound,
        "reached": rank.reached,
        "rho_of_municipality": found.of_municipality.rho,
        "p_of_municipality": found.of_municipality.p_value,
        "grown_in": found.grown_in,
        "units": found.units,
        "verdict": found.verdict,
    }


def compare_survey(study: Study, path: Path | str, *, rules: SurveyRules | None = None) -> SurveyAgreement:
    """Set the zones of a study against a farm survey, municipality by municipality.

    The zoned share is that of the zone in the zones the survey speaks of (HOR, VID, FRU, ANU and CAN); the surveyed
    share is that of its crops in the land under crops, without forage. Nothing of the zoning may be fitted to it.

    Parameters
    ----------
    study
        The map.
    path
        The survey, a CSV with a row per plot.
    rules
        How it is read; by default as the ENA 2015 of the INE.

    Raises
    ------
    gis.errors.MissingError
        The file or one of its columns is not there.
    gis.errors.InputError
        It is damaged, or speaks of no zone or no municipality of the study.
    """
    rules = rules or load_survey_rules()
    territory = study.workspace.territory
    sums = read_survey(path, rules, territory)
    names = zone_names(study)
    shares = _shares(study, sums, set(names))
    if shares.empty:
        raise InputError(
            _("{path}: ninguna de sus zonas ni municipios está en el estudio «{name}»").format(
                path=path, name=study.name
            ),
            expected=_("Se esperaban municipios y zonas del estudio"),
        )
    found = tuple(
        _agreement(zone, name, shares[shares["zone"] == zone])
        for zone, name in names.items()
        if (shares["zone"] == zone).any()
    )
    return SurveyAgreement(
        title=rules.title, source=rules.source, zones=found, shares=shares, remarks=_remarks(sums, shares)
    )


def _shares(study: Study, sums: SurveySums, zones: set[str]) -> pd.DataFrame:
    mapped = study.zones
    areas = mapped.groupby(["municipality", "zone"])["area_ha"].sum()
    whole = mapped.groupby("municipality")["area_ha"].sum()
    table = sums.table[sums.table["zone"].isin(zones) & sums.table["municipality"].isin(whole.index)].copy()
    order = [zone for zone in zone_names(study) if zone in zones]
    index = pd.MultiIndex.from_frame(table[["municipality", "zone"]])
    table["zoned_ha"] = areas.reindex(index, fill_value=0.0).to_numpy()
    cropped = table.groupby("municipality")["zoned_ha"].transform("sum")
    # Where no crop zone was mapped at all, each has none of it.
    table["zoned_share"] = (table["zoned_ha"] / cropped).where(cropped > 0, 0.0)
    table["municipality_share"] = table["zoned_ha"] / table["municipality"].map(whole)
    table["shown"] = (table["units"] == 0) | (table["units"] >= FEWEST_UNITS)
    labels = dict(mapped.groupby("municipality")["municipality_name"].first())
    table["municipality_name"] = table["municipality"].map(labels)
    table = table[table["surveyed_share"].notna()]
    table["_place"] = table["zone"].map({zone: place for place, zone in enumerate(order)})
    columns = ["municipality", "municipality_name", "zone", "zoned_ha", "zoned_share", "municipality_share"]
    columns += ["surveyed_ha", "surveyed_share", "units", "shown"]
    return table.sort_values(["_place", "municipality"])[columns].reset_index(drop=True)


def _agreement(zone: str, name: str, rows: pd.DataFrame) -> ZoneAgreement:
    rank = rank_correlation(rows["zoned_share"].to_numpy(), rows["surveyed_share"].to_numpy())
    other = rank_correlation(rows["municipality_share"].to_numpy(), rows["surveyed_share"].to_numpy())
    grown = int((rows["surveyed_ha"] > 0).sum())
    mapped = int((rows["zoned_ha"] > 0).sum())
    return ZoneAgreement(
        zone=zone,
        name=name,
        correlation=rank,
        of_municipality=other,
        grown_in=grown,
        units=int(rows["units"].sum()),
        verdict=_verdict(rank, other, grown=grown, mapped=mapped),
    )


def _verdict(rank: RankCorrelation, other: RankCorrelation, *, grown: int, mapped: int) -> str:
    if rank.rho is None:
        return _("no se puede comparar: el mapa o la encuesta dicen lo mismo en todos los municipios")
    if rank.bound is None:
        return _("no se puede comparar: muy pocos municipios")
    if rank.reached:
        said = _("concuerdan más que por azar") if rank.rho > 0 else _("van al revés, más que por azar")
    else:
        said = _("débil: no alcanza el límite, el azar da otro tanto")
    if rank.reached != other.reached:
        said += "; " + _("con la parte del municipio resulta lo contrario: depende de cómo se mida")
    decisive = min(grown, mapped)
    if decisive == 1:
        said += "; " + _("lo decide un solo municipio")
    elif decisive < _FEW_PLACES:
        said += "; " + _("lo deciden {count} municipios").format(count=decisive)
    return said


def _remarks(sums: SurveySums, shares: pd.DataFrame) -> tuple[str, ...]:
    found = [
        _("Una correlación entre municipios no dice si cada polígono está bien; y las reglas nunca se ajustan a ella")
    ]
    names = dict(zip(shares["municipality"], shares["municipality_name"], strict=True))
    small = [f"{names[code]} {count}" for code, count in sums.units.items() if count < _SMALL_SAMPLE and code in names]
    if small:
        found.append(
            _("Municipios con menos de {count} unidades encuestadas, que no los representan: {names}").format(
                count=_SMALL_SAMPLE, names=", ".join(small)
            )
        )
    hidden = int((~shares["shown"]).sum())
    if hidden:
        found.append(
            _("{count} partes de menos de {units} unidades cuentan en la correlación y no se muestran").format(
                count=hidden, units=FEWEST_UNITS
            )
        )
    if sums.elsewhere:
        found.append(_("{count} filas de otros municipios quedaron fuera").format(count=sums.elsewhere))
    return tuple(found)
