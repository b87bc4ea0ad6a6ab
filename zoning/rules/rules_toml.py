"""Reading TOML written by people: typed values, no unknown key, and every refusal names file, line and key."""

from __future__ import annotations

import hashlib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gis.messages import Figure, translator
from zoning.rules.name_hints import meant, one_of
from zoning.rules.shown_values import short, shown, shown_number
from zoning.zoning_errors import RulesError

_ = translator("zoning")

LEAST_WEIGHT, MOST_WEIGHT = 0.001, 1000.0
"""Bounds of the weight of a factor; beyond them the arithmetic of the rank loses it or everything else."""


@dataclass(frozen=True, kw_only=True)
class RulesFile:
    """One TOML file: its name, text and content."""

    name: str
    """File name, for messages."""
    text: str
    """Whole text."""
    error: type[RulesError] = RulesError
    """Kind of refusal."""
    remedy: str = ""
    """What to do where a refusal says nothing of it."""

    def root(self) -> Table:
        """Parse the text.

        Raises
        ------
        RulesError
            If the text is no TOML.
        """
        try:
            data = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise self.error(
                _("{where} no es TOML: {reason}").format(where=self._place(str(error)), reason=_reason(str(error))),
                expected=_("Se esperaba un archivo TOML como el que viene con el programa"),
            ) from error
        return Table(file=self, data=data)

    def _place(self, message: str) -> str:
        found = re.search(r"line (\d+), column (\d+)", message)
        if found is None:
            return self.name
        line, column = found.groups()
        return _("{file}, línea {line}, columna {column},").format(file=self.name, line=line, column=column)

    def line(self, path: tuple[str, ...]) -> int | None:
        """Find the line of a key, as far as a text search can: its table's header first, then the key below it."""
        lines = self.text.splitlines()
        start = 0
        names = [name for name in path if not name.isdecimal()]
        index = next((int(name) for name in path if name.isdecimal()), 0)
        for length in range(len(names), 0, -1):
            header = re.compile(r"\s*\[{1,2}\s*" + r"\s*\.\s*".join(map(re.escape, names[:length])) + r"\s*\]")
            found = [number for number, line in enumerate(lines) if header.match(line)]
            if found:
                start = found[min(index, len(found) - 1)]
                if length == len(names):
                    return start + 1
                names = names[length:]
                break
        if not names:
            return None
        key = re.compile(r"\s*" + re.escape(names[0]) + r"\s*=")
        found_key = next((number for number in range(start, len(lines)) if key.match(lines[number])), None)
        if found_key is None:
            return None
        return found_key + 1 + (_row_below(lines, found_key, index) if len(names) > 1 else 0)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of a file, read key by key; :meth:`close` refuses what nobody read."""

    file: RulesFile
    data: Mapping[str, Any]
    path: tuple[str, ...] = ()
    read: set[str] = field(default_factory=set)

    def refusal(self, found: str, *, key: str = "", expected: str = "", remedy: str = "") -> RulesError:
        """Make a refusal that says where."""
        path = (*self.path, key) if key else self.path
        line = self.file.line(path)
        where = self.file.name + (_(", línea {line}").format(line=line) if line else "")
        if path:
            where = f"{where}, {'.'.join(map(short, path))}"
        return self.file.error(f"{where}: {found}", expected=expected, remedy=remedy or self.file.remedy)

    def unknown(self, name: str, known: Iterable[str], *, key: str = "", found: str = "") -> RulesError:
        """Make the refusal of a name that is not there: which one was perhaps meant, and which there are."""
        told = found or _("nombre desconocido «{name}»").format(name=short(name))
        names = list(known)
        return self.refusal(meant(told, short(name), names), key=key, expected=one_of(names))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text."""
        return str(self._get(key, str, default))

    def number(self, key: str, default: float | None = None) -> float:
        """Return a finite number."""
        value = _number(self._get(key, (int, float), default))
        if not math.isfinite(value):
            raise self._value(key, value, _("Se esperaba un número finito"))
        return value

    def number_in(self, key: str, low: float, high: float = math.inf, *, default: float | None = None) -> float:
        """Return a number between two bounds, both included."""
        value = self.number(key, default)
        if not low <= value <= high:
            wanted = _("Se esperaba {low} o más").format(low=f"{Figure(low):.10g}")
            if math.isfinite(high):
                wanted = _("Se esperaba un número de {low} a {high}").format(
                    low=f"{Figure(low):.10g}", high=f"{Figure(high):.10g}"
                )
            raise self._value(key, value, wanted)
        return value

    def weight(self, key: str, default: float | None = None) -> float:
        """Return the weight of a factor."""
        value = self.number(key, default)
        wanted = _("Se esperaba un número de {low} a {high}").format(
            low=shown_number(LEAST_WEIGHT), high=shown_number(MOST_WEIGHT)
        )
        if not LEAST_WEIGHT <= value <= MOST_WEIGHT:
            above = _("Se esperaba un número mayor que 0")
            found = _("peso {weight}").format(weight=shown_number(value))
            raise self.refusal(found, key=key, expected=wanted if value > 0 else above)
        return value

    def integer(self, key: str, default: int | None = None) -> int:
        """Return a whole number."""
        value = self.number(key, default)
        if value != int(value):
            raise self._value(key, value, _("Se esperaba un número entero"))
        return int(value)

    def optional_number(self, key: str) -> float | None:
        """Return a number, or ``None`` if the key is absent."""
        return self.number(key) if key in self.data else None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        return bool(self._get(key, bool, default))

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return a list of texts."""
        items = self._get(key, (list, tuple), default)
        if not all(isinstance(item, str) for item in items):
            wrong = next(item for item in items if not isinstance(item, str))
            raise self._value(key, wrong, _("Se esperaba una lista de textos"))
        return tuple(items)

    def numbers(self, key: str, default: tuple[float, ...] | None = None) -> tuple[float, ...]:
        """Return a list of numbers."""
        items = self._get(key, (list, tuple), default)
        for item in items:
            if not isinstance(item, (int, float)) or isinstance(item, bool) or not math.isfinite(_number(item)):
                raise self._value(key, item, _("Se esperaba una lista de números"))
        return tuple(float(item) for item in items)

    def items(self, key: str, default: tuple[Any, ...] | None = None) -> tuple[Any, ...]:
        """Return a list of anything, to be read further by the caller."""
        return tuple(self._get(key, (list, tuple), default))

    def table(self, key: str) -> Table:
        """Return a table inside this one; an absent one is empty."""
        return Table(file=self.file, data=self._get(key, dict, {}), path=(*self.path, key))

    def tables(self, key: str) -> Iterator[tuple[str, Table]]:
        """Iterate over the named tables inside ``key``."""
        outer = self.table(key)
        for name in outer.data:
            yield name, outer.table(name)

    def rows(self, key: str) -> Iterator[Table]:
        """Iterate over an array of tables, ``[[key]]``."""
        for number, row in enumerate(self._get(key, (list, tuple), ())):
            if not isinstance(row, dict):
                raise self._value(key, row, _("Se esperaba una tabla de claves y valores"))
            yield Table(file=self.file, data=row, path=(*self.path, key, str(number)))

    def source(self) -> str:
        """Return the citation, which must not be empty.

        Raises
        ------
        RulesError
            If it is absent or blank.
        """
        if not str(self.data.get("source", "")).strip():
            raise self.refusal(
                _("falta la cita (source)"),
                expected=_("Se esperaba la fuente de los números"),
                remedy=_("Escriba la fuente, o «supuesto» si no la hay"),
            )
        return self.text("source")

    def close(self) -> None:
        """Refuse keys that nobody read.

        Raises
        ------
        RulesError
            Naming the first unknown key.
        """
        unknown = sorted(set(self.data) - self.read)
        if unknown:
            raise self.unknown(
                unknown[0],
                self.read,
                key=unknown[0],
                found=_("clave desconocida «{key}»").format(key=short(unknown[0])),
            )

    def _value(self, key: str, value: object, expected: str) -> RulesError:
        return self.refusal(_("el valor {value}").format(value=shown(value)), key=key, expected=expected)

    def _get(self, key: str, kind: type | tuple[type, ...], default: Any) -> Any:  # noqa: ANN401  a TOML value
        self.read.add(key)
        if key not in self.data:
            if default is None:
                raise self.refusal(_("falta la clave «{key}»").format(key=key))
            return default
        value = self.data[key]
        wrong_flag = isinstance(value, bool) and kind is not bool
        if wrong_flag or not isinstance(value, kind):
            names: dict[object, str] = {
                str: _("Se esperaba un texto"),
                bool: _("Se esperaba true o false"),
                dict: _("Se esperaba una tabla de claves y valores"),
            }
            lists = isinstance(kind, tuple) and list in kind
            other = _("Se esperaba una lista") if lists else _("Se esperaba un número")
            raise self._value(key, value, names.get(kind, other))
        return value


def _number(value: float) -> float:
    """Return a number; a whole one of more than 308 digits is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _row_below(lines: list[str], key: int, index: int) -> int:
    """Lines from a key to row ``index`` of its array, where every row of tables stands on a line of its own."""
    rows = [number for number in range(key + 1, len(lines)) if lines[number].lstrip().startswith("{")]
    end = next((number for number in range(key, len(lines)) if lines[number].rstrip().endswith("]")), key)
    inside = [number for number in rows if number <= end]
    return inside[index] - key if index < len(inside) else 0


def _reason(message: str) -> str:
    """Put what the parser says in the words of people who write such files."""
    if re.search(r"Cannot overwrite|twice|already", message):
        return _("una clave o una tabla está dos veces")
    if re.search(r"Unescaped|string|character|escape", message):
        return _("un texto sin comillas o con un carácter que no va")
    if "Invalid value" in message:
        return _("un valor que no se entiende; los textos van entre comillas")
    return _("falta o sobra un corchete, una coma, un signo = o un valor")


def content_hash(data: object) -> str:
    """Identify content whatever the order of its keys: sha256 of its canonical JSON, 64 hexadecimal digits.

    Examples
    --------
    >>> content_hash({"a": 1, "b": 2}) == content_hash({"b": 2, "a": 1})
    True
    """
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
