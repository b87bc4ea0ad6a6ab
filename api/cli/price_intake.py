"""``valles prices add|import|rejected|template``: what goes into the price book, and what was refused and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.price_options import AsOfOption, open_book, written_date, written_number
from api.cli.usage_error import UsageError
from gis.messages import Figure, translator

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
    currency: Annotated[str, typer.Option("--currency", metavar=_("MONEDA"), help=_("Código de tres letras."))] = "BOB",
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
        "currency": currency,
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
    return f"{Figure(number):g}"


def import_file(
    *,
    file: Annotated[
        Path | None, typer.Argument(metavar=_("ARCHIVO"), help=_("CSV, XLSX u ODS; el formato se reconoce."))
    ] = None,
    fix: Annotated[
        Path | None,
        typer.Option("--fix", metavar=_("ARCHIVO"), help=_("Filas corregidas de `prices rejected --out`.")),
    ] = None,
    author: AuthorOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Muestra qué pasaría sin escribir nada."))] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Import a file of prices in one transaction, and corrected rows in another."""
    if file is None and fix is None:
        raise UsageError(
            _("Falta el archivo"), expected=_("Un archivo de precios, o --fix con las filas corregidas, o los dos")
        )
    given = [(path, path is fix) for path in (file, fix) if path is not None]
    with open_book(workspace) as book:
        done = [book.import_file(path, author=author, dry_run=dry_run, fix=fixing) for path, fixing in given]
    told = done[0].as_dict()
    for name in ("accepted", "flagged", "rejected", "duplicates"):
        told[name] = sum(getattr(each, name) for each in done)
    output.answer(
        told,
        json_wanted=json_wanted,
        text=lambda: "\n".join(_import_text(each, dry_run=dry_run) for each in done),
    )


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
    if done.rejected and not dry_run:
        lines.append(
            _("Para corregirlas: valles prices rejected --file {file} --out correcciones.csv").format(file=done.file)
        )
    elif done.problems and dry_run:
        lines += [
            _("{file}, línea {line}: {reason}").format(file=done.file, line=each.line, reason=each.reason)
            for each in done.problems
        ]
    return "\n".join(lines)


def rejected(
    *,
    status: Annotated[str, typer.Option("--status", help=_("rejected, flagged, fixed o all."))] = "rejected",
    file: Annotated[str, typer.Option("--file", metavar=_("ARCHIVO"), help=_("Solo las de este archivo."))] = "",
    as_of: AsOfOption = "",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar=_("ARCHIVO"), help=_("Escribe las rechazadas en un CSV para corregirlas ahí.")),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help=_("Cuántas se muestran; 0 es todas."))] = 50,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """List rows that were refused or flagged."""
    from market_prices.book import records  # noqa: PLC0415  commands load what they use

    day = written_date(as_of)
    with open_book(workspace) as book:
        rows = records(book.rejected(status=status, file=file or None, as_of=day))
        written = None if out is None else book.export_rejected(out, file=file or None)
    shown = rows if json_wanted or not limit else rows[:limit]

    def text() -> str:
        states = {"rejected": _("rechazada"), "flagged": _("marcada"), "fixed": _("corregida")}
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
        last = _("\nCorríjalas en {file} y devuélvalas: valles prices import --fix {file}").format(file=written)
        told = "\n".join(lines) + more if rows else _("Ninguna fila.")
        return told + last if written is not None else told

    document = {"count": len(rows), "rows": shown} | ({"file": str(written)} if written is not None else {})
    output.answer(document, json_wanted=json_wanted, text=text)


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
