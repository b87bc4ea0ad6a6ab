"""The items of the national price index: products of the vocabulary where they are the same, else of their own name.

An index counts hundreds of items that no market of the valleys sells. None is dropped: what is no product of the
vocabulary gets an id of its own, made from its name once and kept by its code ever after.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from layers.spelling import plain_text
from market_prices.vocabulary.vocabulary import Product, Vocabulary

INDEX_SOURCE = "ine_ipc"
INDEX_MARKET = "nacional"
INDEX_UNIT = "punto"
INDEX_LEVEL = "retail"
NO_CURRENCY = "XXX"  # as the standard writes it, no mark of something left open
"""Code of ISO 4217 for what is no money."""
GENERAL = "ipc_general"
"""Id of the general index, the deflator."""
GENERAL_CHANGE = "ipc_general_mensual"
"""Id of the general index on the base *previous month = 100*."""
_CODE_DIGITS = 8
_LONGEST_ID = 60


@dataclass(frozen=True, kw_only=True)
class IndexItem:
    """One item of a price index."""

    code: str
    """Code of the source; eight digits at INE."""
    product: str
    """Id under which its series is kept."""
    name: str
    """Name by which the source first called it."""

    def as_product(self) -> Product:
        """Return the item as something that can be named beside products."""
        return Product(id=self.product, name=self.name, group="índice")


GENERAL_ITEMS = (
    IndexItem(code="general", product=GENERAL, name="IPC general"),
    IndexItem(code="general_mensual", product=GENERAL_CHANGE, name="IPC general (mes anterior = 100)"),
)
"""The general index has no code of its own."""


@cache
def item_products() -> Mapping[str, str]:
    """Return the products of the vocabulary that the index calls otherwise: code and id."""
    told = tomllib.loads((files("market_prices") / "data" / "index_items.toml").read_text(encoding="utf-8"))
    return {str(code): str(product) for code, product in told["item"].items()}


def item_code(text: str) -> str:
    """Return the code as the source writes it; a spreadsheet eats leading zeros.

    Examples
    --------
    >>> item_code("1170129"), item_code(" 01170129 ")
    ('01170129', '01170129')
    """
    bare = text.strip()
    return bare.zfill(_CODE_DIGITS) if bare.isdigit() else bare


def item_id(name: str) -> str:
    """Return an id made from a name: lower-case, unaccented, words joined by ``_``.

    Examples
    --------
    >>> item_id("Cuñapé"), item_id("Hígado/riñón/corazón/pulmón")
    ('cunape', 'higado_rinon_corazon_pulmon')
    """
    spaced = "".join(letter if letter.isalnum() else " " for letter in name)
    return "_".join(filter(None, map(plain_text, spaced.split())))[:_LONGEST_ID].strip("_")


def name_items(
    found: Iterable[tuple[str, str]], vocabulary: Vocabulary, known: Mapping[str, IndexItem]
) -> dict[str, IndexItem]:
    """Return the item of each code: the known one, else the product of that name, else one named after itself.

    Parameters
    ----------
    found
        Codes and names of a file, both not empty; the first name of a code counts.
    vocabulary
        Products with their synonyms.
    known
        Items that have an id already, by code; it never changes.
    """
    products = {each.id for each in vocabulary.all_products}
    items = {each.code: each for each in GENERAL_ITEMS} | dict(known)
    taken = {each.product for each in items.values()}
    names: dict[str, str] = {}
    for code, name in found:
        names.setdefault(code, " ".join(name.split()))
    for code, name in sorted(names.items()):
        if code in items:
            continue
        product, variety = vocabulary.product_index.get(plain_text(name), ("", ""))
        identifier = item_products().get(code, "" if variety else product)
        if identifier not in products - taken:
            own = item_id(name)
            identifier = own if own and own not in products | taken else f"{own or 'rubro'}_{plain_text(code)}"
        taken.add(identifier)
        items[code] = IndexItem(code=code, product=identifier, name=name)
    return {code: items[code] for code in names}


def find_item(text: str, items: Iterable[IndexItem]) -> IndexItem | None:
    """Return the item that a text names, by its id, its name or its code; ``None`` if it names none."""
    wanted, code = plain_text(text), item_code(text)
    for each in sorted(items, key=lambda item: item.code):
        if wanted in {plain_text(each.product), plain_text(each.name)} or code == each.code:
            return each
    return None
