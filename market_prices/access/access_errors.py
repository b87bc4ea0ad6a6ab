"""The refusals of those who may not write.

::

    VallesError
    ├── SignInError      nobody has said who is writing, or the token is not (or no longer) good
    └── RightError       who writes is known, and may not do this
"""

from __future__ import annotations

from gis.errors import VallesError


class SignInError(VallesError):
    """Nobody has said who is writing, or the token is unknown, revoked or past its day."""


class RightError(VallesError):
    """The role, or the municipality, of who writes does not reach this far."""
