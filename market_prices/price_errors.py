"""The refusals of the price book.

::

    VallesError
    ├── InputError
    │   ├── PriceFileError      a file that cannot be read as prices
    │   └── ObservationError    a price, date or level that cannot be
    ├── MissingError
    │   └── UnknownNameError    a product, market or unit that is in no vocabulary
    ├── StorageError
    │   └── BookError           a book that cannot be opened, read or written
    └── TooManyReportsError     readers have reported as much as the book takes in for now
"""

from __future__ import annotations

from gis.errors import InputError, MissingError, StorageError, VallesError


class PriceFileError(InputError):
    """A file that cannot be read as prices."""


class ObservationError(InputError):
    """A price, date, unit or level that cannot be recorded."""


class UnknownNameError(MissingError):
    """A product, market or unit that is in no vocabulary; the message names the nearest ones."""


class BookError(StorageError):
    """A price book that cannot be opened, read or written."""


class TooManyReportsError(VallesError):
    """Readers have reported a price, or prices on one day, as often as the book takes in."""
