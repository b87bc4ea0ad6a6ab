"""On the published prices the intervals hold what they say, and what the gate lets through beats the last price."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from market_prices import Book
from market_prices.forecasting.conformal_bands import calibrate
from market_prices.forecasting.price_panel import PricePanel
from market_prices.forecasting.rolling_origin import MEAN, MINIMUM_MONTHS, RollingOrigin
from market_prices.ledger.book_engine import reading
from market_prices.ledger.pooled_prices import medians_by_month, pooled_prices
from market_prices.ledger.price_reading import Selection

pytestmark = pytest.mark.real_data

FILES = {"wfp": "wfp_food_prices_bol", "ine_ipc": "ine_ipc_producto_nacional"}
LIMITS = {80: (76.0, 84.0), 95: (92.0, 98.0)}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Book]:
    with Book.open(tmp_path_factory.mktemp("real") / "prices.db") as book:
        for name in FILES.values():
            book.import_file(shared_data / "prices" / f"{name}.csv")
        yield book


def _test(book: Book, source: str) -> RollingOrigin:
    with reading(book._engine) as connection:
        told = pooled_prices(connection, Selection(), source=source, fewest=MINIMUM_MONTHS)
    return RollingOrigin(PricePanel.of(medians_by_month(told)))


@pytest.mark.parametrize("source", FILES)
def test_intervals_cover_what_they_say_and_spoken_forecasts_beat_the_last_price(real: Book, source: str) -> None:
    test = _test(real, source)
    assert len(test.panel.keys) == {"wfp": 138, "ine_ipc": 397}[source]
    for (level, ahead), bands in calibrate(test).items():
        low, high = LIMITS[level]
        assert low <= bands.spoken.percent <= high, (level, ahead)
        assert low <= bands.silent.percent <= high, (level, ahead)
        assert bands.spoken.outcomes > 1_500
    scale = np.maximum(test.step[:, -1], 1e-9)[:, None, None]
    mean, naive = (test.errors(name) / scale for name in (MEAN, "naive"))
    spoken = test.passes[..., None] & ~np.isnan(mean)
    assert mean[spoken].mean() < 0.97 * naive[spoken].mean()


def test_a_few_real_series_are_forecast_or_silent_with_their_reason(real: Book) -> None:
    rows = real.forecast("tomate", "nacional", until="2026-01-31")
    assert rows["silence"].unique().tolist() == ["not_better"]
    assert (rows["price"] == rows["last_price"]).all()
    assert rows["coverage80"].between(*LIMITS[80]).all()
    assert rows["coverage95"].between(*LIMITS[95]).all()
    rows = real.forecast("lechuga", "nacional", until="2026-01-31")
    assert rows["silence"].unique().tolist() == [""]
    assert (rows["mase"] < 0.97 * rows["mase_naive"]).all()
    assert set(real.forecast("papa", "santa_cruz")["silence"]) == {"old"}
