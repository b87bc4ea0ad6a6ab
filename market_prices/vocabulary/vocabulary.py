"""Products, markets and sources as data: what a name that people write stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from gis.messages import translator
from layers.spelling import plain_text, spelling_key
from market_prices.price_errors import UnknownNameError
from market_prices.vocabulary.measures import Measures
from market_prices.vocabulary.selling_terms import SellingTerms

_ = translator("market_prices")

_MOST_NAMES = 20
"""Names that an error lists before it only counts the rest."""


@dataclass(frozen=True, kw_only=True)
class Variety:
    """A variety or grade of a product."""

    id: str
    """Lower-case unaccented Spanish."""
    name: str
    synonyms: tuple[str, ...] = ()
    """Other names that mean this product and this variety."""
    wfp_id: int | None = None
    """Commodity number of the World Food Programme."""


@dataclass(frozen=True, kw_only=True)
class Product:
    """Something that is sold."""

    id: str
    """Lower-case unaccented Spanish, such as ``pimenton``."""
    name: str
    group: str
    scientific: str = ""
    """Scientific name; empty for what is no crop."""
    synonyms: tuple[str, ...] = ()
    varieties: tuple[Variety, ...] = ()
    kind: str = "product"
    """``crop``, ``product``, ``service``, ``input`` or ``transport``."""
    chain: str = ""
    """Productive chain: ``hortifruticultura``, ``vitivinicultura``, ``turismo``, ``artesania`` or none."""
    local: bool = False
    """Grown in the territory, so that its producers want its price."""
    wfp_id: int | None = None
    """Commodity number of the World Food Programme."""

    def variety_name(self, variety: str) -> str:
        """Return what a reader sees for ``variety``; an unlisted one is shown as written."""
        return next((each.name for each in self.varieties if each.id == variety), variety)


@dataclass(frozen=True, kw_only=True)
class Market:
    """A place where prices are made, or the national index."""

    id: str
    """Lower-case unaccented Spanish, such as ``santa_cruz``."""
    name: str
    kind: str
    """``city`` (several markets of a city), ``wholesale``, ``local`` or ``index``."""
    municipality: str = ""
    """Six-digit code of the municipality of a local market."""
    municipality_name: str = ""
    department: str = ""
    lon: float | None = None
    """Longitude, degrees; ``None`` where it is not known."""
    lat: float | None = None
    """Latitude, degrees; ``None`` where it is not known."""
    days: tuple[str, ...] = ()
    """Market days; empty: not known."""
    hours: str = ""
    buyers: str = ""
    """Who buys there."""
    associations: str = ""
    """Associations of producers that sell or meet there."""
    contact: str = ""
    synonyms: tuple[str, ...] = ()
    wfp_id: int | None = None
    """Market number of the World Food Programme."""
    source: str = ""

    @property
    def price_kind(self) -> str:
        """``observed`` in a local market, else ``reference``."""
        return "observed" if self.kind == "local" else "reference"


@dataclass(frozen=True, kw_only=True)
class PriceSource:
    """Who published or collected prices."""

    id: str
    name: str
    licence: str = ""
    attribution: str = ""
    demo: bool = False
    """Simulated prices: whoever shows them must say so."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A warning known beforehand about the rows of a series between two dates."""

    code: str
    text: str
    selectors: Mapping[str, str]
    """Column of the record and the value it must have."""
    first: str = ""
    """First date, ISO; empty is open."""
    last: str = ""
    """Last date, ISO; empty is open."""


@dataclass(frozen=True)
class Vocabulary:
    """Everything that gives a written name its meaning."""

    all_products: tuple[Product, ...]
    all_markets: tuple[Market, ...]
    all_sources: tuple[PriceSource, ...]
    measures: Measures
    references: Mapping[str, tuple[str, ...]]
    """Municipality code, or ``default``, and the ids of its reference markets, the first first."""
    notices: tuple[Notice, ...] = ()
    index_items: tuple[Product, ...] = ()
    """Items of price indexes that are no products here: they can be named to a reader, not collected."""
    selling: SellingTerms = field(default_factory=SellingTerms)
    """Roads, freight, losses and commissions."""
    product_index: Mapping[str, tuple[str, str]] = field(init=False, repr=False)
    """Plain name and the (product, variety) it means."""
    market_index: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index every spelling; the more exact name wins over the looser."""
        object.__setattr__(self, "product_index", _product_index(self.all_products))
        object.__setattr__(self, "market_index", _market_index(self.all_markets))

    def product(self, text: str) -> tuple[Product, str]:
        """Return the product that ``text`` names and the variety it implies (empty for none).

        Raises
        ------
        UnknownNameError
            No product has that name; the nearest are listed.
        """
        found = self.product_index.get(plain_text(text))
        if found is None:
            raise unknown_name(_("producto"), text, {each.id: each.name for each in self.all_products}, "products.toml")
        return next(each for each in self.all_products if each.id == found[0]), found[1]

    def market(self, text: str) -> Market:
        """Return the market that ``text`` names.

        Raises
        ------
        UnknownNameError
            No market has that name; the nearest are listed.
        """
        found = self.market_index.get(plain_text(text))
        if found is None:
            raise unknown_name(_("mercado"), text, {each.id: each.name for each in self.all_markets}, "markets.toml")
        return next(each for each in self.all_markets if each.id == found)

    def unit(self, text: str) -> tuple[str, float]:
        """Return the unit that ``text`` names and how many it counts: ``3 libras`` is (``libra``, 3).

        Raises
        ------
        UnknownNameError
            No unit has that name; the nearest are listed.
        """
        found = self.measures.parse(text)
        if found is None:
            names = {each.id: each.name for each in self.measures.units.values()}
            raise unknown_name(_("nombre de medida"), text, names, "measures.toml")
        return found

    def source(self, identifier: str) -> PriceSource:
        """Return the source with that id; an unlisted one is its own name."""
        found = next((each for each in self.all_sources if each.id == identifier), None)
        return found or PriceSource(id=identifier, name=identifier)

    def municipality_market(self, text: str) -> Market:
        """Return the local market of the municipality that ``text`` names: a code of 5 or 6 digits, a name or an id.

        Raises
        ------
        UnknownNameError
            No local market belongs to such a municipality.
        """
        wanted = spelling_key(text)
        for each in self.local_markets():
            if wanted in {spelling_key(each.municipality), plain_text(each.municipality_name), plain_text(each.id)}:
                return each
        names = {each.id: each.municipality_name or each.name for each in self.local_markets()}
        raise unknown_name(_("municipio"), text, names, "markets.toml")

    def local_markets(self) -> tuple[Market, ...]:
        """Return the local markets, one per municipality, by code."""
        found = [each for each in self.all_markets if each.kind == "local" and each.municipality]
        return tuple(sorted(found, key=lambda each: each.municipality))

    def reference_markets(self, municipality: str) -> tuple[str, ...]:
        """Return the ids of the markets a municipality takes reference prices from."""
        return self.references.get(municipality, self.references.get("default", ()))


def unknown_name(what: str, text: str, names: Mapping[str, str], file: str) -> UnknownNameError:
    """Make the error about a name that is in no vocabulary, with the nearest names.

    Parameters
    ----------
    what
        What was named, in words a user reads.
    text
        The name as written.
    names
        Known ids and their names.
    file
        The file where a new one is declared.
    """
    plain = {plain_text(word): key for key, name in names.items() for word in (key, name)}
    near = sorted({plain[each] for each in get_close_matches(plain_text(text), plain, n=4, cutoff=0.6)})
    listed = near or sorted(names)[:_MOST_NAMES] + [_("y {n} más").format(n=len(names) - _MOST_NAMES)] * (
        len(names) > _MOST_NAMES
    )
    label = _("Nombres parecidos: {names}") if near else _("Se conocen: {names}")
    return UnknownNameError(
        _("No se conoce el {what} «{text}»").format(what=what, text=text),
        expected=label.format(names=", ".join(listed)),
        remedy=_("Corrija el nombre o agréguelo en {file}").format(file=file),
    )


def _product_index(products: Iterable[Product]) -> dict[str, tuple[str, str]]:
    index: dict[str, tuple[str, str]] = {}
    for each in products:
        for name in (each.id, each.name, *each.synonyms):
            index.setdefault(plain_text(name), (each.id, ""))
        for variety in each.varieties:
            for name in (f"{each.name} {variety.name}", f"{each.id} {variety.id}", *variety.synonyms):
                index.setdefault(plain_text(name), (each.id, variety.id))
    return index


def _market_index(markets: Iterable[Market]) -> dict[str, str]:
    index: dict[str, str] = {}
    for each in markets:
        codes = (each.municipality, each.municipality.lstrip("0")) if each.kind == "local" and each.municipality else ()
        for name in (each.id, each.name, *each.synonyms, *codes):
            index.setdefault(plain_text(name), each.id)
    return index
