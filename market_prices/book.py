"""The price book: the one door through which prices are written and read.

What the command line and the pages call, exactly::

    Book.open(target, *, today=None, vocabulary=None) -> Book      target: workspace object, folder, file or database URL
        a context manager; book.close()
    book.vocabulary -> Vocabulary                                  .product(text) .market(text) .municipality_market(code)
    book.products() -> tuple[Product, ...]                         .id .name .group .scientific .synonyms .varieties .local
    book.markets() -> tuple[Market, ...]                           .id .name .kind .municipality .lon .lat .days .buyers
    book.import_file(path, *, author="", dry_run=False) -> ImportReport   .accepted .flagged .rejected .duplicates .format
                                                                   .rows .problems (Kept rows, at most 20) .as_dict()
    book.add(product, market, *, price, unit, date=None, level="wholesale", quantity=1.0, variety="", package="",
             low=None, high=None, time="", currency="BOB", availability="", sale="", offered=None, origin="",
             source="local", author="", correction=False) -> Recorded     .figure .flags .reason .as_dict()
    book.rejected(*, status="rejected", file=None) -> DataFrame    status: rejected | flagged | all
                                                                   columns batch, file, recorded_at, line, status, code,
                                                                   reason, raw
    book.latest(product=None, market=None, *, as_of=None, level=None, unit=None, kind=None) -> DataFrame
    book.series(product, market, *, as_of=None, level=None, unit=None, kind=None, variety=None, start=None, end=None,
                frequency=None) -> DataFrame                       frequency: None | "weekly" | "monthly" (gaps are rows)
    book.export(path, *, product=None, market=None, as_of=None) -> Path   .csv .json .parquet by suffix
    book.municipal(code, *, as_of=None) -> MunicipalPrices         .cards: tuple[PriceCard, ...] .as_dict()
    book.summary() -> BookSummary                                  .observations .series .first .last .demo .as_dict()

    records(frame) -> list[dict]      JSON-ready rows: None for a missing figure, ISO dates
    write_template(path, municipality, *, vocabulary=None, days=1) -> Path    market-day sheet, XLSX
    starter_files() -> dict[str, str]   products.toml, measures.toml, markets.toml for a new workspace
    price_map_layers(book) -> list[MapLayer]          collections ``markets`` and ``prices``
    write_demo_prices(folder, *, today=None) -> tuple[Path, ...]   files for import_file, labelled as demonstration

A row of ``latest`` and ``series`` and a ``PriceCard`` carry: product, product_name, variety, market, market_name, level
(``farm_gate|wholesale|retail``), level_name, unit, quantity, unit_name ("kg", "caja", "quintal de 46 kg"), package,
currency, kind (``observed|reference|estimated``), kind_name, source, source_name, date, time, low, price, high,
availability, price_per_kg (missing where no conversion is known), kg_note (why), flags, and, in ``latest`` and cards,
age_days, age_text, stale (older than 60 days: never today's), previous_date, previous_price, change, change_pct. A card
adds ``primary``: the line to show first; the others are there to compare.
"""
