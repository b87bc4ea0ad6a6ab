"""What became of the rows of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class KeptRow:
    """A row that was refused or flagged, as it stood in its file."""

    line: int
    """Line number in the file, from 1; the row number in a sheet."""
    status: str
    """``rejected`` or ``flagged``."""
    code: str
    """Why, in one word per reason."""
    reason: str
    """Why, in words a user reads."""
    raw: str


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """How many rows were read and what became of each: the four counts add up to ``rows``."""

    format: str
    """``wfp``, ``ine_rapido``, ``ine_diario``, ``ine_diccionario``, ``ine_ipc_producto``, ``ine_ipc_general``,
    ``ine_ipc_variacion``, ``planilla`` or ``lista``."""
    rows: int
    """Rows read."""
    accepted: int
    """Rows recorded without remark."""
    flagged: int
    """Rows recorded with a doubt that is explained."""
    rejected: int
    """Rows kept outside the book, with the reason."""
    duplicates: int
    """Rows that the book, or the same file, had already."""
    file: str = ""
    batch: int | None = None
    """Number of the import in the book; ``None`` when nothing was written."""
    problems: tuple[KeptRow, ...] = ()
    """The first 20 refused or flagged rows, refused ones first; all are in ``Book.rejected``."""

    def as_dict(self) -> dict[str, Any]:
        """Return the counts and the format, ready for JSON."""
        names = ("accepted", "flagged", "rejected", "duplicates", "format")
        return {name: getattr(self, name) for name in names}
