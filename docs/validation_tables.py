"""Tables of the page about validation, from the rules that the program loads and the figures of a real run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markdown_tables import table

from zoning.sensitivity.sensitivity_table import shown_first
from zoning.validation.survey_rules import load_survey_rules

_WATERS = {"irrigated": "con riego", "rainfed": "a secano", "": "ambos"}
_KINDS = {
    "farmland": "campos",
    "orchard": "huertos",
    "vineyard": "viñedos",
    "all": "todo lo mapeado",
    "anywhere": "cualquier lugar",
}
_EARLIER_SHARES = {
    "base": {"HOR": 7.2, "FRU": 0.7, "VID": 2.9, "ANU": 28.9, "CAN": 0.3, "GAF": 43.2, "CON": 16.5},
    "chelsa": {"HOR": 7.2, "FRU": 14.6, "VID": 2.8, "ANU": 15.1, "CAN": 0.2, "GAF": 43.2, "CON": 16.5},
}
"""Per cent, of throw-away runs at 250 m made before the program, by hand."""
_EARLIER_RHO = {"HOR": 0.51, "FRU": 0.54, "ANU": 0.65, "CAN": 0.58}
_EARLIER_MOVES = {
    "fuente de clima": "17–19",
    "fuente de la pendiente": "33",
    "acceso a riego": "33",
    "pendiente de los anuales": "25",
    "bosque": "19–24",
    "clase mínima": "19",
    "fuente de los límites": "2–17",
    "horas de frío": "8–17",
    "helada": "1",
    "suelo": "6",
}
"""Likewise, the share that each rule moved, per cent."""


def pages() -> dict[str, str]:
    """Return the generated pages, by name."""
    run = json.loads(Path(__file__).with_name("real_run.json").read_text(encoding="utf-8"))
    return {
        "survey_rules": survey_rules(),
        "real_shares": real_shares(run),
        "real_survey": real_survey(run),
        "real_presence": real_presence(run),
        "real_sensitivity": real_sensitivity(run),
    }


def survey_rules() -> str:
    """Return which rows of a survey speak for which zone."""
    rules = load_survey_rules()
    rows = [
        (
            f"`{rule.zone}`",
            ", ".join(rule.crops) or ("todo cultivo anual" if rule.annual else "todos"),
            _WATERS[rule.water],
            rule.source,
        )
        for rule in rules.zones
    ]
    outside = ("fuera", ", ".join(rules.outside), _WATERS[""], "fuera del denominador")
    return f"{rules.title} ({rules.source}).\n\n" + table(
        ("zona", "comienzo del código de cultivo", "riego", "por qué"), [*rows, outside]
    )


def real_shares(run: Mapping[str, Any]) -> str:
    """Return the share of every zone under both climates, beside those of earlier runs."""
    base, other = (run["studies"][name]["zones"] for name in ("base", "chelsa"))
    rows = [
        (
            f"`{zone}`",
            _whole(row["area_ha"]),
            _percent(row["share"]),
            _plain(_EARLIER_SHARES["base"].get(zone), 1),
            _percent(other.get(zone, {}).get("share")),
            _plain(_EARLIER_SHARES["chelsa"].get(zone), 1),
        )
        for zone, row in sorted(base.items(), key=lambda item: -item[1]["share"])
    ]
    heads = ("zona", "ha, WorldClim", "%, WorldClim", "antes", "%, CHELSA", "antes")
    return f"{_conditions(run)}\n\n{table(heads, rows)}"


def real_survey(run: Mapping[str, Any]) -> str:
    """Return the rank correlations with the survey."""
    rows = []
    for name, climate in (("base", "WorldClim"), ("chelsa", "CHELSA")):
        for zone, row in run["studies"][name]["survey"].items():
            figures = [_plain(row[key], 2) for key in ("rho", "p", "bound", "rho_of_municipality")]
            rho, chance, bound, whole = figures
            earlier = _plain(_EARLIER_RHO.get(zone), 2) if name == "base" else "—"
            rows.append((f"`{zone}`", climate, rho, str(row["n"]), chance, bound, whole, earlier, row["verdict"]))
    heads = ("zona", "clima", "ρ", "n", "p", "límite", "ρ del municipio", "ρ antes", "qué dice")
    return table(heads, rows)


def real_presence(run: Mapping[str, Any]) -> str:
    """Return how much of mapped farming the map calls productive."""
    rows = [
        (
            _KINDS[kind],
            climate,
            "—" if kind == "anywhere" else _plain(row["hectares"], 1),
            *(_percent(row[key]) for key in ("apt", "claimable", "inside")),
            _plain(row["lift"], 2),
        )
        for name, climate in (("base", "WorldClim"), ("chelsa", "CHELSA"))
        for kind, row in run["studies"][name]["presence"].items()
    ]
    heads = ("qué", "clima", "ha", "apto %", "pasa los cortes %", "dentro %", "veces el azar")
    return table(heads, rows)


def real_sensitivity(run: Mapping[str, Any]) -> str:
    """Return what each single rule or source moves, beside what earlier runs found."""
    found = run["studies"]["base"]["sensitivity"]
    rows = []
    for row in shown_first(found["variants"]):
        what = f"sin dato: {row['reason']}" if row["reason"] else row["main_change"].replace(">", " → ") or "nada"
        if row["main_change"]:
            what += f" {_percent(row['main_change_share'])} %"
        against = f"; frente a `{row['against']}`" if row["against"] else ""
        figures = (_percent(row["moved_share"]), _percent(row["standard_error"], 2))
        earlier = _EARLIER_MOVES.get(row["rule"], "—")
        rows.append((row["rule"], row["title"] + against, *figures, earlier, what))
    heads = ("regla", "si se cambia sola", "mueve %", "±", "antes %, por regla", "sobre todo")
    cells = f"{_whole(found['cells'])} celdas, una de cada {found['step']} filas y columnas"
    return f"Medido en {cells}, antes de unir celdas en polígonos.\n\n{table(heads, rows)}"


def _conditions(run: Mapping[str, Any]) -> str:
    base = run["studies"]["base"]
    return (
        f"Corrida del {run['date']}, celda de {_plain(base['cell_m'], 0)} m, escala 1:{_whole(base['scale'])}, "
        f"{_whole(base['polygons'])} polígonos, reglamento `{base['ruleset_hash'][:12]}`."
    )


def _percent(share: float | None, decimals: int = 1) -> str:
    return _plain(None if share is None else share * 100, decimals)


def _plain(value: float | None, decimals: int) -> str:
    return "—" if value is None else f"{value:.{decimals}f}".replace(".", ",")


def _whole(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")
