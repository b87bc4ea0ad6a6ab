"""Where every prepared layer comes from, under which licence, and what was done to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from gis.atomic import sha256_of, storage_errors, write_atomically
from gis.errors import InputError
from gis.messages import translator

_ = translator("layers")

PROVENANCE_FILE = "provenance.json"
"""Name of the file in the folder of layers."""
OWN_THEME = "own"
"""Theme under which a layer of users' own that the catalogue does not know is recorded."""


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One file that a prepared layer was made from."""

    file: str
    """Path inside the mirror, or of the workspace."""
    sha256: str
    source: str = ""
    licence: str = ""
    attribution: str = ""
    date: str = ""


@dataclass(frozen=True, kw_only=True)
class OwnLayer:
    """What a user said about a layer of their own, and how it is shown."""

    title: str
    geometry: str
    """``point``, ``line``, ``polygon``, ``raster``, or ``municipality`` for a table joined to the outlines."""
    column: str = ""
    """Property that the legend's values belong to."""
    legend: tuple[tuple[str, str, str], ...] = ()
    """Value, label and colour of each line of the legend."""
    limits: tuple[float, ...] = ()
    """Upper ends of the classes of a raster but the last, in its unit."""
    date_column: str = ""
    """Column of dates, ISO 8601; empty where the layer is of one time."""
    interval: tuple[str, str] | None = None
    """First and last of the dates."""


@dataclass(frozen=True, kw_only=True)
class LayerRecord:
    """One prepared layer: the entry of ``provenance.json``."""

    name: str
    """Name of the prepared layer, the file's without its ending."""
    theme: str
    """Theme of the catalogue that it serves."""
    file: str
    """File name in the folder of layers."""
    source: str
    licence: str
    attribution: str
    date: str
    sha256: str
    """SHA-256 of the source file, the first of ``sources``."""
    unit: str
    steps: tuple[str, ...]
    """What was done, in order, in words."""
    prepared_sha256: str
    """SHA-256 of the prepared file."""
    prepared_bytes: int
    """Size of the prepared file, bytes."""
    settings: str
    """Hash of everything that decided the result: sources, grid, method."""
    companions: tuple[str, ...] = ()
    """Further files that belong to it, such as its vector tiles."""
    native_cell_m: float | None = None
    """Approximate side of a cell of the source on the ground, metres; ``None`` for vectors."""
    sources: tuple[SourceFile, ...] = ()
    """Every file that went into it."""
    notes: Mapping[str, Any] | None = None
    """Measures made on the way, such as lapse rates or repaired areas."""
    own: OwnLayer | None = None
    """A layer that users brought themselves; fetching leaves it alone."""

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON can hold it."""
        return asdict(self)


def read_provenance(folder: Path) -> dict[str, LayerRecord]:
    """Return the records of a folder of layers by name; empty when nothing has been prepared.

    Raises
    ------
    gis.errors.InputError
        ``provenance.json`` is damaged.
    gis.errors.StorageError
        It cannot be read.
    """
    file = folder / PROVENANCE_FILE
    if not file.is_file():
        return {}
    try:
        with storage_errors(file):
            found = json.loads(file.read_text(encoding="utf-8"))["layers"]
        return {each["name"]: _record(each) for each in found}
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            _("{file} está dañado ({why})").format(file=file, why=error),
            remedy=_("Bórrelo y prepare las capas otra vez con `valles layers fetch`"),
        ) from error


def read_standing(folder: Path) -> dict[str, LayerRecord]:
    """Return the records of the layers with size and hash of the files as they stand, whoever wrote them last.

    A file that was last written before the records is not read again; a layer whose file is gone keeps its record.

    Raises
    ------
    gis.errors.InputError
        ``provenance.json`` is damaged.
    gis.errors.StorageError
        A file cannot be read.
    """
    records = read_provenance(folder)
    if not records:
        return {}
    noted = (folder / PROVENANCE_FILE).stat().st_mtime_ns
    found = dict(records)
    for name, record in records.items():
        file = folder / record.file
        if not file.is_file():
            continue
        size, written = file.stat().st_size, file.stat().st_mtime_ns
        if size != record.prepared_bytes or written > noted:
            found[name] = replace(record, prepared_sha256=_content(file, size, written), prepared_bytes=size)
    return found


@lru_cache(maxsize=512)
def _content(file: Path, size: int, written: int) -> str:  # noqa: ARG001  what tells one content from the next
    return sha256_of(file)


def write_provenance(folder: Path, records: Mapping[str, LayerRecord]) -> None:
    """Write ``provenance.json`` whole; the order is that of the names.

    Raises
    ------
    gis.errors.StorageError
        The folder cannot be written.
    """
    listed = [records[name].to_dict() for name in sorted(records)]
    text = json.dumps({"layers": listed}, ensure_ascii=False, indent=2, sort_keys=False)
    write_atomically(folder / PROVENANCE_FILE, text + "\n")


def is_intact(record: LayerRecord | None, folder: Path, settings: str) -> bool:
    """Say whether a layer stands as recorded, made from the same sources in the same way."""
    if record is None or record.settings != settings:
        return False
    file = folder / record.file
    whole = file.is_file() and file.stat().st_size == record.prepared_bytes
    return whole and all((folder / name).is_file() for name in record.companions)


def _record(found: Mapping[str, Any]) -> LayerRecord:
    known = {each.name for each in fields(LayerRecord)}
    values = {key: value for key, value in found.items() if key in known}
    values["steps"] = tuple(values.get("steps", ()))
    values["companions"] = tuple(values.get("companions", ()))
    values["sources"] = tuple(SourceFile(**each) for each in values.get("sources", ()))
    values["own"] = _own(values["own"]) if values.get("own") else None
    return LayerRecord(**values)


def _own(found: Mapping[str, Any]) -> OwnLayer:
    known = {each.name for each in fields(OwnLayer)}
    values = {key: value for key, value in found.items() if key in known}
    values["legend"] = tuple(tuple(each) for each in values.get("legend", ()))
    values["limits"] = tuple(values.get("limits", ()))
    values["interval"] = tuple(values["interval"]) if values.get("interval") else None
    return OwnLayer(**values)
