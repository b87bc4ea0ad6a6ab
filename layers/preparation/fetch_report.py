"""What a fetch did, or would do, layer by layer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from gis.errors import NothingHereError, VallesError
from layers.preparation.gather_report import GatherItem

Status = Literal["planned", "prepared", "kept", "failed", "ignored", "nothing"]


@dataclass(frozen=True, kw_only=True)
class FetchItem:
    """One layer of a fetch."""

    theme: str
    """Theme of the mirror."""
    title: str
    """What a reader sees."""
    prepared: str
    """Name of the prepared layer; empty when nothing is prepared from the theme."""
    status: Status
    required: bool = False
    """No zoning without it."""
    detail: str = ""
    """Why it was ignored or failed, or what was done."""
    expected: str = ""
    remedy: str = ""
    files: tuple[str, ...] = ()
    """Source files in the mirror."""
    bytes: int | None = None
    """Size of the source files; ``None`` when it is not known."""
    licence: str = ""
    attribution: str = ""
    date: str = ""
    seconds: float = 0.0
    """Time the preparation took, s."""


@dataclass(frozen=True, kw_only=True)
class FetchReport:
    """Every layer of a fetch."""

    items: tuple[FetchItem, ...]
    sources: tuple[GatherItem, ...] = ()
    """Products of open data that were gathered for it; none when a mirror brought the layers."""
    seconds: float = 0.0
    """Time of the whole, s."""

    def of(self, status: Status) -> tuple[FetchItem, ...]:
        """Return the items of one status."""
        return tuple(each for each in self.items if each.status == status)

    @property
    def failed(self) -> tuple[FetchItem, ...]:
        """Layers that could not be prepared."""
        return self.of("failed")

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.failed and not self.failed_sources

    @property
    def failed_sources(self) -> tuple[GatherItem, ...]:
        """Products that could not be gathered."""
        return tuple(each for each in self.sources if each.status == "failed")

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON can hold it."""
        return {
            "ok": self.ok,
            "seconds": round(self.seconds, 2),
            "sources": [asdict(each) for each in self.sources],
            "items": [asdict(each) for each in self.items],
        }


def nothing_item(item: FetchItem, error: NothingHereError) -> FetchItem:
    """Return an item whose source has nothing in the territory: failed where no zoning can do without it."""
    if item.required:
        return failed_item(item, error)
    return replace(item, status="nothing", detail=error.found)


def failed_item(item: FetchItem, error: VallesError) -> FetchItem:
    """Return an item that failed, with the three parts of the error."""
    return FetchItem(
        **{
            **asdict(item),
            "files": item.files,
            "status": "failed",
            "detail": error.found,
            "expected": error.expected,
            "remedy": error.remedy,
        }
    )
