"""``valles users add|list|token|revoke``: who may write prices over HTTP and in the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.price_options import open_book
from api.cli.usage_error import UsageError
from gis.messages import translator

if TYPE_CHECKING:
    from market_prices.access.account_records import IssuedToken
    from market_prices.book import Book

_ = translator("api")

_DAYS = 365
_LONGEST = 1_095

NameArgument = Annotated[str, typer.Argument(metavar=_("NOMBRE"), help=_("Nombre: será el autor de lo que anote."))]
DaysOption = Annotated[
    int, typer.Option("--days", min=1, max=_LONGEST, help=_("Cuántos días vale la clave que se entrega."))
]


def register(users: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    users.command("add", cls=look, help=_("Agrega a quien puede anotar precios y muestra su clave, una sola vez."))(add)
    users.command("list", cls=look, help=_("Lista los usuarios, su papel, sus municipios y sus claves."))(list_users)
    users.command("token", cls=look, help=_("Entrega otra clave a un usuario; las demás siguen valiendo."))(token)
    users.command("revoke", cls=look, help=_("Da de baja a un usuario, o anula una sola clave."))(revoke)


def add(
    name: NameArgument,
    *,
    role: Annotated[
        str,
        typer.Option(
            "--role",
            help=_(
                "collector anota precios de su municipio; steward además corrige, importa y decide marcas; "
                "admin, lo mismo en todo el territorio."
            ),
        ),
    ],
    municipality: Annotated[
        list[str] | None,
        typer.Option("--municipality", metavar=_("MUNICIPIO"), help=_("Municipio al que se limita; puede repetirse.")),
    ] = None,
    days: DaysOption = _DAYS,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Add a user and issue the first token."""
    with open_book(workspace) as book:
        account = book.add_user(name, role, municipalities=municipality or ())
        given = book.issue_token(account.name, days=days)
    output.answer(given.as_dict(), json_wanted=json_wanted, text=lambda: _given(given))


def token(
    name: NameArgument,
    *,
    days: DaysOption = _DAYS,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Issue a further token."""
    with open_book(workspace) as book:
        given = book.issue_token(name, days=days)
    output.answer(given.as_dict(), json_wanted=json_wanted, text=lambda: _given(given))


def _given(given: IssuedToken) -> str:
    return "\n".join(
        (
            _("Clave de {name}, válida hasta el {date}:").format(
                name=given.account.name, date=given.expires_at.strftime("%d/%m/%Y")
            ),
            f"\n    {given.text}\n",
            _("Anótela ahora: no se guarda y no se vuelve a mostrar. Si se pierde, anúlela y entregue otra:"),
            f"    valles users revoke --token {given.id}",
        )
    )


def list_users(
    *,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """List the users."""
    with open_book(workspace) as book:
        rows = [{**each.as_dict(), "tokens": _tokens(book, each.name)} for each in book.users()]

    def text() -> str:
        if not rows:
            return _("Nadie puede escribir todavía: valles users add NOMBRE --role steward")
        shown = [
            {
                **row,
                "places": " ".join(row["municipalities"]) or _("todo el territorio"),
                "state": _("de baja") if row["revoked_at"] else _("puede escribir"),
                "keys": " ".join(each["token"] for each in row["tokens"] if not each["revoked_at"]) or _("ninguna"),
            }
            for row in rows
        ]
        heads = {
            "name": _("nombre"),
            "role": _("papel"),
            "places": _("municipios"),
            "state": _("estado"),
            "keys": _("claves (su comienzo)"),
        }
        return output.columns(shown, heads)

    output.answer({"users": rows}, json_wanted=json_wanted, text=text)


def _tokens(book: Book, name: str) -> list[dict[str, Any]]:
    return [each.as_dict() for each in book.tokens(name)]


def revoke(
    name: Annotated[
        str, typer.Argument(metavar=_("NOMBRE"), help=_("A quién se da de baja, con todas sus claves."))
    ] = "",
    *,
    token_id: Annotated[
        str,
        typer.Option("--token", metavar=_("CLAVE"), help=_("Anula sólo esta clave: bastan sus seis primeros signos.")),
    ] = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Revoke a user, or one token."""
    if bool(name) == bool(token_id):
        raise UsageError(
            _("Diga a quién dar de baja, o qué clave anular"),
            expected=_("Un nombre, o --token con el comienzo de una clave"),
        )
    with open_book(workspace) as book:
        if token_id:
            ended = book.revoke_token(token_id)
            document = {"name": ended.account.name, **ended.as_dict()}
            said = _("Clave {token} de {name} anulada").format(token=ended.id, name=ended.account.name)
        else:
            gone = book.revoke_user(name)
            document = {**gone.as_dict(), "tokens": _tokens(book, gone.name)}
            said = _("{name} ya no puede escribir; lo que anotó queda con su nombre").format(name=gone.name)
    output.answer(document, json_wanted=json_wanted, text=lambda: said)
