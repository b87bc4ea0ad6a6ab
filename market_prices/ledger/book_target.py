"""What a book may be opened on, and which vocabulary belongs to it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Protocol, runtime_checkable

from layers.spelling import plain_text, spelling_key
from layers.territory import Territory
from layers.workspace import Workspace
from market_prices.vocabulary.vocabulary import Market, Vocabulary
from market_prices.vocabulary.vocabulary_files import builtin_vocabulary, folder_vocabulary


@runtime_checkable
class PricesHome(Protocol):
    """A workspace, as far as prices go."""

    @property
    def root(self) -> Path:
        """Folder of the vocabulary files."""
        ...

    @property
    def prices_path(self) -> Path:
        """File of the book."""
        ...

    @property
    def territory(self) -> Territory:
        """Municipalities that have a market of their own."""
        ...


def resolve_target(target: PricesHome | Path | str) -> tuple[Path | str, Vocabulary]:
    """Return the file or URL of a book and the vocabulary that belongs to it.

    Raises
    ------
    gis.errors.MissingError
        A folder is no workspace, or the territory names a reference market that nobody listed.
    gis.errors.InputError
        The workspace or its vocabulary is not valid.
    """
    if isinstance(target, str) and "://" in target:
        return target, builtin_vocabulary()
    if isinstance(target, str | Path):
        path = Path(target)
        if not path.is_dir():
            return path, builtin_vocabulary()
        target = Workspace.open(path)
    return target.prices_path, with_local_markets(folder_vocabulary(target.root), target.territory)


def with_local_markets(vocabulary: Vocabulary, territory: Territory) -> Vocabulary:
    """Return the vocabulary as it holds in a territory.

    Every municipality that has no market gets one at its seat, and the territory's reference markets stand in for the
    default ones.
    """
    known = {spelling_key(each.municipality) for each in vocabulary.local_markets()}
    taken = {each.id for each in vocabulary.all_markets}
    added: list[Market] = []
    for each in territory.municipalities:
        if spelling_key(each.code) in known:
            continue
        slug = "_".join(part for part in map(plain_text, each.name.split()) if part)
        identifier = slug if slug not in taken else f"{slug}_{each.code}"
        taken.add(identifier)
        added.append(
            Market(
                id=identifier,
                name=f"Mercado de {each.name}",
                kind="local",
                municipality=each.code,
                municipality_name=each.name,
                lon=each.seat.lon if each.seat else None,
                lat=each.seat.lat if each.seat else None,
                synonyms=(each.name, *each.aliases),
            )
        )
    references = dict(vocabulary.references)
    if territory.reference_markets:
        references["default"] = tuple(vocabulary.market(each).id for each in territory.reference_markets)
    for each in territory.municipalities:
        if each.reference_markets:
            references.setdefault(each.code, tuple(vocabulary.market(name).id for name in each.reference_markets))
    return dataclasses.replace(vocabulary, all_markets=(*vocabulary.all_markets, *added), references=references)
