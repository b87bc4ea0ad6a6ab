"""Who may write in a book: tokens told once, kept hashed, ended at once; on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from market_prices import Book
from market_prices.access.access_errors import RightError, SignInError
from market_prices.access.token_secrets import VerifiedSecrets, matches, parse_token
from market_prices.price_errors import ObservationError, UnknownNameError

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


class Clock:
    """A moment that a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock at noon."""
    return Clock()


@pytest.fixture
def book(book_target: Path | str, clock: Clock) -> Iterator[Book]:
    """Return a new book."""
    with Book.open(book_target, clock=clock) as made:
        yield made


def test_a_token_is_told_once_and_kept_only_as_a_hash(book: Book) -> None:
    book.add_user("Ana Rojas", "collector", municipalities=["Saipina"])
    given = book.issue_token("Ana Rojas")
    identifier, secret = parse_token(given.text.upper().replace("-", " ")) or ("", "")
    kept = book.token_record(identifier)
    assert kept is not None
    assert kept.hash.startswith("$argon2id$")
    assert matches(kept.hash, secret)
    assert not matches(kept.hash, secret[::-1])
    with book._engine.connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            text = str(connection.execute(sa.select(sa.text("*")).select_from(sa.table(name))).all())
            assert secret not in text
            assert given.text not in text


def test_a_user_ends_at_once_with_every_token_and_browser(book: Book) -> None:
    book.add_user("Rosa", "steward")
    given = book.issue_token("Rosa")
    record = book.token_record(given.id)
    assert record is not None
    cookie = book.open_session(record)
    assert book.session_account(cookie).name == "Rosa"
    book.revoke_user("Rosa")
    with pytest.raises(SignInError, match="no vale"):
        book.session_account(cookie)
    with pytest.raises(SignInError, match="no vale"):
        book.good_account(book.token_record(given.id))
    with pytest.raises(ObservationError, match="dado de baja"):
        book.issue_token("Rosa")
    with pytest.raises(ObservationError, match="Ya existe"):
        book.add_user("Rosa", "steward")
    assert book.users()[0].revoked_at is not None


def test_one_token_ends_and_the_other_stays(book: Book) -> None:
    book.add_user("Rosa", "admin")
    first, second = book.issue_token("Rosa"), book.issue_token("Rosa")
    assert book.revoke_token(first.id.upper()).revoked_at is not None
    assert [each.revoked_at is None for each in book.tokens("Rosa")].count(True) == 1
    assert book.good_account(book.token_record(second.id)).role == "admin"
    with pytest.raises(UnknownNameError):
        book.revoke_token("zzzzzz")


def test_a_token_and_a_browser_have_their_time(book: Book, clock: Clock) -> None:
    book.add_user("Rosa", "steward", municipalities=["saipina"])
    record = book.token_record(book.issue_token("Rosa", days=1).id)
    assert record is not None
    cookie = book.open_session(record)
    clock.now = NOON + dt.timedelta(hours=13)
    with pytest.raises(SignInError):
        book.session_account(cookie)
    clock.now = NOON + dt.timedelta(days=2)
    with pytest.raises(SignInError, match="venció"):
        book.good_account(record)
    with pytest.raises(ObservationError):
        book.issue_token("Rosa", days=0)


def test_a_signed_out_browser_is_a_stranger(book: Book) -> None:
    book.add_user("Rosa", "steward")
    record = book.token_record(book.issue_token("Rosa").id)
    assert record is not None
    cookie = book.open_session(record)
    book.close_session(cookie)
    with pytest.raises(SignInError):
        book.session_account(cookie)


@pytest.mark.parametrize(
    ("name", "role", "places"),
    [
        ("", "steward", []),
        ("<b>", "steward", []),
        ("Ana", "jefa", []),
        ("Ana", "collector", []),
        ("Ana", "admin", ["saipina"]),
    ],
)
def test_a_user_that_makes_no_sense_is_refused(book: Book, name: str, role: str, places: list[str]) -> None:
    with pytest.raises(ObservationError):
        book.add_user(name, role, municipalities=places)
    assert book.users() == ()


def test_a_role_reaches_as_far_as_it_says(book: Book) -> None:
    collector = book.add_user("Ana", "collector", municipalities=["saipina"])
    steward = book.add_user("Rosa", "steward")
    here, there = (book.vocabulary.municipality_market(name) for name in ("saipina", "comarapa"))
    collector.require("record", here)
    for right, market in (("record", there), ("decide", None), ("import", None), ("correct", here)):
        with pytest.raises(RightError):
            collector.require(right, market)
        steward.require(right, market)


def test_what_was_verified_is_remembered_for_that_hash_alone() -> None:
    verified = VerifiedSecrets()
    verified.remember("hash", "secret")
    assert verified.knows("hash", "secret")
    assert not verified.knows("hash", "other")
    assert not verified.knows("other", "secret")
    past = VerifiedSecrets(seconds=-1.0)
    past.remember("hash", "secret")
    assert not past.knows("hash", "secret")


@pytest.mark.parametrize(
    "text", ["", "hola", "abc234-aaaaa-bbbbb-ccccc-dddd", "abc23l-aaaaa-bbbbb-ccccc-ddddd", "ñ" * 26]
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert parse_token(text) is None
