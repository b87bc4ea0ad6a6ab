"""The piece of a product kept in a workspace: its files, their entries of a mirror, and what decided them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from gis.atomic import atomic_folder, sha256_of, storage_errors, write_atomically
from gis.errors import InputError, VallesError
from gis.messages import translator
from layers.mirrors.mirror import MIRROR_FILE, MirrorLayer, read_entries
from layers.mirrors.mirror_text import mirror_text
from layers.sources.product import Place, Product, Supply, Wanted

_ = translator("layers")

GATHERING = 1
"""Version of the gathering; raised when the same product would give other pieces."""
_SETTINGS = "settings.json"


@dataclass(frozen=True)
class Piece:
    """The files of one product in a place."""

    folder: Path
    layers: tuple[MirrorLayer, ...]
    """Their entries, relative to the folder."""

    def within(self, themes: Sequence[str]) -> list[MirrorLayer]:
        """Return the entries of some themes, with paths relative to the folder's parent."""
        return [replace(each, file=f"{self.folder.name}/{each.file}") for each in self.layers if each.theme in themes]


def piece_settings(product: Product, place: Place, wanted: Sequence[Wanted]) -> str:
    """Return the hash of everything that decides a piece: product, place, files and municipalities."""
    territory = place.territory
    decided = {
        "gathering": GATHERING,
        "product": asdict(product.record),
        "bounds": [round(each, 6) for each in place.bounds],
        "territory": [territory.id, territory.country, [asdict(each) for each in territory.municipalities]],
        "wanted": [asdict(each) for each in wanted],
    }
    text = json.dumps(decided, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def standing_piece(folder: Path, settings: str) -> Piece | None:
    """Return the piece in a folder if it is whole, unchanged and decided by the same settings."""
    try:
        with storage_errors(folder):
            if not (folder / _SETTINGS).is_file():
                return None
            told = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
        layers = read_entries(folder / MIRROR_FILE, str(folder / MIRROR_FILE))
        if told["settings"] != settings or any(sha256_of(folder / each.file) != each.sha256 for each in layers):
            return None
    except (VallesError, ValueError, KeyError, TypeError):  # a damaged piece is made anew
        return None
    return Piece(folder, layers)


def make_piece(product: Product, place: Place, supply: Supply, folder: Path, *, settings: str) -> Piece:
    """Make a product's piece in the place of an older one; the folder is whole or as it was.

    Raises
    ------
    gis.errors.VallesError
        The product's files are absent or damaged, or the disk refuses.
    """
    with atomic_folder(folder) as temporary:
        made = tuple(
            replace(
                each,
                sha256=each.sha256 or sha256_of(temporary / each.file),
                climate=each.climate or product.record.climate,
                redistributable=each.redistributable and product.record.redistributable,
            )
            for each in product.make(place, supply, temporary)
        )
        if not made:
            raise InputError(
                _("{title} no dio ninguna capa").format(title=product.record.title),
                expected=_("Al menos una de: {names}").format(names=", ".join(product.record.themes)),
            )
        write_atomically(temporary / MIRROR_FILE, mirror_text(made, heading=product.record.title))
        write_atomically(temporary / _SETTINGS, json.dumps({"settings": settings}))
    return Piece(folder, made)
