"""Users, roles and tokens as the program holds them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from gis.messages import translator
from market_prices.access.access_errors import RightError
from market_prices.vocabulary.vocabulary import Market

_ = translator("market_prices")

RECORD, CORRECT, IMPORT, DECIDE = "record", "correct", "import", "decide"
"""What a user may do: note prices; change what another noted; bring files; decide on flags."""
RIGHTS = {
    "collector": frozenset({RECORD}),
    "steward": frozenset({RECORD, CORRECT, IMPORT, DECIDE}),
    "admin": frozenset({RECORD, CORRECT, IMPORT, DECIDE}),
}
"""Rights of each role. An ``admin`` is a steward whom no municipality limits."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One who may write."""

    id: int
    name: str
    """Author of what the user records."""
    role: str
    """``collector``, ``steward`` or ``admin``."""
    municipalities: tuple[str, ...]
    """Six-digit codes to which the role is limited; empty: none."""
    created_at: dt.datetime
    """UTC."""
    revoked_at: dt.datetime | None = None
    """UTC; ``None`` while the user may write."""

    def may(self, right: str) -> bool:
        """Say whether the role includes a right."""
        return right in RIGHTS[self.role]

    def covers(self, market: Market) -> bool:
        """Say whether the user may write of a market."""
        return not self.municipalities or market.municipality in self.municipalities

    def require(self, right: str, market: Market | None = None) -> None:
        """Refuse what the user may not do.

        Raises
        ------
        RightError
            The role has no such right, or the market belongs to no municipality of the user.
        """
        if not self.may(right):
            raise RightError(
                _("{name} no puede hacer esto: su papel es {role}").format(name=self.name, role=role_name(self.role)),
                expected=_("Una clave de responsable (steward) o de administración (admin)"),
                remedy=_("Pídalo a quien es responsable de los precios"),
            )
        if market is not None and not self.covers(market):
            raise RightError(
                _("{name} no anota precios de {market}").format(name=self.name, market=market.name),
                expected=_("Un mercado de: {codes}").format(codes=", ".join(self.municipalities)),
                remedy=_("Elija su municipio, o pida una clave que alcance este"),
            )

    def as_dict(self) -> dict[str, Any]:
        """Return the user ready for JSON."""
        return {
            "name": self.name,
            "role": self.role,
            "municipalities": list(self.municipalities),
            "created_at": self.created_at.isoformat(timespec="seconds"),
            "revoked_at": self.revoked_at and self.revoked_at.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True, kw_only=True)
class TokenRecord:
    """A token as the book keeps it: without its secret."""

    id: str
    hash: str
    """argon2 of the secret."""
    account: Account
    created_at: dt.datetime
    """UTC."""
    expires_at: dt.datetime
    """UTC."""
    revoked_at: dt.datetime | None
    """UTC; ``None`` while it is good."""

    def as_dict(self) -> dict[str, Any]:
        """Return the token ready for JSON, without its hash."""
        return {
            "token": self.id,
            "created_at": self.created_at.isoformat(timespec="seconds"),
            "expires_at": self.expires_at.isoformat(timespec="seconds"),
            "revoked_at": self.revoked_at and self.revoked_at.isoformat(timespec="seconds"),
        }


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """A new token: the only moment at which its text is known."""

    id: str
    text: str
    """What the user types or sends; it is not kept anywhere."""
    account: Account
    expires_at: dt.datetime
    """UTC."""

    def as_dict(self) -> dict[str, Any]:
        """Return the token ready for JSON, with its text."""
        return {
            **self.account.as_dict(),
            "token": self.id,
            "secret": self.text,
            "expires_at": self.expires_at.isoformat(timespec="seconds"),
        }


def role_name(role: str) -> str:
    """Return what a reader sees for a role."""
    return {
        "collector": _("quien recolecta"),
        "steward": _("responsable de precios"),
        "admin": _("administración"),
    }.get(role, role)
