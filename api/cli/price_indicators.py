"""``valles prices indicators|season``: real prices, abnormal prices and the season of the year."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.series_options import (
    AsOfOption,
    LevelOption,
    OneMarketOption,
    OneProductOption,
    UnitOption,
    UntilOption,
    VarietyOption,
    read_figures,
    series_name,
)
from gis.messages import translator

_ = translator("api")


VintagesOption = Annotated[
    bool, typer.Option("--vintages", help=_("La ALPS de cada mes como se calculó al terminar, junto a la de hoy."))
]


def register(prices: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    prices.command("indicators", cls=look, help=_("Precio real, alertas ALPS e IFPA, cambio y volatilidad por mes."))(
        indicators
    )
    prices.command("season", cls=look, help=_("Índice estacional: qué meses son caros y cuáles baratos."))(season)


def indicators(
    *,
    product: OneProductOption = "",
    market: OneMarketOption = "",
    as_of: AsOfOption = "",
    until: UntilOption = "",
    level: LevelOption = "",
    unit: UnitOption = "",
    variety: VarietyOption = "",
    vintages: VintagesOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Show the indicators of each series by month."""
    only = {"level": level, "unit": unit, "variety": variety}
    kind: Literal["indicators", "vintages"] = "vintages" if vintages else "indicators"
    rows = read_figures(kind, workspace, product, market, as_of=as_of, until=until, **only)
    document = {"product": product, "market": market, "indicators": rows}
    output.answer(document, json_wanted=json_wanted, text=lambda: _indicators_text(rows, vintages=vintages))


def season(
    *,
    product: OneProductOption = "",
    market: OneMarketOption = "",
    as_of: AsOfOption = "",
    until: UntilOption = "",
    level: LevelOption = "",
    unit: UnitOption = "",
    variety: VarietyOption = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Show the seasonal index of each series."""
    only = {"level": level, "unit": unit, "variety": variety}
    rows = read_figures("season", workspace, product, market, as_of=as_of, until=until, **only)
    document = {"product": product, "market": market, "season": rows}
    output.answer(document, json_wanted=json_wanted, text=lambda: _season_text(rows))


def _indicators_text(rows: list[dict[str, Any]], *, vintages: bool = False) -> str:
    if not rows:
        return _("Sin dato: no hay precios así.")
    classes = {
        "normal": _("normal"),
        "stress": _("tensión"),
        "alert": _("alerta"),
        "crisis": _("crisis"),
        "abnormally_low": _("anormalmente bajo"),
        "moderately_low": _("algo bajo"),
        "moderately_high": _("algo alto"),
        "abnormally_high": _("anormalmente alto"),
    }
    heads = {
        "series": _("serie"),
        "month": _("mes"),
        "price": _("precio"),
        "real_price": _("precio real"),
        "alps": "ALPS",
        "alps_real": _("ALPS real"),
        "alps_name": _("alerta"),
        "ifpa": "IFPA",
        "ifpa_real": _("IFPA real"),
        "ifpa_name": _("anomalía"),
        "change_year": _("año, %"),
        "flags": _("marcas"),
    }
    if vintages:
        heads = {name: heads[name] for name in ("series", "month", "price", "alps")}
        heads |= {"alps_first": _("ALPS al terminar el mes"), "first_name": _("alerta entonces"), "alps_name": _("hoy")}
        heads |= {"alps_real": _("ALPS real"), "alps_real_first": _("ALPS real entonces")}
    shown = [
        {
            **row,
            "series": series_name(row),
            "first_name": classes.get(row.get("alps_first_class") or ""),
            "month": row["date"][:7],
            "alps_name": classes.get(row["alps_class"]),
            "ifpa_name": classes.get(row["ifpa_class"]),
        }
        for row in rows
    ]
    base = next((row["base"] for row in rows if row["base"]), None)
    real = _("Precio real: en dinero de {month}.").format(month=base) if base else _("Sin IPC: no hay precio real.")
    return f"{output.columns(shown, heads)}\n{real}"


def _season_text(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return _("Sin dato: no hay precios así.")
    bases = {"real": _("real"), "nominal": _("nominal, con inflación")}
    heads = {
        "series": _("serie"),
        "month": _("mes"),
        "index": _("índice"),
        "low": _("cuarto bajo"),
        "high": _("cuarto alto"),
        "minimum": _("mínimo"),
        "maximum": _("máximo"),
        "years": _("años"),
        "basis_name": _("precio"),
    }
    shown = [{**row, "series": series_name(row), "basis_name": bases[row["basis"]]} for row in rows]
    notes = [_("100 = promedio del año.")]
    notes += [_("Sin índice donde faltan tres años enteros de precios.")] if any(row["flags"] for row in rows) else []
    return f"{output.columns(shown, heads)}\n{' '.join(notes)}"
