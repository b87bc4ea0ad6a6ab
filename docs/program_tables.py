"""What the program says about itself: commands, routes, modules and the public names of its packages."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import typer
from markdown_tables import quoted, table

from api import Settings, create_app
from api.api_listing import listing
from api.cli import entry

PACKAGES = ("gis", "layers", "zoning", "market_prices", "api")


def pages() -> dict[str, str]:
    """Return the generated pages, by name."""
    return {"commands": commands(), "routes": routes(), "modules": modules(), "reference": reference()}


def commands() -> str:
    """Return the help of every command."""
    return "\n".join(_command(typer.main.get_command(entry.build()), ("valles",)))


def _command(command: Any, path: tuple[str, ...]) -> list[str]:  # noqa: ANN401  the library's class is private
    inner = getattr(command, "commands", {})
    if inner:
        return [text for name, each in inner.items() for text in _command(each, (*path, name))]
    shown = [each for each in command.params if not getattr(each, "hidden", False)]
    arguments = [_argument(each) for each in shown if each.param_type_name == "argument"]
    rows = [(", ".join(f"`{name}`" for name in _names(each)), each.help or "", _default(each)) for each in shown]
    usage = " ".join([*path, "[OPCIONES]", *arguments])
    options = table(("opción o argumento", "qué es", ""), rows)
    return [f"## valles {' '.join(path[1:])}\n\n{command.help}\n\n```text\n{usage}\n```\n\n{options}"]


def _argument(parameter: Any) -> str:  # noqa: ANN401  as above
    name = parameter.metavar or parameter.name.upper()
    return name if parameter.required else f"[{name}]"


def _names(parameter: Any) -> list[str]:  # noqa: ANN401  as above
    if parameter.param_type_name == "argument":
        return [_argument(parameter)]
    if parameter.is_flag:
        return [*parameter.opts, *parameter.secondary_opts]
    *first, last = parameter.opts
    return [*first, f"{last} {parameter.metavar or 'N'}"]


def _default(parameter: Any) -> str:  # noqa: ANN401  as above
    if parameter.required:
        return "obligatorio"
    parts = [f"`${parameter.envvar}`"] if parameter.envvar else []
    if parameter.default not in (None, "", False, True):
        parts.append(f"por omisión `{parameter.default}`")
    return ", ".join(parts)


def routes() -> str:
    """Return the addresses that programs may ask, by group, from the definition the server publishes."""
    parts = []
    for group, operations in listing(create_app(Settings(workspace=Path("workspace"))).openapi()).items():
        rows = [
            (
                f"`{each['method']} {each['path']}`",
                each["text"],
                ", ".join(f"`{name}`" for name in each["parameters"] if f"{{{name}}}" not in each["path"]) or "—",
            )
            for each in operations
        ]
        parts.append(f"### {group}\n\n{table(('dirección', 'qué responde', 'parámetros'), rows)}")
    return "\n".join(parts)


def modules() -> str:
    """Return the rooms of every package and the first line of what each module says."""
    parts = []
    for package in PACKAGES:
        root = files(package)
        parts.append(f"### {package}\n\n{_says(root.joinpath('__init__.py'))}\n\n{_listed(root)}")
        parts += [
            f"**{package}/{room.name}/**: {_says(room.joinpath('__init__.py'))}\n\n{_listed(room)}"
            for room in sorted(root.iterdir(), key=lambda each: each.name)
            if room.is_dir() and room.joinpath("__init__.py").is_file()
        ]
    return "\n".join(parts)


def _listed(folder: Traversable) -> str:
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".py") and each.name != "__init__.py")
    return table(("module", "what it is"), [(f"`{name[:-3]}`", _says(folder.joinpath(name))) for name in names])


def _says(module: Traversable) -> str:
    text = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return quoted(text.split("\n\n", 1)[0].split("\n", 1)[0]).replace("``", "`")


def reference() -> str:
    """Return the directives that document the public names of every package."""
    parts = []
    for package in PACKAGES:
        module = import_module(package)
        parts.append(f"## {package}\n\n```{{eval-rst}}")
        for name in module.__all__:
            value = getattr(module, name)
            kind = "autoclass" if inspect.isclass(value) else "autofunction"
            parts.append(f".. {kind}:: {package}.{name}")
            if kind == "autoclass":
                parts.append("   :members:" if value.__bases__ == (object,) else "   :members:\n   :show-inheritance:")
            parts.append("")
        parts.append("```\n")
    return "\n".join(parts)
