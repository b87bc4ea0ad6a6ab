"""The refusal of a command that was written wrongly."""

from gis.errors import InputError


class UsageError(InputError):
    """A command that was written wrongly: the program ends with 2 instead of 1."""
