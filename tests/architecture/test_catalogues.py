"""Whoever reads English reads all of it: every message has its text, and every text its figures."""

from __future__ import annotations

import importlib.util
import string
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from gis.messages import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gis", "layers", "zoning", "market_prices", "api")


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "tools" / "catalogues.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _messages(package: str) -> Iterator[Message]:
    with (ROOT / package / "locale" / "en" / "LC_MESSAGES" / f"{package}.po").open("rb") as stream:
        yield from (message for message in read_po(stream, locale="en") if message.id)


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_a_language_that_was_begun_has_every_message_and_may_lack_its_text() -> None:
    tool = _tool()
    for language, packages in tool.BEGUN.items():
        assert language in LANGUAGES
        for package in packages:
            with tool._source(package, language).open("rb") as stream:
                catalogue = read_po(stream, locale=language)
            assert {message.id for message in catalogue if message.id} == set(tool._messages(package))
            assert "translator" in catalogue.header_comment
            for message in catalogue:
                if message.id and message.string:
                    assert _places(str(message.string)) == _places(str(message.id)), message.id


def test_every_message_has_an_english_text() -> None:
    assert _tool().check() == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_translation_fills_the_same_places(package: str) -> None:
    messages = list(_messages(package))
    assert messages
    for message in messages:
        assert isinstance(message.id, str)
        assert isinstance(message.string, str)
        assert _places(message.string or message.id) == _places(message.id), message.id


@pytest.mark.parametrize("package", PACKAGES)
def test_no_translation_is_a_guess(package: str) -> None:
    assert not [message.id for message in _messages(package) if message.fuzzy]
