"""The house keeps its own rules: sizes, names, errors, and what an import may cost."""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest
from pytest_socket import SocketBlockedError

from gis.errors import VallesError

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gis", "layers", "zoning", "market_prices", "api")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MODULE_LINES = 300
FUNCTION_LINES = 60


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_is_one_room(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= MODULE_LINES
    for function in _functions(ast.parse(source)):
        assert function.end_lineno is not None
        assert function.end_lineno - function.lineno < FUNCTION_LINES, function.name


def test_module_names_are_distinct_across_packages() -> None:
    seen: dict[str, str] = {}
    for path in MODULES:
        if path.stem.startswith("__") or "migrations" in path.parts:
            continue
        package = path.relative_to(ROOT).parts[0]
        assert seen.setdefault(path.stem, package) == package, path.stem


def test_no_room_is_called_utils() -> None:
    assert not {path.stem for path in MODULES} & {"utils", "util", "helpers", "common", "misc"}


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_only_errors_of_the_house_are_raised(path: Path) -> None:
    builtin_errors = {name for name, value in vars(builtins).items() if inspect.isclass(value)}
    allowed = {"AttributeError", "SystemExit", "KeyboardInterrupt", "StopIteration"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            assert node.exc.func.id not in builtin_errors - allowed, f"line {node.lineno}: {node.exc.func.id}"


def test_every_error_says_what_was_found_and_refines_one_base() -> None:
    for path in MODULES:
        if "migrations" in path.parts:
            continue
        module = importlib.import_module(
            ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        )
        for name, value in vars(module).items():
            if inspect.isclass(value) and issubclass(value, Exception) and value.__module__.split(".")[0] in PACKAGES:
                assert issubclass(value, VallesError), f"{module.__name__}.{name}"
                assert value.__doc__, name


@pytest.mark.parametrize("package", PACKAGES)
def test_the_public_names_are_true(package: str) -> None:
    module = importlib.import_module(package)
    assert list(module.__all__) == sorted(module.__all__, key=str.lower) or list(module.__all__) == sorted(
        module.__all__
    )
    for name in module.__all__:
        assert getattr(module, name).__doc__, name


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_everything_public_is_documented(path: Path) -> None:
    if "migrations" in path.parts:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


def test_our_distribution_alone_owns_its_packages() -> None:
    for package in PACKAGES:
        claims = {
            distribution.name
            for distribution in distributions()
            for file in distribution.files or ()
            if file.parts[0] == package or file.parts[0] == f"{package}.py"
        }
        assert claims <= {"valles"}, package
        place = importlib.import_module(package).__file__
        assert place is not None
        assert claims == {"valles"} or Path(place).is_relative_to(ROOT), place


def test_the_engines_import_without_web_framework_or_compiler() -> None:
    code = (
        "import sys, gis, layers, zoning, market_prices\n"
        "heavy = {'fastapi', 'starlette', 'uvicorn', 'jinja2', 'typer', 'folium', 'numba', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.strip() == "[]"


def test_tests_cannot_reach_the_network() -> None:
    import socket  # noqa: PLC0415  replaced by the guard only while a test runs

    with pytest.raises(SocketBlockedError), pytest.warns(UserWarning, match="socket"):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
