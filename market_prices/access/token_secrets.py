"""Tokens short enough to dictate: hashed with argon2, verified slowly once and then remembered a while."""

from __future__ import annotations

import hmac
import secrets
import time
from hashlib import sha256

ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
"""Digits and letters that nobody takes for one another."""
ID_LENGTH = 6
SECRET_LENGTH = 20
"""About 98 bits."""
_GROUP = 5
_REMEMBERED = 4_096


def new_token() -> tuple[str, str]:
    """Return the id and the secret of a new token."""
    draw = [secrets.choice(ALPHABET) for _place in range(ID_LENGTH + SECRET_LENGTH)]
    return "".join(draw[:ID_LENGTH]), "".join(draw[ID_LENGTH:])


def token_text(identifier: str, secret: str) -> str:
    """Return a token as it is handed over.

    Examples
    --------
    >>> token_text("abc234", "aaaaabbbbbcccccddddd")
    'abc234-aaaaa-bbbbb-ccccc-ddddd'
    """
    groups = [secret[start : start + _GROUP] for start in range(0, len(secret), _GROUP)]
    return "-".join([identifier, *groups])


def parse_token(text: str) -> tuple[str, str] | None:
    """Return the id and the secret of a token as people type it; ``None`` for what is no token.

    Examples
    --------
    >>> parse_token(" ABC234 aaaaabbbbb-cccccddddd")
    ('abc234', 'aaaaabbbbbcccccddddd')
    >>> parse_token("hola") is None
    True
    """
    bare = "".join(text.lower().replace("-", " ").split())
    if len(bare) != ID_LENGTH + SECRET_LENGTH or not set(bare) <= set(ALPHABET):
        return None
    return bare[:ID_LENGTH], bare[ID_LENGTH:]


def hashed(secret: str) -> str:
    """Return what is kept of a secret."""
    from argon2 import PasswordHasher  # noqa: PLC0415  readers never pay for it

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(secret)


def matches(kept: str, secret: str) -> bool:
    """Say whether a secret is the one of which ``kept`` is kept; slow on purpose."""
    from argon2 import PasswordHasher  # noqa: PLC0415  as above
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415  as above

    try:
        return PasswordHasher().verify(kept, secret)
    except (VerificationError, InvalidHashError):
        return False


class VerifiedSecrets:
    """Secrets that were verified a short while ago, so that not every request is slow; none of them is held as text.

    Parameters
    ----------
    seconds
        How long a secret is remembered, s.
    """

    def __init__(self, seconds: float = 300.0) -> None:
        self._seconds = seconds
        self._key = secrets.token_bytes(32)
        self._until: dict[tuple[str, bytes], float] = {}

    def _mark(self, kept: str, secret: str) -> tuple[str, bytes]:
        return kept, hmac.new(self._key, secret.encode(), sha256).digest()

    def knows(self, kept: str, secret: str) -> bool:
        """Say whether this secret matched this hash a short while ago."""
        return self._until.get(self._mark(kept, secret), 0.0) > time.monotonic()

    def remember(self, kept: str, secret: str) -> None:
        """Take note that this secret matches this hash."""
        now = time.monotonic()
        if len(self._until) >= _REMEMBERED:
            self._until = {mark: until for mark, until in self._until.items() if until > now}
            if len(self._until) >= _REMEMBERED:
                self._until.clear()
        self._until[self._mark(kept, secret)] = now + self._seconds
