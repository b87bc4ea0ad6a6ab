"""Every product of the catalogue says who made it, on what terms, and has an adapter that can be made."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from layers.catalogue.themes import theme
from layers.sources.product import ProductRecord
from layers.sources.registry import catalogue
from layers.territory import builtin_territory

RECORDS = catalogue().records


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_a_product_states_its_terms_and_brings_themes_that_exist(record: ProductRecord) -> None:
    assert record.title
    assert record.licence
    assert record.attribution
    assert record.themes
    assert all(theme(name) is not None for name in record.themes), record.themes
    assert record.address == "" or record.address.endswith("/")


@pytest.mark.parametrize("record", [each for each in RECORDS if each.address], ids=lambda record: record.id)
def test_a_product_with_an_address_has_an_adapter_and_a_homepage(record: ProductRecord) -> None:
    adapter = catalogue().adapter(record.id, builtin_territory("valles_crucenos"), root=Path("/"))
    assert adapter.record.id == record.id
    assert record.homepage.startswith("https://")


@pytest.mark.parametrize(
    ("name", "key"), [("cover_classes.toml", "worldcover"), ("cover_classes.toml", "mapbiomas_bolivia")]
)
def test_a_table_of_classes_cites_its_source(name: str, key: str) -> None:
    told = tomllib.loads(files("layers").joinpath("data", name).read_text(encoding="utf-8"))
    assert "https://" in told[key]["source"]
