"""Simulated prices for the demonstration: season, inflation, gaps and a shock, as files for the ordinary import.

Nothing here is a real price: every row says so in its source, ``demo``, *Datos de demostración (simulados)*.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl

from gis.atomic import write_atomically
from gis.workbook import save_workbook
from market_prices.intake.sheet_template import FIRST_ROW, write_template
from market_prices.vocabulary.vocabulary import Vocabulary
from market_prices.vocabulary.vocabulary_files import builtin_vocabulary

SEED = 20_210_104
FIRST_DAY = dt.date(2021, 1, 4)
"""A Monday; reference prices come weekly from here."""
INFLATION = 0.09
"""Growth of prices, 1/year."""
GAP_SHARE = 0.06
"""Share of market days without a price."""
SHOCK_WEEKS = 5
"""Length of the road block that lifts prices in Cochabamba while Santa Cruz stays."""
SHOCK_AGE_WEEKS = 26
"""How long ago it began."""
SHOCK_PEAK = 4.5
LOCAL_WEEKS = 60
SHEET_DAYS = 3
_WEEKS_A_YEAR = 52.18
_SOURCE = "demo"


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """One simulated product."""

    product: str
    base: float
    """Wholesale price in Santa Cruz at the first day, BOB per ``unit``."""
    unit: str
    swing: float
    """Seasonal swing, share of the price."""
    peak_week: int
    """Week of the year with the highest price."""
    noise: float
    """Standard deviation of the weekly change, share of the price."""


PRODUCTS = (
    Simulated(product="tomate", base=70.0, unit="caja", swing=0.35, peak_week=10, noise=0.09),
    Simulated(product="papa", base=38.0, unit="arroba", swing=0.22, peak_week=46, noise=0.05),
    Simulated(product="cebolla", base=34.0, unit="arroba", swing=0.28, peak_week=40, noise=0.06),
    Simulated(product="zanahoria", base=26.0, unit="arroba", swing=0.2, peak_week=6, noise=0.06),
    Simulated(product="pimenton", base=4.5, unit="kg", swing=0.3, peak_week=30, noise=0.08),
    Simulated(product="vainita", base=5.0, unit="kg", swing=0.25, peak_week=33, noise=0.07),
    Simulated(product="arveja", base=6.5, unit="kg", swing=0.25, peak_week=2, noise=0.06),
    Simulated(product="lechuga", base=9.0, unit="docena", swing=0.2, peak_week=4, noise=0.07),
    Simulated(product="repollo", base=14.0, unit="docena", swing=0.2, peak_week=8, noise=0.06),
    Simulated(product="choclo", base=75.0, unit="ciento", swing=0.3, peak_week=36, noise=0.07),
    Simulated(product="maiz", base=78.0, unit="quintal", swing=0.18, peak_week=4, noise=0.03),
    Simulated(product="frejol", base=330.0, unit="quintal", swing=0.12, peak_week=14, noise=0.03),
    Simulated(product="durazno", base=8.0, unit="kg", swing=0.3, peak_week=44, noise=0.06),
    Simulated(product="manzana", base=7.0, unit="kg", swing=0.2, peak_week=40, noise=0.05),
    Simulated(product="frutilla", base=230.0, unit="carton", swing=0.35, peak_week=16, noise=0.08),
    Simulated(product="uva", base=9.0, unit="kg", swing=0.3, peak_week=36, noise=0.06),
)
REFERENCES = (("santa_cruz", 1.0), ("cochabamba", 1.08))
"""Market and its price beside Santa Cruz."""
LOCAL = (
    ("070901", 0.80, ("tomate", "vainita", "lechuga", "durazno", "uva")),
    ("070903", 0.78, ("tomate", "pimenton", "papa", "choclo")),
    ("070902", 0.77, ("tomate", "repollo", "zanahoria", "cebolla", "pimenton")),
    ("071301", 0.76, ("papa", "frutilla", "arveja", "durazno")),
    ("071302", 0.74, ("tomate", "cebolla", "choclo", "maiz")),
    ("070801", 0.80, ("papa", "maiz", "manzana", "durazno", "frejol")),
)
"""Municipality, its farm-gate price beside Santa Cruz, and what is seen on its market days."""


def write_demo_prices(
    folder: Path | str, *, today: dt.date | None = None, vocabulary: Vocabulary | None = None
) -> tuple[Path, ...]:
    """Write simulated prices to ``folder``: reference markets and local collection (CSV), market-day sheets (XLSX).

    Parameters
    ----------
    folder
        Where the files go; made if absent. The same day gives the same bytes.
    today
        The present day; the newest prices are a few days older.
    vocabulary
        Meaning of the names; the package's own when omitted.

    Returns
    -------
    tuple
        The files, in the order in which to import them.

    Raises
    ------
    gis.errors.StorageError
        A file cannot be written.
    """
    day = today or dt.datetime.now().astimezone().date()
    known = vocabulary or builtin_vocabulary()
    where = Path(folder)
    weeks = _weeks(day)
    prices = {each.product: _simulate(each, number, len(weeks)) for number, each in enumerate(PRODUCTS)}
    reference = where / "demo_precios_referencia.csv"
    local = where / "demo_precios_locales.csv"
    write_atomically(reference, _reference_csv(weeks, prices))
    write_atomically(local, _local_csv(weeks[:-SHEET_DAYS], prices, known))
    sheets = [
        _sheet(where / f"demo_planilla_{code}.xlsx", number, weeks[-SHEET_DAYS:], prices, known)
        for number, (code, _factor, _products) in enumerate(LOCAL)
    ]
    return reference, local, *sheets


def _weeks(today: dt.date) -> list[dt.date]:
    last = today - dt.timedelta(days=2)
    count = max((last - FIRST_DAY).days // 7, SHEET_DAYS + 1) + 1
    # Counted back from the present, so that the newest price is always two days old.
    return [last - dt.timedelta(weeks=back) for back in range(count - 1, -1, -1)]


def _simulate(simulated: Simulated, number: int, weeks: int) -> np.ndarray:
    """Return (weeks,) wholesale prices in Santa Cruz, BOB: trend × season × a noise that returns to its mean."""
    generator = np.random.default_rng([SEED, number])
    time = np.arange(weeks, dtype=float)
    season = 1.0 + simulated.swing * np.cos(2.0 * np.pi * (time - simulated.peak_week) / _WEEKS_A_YEAR)
    steps = generator.normal(0.0, simulated.noise, weeks)
    wander = np.empty(weeks)
    level = 0.0
    for week, step in enumerate(steps):
        level = 0.8 * level + step
        wander[week] = level
    prices = simulated.base * (1.0 + INFLATION) ** (time / _WEEKS_A_YEAR) * season * np.exp(wander)
    return np.asarray(prices, dtype=float)


def _shock(weeks: int) -> np.ndarray:
    """Return (weeks,) factors of the road block in Cochabamba: a sharp rise, then back."""
    factors = np.ones(weeks)
    start = weeks - SHOCK_AGE_WEEKS
    shape = np.sin(np.pi * (np.arange(SHOCK_WEEKS) + 1) / (SHOCK_WEEKS + 1))
    if start > 0:
        factors[start : start + SHOCK_WEEKS] = 1.0 + (SHOCK_PEAK - 1.0) * shape
    return factors


def _figure(value: float) -> str:
    """Return a price as people write it: half bolivianos, decimal comma."""
    return f"{max(round(value * 2) / 2, 0.5):.2f}".replace(".", ",")


def _csv(rows: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(("Fecha", "Mercado", "Producto", "Unidad", "Nivel", "Mínimo", "Precio", "Máximo", "Fuente"))
    writer.writerows(rows)
    return text.getvalue()


def _row(date: dt.date, market: str, simulated: Simulated, level: str, price: float) -> tuple[str, ...]:
    low, high = _figure(price * 0.92), _figure(price * 1.08)
    day = date.strftime("%d/%m/%Y")
    return (day, market, simulated.product, simulated.unit, level, low, _figure(price), high, _SOURCE)


def _reference_csv(weeks: list[dt.date], prices: dict[str, np.ndarray]) -> str:
    generator = np.random.default_rng([SEED, 1_000])
    shock = _shock(len(weeks))
    rows = []
    for market, factor in REFERENCES:
        for each in PRODUCTS:
            lasting = shock if market == "cochabamba" else np.ones(len(weeks))
            beside = factor * lasting * np.exp(generator.normal(0.0, 0.03, len(weeks)))
            seen = generator.random(len(weeks)) >= GAP_SHARE
            seen[-1] = True
            values = prices[each.product] * beside
            rows += [_row(week, market, each, "mayorista", values[n]) for n, week in enumerate(weeks) if seen[n]]
    return _csv(rows)


def _local_csv(weeks: list[dt.date], prices: dict[str, np.ndarray], vocabulary: Vocabulary) -> str:
    generator = np.random.default_rng([SEED, 2_000])
    start = max(len(weeks) - LOCAL_WEEKS, 0)
    rows = []
    for code, factor, products in LOCAL:
        market = vocabulary.municipality_market(code).id
        for each in PRODUCTS:
            if each.product not in products:
                continue
            for n in range(start, len(weeks)):
                value = prices[each.product][n] * factor * np.exp(generator.normal(0.0, 0.04))
                if generator.random() >= 2 * GAP_SHARE:
                    rows.append(_row(weeks[n], market, each, "en finca", float(value)))
    return _csv(rows)


def _sheet(
    path: Path, number: int, weeks: list[dt.date], prices: dict[str, np.ndarray], vocabulary: Vocabulary
) -> Path:
    """Fill in a blank market-day sheet as a collector would."""
    code, factor, products = LOCAL[number]
    write_template(path, code, vocabulary=vocabulary, days=len(weeks))
    book = openpyxl.load_workbook(path)
    generator = np.random.default_rng([SEED, 3_000 + number])
    for n, week in enumerate(weeks):
        sheet = book.worksheets[n]
        sheet["A1"] = f"{sheet['A1'].value} (datos de demostración)"
        sheet["B5"], sheet["B6"], sheet["B7"] = week.strftime("%d/%m/%Y"), "Datos de demostración", _SOURCE
        row = FIRST_ROW
        for each in PRODUCTS:
            if each.product not in products:
                continue
            value = float(prices[each.product][n - len(weeks)] * factor * np.exp(generator.normal(0.0, 0.04)))
            written = _row(week, "", each, "en finca", value)
            cells = (written[2], "", each.unit, "", written[4], *written[5:8])
            for column, text in enumerate(cells, start=1):
                sheet.cell(row, column, text or None)
            row += 1
        for rest in range(row, FIRST_ROW + len(vocabulary.all_products)):
            sheet.cell(rest, 1).value = None
    save_workbook(book, path)
    return path
