"""The error tree of the house, the part that every floor shares.

::

    VallesError                     what was found, what was expected, what to do
    ├── InputError (ValueError)     a file, value or setting that cannot be used as it is
    │   ├── CrsError                a reference system that is missing or of the wrong kind
    │   ├── GridError               a grid that does not fit
    │   ├── UnitError               two units that must not meet
    │   └── CoverageError           polygons that are no valid coverage
    ├── MissingError (LookupError)  something named that is not there
    │   └── NothingHereError        sound data that has nothing in the place; an InputError too
    └── StorageError (OSError)      a disk or folder that refuses
"""

from __future__ import annotations


class VallesError(Exception):
    """A refusal a person can act on.

    Parameters
    ----------
    found
        What was found, naming the file, line, key or value.
    expected
        What was expected instead.
    remedy
        What to do about it.
    """

    def __init__(self, found: str, *, expected: str = "", remedy: str = "") -> None:
        self.found = found
        self.expected = expected
        self.remedy = remedy
        super().__init__(found)

    def __str__(self) -> str:
        """Join the three parts into one readable line."""
        parts = (part.rstrip(".") for part in (self.found, self.expected, self.remedy) if part)
        return " ".join(part if part.endswith("?") else f"{part}." for part in parts)


class InputError(VallesError, ValueError):
    """A file, value or setting that cannot be used as it is."""


class CrsError(InputError):
    """A coordinate reference system that is missing or of the wrong kind."""


class GridError(InputError):
    """A grid that does not fit another, or a place outside it."""


class UnitError(InputError):
    """Two units that must not meet, such as metres and degrees."""


class CoverageError(InputError):
    """Polygons that overlap or leave gaps where a coverage is required."""


class MissingError(VallesError, LookupError):
    """Something named that is not there."""


class NothingHereError(InputError, MissingError):
    """Sound data that has nothing in the place that was asked for."""


class StorageError(VallesError, OSError):
    """A disk, folder or file that refuses to be read or written."""
