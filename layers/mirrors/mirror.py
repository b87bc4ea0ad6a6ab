"""A mirror: a folder, or its address on the web, whose ``mirror.toml`` says what lies in it by theme."""

from __future__ import annotations

import re
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from gis.atomic import storage_errors
from gis.errors import InputError, MissingError
from gis.messages import translator
from layers.transfer.addresses import is_address
from layers.transfer.download import download
from layers.transfer.web_client import WebClient

_ = translator("layers")

MIRROR_FILE = "mirror.toml"
"""Name of the file that describes a mirror."""
_MOST_BANDS = 65_535
_FORBIDS = re.compile(
    r"do not (ship|redistribute)|non?t?[ -]redistribut|no se puede redistribuir|no redistribu"
    r"|personal use|uso personal",
    re.IGNORECASE,
)
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class MirrorLayer:
    """One ``[[layer]]`` of a mirror."""

    theme: str
    """Name of the theme in the catalogue."""
    file: str
    """Path of the file inside the mirror."""
    layer: str = ""
    """Layer inside the file, where it holds several."""
    bands: tuple[int, ...] = ()
    """Bands of the file, from 1; empty means all."""
    unit: str = ""
    """Unit of the bands; several are separated by semicolons."""
    source: str = ""
    licence: str = ""
    attribution: str = ""
    date: str = ""
    sha256: str = ""
    """Expected SHA-256 of the file, hexadecimal."""
    climate: str = ""
    """Name of the climate source, such as ``chelsa``; empty means that it is read from the attribution."""
    steps: tuple[str, ...] = ()
    """What was done to make the file, in order, in words; the provenance of the prepared layer begins with it."""

    redistributable: bool = True
    """Whether its licence lets others hand it on; otherwise a bundle leaves it out."""

    @property
    def climate_source(self) -> str:
        """Name of the climate source, as stated or as the attribution names it; empty when neither does."""
        if self.climate:
            return self.climate
        told = f"{self.attribution} {self.source} {self.file}".casefold()
        return next((name for name in ("chelsa", "worldclim") if name in told), "")


@dataclass(frozen=True)
class Mirror:
    """What a mirror holds."""

    place: str
    """Folder, archive, or address that ends with a slash."""
    layers: tuple[MirrorLayer, ...]

    @classmethod
    def read(cls, place: Path | str) -> Mirror:
        """Read a mirror from its folder, its ``mirror.toml``, the address of either, or an archive of it all.

        Raises
        ------
        gis.errors.MissingError
            There is no ``mirror.toml``, or nobody answers.
        gis.errors.InputError
            It is not valid; the message names the entry and the key.
        gis.errors.StorageError
            It cannot be read.
        """
        text = str(place)
        base = text.removesuffix(MIRROR_FILE)
        if is_address(text):
            base = base.rstrip("/") + "/"
            with tempfile.TemporaryDirectory(prefix="valles-") as folder:
                index = Path(folder) / MIRROR_FILE
                download(WebClient(), base + MIRROR_FILE, index)
                return cls(base, read_entries(index, base + MIRROR_FILE))
        if is_archive(text):
            with storage_errors(text):
                return cls(text, parse_entries(_index_of_archive(text), f"{text}: {MIRROR_FILE}"))
        index = Path(base or ".") / MIRROR_FILE
        if not index.is_file():
            raise _no_index(base or ".")
        return cls(base or ".", read_entries(index, str(index)))

    def of(self, theme: str) -> MirrorLayer | None:
        """Return the first entry of a theme, or ``None``."""
        return next((each for each in self.layers if each.theme == theme), None)


def is_archive(place: str) -> bool:
    """Say whether a mirror is one file that holds it all."""
    return not is_address(place) and not place.endswith(MIRROR_FILE) and Path(place).is_file()


def _index_of_archive(place: str) -> str:
    try:
        with zipfile.ZipFile(place) as packed:
            return packed.read(MIRROR_FILE).decode("utf-8-sig")
    except KeyError as error:
        raise _no_index(place) from error
    except (zipfile.BadZipFile, EOFError, UnicodeDecodeError) as error:
        raise InputError(
            _("{file} no es un archivo .zip entero: {why}").format(file=place, why=error),
            expected=_("El archivo que escribe `valles layers bundle`"),
            remedy=_("Cópielo otra vez de donde lo trajo"),
        ) from error


def _no_index(place: str) -> MissingError:
    return MissingError(
        _("No hay {name} en {folder}").format(name=MIRROR_FILE, folder=place),
        expected=_("Una carpeta o dirección con un {name} que dice qué capas trae").format(name=MIRROR_FILE),
        remedy=_("Revise la ruta dada en --mirror"),
    )


def read_entries(index: Path, where: str) -> tuple[MirrorLayer, ...]:
    """Read the entries of a ``mirror.toml``; ``where`` names it in messages.

    Raises
    ------
    gis.errors.InputError
        It is not valid; the message names the entry and the key.
    gis.errors.StorageError
        It cannot be read.
    """
    try:
        with storage_errors(where):
            text = index.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(_("{file}: no es TOML válido ({why})").format(file=where, why=error)) from error
    return parse_entries(text, where)


def parse_entries(text: str, where: str) -> tuple[MirrorLayer, ...]:
    """Read the entries of the text of a ``mirror.toml``; see :func:`read_entries`.

    Raises
    ------
    gis.errors.InputError
        It is not valid; the message names the entry and the key.
    """
    try:
        record = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(_("{file}: no es TOML válido ({why})").format(file=where, why=error)) from error
    found = record.get("layer")
    if not isinstance(found, list) or not found or not all(isinstance(each, Mapping) for each in found):
        raise InputError(
            _("{file} no enumera ninguna capa").format(file=where),
            expected=_("Bloques [[layer]] con theme y file"),
        )
    return tuple(_entry(each, number, where) for number, each in enumerate(found, start=1))


def _entry(record: Mapping[str, Any], number: int, where: str) -> MirrorLayer:
    name = f"{where}, [[layer]] {number}"
    for key in ("theme", "file"):
        if not isinstance(record.get(key), str) or not record[key]:
            raise InputError(_("{entry}: falta la clave {key}").format(entry=name, key=key))
    file = PurePosixPath(record["file"])
    if file.is_absolute() or ".." in file.parts:
        raise InputError(
            _("{entry}: file = «{file}» sale del espejo").format(entry=name, file=file),
            expected=_("Una ruta relativa dentro del espejo"),
        )
    sha256 = str(record.get("sha256", "")).lower()
    if sha256 and not _SHA256.fullmatch(sha256):
        raise InputError(
            _("{entry}: sha256 = «{text}»").format(entry=name, text=sha256), expected=_("64 cifras hexadecimales")
        )
    texts = {
        key: str(record.get(key, ""))
        for key in ("layer", "unit", "source", "licence", "attribution", "date", "climate")
    }
    steps = record.get("steps", [])
    return MirrorLayer(
        theme=record["theme"],
        file=str(file),
        sha256=sha256,
        bands=_bands(record.get("bands", ""), name),
        steps=tuple(map(str, steps)) if isinstance(steps, list) else (str(steps),),
        redistributable=_may_be_handed_on(record),
        **texts,
    )


def _may_be_handed_on(record: Mapping[str, Any]) -> bool:
    """Say what the entry states, or what its licence says in words."""
    stated = record.get("redistributable")
    if stated is None:
        return not _FORBIDS.search(str(record.get("licence", "")))
    return stated not in {False, "false"}


def _bands(value: object, name: str) -> tuple[int, ...]:
    """Read ``"1-12"``, ``"1,3"``, ``3`` or ``[1, 3]``."""
    parts = value if isinstance(value, list) else str(value).replace(" ", "").split(",")
    bands: list[int] = []
    for part in (str(each) for each in parts if str(each)):
        counted = _band_range(part)
        if not counted:
            raise InputError(
                _("{entry}: bands = «{value}»").format(entry=name, value=value),
                expected=_('Bandas como "1-12" o "1,3"'),
            )
        bands += counted
    return tuple(bands)


def _band_range(text: str) -> range:
    """Return the bands of one part; empty where it names none."""
    first, _dash, last = text.partition("-")
    try:
        counted = range(int(first), int(last or first) + 1)
    except ValueError:
        return range(0)
    return counted if counted and counted[0] >= 1 and len(counted) <= _MOST_BANDS else range(0)
