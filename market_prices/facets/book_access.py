"""Who may write in a book: users, roles and tokens, kept beside the prices so that one copy holds both."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Sequence

from gis.messages import translator
from market_prices.access import account_store
from market_prices.access.access_errors import SignInError
from market_prices.access.account_records import RIGHTS, Account, IssuedToken, TokenRecord
from market_prices.access.token_secrets import hashed, new_token, token_text
from market_prices.facets.book_reader import BookReader
from market_prices.ledger.book_engine import reading, writing
from market_prices.price_errors import ObservationError, UnknownNameError

_ = translator("market_prices")

TOKEN_DAYS = 365
"""Days for which a token is good when nobody says otherwise."""
LONGEST_TOKEN_DAYS = 1_095
SESSION_HOURS = 12
"""A browser has to sign in again after a working day."""
_NAME = re.compile(r"[\w][\w .'@-]{1,59}")


class BookAccess(BookReader):
    """Users of a book; ``Book`` adds opening and writing."""

    def users(self) -> tuple[Account, ...]:
        """Return every user, revoked ones too, by name.

        Raises
        ------
        BookError
            The book cannot be read.
        """
        with reading(self._engine) as connection:
            return account_store.accounts(connection)

    def add_user(self, name: str, role: str, *, municipalities: Sequence[str] = ()) -> Account:
        """Add a user, who can do nothing before a token is issued.

        Parameters
        ----------
        name
            Author of what the user records, as people write it.
        role
            ``collector`` (notes prices of its municipalities), ``steward`` (also corrects, imports and decides) or
            ``admin`` (a steward without limits).
        municipalities
            Codes, names or ids to which the role is limited; a collector needs one, an admin has none.

        Raises
        ------
        ObservationError
            The name cannot be one or is taken, there is no such role, or it does not fit the municipalities.
        UnknownNameError
            No such municipality.
        BookError
            The book refuses.
        """
        plain = " ".join(name.split())
        if not _NAME.fullmatch(plain):
            raise ObservationError(
                _("«{name}» no sirve como nombre").format(name=name[:60]),
                expected=_("De 2 a 60 letras, cifras o espacios, por ejemplo «Ana Rojas»"),
            )
        if role not in RIGHTS:
            raise ObservationError(
                _("Papel desconocido: «{role}»").format(role=role), expected=_("collector, steward o admin")
            )
        codes = tuple(sorted({self.vocabulary.municipality_market(each).municipality for each in municipalities}))
        if (role == "collector" and not codes) or (role == "admin" and codes):
            raise ObservationError(
                _("El papel {role} no va con {count} municipios").format(role=role, count=len(codes)),
                expected=_("Quien recolecta (collector) tiene al menos un municipio; admin, ninguno"),
            )
        with writing(self._engine) as connection:
            if account_store.account_named(connection, plain) is not None:
                raise ObservationError(
                    _("Ya existe «{name}»").format(name=plain),
                    remedy=_("Elija otro nombre: el de antes sigue siendo autor de lo que anotó"),
                )
            account_store.keep_account(connection, plain, role, codes, self._utc())
            return self._known_user(account_store.account_named(connection, plain), plain)

    def issue_token(self, user: str, *, days: int = TOKEN_DAYS) -> IssuedToken:
        """Issue a token to a user; its text is told now and never again.

        Raises
        ------
        UnknownNameError
            No such user.
        ObservationError
            The user is revoked, or ``days`` is not between 1 and 1095.
        BookError
            The book refuses.
        """
        if not 1 <= days <= LONGEST_TOKEN_DAYS:
            raise ObservationError(
                _("Una clave no puede valer {days} días").format(days=days),
                expected=_("De 1 a {most}").format(most=LONGEST_TOKEN_DAYS),
            )
        identifier, secret = new_token()
        kept = hashed(secret)
        with writing(self._engine) as connection:
            account = self._known_user(account_store.account_named(connection, user), user)
            if account.revoked_at is not None:
                raise ObservationError(
                    _("«{name}» está dado de baja").format(name=user), remedy=_("Agregue un usuario con otro nombre")
                )
            now = self._utc()
            until = now + dt.timedelta(days=days)
            account_store.keep_token(connection, identifier, kept, account.id, now=now, until=until)
        return IssuedToken(id=identifier, text=token_text(identifier, secret), account=account, expires_at=until)

    def tokens(self, user: str | None = None) -> list[TokenRecord]:
        """Return the tokens of a user, or all; without their secrets, which nobody has.

        Raises
        ------
        UnknownNameError
            No such user.
        BookError
            The book cannot be read.
        """
        with reading(self._engine) as connection:
            if user is None:
                return account_store.tokens(connection)
            account = self._known_user(account_store.account_named(connection, user), user)
            return account_store.tokens(connection, user=account.id)

    def revoke_user(self, user: str) -> Account:
        """End what a user may do, with all tokens and sessions; what was recorded keeps its author.

        Raises
        ------
        UnknownNameError
            No such user.
        BookError
            The book refuses.
        """
        with writing(self._engine) as connection:
            account = self._known_user(account_store.account_named(connection, user), user)
            now = self._utc()
            if account.revoked_at is None:
                account_store.revoke_account(connection, account.id, now)
            for each in account_store.tokens(connection, user=account.id):
                if each.revoked_at is None:
                    account_store.revoke_token(connection, each.id, now)
            return self._known_user(account_store.account_named(connection, user), user)

    def revoke_token(self, token: str) -> TokenRecord:
        """End one token, named by its first six signs.

        Raises
        ------
        UnknownNameError
            No such token.
        BookError
            The book refuses.
        """
        with writing(self._engine) as connection:
            found = account_store.tokens(connection, identifier=token[:6].lower())
            if not found:
                raise UnknownNameError(
                    _("No hay una clave que empiece con «{token}»").format(token=token[:6]),
                    remedy=_("Vea las que hay con: valles users list"),
                )
            if found[0].revoked_at is None:
                account_store.revoke_token(connection, found[0].id, self._utc())
            return account_store.tokens(connection, identifier=found[0].id)[0]

    def token_record(self, identifier: str) -> TokenRecord | None:
        """Return what the book keeps of a token, be it good or not.

        Raises
        ------
        BookError
            The book cannot be read.
        """
        with reading(self._engine) as connection:
            return next(iter(account_store.tokens(connection, identifier=identifier)), None)

    def good_account(self, token: TokenRecord | None) -> Account:
        """Return the user of a token whose secret was verified.

        Raises
        ------
        SignInError
            The token or its user is revoked, or its time is up.
        """
        if token is None or token.revoked_at is not None or token.account.revoked_at is not None:
            raise SignInError(
                _("La clave no vale"), remedy=_("Revise que esté completa, o pida otra a quien administra los precios")
            )
        if token.expires_at < self._utc():
            raise SignInError(
                _("La clave venció el {date}").format(date=token.expires_at.strftime("%d/%m/%Y")),
                remedy=_("Pida otra a quien administra los precios"),
            )
        return token.account

    def open_session(self, token: TokenRecord) -> str:
        """Keep that a browser has signed in with a token, and return the secret of its cookie.

        Raises
        ------
        SignInError
            The token is not good.
        BookError
            The book refuses.
        """
        self.good_account(token)
        secret = secrets.token_urlsafe(32)
        with writing(self._engine) as connection:
            now = self._utc()
            until = min(token.expires_at, now + dt.timedelta(hours=SESSION_HOURS))
            account_store.keep_session(connection, secret, token.id, now=now, until=until)
        return secret

    def session_account(self, secret: str) -> Account:
        """Return who signed in with a cookie.

        Raises
        ------
        SignInError
            The session is over, or its token is no longer good.
        BookError
            The book cannot be read.
        """
        with reading(self._engine) as connection:
            return self.good_account(account_store.session_token(connection, secret, self._utc()))

    def close_session(self, secret: str) -> None:
        """Forget a session.

        Raises
        ------
        BookError
            The book refuses.
        """
        with writing(self._engine) as connection:
            account_store.end_session(connection, secret)

    def _utc(self) -> dt.datetime:
        return self._clock().astimezone(dt.UTC).replace(tzinfo=None)

    @staticmethod
    def _known_user(found: Account | None, name: str) -> Account:
        if found is None:
            raise UnknownNameError(
                _("No hay un usuario llamado «{name}»").format(name=name[:60]),
                remedy=_("Vea los que hay con: valles users list"),
            )
        return found
