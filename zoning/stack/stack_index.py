"""What a stack holds, band by band, and what each band was made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.messages import translator
from zoning.rating.interval_codes import Floats, holds_cuts
from zoning.rules.rules_toml import content_hash
from zoning.stack.index_file import index_text, is_whole, parse_index, read_index

_ = translator("zoning")

FORMAT = 2
"""Version of the stack's shape; a stack of another version is made anew."""

INDEX_FILE, CODES_FILE, POSITIONS_FILE, EXTRAS_FILE = "stack.json", "stack.tif", "positions.bin", "extras.bin"
"""Names inside a stack's folder."""

CODES_ZSTD_LEVEL = 9
"""Effort of compressing the file of codes, which is written once and decoded in every run: a fifth smaller than at the
usual 3 and decoded in a sixth less time."""

SEAL = "VALLES_STACK"
"""Tag of the file of codes that holds the index."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Band:
    """One band of coded values."""

    key: str
    """Characteristic key."""
    layers: tuple[str, ...]
    """Prepared layers it is measured from."""
    content: str
    """Hash of those layers, the cells and everything else that the values depend on, 64 hexadecimal digits."""
    cuts: Floats
    """Rising cut points; code *k* begins at cut *k* − 2."""
    seconds: float
    """Wall time that reading its layers and coding all that is measured from them took, s."""

    @cached_property
    def hash(self) -> str:
        """Identifies the values and how they are coded."""
        return content_hash({"content": self.content, "cuts": [float(value) for value in self.cuts]})


@dataclass(frozen=True, kw_only=True, eq=False)
class StackIndex:
    """Everything about a stack but its cells."""

    bands: tuple[Band, ...]
    """Coded characteristics in the order of the file; the bands of places follow."""
    place_content: str
    """Hash of what the bands of places were made from."""
    place_seconds: float
    """Wall time that making them took, s."""
    municipalities: tuple[str, ...]
    """Six-digit codes; number 1 is the first."""
    categories: tuple[str, ...]
    """Categories of protected areas; bit *i* is the *i*-th."""
    blocks: npt.NDArray[np.bool_]
    """Which blocks of the file hold a cell inside, shape (block rows, block columns)."""
    flagged: tuple[str, ...] = ()
    """Characteristics whose layer is too coarse to rate or cut, sorted; the stack does not hold them."""
    opened: tuple[str, ...] = ()
    """Gates that the scenario of the stack opens where it brings irrigation."""
    extras: Mapping[str, str] = field(default_factory=dict)
    """What is kept beside the bands (:mod:`zoning.stack.stack_extras`): name to a hash of what it depends on."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Length of each file of the folder, bytes."""

    @property
    def cuts(self) -> dict[str, Floats]:
        """Characteristic key to its cut points, in the order of the bands."""
        return {band.key: band.cuts for band in self.bands}

    @cached_property
    def hash(self) -> str:
        """Identifies the content of the stack: its layers and how they are coded."""
        return content_hash({"bands": [band.hash for band in self.bands], "places": self.place_content})

    def whole(self, folder: Path) -> bool:
        """Whether the files of a folder are there with the lengths they were written with."""
        return is_whole(folder, self.sizes)

    def band(self, key: str) -> Band:
        """Return a band by its characteristic key.

        Raises
        ------
        gis.errors.InputError
            The stack has no such band.
        """
        for band in self.bands:
            if band.key == key:
                return band
        raise InputError(_("La pila no tiene la banda «{key}»").format(key=key))

    def lacks(self, wanted: Mapping[str, Floats]) -> tuple[str, ...]:
        """Return the characteristics that are cut somewhere where this stack does not cut them, sorted."""
        return holds_cuts(self.cuts, wanted)

    def with_cuts(self, cuts: Mapping[str, Floats]) -> StackIndex:
        """Return the index with other cut points of some bands."""
        return replace(
            self, bands=tuple(replace(each, cuts=cuts[each.key]) if each.key in cuts else each for each in self.bands)
        )

    def text(self) -> str:
        """Return the index as JSON; float32 numbers survive it exactly."""
        content: dict[str, Any] = {
            "hash": self.hash,
            "municipalities": list(self.municipalities),
            "categories": list(self.categories),
            "place_content": self.place_content,
            "place_seconds": self.place_seconds,
            "blocks": ["".join("1" if held else "0" for held in row) for row in self.blocks],
            "flagged": list(self.flagged),
            "opened": list(self.opened),
            "extras": dict(self.extras),
            "sizes": dict(self.sizes),
            "bands": [
                {
                    "key": band.key,
                    "layers": list(band.layers),
                    "content": band.content,
                    "seconds": band.seconds,
                    "hash": band.hash,
                    "cuts": [float(value) for value in band.cuts],
                }
                for band in self.bands
            ],
        }
        return index_text(content, version=FORMAT)

    def seal(self) -> str:
        """Return the index as it stands in the file of codes, so that the file is a stack by itself."""
        bands = tuple(replace(band, seconds=0.0) for band in self.bands)
        timeless = replace(self, bands=bands, place_seconds=0.0, extras={}, sizes={})
        return timeless.text()

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """Read the index of a stack's folder; ``None`` where there is none, or one of another version.

        Raises
        ------
        gis.errors.InputError
            It is damaged.
        """
        return read_index(folder / INDEX_FILE, cls._of, version=FORMAT)

    @classmethod
    def parse(cls, text: str, *, place: str) -> Self | None:
        """Read an index from :meth:`seal`; ``None`` if it is one of another version.

        Parameters
        ----------
        text
            What is read.
        place
            Where it was found.

        Raises
        ------
        gis.errors.InputError
            It is damaged.
        """
        return parse_index(text, cls._of, version=FORMAT, place=place)

    @classmethod
    def _of(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            bands=tuple(_band(each) for each in data["bands"]),
            place_content=str(data["place_content"]),
            place_seconds=float(data["place_seconds"]),
            municipalities=tuple(data["municipalities"]),
            categories=tuple(data["categories"]),
            blocks=np.array([[held == "1" for held in row] for row in data["blocks"]], dtype=np.bool_),
            flagged=tuple(data["flagged"]),
            opened=tuple(data["opened"]),
            extras={str(name): str(content) for name, content in data["extras"].items()},
            sizes={str(name): int(size) for name, size in data["sizes"].items()},
        )


def _band(data: Mapping[str, Any]) -> Band:
    return Band(
        key=str(data["key"]),
        layers=tuple(data["layers"]),
        content=str(data["content"]),
        seconds=float(data["seconds"]),
        cuts=np.array(data["cuts"], dtype=np.float32),
    )


def seconds_to_encode(index: StackIndex, keys: Sequence[str]) -> float:
    """Estimate the wall time of coding some characteristics anew, s, from what coding them took.

    Characteristics measured from the same layers share the reading of them; one that the stack never held counts as
    its most expensive.
    """
    known = {band.key: band for band in index.bands}
    dearest = max((band.seconds for band in index.bands), default=0.0)
    groups = {known[key].layers: known[key].seconds for key in keys if key in known}
    return sum(groups.values()) + dearest * any(key not in known for key in keys)
