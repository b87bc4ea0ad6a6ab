"""Help pages and usage errors in the user's language: the command-line library itself speaks English only."""

from __future__ import annotations

import re
from typing import Any

import typer.rich_utils
from typer.core import TyperCommand, TyperGroup

from gis.messages import translator

_ = translator("api")


class _OwnWords:
    """Replace the library's English words in a command's help."""

    def get_usage(self, ctx: Any) -> str:  # noqa: ANN401  the library's context class is private
        """Return the usage line."""
        line: str = super().get_usage(ctx)  # type: ignore[misc]  # mixed into the library's commands only
        own = line.replace("Usage:", _("Uso:"), 1).replace("[OPTIONS]", _("[OPCIONES]"))
        return own.replace("COMMAND [ARGS]...", _("ORDEN [ARGUMENTOS]..."))

    def get_params(self, ctx: Any) -> Any:  # noqa: ANN401  as above
        """Return the parameters, their kinds of value named in the user's language."""
        params = super().get_params(ctx)  # type: ignore[misc]  # as above
        names = {"bool": "", "str": _("TEXTO"), "int": "N", "float": "N"}
        for param in params:
            if param.metavar is None:
                param.metavar = names.get(param.bare_type())
        return params

    def get_help_option(self, ctx: Any) -> Any:  # noqa: ANN401  as above
        """Return the option ``--help``."""
        option = super().get_help_option(ctx)  # type: ignore[misc]  # as above
        if option is not None:
            option.help = _("Muestra esta ayuda y termina.")
        return option


class Command(_OwnWords, TyperCommand):
    """A command with its help in the user's language."""


class Group(_OwnWords, TyperGroup):
    """A group of commands with its help in the user's language."""


def speak() -> None:
    """Give the library's headings the user's language."""
    look = typer.rich_utils
    look.ARGUMENTS_PANEL_TITLE = _("Argumentos")
    look.OPTIONS_PANEL_TITLE = _("Opciones")
    look.COMMANDS_PANEL_TITLE = _("Órdenes")
    look.ERRORS_PANEL_TITLE = _("Error")
    look.DEFAULT_STRING = _("[por omisión: {}]")
    look.ENVVAR_STRING = _("[variable: {}]")
    look.REQUIRED_LONG_STRING = _("[obligatorio]")


def usage_message(message: str) -> str:
    """Return a usage error of the library in the user's language; one that is not known stays as it is.

    Examples
    --------
    >>> usage_message("No such option: --x")
    'No existe la opción --x'
    >>> usage_message("Got unexpected extra argument(s) (a b)")
    'Sobra en la orden: a b'
    """
    for pattern, text in _usage_patterns():
        match = re.fullmatch(pattern, message.strip(), re.DOTALL)
        if match:
            return text.format(*match.groups())
    return message.strip()


def _usage_patterns() -> tuple[tuple[str, str], ...]:
    return (
        (r"No such command '([^']*)'\.(?: Did you mean .*)?", _("No existe la orden «{0}»")),
        (r"No such option: (\S+?)\.?(?: .*)?", _("No existe la opción {0}")),
        (r"Missing command\.", _("Falta la orden")),
        (r"Missing argument '?([^'.]*)'?\.?(?: .*)?", _("Falta el argumento {0}")),
        (r"Missing option '?([^'.]*)'?\.?(?: .*)?", _("Falta la opción {0}")),
        (r"Option '([^']*)' requires an argument\.", _("La opción {0} necesita un valor")),
        (r"Got unexpected extra argument(?:s|\(s\))? \((.*)\)", _("Sobra en la orden: {0}")),
        (r"Invalid value for '?(.*?)'?: .*valid (?:number|integer|float|int)\b.*", _("{0} espera un número")),
        (
            r"Invalid value for '?(.*?)'?: .*less than or equal to ([^ ,]+).*",
            _("{0} es demasiado grande: a lo sumo {1}"),
        ),
        (r"Invalid value for '?(.*?)'?: .*greater than or equal to ([^ ,]+).*", _("{0} es demasiado chico: desde {1}")),
        (r"Invalid value for '?(.*?)'?: (?:Path|File|Directory) '(.*)' does not exist\.", _("{0}: no existe {1}")),
        (r"Invalid value for '?(.*?)'?: (.*)", _("Valor que no sirve en {0}: {1}")),
    )
