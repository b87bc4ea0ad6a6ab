"""The program itself: all commands under one name, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Annotated, NoReturn, TextIO

import typer
from typer.exceptions import TyperException

from api.cli import (
    demo_command,
    diff_command,
    doctor_command,
    init_command,
    layer_commands,
    output,
    price_bulletin,
    price_compare,
    price_indicators,
    price_intake,
    price_outlook,
    price_quality,
    price_readings,
    rule_commands,
    serve_command,
    spanish_help,
    study_commands,
    user_commands,
    validate_command,
    zone_command,
)
from api.cli.stop_orders import StopOrders
from api.cli.usage_error import UsageError
from gis.atomic import storage_error
from gis.errors import VallesError
from gis.messages import translator

_ = translator("api")

DONE, FAILED, WRONG_USAGE = 0, 1, 2
_INTERRUPTED = 130


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"valles {version('valles')}")
        raise typer.Exit


def _group(text: str) -> typer.Typer:
    return typer.Typer(
        cls=spanish_help.Group,
        help=text,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )


def build() -> typer.Typer:
    """Return the program with all its commands."""
    spanish_help.speak()
    app = _group(_("Zonificación básica productiva y precios de mercado de un territorio."))

    @app.callback()
    def _valles(
        _version: Annotated[
            bool,
            typer.Option("--version", help=_("Muestra la versión y termina."), callback=_show_version, is_eager=True),
        ] = False,
    ) -> None:
        """Take the options that belong to no command."""

    layers = _group(_("Capas del territorio: traer, listar, revisar."))
    study = _group(_("Un estudio de zonificación ya hecho."))
    ruleset = _group(_("Las reglas de la zonificación."))
    prices = _group(_("El libro de precios: anotar, importar, leer."))
    users = _group(_("Quién puede anotar, corregir e importar precios por la red."))
    for single in (
        demo_command,
        init_command,
        zone_command,
        diff_command,
        validate_command,
        serve_command,
        doctor_command,
    ):
        single.register(app)
    layer_commands.register(layers)
    study_commands.register(app, study)
    rule_commands.register(app, ruleset)
    price_intake.register(prices)
    price_readings.register(prices)
    price_quality.register(prices)
    price_indicators.register(prices)
    price_compare.register(prices)
    price_outlook.register(prices)
    price_bulletin.register(prices)
    user_commands.register(users)
    groups = {"layers": layers, "study": study, "ruleset": ruleset, "prices": prices, "users": users}
    for name, group in groups.items():
        app.add_typer(group, name=name)
    return app


def run(arguments: Sequence[str], *, stopped: Callable[[], bool] = bool) -> int:
    """Run one command and return its exit code: 0 done, 1 refused or failed, 2 wrong usage.

    Parameters
    ----------
    arguments
        What follows the program's name.
    stopped
        Whether the program was told to stop: whatever fails then fails for that.
    """
    json_wanted = "--json" in arguments
    error: VallesError
    try:
        code = build()(args=list(arguments), prog_name="valles", standalone_mode=False)
        sys.stdout.flush()
    except TyperException as wrong:
        return _wrong_usage(wrong, json_wanted=json_wanted)
    except VallesError as refusal:
        error = refusal
    except BrokenPipeError:
        _forget(sys.stdout)
        return FAILED
    except (KeyboardInterrupt, typer.Abort):
        error = _interrupted()
    except OSError as trouble:
        error = storage_error(str(trouble.filename or ""), trouble)
    except Exception as fault:  # noqa: BLE001  the outermost door: a user never sees a traceback
        error = _unforeseen(fault)
    else:
        if code != _INTERRUPTED:
            return code if isinstance(code, int) else DONE
        error = _interrupted()
    if stopped():
        error = _interrupted()
    output.report(error, json_wanted=json_wanted)
    return WRONG_USAGE if isinstance(error, UsageError) else FAILED


def _interrupted() -> VallesError:
    return VallesError(_("Interrumpido; nada quedó a medias y la orden se puede repetir"))


def _wrong_usage(error: TyperException, *, json_wanted: bool) -> int:
    if error.exit_code != WRONG_USAGE:
        output.report(VallesError(error.format_message()), json_wanted=json_wanted)
        return FAILED
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "valles"
    message = error.format_message()
    if not message or message.lstrip().startswith(_("Uso:")):
        output.note(message)
        return WRONG_USAGE
    shown = VallesError(
        spanish_help.usage_message(message),
        remedy=_("Vea la ayuda: {command} --help").format(command=command),
    )
    output.report(shown, json_wanted=json_wanted)
    return WRONG_USAGE


def _unforeseen(error: Exception) -> VallesError:
    if os.environ.get("VALLES_DEBUG"):
        raise error
    return VallesError(
        _("Falló sin que se previera: {kind}: {text}").format(kind=type(error).__name__, text=error),
        remedy=_("Repita con VALLES_DEBUG=1 y envíe lo que muestre a quien mantiene el programa."),
    )


def _forget(stream: TextIO) -> None:
    """Let the interpreter close a stream whose reader has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def main() -> NoReturn:
    """Run the command line of this process."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    json_wanted = "--json" in sys.argv
    orders = StopOrders(FAILED, lambda: _stopped_words(json_wanted=json_wanted))
    orders.listen()
    try:
        code = run(sys.argv[1:], stopped=orders.stopped)
    except KeyboardInterrupt:  # while it said what it had to say
        code = FAILED
    sys.exit(orders.end(code))


def _stopped_words(*, json_wanted: bool) -> tuple[str, str]:
    error = _interrupted()
    return f"{output.refusal_text(error)}\n", f"{output.refusal_json(error)}\n" if json_wanted else ""
