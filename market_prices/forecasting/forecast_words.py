"""Why a forecast is silent, and what is missing beside it, in the words of a reader."""

from __future__ import annotations

from gis.messages import Figure, translator
from market_prices.forecasting.rolling_origin import LEAST_GAIN, MINIMUM_ERRORS, MINIMUM_MONTHS, MINIMUM_SHARE

_ = translator("market_prices")

OLDEST_MONTHS = 2
"""Months between the last price and the present, at most."""


def silence_text(code: str, *, months: int = 0, share: float = 0.0, late: int = 0, ratio: float = 0.0) -> str:
    """Return why there is no forecast; empty where there is one.

    Parameters
    ----------
    code
        ``estimated``, ``old``, ``short``, ``sparse``, ``untested``, ``not_better`` or empty.
    months
        Months with a price.
    share
        Share of the months since the first price that have one.
    late
        Months since the last price.
    ratio
        Error of the model over that of the last price; NaN where neither is known.
    """
    texts = {
        "estimated": _("Un precio estimado no se pronostica."),
        "old": _(
            "No hay nada mejor que el último precio, que ya es viejo: es de hace {late} meses, "
            "y se pronostica con uno de hace {most} a lo más."
        ),
        "short": _(
            "No hay nada mejor que el último precio: la serie tiene {months} meses con precio y hacen falta {fewest}."
        ),
        "sparse": _(
            "No hay nada mejor que el último precio: solo {share} % de los meses tiene precio y hace falta {least} %."
        ),
        "untested": _(
            "No hay nada mejor que el último precio: en esta serie el pronóstico "
            "se pudo probar menos de {errors} veces."
        ),
        "not_better": _(
            "No hay nada mejor que el último precio: probado mes por mes en esta serie, el pronóstico "
            "erró {ratio} veces lo que erró repetirlo, y solo se da si gana al menos {gain} %."
        ),
    }
    text = texts.get(code, "")
    if code == "not_better" and ratio != ratio:  # noqa: PLR0124  NaN differs from itself
        text = _("No hay nada mejor que el último precio: en esta serie el precio no cambió.")
    return text.format(
        late=late,
        most=OLDEST_MONTHS,
        months=months,
        fewest=MINIMUM_MONTHS,
        share=f"{Figure(100 * share):.0f}",
        least=f"{Figure(100 * MINIMUM_SHARE):.0f}",
        errors=MINIMUM_ERRORS,
        ratio=f"{Figure(ratio):.2f}",
        gain=f"{Figure(100 * LEAST_GAIN):.0f}",
    )


def interval_text(missing: dict[int, tuple[int, int]]) -> str:
    """Say which intervals are not given because too few errors were measured; empty where none is missing.

    Parameters
    ----------
    missing
        By level, %: errors measured and errors needed.
    """
    told = [
        _("Sin intervalo de {level} %: se midieron {errors} errores y hacen falta {fewest}.").format(
            level=level, errors=errors, fewest=fewest
        )
        for level, (errors, fewest) in sorted(missing.items())
    ]
    return " ".join(told)
