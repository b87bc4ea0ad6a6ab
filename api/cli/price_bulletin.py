"""``valles prices bulletin``: what changed this week, to be sent, read aloud, printed or reckoned with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.price_options import AsOfOption, open_book, written_date
from api.cli.usage_error import UsageError
from gis.messages import LANGUAGES, current_language, translator, use_language

_ = translator("api")

_TEXTS = ("message", "radio")


def register(prices: typer.Typer) -> None:
    """Add the command."""
    look = spanish_help.Command
    prices.command("bulletin", cls=look, help=_("Boletín de la semana: mensaje, radio, hoja PDF, CSV o JSON."))(
        bulletin
    )


def bulletin(
    *,
    municipality: Annotated[
        str, typer.Option("--municipality", metavar=_("MUNICIPIO"), help=_("Código o nombre; sin él, toda la región."))
    ] = "",
    date: Annotated[str, typer.Option("--date", metavar=_("FECHA"), help=_("Último de los siete días; hoy."))] = "",
    text: Annotated[
        str, typer.Option("--text", help=_("message (hasta 1000 letras) o radio (para leer en voz alta)."))
    ] = "message",
    lang: Annotated[str, typer.Option("--lang", help=_("es, en o qu (lo que falte en quechua sale en español)."))] = "",
    out: Annotated[
        Path | None, typer.Option("--out", metavar=_("ARCHIVO"), help=_("Lo escribe como .pdf, .txt, .csv o .json."))
    ] = None,
    as_of: AsOfOption = "",
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Tell the week."""
    _one_of("--text", text, _TEXTS)
    if lang:
        _one_of("--lang", lang, LANGUAGES)
    day, known = written_date(date), written_date(as_of)
    with open_book(workspace) as book, use_language(lang or current_language()):
        found = book.bulletin(municipality or None, date=day, as_of=known)
        written = found.write(out) if out is not None else None
        document = found.as_dict()
        shown = found.radio() if text == "radio" else found.message()
    if written is not None:
        document["file"] = str(written)
        shown = _("Escrito: {file}").format(file=written)
    output.answer(document, json_wanted=json_wanted, text=lambda: shown)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(
            _("{name} no puede ser «{value}»").format(name=name, value=value[:40]),
            expected=_("Uno de: {names}").format(names=", ".join(allowed)),
        )
