"""``valles prices forecast|spread``: the months to come, where they can be told, and markets side by side."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.price_options import open_book, written_date
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
from gis.messages import Figure, translator

_ = translator("api")

WantedProductOption = Annotated[str, typer.Option("--product", metavar="ID", help=_("Producto."))]
OtherOption = Annotated[str, typer.Option("--other", metavar="ID", help=_("Segundo mercado; sin él, todos."))]
FrequencyOption = Annotated[
    str, typer.Option("--frequency", help=_("weekly o monthly; sin ella, según cuán seguido haya precios."))
]
_SHOWN_PERIODS = 12
"""Latest periods of each pair that the text shows; ``--json`` has all."""


def register(prices: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    text = _("Precio de los tres meses que siguen, o por qué nada mejora el último precio.")
    prices.command("forecast", cls=look, help=text)(forecast)
    text = _("Diferencia de precio entre mercados, con los bloqueos al lado, y cuál sigue a cuál.")
    prices.command("spread", cls=look, help=text)(spread)


def forecast(
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
    """Show the forecast of each series, or its last price and the reason for the silence."""
    only = {"level": level, "unit": unit, "variety": variety}
    rows = read_figures("forecast", workspace, product, market, as_of=as_of, until=until, **only)
    document = {"product": product, "market": market, "forecast": rows}
    output.answer(document, json_wanted=json_wanted, text=lambda: forecast_text(rows))


def spread(
    *,
    product: WantedProductOption,
    market: OneMarketOption = "",
    other: OtherOption = "",
    as_of: AsOfOption = "",
    until: UntilOption = "",
    level: LevelOption = "",
    variety: VarietyOption = "",
    frequency: FrequencyOption = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Show prices of markets side by side."""
    from market_prices.book import records  # noqa: PLC0415  commands load what they use

    day, end = written_date(as_of), written_date(until)
    wanted = {"other": other or None, "level": level or None, "variety": variety or None}
    with open_book(workspace) as book:
        asked = {**wanted, "as_of": day, "until": end, "frequency": frequency or None}
        rows = records(book.spread(product, market or None, **asked))
        pairs = records(book.transmission(product, market or None, **asked))
    document = {"product": product, "market": market, "other": other, "spread": rows, "transmission": pairs}
    output.answer(document, json_wanted=json_wanted, text=lambda: spread_text(rows, pairs))


def forecast_text(rows: list[dict[str, Any]]) -> str:
    """Return forecasts as a person reads them.

    Parameters
    ----------
    rows
        Of ``Book.forecast``, as JSON has them.
    """
    if not rows:
        return _("Sin dato: no hay precios así.")
    told = []
    for series in _grouped(rows, ("product", "market", "variety", "level", "unit", "quantity", "package", "source")):
        first = series[0]
        age = _("hace {days} días").format(days=first["age_days"])
        heading = _("{series}: último precio {price} ({month}; el último dato es de {age}).")
        price, month = _figure(first["last_price"]), first["last_month"][:7]
        told.append(heading.format(series=series_name(first), price=price, month=month, age=age))
        told += [first["reason"]] if first["reason"] else []
        if first["date"]:
            told.append(output.columns([{**row, "month": row["date"][:7]} for row in series], _forecast_heads()))
        if first["method"] == "mean":
            told.append(
                _("Probado {n} veces en esta serie: erró {ours} cambios mensuales usuales; repetir el último, {naive}.")
                .format(n=first["tests"], ours=_figure(first["mase"]), naive=_figure(first["mase_naive"]))
            )  # fmt: skip
        if first["coverage80"] is not None:
            told.append(
                _("Los intervalos de 80 % acertaron {c80} % de las veces, y los de 95 %, {c95} %, a un mes.").format(
                    c80=_figure(first["coverage80"]), c95=_figure(first["coverage95"])
                )
            )
        told += [first["interval_note"]] if first["interval_note"] else []
        told.append("")
    return "\n".join(told).rstrip()


def _forecast_heads() -> dict[str, str]:
    return {
        "month": _("mes"),
        "price": _("precio"),
        "low80": _("80 %, de"),
        "high80": _("a"),
        "low95": _("95 %, de"),
        "high95": _("a"),
        "season_index": _("índice estacional"),
    }


def spread_text(rows: list[dict[str, Any]], pairs: list[dict[str, Any]]) -> str:
    """Return spreads and who follows whom as a person reads them.

    Parameters
    ----------
    rows, pairs
        Of ``Book.spread`` and ``Book.transmission``, as JSON has them.
    """
    if not rows:
        return _("Sin dato: no hay dos mercados con precios comparables.")
    roads = {"open": _("abiertos"), "blocked": _("bloqueados"), "unknown": _("sin dato")}
    key = ("market_a", "source_a", "market_b", "source_b", "variety", "level", "currency", "per")
    follows = {tuple(pair[name] for name in key): pair for pair in pairs}
    heads = {
        "date": _("desde"),
        "price_a": _("precio A"),
        "price_b": _("precio B"),
        "spread": _("B − A"),
        "spread_pct": "%",
        "road_blocks": _("bloqueos"),
        "road_name": _("caminos"),
    }
    told = []
    for pair in _grouped(rows, key):
        first = pair[0]
        told.append(
            _("{product}, {level}, por {per}: A = {a}, B = {b}; último dato de los dos, de hace {days} días.").format(
                product=" ".join(filter(None, (first["product_name"], first["variety"]))),
                level=first["level_name"],
                per=first["per"],
                a=first["market_name_a"],
                b=first["market_name_b"],
                days=first["age_days"],
            )
        )
        shown = [{**row, "road_name": roads[row["road_state"]]} for row in pair[-_SHOWN_PERIODS:]]
        told.append(output.columns(shown, heads))
        told += [_follows_text(follows[tuple(first[name] for name in key)]), ""]
    return "\n".join(told).rstrip()


def _follows_text(pair: dict[str, Any]) -> str:
    if pair["lag"] is None:
        return _("Cuál sigue a cuál: sin dato ({note}).").format(note=pair["note"])
    period = _("semanas") if pair["frequency"] == "weekly" else _("meses")
    first, second = pair["market_name_a"], pair["market_name_b"]
    leader, follower = (first, second) if pair["lag"] > 0 else (second, first)
    lag = abs(pair["lag"])
    moved = (
        _("Se mueven a la vez")
        if lag == 0
        else _("{follower} sigue a {leader} con {n} {period} de retraso").format(
            follower=follower, leader=leader, n=lag, period=period
        )
    )
    sure = _("no se debe al azar") if pair["significant"] else _("puede ser azar")
    return _("{moved}: correlación {r} en {n} cambios, p = {p}; {sure}.").format(
        moved=moved, r=_figure(pair["correlation"]), n=pair["changes"], p=_figure(pair["p_value"], 3), sure=sure
    )


def _figure(value: float | None, decimals: int = 2) -> str:
    return _("sin dato") if value is None else f"{Figure(value):.{decimals}f}"


def _grouped(rows: list[dict[str, Any]], key: tuple[str, ...]) -> list[list[dict[str, Any]]]:
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in key), []).append(row)
    return list(groups.values())
