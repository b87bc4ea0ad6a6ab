"""Packing a mirror into one file for an office without internet."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gis.atomic import atomic_path, sha256_of, storage_errors
from gis.errors import InputError
from gis.messages import translator
from layers.mirrors.checked_files import Checked
from layers.mirrors.mirror import MIRROR_FILE, Mirror, MirrorLayer
from layers.mirrors.mirror_text import mirror_text
from layers.territory import TERRITORY_FILE

_ = translator("layers")

README = "LEEME.txt"
"""Tells whoever opens the bundle what it is."""
_MOMENT = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16
_BLOCK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What was packed."""

    path: Path
    bytes: int
    layers: tuple[MirrorLayer, ...]
    """Its entries, each with its SHA-256."""
    left_out: tuple[MirrorLayer, ...]
    """Entries whose licence does not let others hand them on."""
    not_packed: tuple[str, ...] = ()
    """Names of the workspace's own layers: no mirror holds them, each office adds its file."""


def write_bundle(
    mirror: Mirror,
    path: Path,
    *,
    cache: Path,
    beside: Mapping[str, Path] | None = None,
    everything: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> Bundle:
    """Pack a mirror: its ``mirror.toml``, with the SHA-256 of every file, and the files. Same mirror, same bytes.

    Parameters
    ----------
    mirror
        What to pack.
    path
        The ``.zip`` to write; it appears when it is whole.
    cache
        Folder for what has to be downloaded or unpacked first.
    beside
        Name in the archive to file here, for files that are not in the mirror's place; an entry may name one.
    everything
        Also what its licence does not let others hand on, for use inside one's own office.
    progress
        Told ``(file, files done, files in all)``.

    Raises
    ------
    gis.errors.InputError
        Nothing is left to pack, or a file is not the one the mirror states.
    gis.errors.MissingError
        A file is not there.
    gis.errors.StorageError
        The disk refuses.
    """
    _refuse_folder(path)
    forbidden = set() if everything else {each.file for each in mirror.layers if not each.redistributable}
    packed = [each for each in mirror.layers if each.file not in forbidden]
    left_out = tuple(each for each in mirror.layers if each.file in forbidden)
    if not packed:
        raise InputError(
            _("La licencia de todas las capas prohíbe pasarlas a otros: {names}").format(
                names=", ".join(each.theme for each in left_out)
            ),
            expected=_("Al menos una capa que se pueda redistribuir"),
            remedy=_("Para su propia oficina use --all"),
        )
    files = Checked(mirror.place, cache)
    extra = {name: file for name, file in (beside or {}).items() if name not in forbidden}
    brought = [each for each in packed if each.file not in extra]
    files.bring(brought)
    told = tuple(
        replace(each, sha256=sha256_of(extra[each.file]) if each.file in extra else files.sha256(each))
        for each in packed
    )
    contents = {each.file: files.path(each) for each in brought} | extra
    _write(path, told, contents, progress or (lambda _file, _done, _total: None))
    with storage_errors(path):
        return Bundle(path=path, bytes=path.stat().st_size, layers=told, left_out=left_out)


def _refuse_folder(path: Path) -> None:
    if path.is_dir() or not path.name:
        raise InputError(
            _("{path} es una carpeta").format(path=path), expected=_("El nombre del archivo .zip que se escribe")
        )


def _write(
    path: Path,
    layers: tuple[MirrorLayer, ...],
    contents: Mapping[str, Path],
    progress: Callable[[str, int, int], None],
) -> None:
    """Write the archive: the index first, then every file once, as it is."""
    heading = _("Espejo escrito por `valles layers bundle`.")
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as target:
        target.writestr(_member(MIRROR_FILE), mirror_text(layers, heading=heading))
        target.writestr(_member(README), _readme(path.name, layers, territory=TERRITORY_FILE in contents))
        for count, (name, source) in enumerate(contents.items(), start=1):
            progress(name, count, len(contents))
            member = _member(name)
            member.file_size = source.stat().st_size
            with source.open("rb") as content, target.open(member, "w") as into:
                shutil.copyfileobj(content, into, _BLOCK)


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, date_time=_MOMENT)
    member.create_system = 3
    member.external_attr = _MODE
    return member


def _readme(name: str, layers: tuple[MirrorLayer, ...], *, territory: bool) -> str:
    lines = [
        _("Capas para Valles, con sus licencias. Para usarlas, sin descomprimir:"),
        "",
        f"  valles layers fetch --mirror {name}",
        "",
    ]
    if territory:
        lines += [
            _("Si la otra oficina no tiene el territorio, descomprima este archivo en una carpeta y créelo con:"),
            "",
            "  valles init ws --from CARPETA",
            "",
        ]
    for each in layers:
        licence = each.licence or _("licencia no indicada")
        lines.append(f"{each.file} ({each.theme}): {each.attribution or each.source}. {licence}")
    return "\r\n".join(lines) + "\r\n"
