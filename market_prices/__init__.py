"""The price book: an append-only, bitemporal record of market prices and what is read from it."""

from market_prices.book import Book, BookSummary
from market_prices.demo_prices import write_demo_prices
from market_prices.indicators.indicator_vintages import with_first_values
from market_prices.intake.import_report import ImportReport, KeptRow
from market_prices.intake.sheet_template import write_template
from market_prices.intake.single_price import Recorded
from market_prices.price_errors import BookError, ObservationError, PriceFileError, UnknownNameError
from market_prices.price_layers import price_map_layers
from market_prices.quality.quality_check import QualityReport
from market_prices.readings.figures import records
from market_prices.readings.price_cards import MunicipalPrices, PriceCard
from market_prices.vocabulary.vocabulary import Market, Product, Vocabulary
from market_prices.vocabulary.vocabulary_files import builtin_vocabulary, starter_files

__all__ = [
    "Book",
    "BookError",
    "BookSummary",
    "ImportReport",
    "KeptRow",
    "Market",
    "MunicipalPrices",
    "ObservationError",
    "PriceCard",
    "PriceFileError",
    "Product",
    "QualityReport",
    "Recorded",
    "UnknownNameError",
    "Vocabulary",
    "builtin_vocabulary",
    "price_map_layers",
    "records",
    "starter_files",
    "with_first_values",
    "write_demo_prices",
    "write_template",
]
