"""``valles prices add|import|rejected|template``: what goes into the price book, and what was refused and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.price_options import open_book, written_date, written_number
from gis.messages import translator

if TYPE_CHECKING:
    from market_prices.book import ImportReport, Recorded

_ = translator("api")

AuthorOption = Annotated[str, typer.Option("--author", metavar=_("NOMBRE"), help=_("Quién lo anota."))]


def register(prices: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    prices.command("add", cls=look, help=_("Anota un precio visto en el mercado."))(add)
    prices.command("import", cls=look, help=_("Trae un archivo de precios; cada fila se acepta, marca o rechaza."))(
        import_file
    )
    prices.command("rejected", cls=look, help=_("Lista las filas rechazadas o marcadas, con su línea y su motivo."))(
        rejected
    )
    prices.command("template", cls=look, help=_("Escribe la planilla de un día de mercado para un municipio."))(
        template
    )


def add(
    *,
    product: Annotated[str, typer.Option("--product", metavar="ID", help=_("Producto."))],
    market: Annotated[str, typer.Option("--market", metavar="ID", help=_("Mercado, o el código de un municipio."))],
    price: Annotated[str, typer.Option("--price", metavar=_("MONTO"), help=_("Precio más común, por unidad."))],
    unit: Annotated[str, typer.Option("--unit", metavar=_("UNIDAD"), help=_("kg, arroba, quintal, caja …"))],
    date: Annotated[str, typer.Option("--date", metavar=_("FECHA"), help=_("Día del precio; hoy si no se dice."))] = "",
    low: Annotated[str, typer.Option("--low", metavar=_("MONTO"), help=_("Precio más bajo."))] = "",
    high: Annotated[str, typer.Option("--high", metavar=_("MONTO"), help=_("Precio más alto."))] = "",
    level: Annotated[str, typer.Option("--level", help=_("farm_gate, wholesale o retail."))] = "wholesale",
    quantity: Annotated[str, typer.Option("--quantity", help=_("Cuántas unidades vale ese precio."))] = "1",
    variety: Annotated[str, typer.Option("--variety", help=_("Variedad o grado."))] = "",
    package: Annotated[str, typer.Option("--package", help=_("Envase."))] = "",
    origin: Annotated[str, typer.Option("--origin", help=_("Municipio de donde viene."))] = "",
    author: AuthorOption = "",
    correction: Annotated[
        bool, typer.Option("--correction", help=_("Corrige lo anotado antes; lo anterior queda."))
    ] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Record one price."""
    told: dict[str, Any] = {
        "price": written_number(price, "--price"),
        "unit": unit,
        "date": written_date(date),
        "level": level,
        "quantity": written_number(quantity, "--quantity"),
        "variety": variety,
        "package": package,
        "low": written_number(low, "--low") if low else None,
        "high": written_number(high, "--high") if high else None,
        "origin": origin,
        "author": author,
        "correction": correction,
    }
    with open_book(workspace) as book:
        done = book.add(product, market, **told)
    output.answer(done.as_dict(), json_wanted=json_wanted, text=lambda: _recorded_text(done))


def _recorded_text(done: Recorded) -> str:
    told = done.as_dict()
    line = _("Anotado: {product}, {market}, {date}: {price} {currency} por {quantity} {unit}").format(
        **{**told, "price": _plain(told["price"]), "quantity": _plain(told["quantity"])}
    )
    return f"{line}\n{_('Marcado')}: {done.reason}" if done.flags else line


def _plain(number: float) -> str:
    return f"{number:g}".replace(".", ",")


def import_file(
    file: Annotated[Path, typer.Argument(metavar=_("ARCHIVO"), help=_("CSV, XLSX u ODS; el formato se reconoce."))],
    author: AuthorOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Muestra qué pasaría sin escribir nada."))] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Import a file of prices in one transaction."""
    with open_book(workspace) as book:
        done = book.import_file(file, author=author, dry_run=dry_run)
    output.answer(done.as_dict(), json_wanted=json_wanted, text=lambda: _import_text(done, dry_run=dry_run))


def _import_text(done: ImportReport, *, dry_run: bool) -> str:
    head = _("Prueba, nada se escribió: formato {format}") if dry_run else _("Formato {format}")
    counts = _("{rows} filas: {accepted} aceptadas, {flagged} marcadas, {rejected} rechazadas, {duplicates} repetidas")
    lines = [
        head.format(format=done.format),
        counts.format(
            rows=done.rows,
            accepted=done.accepted,
            flagged=done.flagged,
            rejected=done.rejected,
            duplicates=done.duplicates,
        ),
    ]
    if done.rejected or done.flagged:
        lines.append(_("Cada una con su línea y su motivo: valles prices rejected --status all"))
    return "\n".join(lines)


def rejected(
    status: Annotated[str, typer.Option("--status", help=_("rejected, flagged o all."))] = "rejected",
    file: Annotated[str, typer.Option("--file", metavar=_("ARCHIVO"), help=_("Solo las de este archivo."))] = "",
    limit: Annotated[int, typer.Option("--limit", min=0, help=_("Cuántas se muestran; 0 es todas."))] = 50,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """List rows that were refused or flagged."""
    from market_prices.book import records  # noqa: PLC0415  commands load what they use

    with open_book(workspace) as book:
        rows = records(book.rejected(status=status, file=file or None))
    shown = rows if json_wanted or not limit else rows[:limit]

    def text() -> str:
        states = {"rejected": _("rechazada"), "flagged": _("marcada")}
        lines = [
            _("{file}, línea {line}, {status}: {reason}").format(
                file=row["file"],
                line=row["line"],
                status=states.get(row["status"], row["status"]),
                reason=row["reason"],
            )
            for row in shown
        ]
        more = _("\n… y {count} más (--limit 0)").format(count=len(rows) - len(shown)) if len(shown) < len(rows) else ""
        return "\n".join(lines) + more if rows else _("Ninguna fila.")

    output.answer({"count": len(rows), "rows": shown}, json_wanted=json_wanted, text=text)


def template(
    municipality: Annotated[str, typer.Argument(metavar=_("MUNICIPIO"), help=_("Nombre o código."))],
    out: Annotated[
        Path | None, typer.Option("--out", metavar=_("ARCHIVO"), help=_("Archivo XLSX que se escribe."))
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=31, help=_("Cuántas hojas, una por día de mercado."))] = 1,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Write the sheet in which a municipality notes a market day."""
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from market_prices.book import write_template  # noqa: PLC0415  as above

    place = Workspace.open(workspace).territory.municipality(municipality)
    with open_book(workspace) as book:
        path = write_template(
            out or Path(f"precios_{place.code}.xlsx"), place.code, vocabulary=book.vocabulary, days=days
        )
    output.answer(
        {"file": str(path), "municipality": place.code},
        json_wanted=json_wanted,
        text=lambda: _("Planilla de {name}: {file}").format(name=place.name, file=path),
    )
