"""A vector file sent inside a ZIP, as shapefiles mostly are."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from gis.atomic import storage_errors
from gis.errors import InputError
from gis.messages import translator

_ = translator("gis")

_ENDINGS = (".shp", ".gpkg", ".geojson", ".topojson", ".json", ".fgb", ".kml", ".gml")
_MOST_BYTES = 4_000_000_000


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Give the vector file inside a ZIP, unpacked for the length of the block; any other file is given as it is.

    Parameters
    ----------
    path
        The file; only one ending in ``.zip`` is opened.

    Raises
    ------
    InputError
        It is damaged, too large, or holds no vector file, or several.
    StorageError
        It cannot be unpacked.
    """
    if path.suffix.lower() != ".zip" or not path.is_file() or path.stat().st_size == 0:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="valles-") as folder:
        yield _unpack(path, Path(folder))


def _unpack(path: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [each for each in archive.infolist() if not each.is_dir()]
            wanted = _only_vector(path, [each.filename for each in names])
            # A shapefile is several files of one name; whatever else lies in the ZIP stays there.
            mine = [each for each in names if _stem(each.filename) == _stem(wanted)]
            if sum(each.file_size for each in mine) > _MOST_BYTES:
                raise InputError(
                    _("{path} pesa más de {limit} GB desempaquetado").format(path=path, limit=_MOST_BYTES // 10**9),
                    remedy=_("Desempaquételo y entregue el archivo de adentro"),
                )
            with storage_errors(folder):
                for each in mine:
                    with (
                        archive.open(each) as source,
                        (folder / PurePosixPath(each.filename).name).open("wb") as target,
                    ):
                        shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise InputError(
            _("{path} no se puede desempaquetar: {reason}").format(path=path, reason=error),
            expected=_("Un ZIP entero y sin contraseña"),
            remedy=_("Vuelva a descargarlo"),
        ) from error
    return folder / PurePosixPath(wanted).name


def _stem(name: str) -> tuple[str, str]:
    """Return folder and name before the first ending of the last part: ``a/b.shp.xml`` belongs to ``a/b.shp``."""
    whole = PurePosixPath(name)
    return str(whole.parent), whole.name.split(".")[0].casefold()


def _only_vector(path: Path, names: list[str]) -> str:
    found = sorted(name for name in names if PurePosixPath(name).suffix.lower() in _ENDINGS)
    known = [name for name in found if not PurePosixPath(name).name.startswith(".") and "__MACOSX" not in name]
    if len(known) != 1:
        raise InputError(
            _("{path} trae {count} archivos de límites: {names}").format(
                path=path, count=len(known), names=", ".join(known[:5]) or "—"
            ),
            expected=_("Uno solo, de {endings}").format(endings=", ".join(_ENDINGS)),
            remedy=_("Desempaquételo y entregue uno"),
        )
    return known[0]
