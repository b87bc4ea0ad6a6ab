"""The files of a mirror, brought here and compared with what the mirror states."""

from __future__ import annotations

import shutil
import threading
import zipfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path

from gis.atomic import atomic_path, sha256_of
from gis.errors import InputError, MissingError, VallesError
from gis.messages import translator
from layers.mirrors.mirror import Mirror, MirrorLayer, is_archive
from layers.transfer.addresses import is_address, joined
from layers.transfer.download import download
from layers.transfer.telling import Told
from layers.transfer.web_client import AT_ONCE, WebClient

_ = translator("layers")


class Checked:
    """Files of a mirror whose content has been compared with the SHA-256 that the mirror states.

    Parameters
    ----------
    place
        Folder, archive or address of the mirror.
    cache
        Folder for what is downloaded or unpacked.
    client
        Who asks the web; by default a new one.
    told
        Told ``(name, bytes come, bytes in all)`` as files travel.
    """

    def __init__(self, place: str, cache: Path, *, client: WebClient | None = None, told: Told | None = None) -> None:
        self._place = place
        self._cache = cache
        self._client = client or WebClient()
        self._told = told
        self._seen: dict[str, tuple[Path, str]] = {}
        self._failed: dict[str, VallesError] = {}
        self._lock = threading.Lock()

    def bring(self, entries: Iterable[MirrorLayer]) -> None:
        """Download the files of a mirror on the web, a few at a time; what fails is told when it is asked for."""
        if not is_address(self._place):
            return
        wanted = {each.file: each for each in entries if each.file not in self._seen}
        with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="valles-web") as pool:
            list(pool.map(self._try, wanted.values()))

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
        if entry.file in self._failed:
            raise self._failed[entry.file]
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
        """Return the SHA-256 of an entry's file; of a mirror on the web what it states, until the file is here.

        Raises
        ------
        gis.errors.MissingError, gis.errors.InputError, gis.errors.StorageError
            As :meth:`path`.
        """
        if entry.sha256 and is_address(self._place) and entry.file not in self._seen:
            return entry.sha256
        self.path(entry)
        return self._seen[entry.file][1]

    def _try(self, entry: MirrorLayer) -> None:
        try:
            found = self._look(entry)
        except VallesError as error:  # told by path(), to whoever needs the file
            with self._lock:
                self._failed[entry.file] = error
            return
        with self._lock:
            self._seen[entry.file] = found

    def _look(self, entry: MirrorLayer) -> tuple[Path, str]:
        if is_address(self._place):
            path = self._cache / entry.file
            download(self._client, joined(self._place, entry.file), path, sha256=entry.sha256, told=self._told)
        elif is_archive(self._place):
            path = self._cache / entry.file
            _unpack(self._place, entry.file, path)
        else:
            path = Path(self._place) / entry.file
        if not path.is_file():
            raise _absent(entry.file, self._place)
        return path, sha256_of(path)


def sizes_of(mirror: Mirror, *, ask: bool = False) -> dict[str, int | None]:
    """Return the bytes of each file of a mirror, ``None`` where they are not known.

    Parameters
    ----------
    mirror
        A folder, an archive or an address.
    ask
        Whether a server is asked for the size of each file.

    Raises
    ------
    gis.errors.VallesError
        A server that is asked does not answer.
    """
    files = list(dict.fromkeys(each.file for each in mirror.layers))
    if is_address(mirror.place):
        if not ask:
            return {}
        client = WebClient()
        with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="valles-web") as pool:
            told = list(pool.map(lambda file: client.announced(joined(mirror.place, file)), files))
        return {
            file: each.size if each.status < HTTPStatus.MULTIPLE_CHOICES else None
            for file, each in zip(files, told, strict=True)
        }
    if is_archive(mirror.place):
        with zipfile.ZipFile(mirror.place) as packed:
            sizes = {each.filename: each.file_size for each in packed.infolist()}
        return {file: sizes.get(file) for file in files}
    paths = {file: Path(mirror.place) / file for file in files}
    return {file: path.stat().st_size if path.is_file() else None for file, path in paths.items()}


def _absent(file: str, place: str) -> MissingError:
    return MissingError(
        _("El espejo anuncia {file} y no lo trae").format(file=file),
        expected=_("El archivo en {folder}").format(folder=place),
        remedy=_("Copie el espejo completo, o quite la entrada de mirror.toml"),
    )


def _unpack(archive: str, member: str, into: Path) -> None:
    """Unpack one file of an archive; the entry has been refused if it could lead out of it."""
    try:
        with (
            zipfile.ZipFile(archive) as packed,
            packed.open(member) as source,
            atomic_path(into) as temporary,
            temporary.open("wb") as target,
        ):
            shutil.copyfileobj(source, target, 1 << 20)
    except KeyError as error:
        raise _absent(member, archive) from error
    except (zipfile.BadZipFile, EOFError) as error:
        raise InputError(
            _("{file} está dañado dentro de {archive}: {why}").format(file=member, archive=archive, why=error),
            remedy=_("Copie el archivo otra vez de donde lo trajo"),
        ) from error
