"""What can go wrong with those who do the work, beside the work itself."""

from gis.errors import VallesError


class CrewError(VallesError, RuntimeError):
    """A worker or a scheduler that is not there, differs, or was lost too often."""


class AddressError(CrewError):
    """A text that cannot be the address of a scheduler."""
