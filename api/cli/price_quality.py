"""``valles prices check|flags|confirm|dismiss``: what looks wrong in the price book, and what a steward decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.price_options import AsOfOption, MarketOption, ProductOption, open_book, written_date
from gis.messages import Figure, translator

if TYPE_CHECKING:
    from market_prices.quality.quality_check import QualityReport

_ = translator("api")

_SHOWN = 20

FlagArgument = Annotated[int, typer.Argument(metavar=_("MARCA"), help=_("Número de la marca (valles prices flags)."))]
StewardOption = Annotated[str, typer.Option("--author", metavar=_("NOMBRE"), help=_("Quién decide."))]
ReasonOption = Annotated[str, typer.Option("--reason", metavar=_("MOTIVO"), help=_("Por qué."))]


def register(prices: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    prices.command("check", cls=look, help=_("Busca errores de escritura, cambios de unidad y series quietas."))(check)
    prices.command("flags", cls=look, help=_("Lista las marcas, con su explicación y lo que se decidió."))(flags)
    text = _("Confirma una marca: el precio es un error y sale de las series.")
    prices.command("confirm", cls=look, help=text)(_decider("confirmed", _confirmed))
    text = _("Descarta una marca: el precio vale y queda.")
    prices.command("dismiss", cls=look, help=text)(_decider("dismissed", _dismissed))


def check(
    *,
    product: ProductOption = "",
    market: MarketOption = "",
    mode: Annotated[
        str, typer.Option("--mode", help=_("retrospective: mirando atrás; entry: con lo que se sabía al anotar."))
    ] = "retrospective",
    road_blocks: Annotated[
        Path | None,
        typer.Option("--road-blocks", metavar=_("ARCHIVO"), help=_("CSV con fecha y bloqueos; queda en el libro.")),
    ] = None,
    author: Annotated[str, typer.Option("--author", metavar=_("NOMBRE"), help=_("Quién pide la revisión."))] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Muestra qué marcaría sin escribir nada."))] = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Examine the book and record what looks wrong."""
    with open_book(workspace) as book:
        done = book.check_quality(
            product or None, market or None, mode=mode, road_blocks=road_blocks, author=author, dry_run=dry_run
        )
    output.answer(done.as_dict(), json_wanted=json_wanted, text=lambda: _check_text(done, dry_run=dry_run))


def _check_text(done: QualityReport, *, dry_run: bool) -> str:
    lines = [
        _("{examined} precios revisados: {error} errores, {doubtful} dudosos, {notice} avisos").format(
            examined=done.examined, **done.found
        ),
        _("Marcas nuevas: {new}; ya no se sostienen: {lapsed}").format(new=done.new, lapsed=done.lapsed),
    ]
    if dry_run:
        lines.insert(0, _("Prueba, nada se escribió"))
    if not done.road_days:
        lines.append(_("Sin calendario de bloqueos: se toman los caminos por abiertos (--road-blocks)."))
    lines += [f"- {each}" for each in done.notes[:_SHOWN]]
    if done.new and not dry_run:
        lines.append(_("Cada una con su número: valles prices flags"))
    return "\n".join(lines)


def flags(
    *,
    product: ProductOption = "",
    market: MarketOption = "",
    status: Annotated[
        str, typer.Option("--status", help=_("open, confirmed, dismissed, lapsed, superseded o all."))
    ] = "open",
    severity: Annotated[
        str, typer.Option("--severity", help=_("Solo error, doubtful o notice; sin ella, todas."))
    ] = "",
    as_of: AsOfOption = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """List the flags."""
    from market_prices.book import records  # noqa: PLC0415  commands load what they use

    day = written_date(as_of)
    with open_book(workspace) as book:
        frame = book.flags(product or None, market or None, status=status, severity=severity or None, as_of=day)
    rows = records(frame)

    def text() -> str:
        if not rows:
            return _("No hay marcas así.")
        lines = []
        for each in rows:
            head = "{flag}  {severity_name}, {kind_name}: {product_name}, {market_name}, {date}".format(**each)
            lines += [f"{head}  [{each['status_name']}]", f"    {_price(each)}: {each['note']}"]
            if each["decided_by"] and each["reason"]:
                lines.append("    {decided_by}: {reason}".format(**each))
            if each["contact"]:
                lines.append("    " + _("Contacto del lector: {contact}").format(contact=each["contact"]))
        return "\n".join(lines)

    output.answer({"flags": rows}, json_wanted=json_wanted, text=text)


def _price(row: dict[str, Any]) -> str:
    if row["price"] is None:
        return _("sin dato")
    return f"{Figure(row['price']):g} {row['currency']}/{row['unit_name']}"


def _decider(decision: str, said: Callable[[int], str]) -> Callable[..., None]:
    """Return the command that records a decision and says so."""

    def decide(
        flag: FlagArgument,
        author: StewardOption,
        reason: ReasonOption,
        workspace: WorkspaceOption = DEFAULT_WORKSPACE,
        json_wanted: JsonOption = False,
    ) -> None:
        with open_book(workspace) as book:
            book.decide(flag, decision, author=author, reason=reason)
        document = {"flag": flag, "decision": decision, "author": author, "reason": reason}
        output.answer(document, json_wanted=json_wanted, text=lambda: said(flag))

    return decide


def _confirmed(flag: int) -> str:
    return _("Marca {flag} confirmada: el precio queda en el libro y fuera de las series").format(flag=flag)


def _dismissed(flag: int) -> str:
    return _("Marca {flag} descartada: el precio vale").format(flag=flag)
