"""What a flag says to a reader: figures first, then what may have happened, then what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gis.messages import Figure, translator
from market_prices.quality.quality_rules import QualityRules
from market_prices.vocabulary.vocabulary import Vocabulary

_ = translator("market_prices")

_SMALL = 10.0
_SHARED = 1.2


def kind_name(kind: str) -> str:
    """Return what a reader calls a kind of flag."""
    return {
        "power_of_ten": _("ceros de más o de menos"),
        "transposed": _("cifras cambiadas de lugar"),
        "column": _("figura de otra columna"),
        "unit": _("otra unidad o moneda"),
        "isolated": _("precio aislado"),
        "elsewhere": _("lejos de otros mercados"),
        "unit_change": _("cambio de nivel"),
        "stuck": _("serie quieta"),
        "gap": _("hueco"),
        "stale": _("sin precios recientes"),
        "reported": _("avisado por un lector"),
    }.get(kind, kind)


def severity_name(severity: str) -> str:
    """Return what a reader calls a severity."""
    return {"error": _("error"), "doubtful": _("dudoso"), "notice": _("aviso")}.get(severity, severity)


def status_name(status: str) -> str:
    """Return what a reader calls the state of a flag."""
    return {
        "open": _("sin decidir"),
        "confirmed": _("confirmado: es un error"),
        "dismissed": _("descartado: el precio vale"),
        "lapsed": _("ya no se sostiene"),
        "superseded": _("el precio ya se corrigió"),
    }.get(status, status)


def explanation(
    found: Mapping[Any, Any], row: Mapping[Any, Any] | pd.Series, vocabulary: Vocabulary, rules: QualityRules
) -> str:
    """Return why a price is flagged, with figures.

    Parameters
    ----------
    found
        A row of :func:`find_errors` or of the tables of ``series_health``.
    row
        The price: ``unit``, ``quantity``, ``currency``.
    vocabulary
        Names of units.
    rules
        Names of ratios.
    """
    per = vocabulary.measures.label(str(row["unit"]), float(row["quantity"]))
    money = _("Bs") if row["currency"] == "BOB" else str(row["currency"])
    kind = str(found["kind"])
    if kind in {"stuck", "gap", "stale", "unit_change"}:
        return _of_series(kind, found, f"{money}/{per}", rules)
    if kind == "elsewhere":
        parts = [_from_elsewhere(found)]
    else:
        parts = [_distance(found, f"{money}/{per}"), _cause(kind, found, rules)]
    if np.isfinite(found["suggested"]):
        parts.append(_("¿quiso decir {price}?").format(price=_money(found["suggested"], digits=6)))
    if found["blocks"] >= rules.shock_blocks:
        parts.append(_("hubo hasta {blocks} bloqueos de caminos por esos días").format(blocks=int(found["blocks"])))
    if found["shared"] >= _SHARED or found["shared"] <= 1.0 / _SHARED:
        parts.append(_("los demás se movieron {factor} veces").format(factor=_times(found["shared"])))
    if found["known"] == "past":
        parts.append(_("juzgado solo con los precios de un lado"))
    return "; ".join(part for part in parts if part)


def _distance(found: Mapping[Any, Any], per: str) -> str:
    expected = _money(found["expected"])
    if found["factor"] < 1.0:
        text = _("{factor} veces menor que la mediana de los {count} precios vecinos ({expected} {per})")
    else:
        text = _("{factor} veces mayor que la mediana de los {count} precios vecinos ({expected} {per})")
    return text.format(factor=_times(found["factor"]), count=found["count"], expected=expected, per=per)


def _from_elsewhere(found: Mapping[Any, Any]) -> str:
    if found["factor"] < 1.0:
        text = _(
            "{factor} veces menor que el precio más bajo del mismo producto en otras series ({there}; {count} "
            "comparadas); la suya no tiene precios anteriores que lo respalden"
        )
    else:
        text = _(
            "{factor} veces mayor que el precio más alto del mismo producto en otras series ({there}; {count} "
            "comparadas); la suya no tiene precios anteriores que lo respalden"
        )
    return text.format(factor=_times(found["factor"]), there=found["detail"], count=found["count"])


def _cause(kind: str, found: Mapping[Any, Any], rules: QualityRules) -> str:
    if kind == "power_of_ten":
        return _zeros(int(found["detail"]))
    if kind == "transposed":
        return _("parece que dos cifras cambiaron de lugar")
    if kind == "column":
        figure = f"{Figure(float(found['detail'])):g}"
        return _("es la misma figura ({figure}) que la cantidad de la fila: ¿columnas cambiadas?").format(figure=figure)
    if kind == "unit":
        return _("parece confundir {words}").format(words=_words(str(found["detail"]), rules))
    return _("ningún precio vecino lo acompaña")


def _zeros(zeros: int) -> str:
    told = {
        -1: _("parece que falta un cero o se corrió la coma"),
        -2: _("parece que faltan dos ceros"),
        1: _("parece que sobra un cero o se corrió la coma"),
        2: _("parece que sobran dos ceros"),
    }
    some = _("parece que faltan {zeros} ceros") if zeros < 0 else _("parece que sobran {zeros} ceros")
    return told.get(zeros) or some.format(zeros=abs(zeros))


def _of_series(kind: str, found: Mapping[Any, Any], per: str, rules: QualityRules) -> str:
    if kind == "unit_change":
        told = _(
            "desde aquí el precio queda {factor} veces {side} que antes ({expected} {per}) sin que otras series del "
            "producto lo acompañen: ¿otra unidad bajo el mismo nombre?"
        ).format(
            factor=_times(found["factor"]),
            side=_("mayor") if found["factor"] > 1.0 else _("menor"),
            expected=_money(found["expected"]),
            per=per,
        )
        words = _words(str(found["detail"]), rules)
        return f"{told} {_('Podría ser: {words}').format(words=words)}" if words else told
    if kind == "stuck":
        share = f"{Figure(100.0 * found['factor']):.0f} %"
        return _("la serie casi no se mueve: {share} de los precios repiten el anterior, los últimos {count}").format(
            share=share, count=found["count"]
        )
    if kind == "gap":
        return _("{count} días sin precio antes de este").format(count=found["count"])
    return _("último precio de hace {count} días: ya no se recoge, o falta traerlo").format(count=found["count"])


def _words(name: str, rules: QualityRules) -> str:
    return next((each.words for each in rules.ratios if each.name == name), "")


def _times(factor: float) -> str:
    value = max(factor, 1.0 / factor)
    return f"{Figure(value):.0f}" if value >= _SMALL else f"{Figure(value):.1f}"


def _money(value: float, digits: int = 4) -> str:
    return f"{Figure(float(f'{value:.{digits}g}')):.2f}"
