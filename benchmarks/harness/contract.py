"""The shape that every benchmark's document has, and the figures that are wanted of it."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WANTED_FILE = Path(__file__).with_name("wanted.toml")

_NUMBER = (int, float)
_FIELDS: dict[str, tuple[type, ...]] = {
    "benchmark": (str,),
    "ours": _NUMBER,
    "peer": (*_NUMBER, type(None)),
    "ratio": (*_NUMBER, type(None)),
    "better": (str,),
    "unit": (str,),
    "peers": (dict,),
    "peer_name": (str,),
    "also": (dict,),
    "reasons": (dict,),
    "rounds": (int,),
    "seconds": (dict,),
    "processor_seconds": (dict,),
    "job": (dict,),
    "checks": (dict,),
    "notes": (list,),
    "machine": (dict,),
    "versions": (dict,),
    "date": (str,),
}
_TOLERANCE = 0.01


def faults(document: Mapping[str, Any]) -> list[str]:
    """Say where a document departs from the shape; empty if nowhere."""
    found = [f"no {name}" for name in _FIELDS if name not in document]
    found += [
        f"{name} is {document[name]!r}"
        for name, kinds in _FIELDS.items()
        if name in document and (not isinstance(document[name], kinds) or isinstance(document[name], bool))
    ]
    return found or _inner_faults(document)


def _inner_faults(document: Mapping[str, Any]) -> list[str]:
    found = [] if document["better"] in {"higher", "lower"} else [f"better is {document['better']!r}"]
    peer, ratio = document["peer"], document["ratio"]
    if (peer is None) != (ratio is None):
        found.append("ratio and peer are not absent together")
    elif ratio is not None and not math.isclose(ratio, document["ours"] / peer, rel_tol=_TOLERANCE):
        found.append(f"ratio {ratio} is not ours / peer")
    if document["peers"].get(document["peer_name"], math.nan) != peer:
        found.append(f"{document['peer_name']} is not among the peers as the peer")
    found += [
        f"no reason for the absence of {name}"
        for name, value in document["peers"].items()
        if value is None and not document["reasons"].get(name)
    ]
    found += [f"no {name} of the machine" for name in ("cores", "processor") if not document["machine"].get(name)]
    found += [] if document["versions"].get("python") else ["no version of python"]
    return found + ([] if document["unit"] else ["no unit"])


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A figure that a benchmark shall reach."""

    benchmark: str
    """Name of the script."""
    figure: str
    """``ratio`` or a name in ``also``."""
    what: str
    """What it compares."""
    at_least: float | None = None
    """Lowest figure that will do."""
    at_most: float | None = None
    """Highest figure that will do."""

    @property
    def floor(self) -> str:
        """The limit as text."""
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"

    def found(self, document: Mapping[str, Any]) -> float | None:
        """Return the figure; ``None`` where the benchmark could not tell it."""
        value = document["ratio"] if self.figure == "ratio" else document["also"].get(self.figure)
        return None if value is None else float(value)

    def met(self, document: Mapping[str, Any]) -> bool | None:
        """Whether the figure reaches its limit; ``None`` where it could not be told."""
        value = self.found(document)
        if value is None:
            return None
        return value >= self.at_least if self.at_least is not None else value <= (self.at_most or 0.0)


def wanted() -> list[Wanted]:
    """Return all wanted figures."""
    with WANTED_FILE.open("rb") as file:
        return [Wanted(**each) for each in tomllib.load(file)["wanted"]]
