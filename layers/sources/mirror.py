"""A mirror: a folder, or its address on the web, whose ``mirror.toml`` says what lies in it by theme."""

from __future__ import annotations

import http.client
import re
import tempfile
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from gis.atomic import atomic_path, sha256_of, storage_errors
from gis.errors import InputError, MissingError
from gis.messages import translator

_ = translator("layers")

MIRROR_FILE = "mirror.toml"
"""Name of the file that describes a mirror."""
_TIMEOUT_S = 60.0
_BLOCK = 1 << 20
_MOST_BANDS = 65_535
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
    """Folder, or address that ends with a slash."""
    layers: tuple[MirrorLayer, ...]

    @classmethod
    def read(cls, place: Path | str) -> Mirror:
        """Read a mirror from its folder, its ``mirror.toml``, or the address of either.

        Raises
        ------
        gis.errors.MissingError
            There is no ``mirror.toml``.
        gis.errors.InputError
            It is not valid; the message names the entry and the key.
        gis.errors.StorageError
            It cannot be read.
        """
        text = str(place)
        base = text.removesuffix(MIRROR_FILE)
        if _is_address(text):
            base = base.rstrip("/") + "/"
            with tempfile.TemporaryDirectory(prefix="valles-") as folder:
                index = Path(folder) / MIRROR_FILE
                _download(base + MIRROR_FILE, index)
                return cls(base, read_entries(index, base + MIRROR_FILE))
        index = Path(base or ".") / MIRROR_FILE
        if not index.is_file():
            raise MissingError(
                _("No hay {name} en {folder}").format(name=MIRROR_FILE, folder=base or "."),
                expected=_("Una carpeta o dirección con un {name} que dice qué capas trae").format(name=MIRROR_FILE),
                remedy=_("Revise la ruta dada en --mirror"),
            )
        return cls(base or ".", read_entries(index, str(index)))

    def of(self, theme: str) -> MirrorLayer | None:
        """Return the first entry of a theme, or ``None``."""
        return next((each for each in self.layers if each.theme == theme), None)


class Checked:
    """Files of a mirror whose content has been compared with the SHA-256 that the mirror states.

    Parameters
    ----------
    place
        Folder or address of the mirror.
    cache
        Folder for what is downloaded.
    """

    def __init__(self, place: str, cache: Path) -> None:
        self._place = place
        self._cache = cache
        self._seen: dict[str, tuple[Path, str]] = {}

    def path(self, entry: MirrorLayer) -> Path:
        """Return the local path of an entry's file.

        Raises
        ------
        gis.errors.MissingError
            The file is not there.
        gis.errors.InputError
            Its content is not the one the mirror states.
        gis.errors.StorageError
            It cannot be read.
        """
        path, digest = self._seen.get(entry.file) or self._look(entry)
        self._seen[entry.file] = path, digest
        if entry.sha256 and digest != entry.sha256:
            raise InputError(
                _("{file} no es el archivo que el espejo anuncia: sha256 {found}…").format(
                    file=entry.file, found=digest[:12]
                ),
                expected=_("sha256 {wanted}…").format(wanted=entry.sha256[:12]),
                remedy=_("El archivo está dañado o fue cambiado: cópielo otra vez, o corrija mirror.toml"),
            )
        return path

    def sha256(self, entry: MirrorLayer) -> str:
        """Return the SHA-256 of an entry's file.

        Raises
        ------
        gis.errors.MissingError, gis.errors.InputError, gis.errors.StorageError
            As :meth:`path`.
        """
        self.path(entry)
        return self._seen[entry.file][1]

    def _look(self, entry: MirrorLayer) -> tuple[Path, str]:
        if _is_address(self._place):
            path = self._cache / PurePosixPath(entry.file).name
            if not (path.is_file() and entry.sha256 and sha256_of(path) == entry.sha256):
                _download(urllib.parse.urljoin(self._place, urllib.parse.quote(entry.file)), path)
        else:
            path = Path(self._place) / entry.file
        if not path.is_file():
            raise MissingError(
                _("El espejo anuncia {file} y no lo trae").format(file=entry.file),
                expected=_("El archivo en {folder}").format(folder=self._place),
                remedy=_("Copie el espejo completo, o quite la entrada de mirror.toml"),
            )
        return path, sha256_of(path)


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _download(address: str, into: Path) -> None:
    with atomic_path(into) as temporary:
        try:
            announced = _receive(address, temporary)
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as error:
            raise MissingError(
                _("No se pudo traer {address}: {why}").format(address=address, why=error),
                remedy=_("Revise la dirección y la conexión, y vuelva a intentarlo"),
            ) from error
        if announced is not None and announced != temporary.stat().st_size:
            raise InputError(_("{address} llegó cortado").format(address=address), remedy=_("Vuelva a intentarlo"))


def _receive(address: str, into: Path) -> int | None:
    """Write what an address answers to a file; return the length it announced."""
    request = urllib.request.Request(address, headers={"User-Agent": "valles"})  # noqa: S310  scheme checked by caller
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer, into.open("wb") as file:  # noqa: S310
        while block := answer.read(_BLOCK):
            file.write(block)
        length = answer.headers.get("Content-Length")
    return None if length is None else int(length)


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
            record = tomllib.loads(index.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
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
        redistributable=record.get("redistributable", True) not in {False, "false"},
        **texts,
    )


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
