"""MapSPAM 2020: hectares of each of 46 crops in cells of five minutes, an archive of one file a crop.

MapSPAM spreads national and departmental statistics over cells with a model: it says where a crop may be, not where it
was seen. It is context, and never rates land.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gis.atomic import storage_errors
from gis.errors import InputError, MissingError, NothingHereError
from gis.messages import translator
from gis.rasters.cog import CogWriter
from gis.rasters.lattice import Lattice
from gis.rasters.native import filled_window, native_raster
from gis.rasters.raster_source import RasterSource
from layers.mirrors.mirror import MirrorLayer
from layers.sources.expected_raster import GEOGRAPHIC, ExpectedRaster
from layers.sources.pieces import piece_entry, piece_path
from layers.sources.product import Place, ProductRecord, Supply, Wanted
from layers.sources.vector_piece import own_file
from layers.transfer.addresses import is_address

_ = translator("layers")

THEME = "crop_area"
CELL = 1 / 12
ARCHIVE = "spam2020V2r2_global_physical_area.geotiff.zip"
QUERY = "?rlkey=5wzkn6dtyqq8g8i2xpy49f5wp&dl=1"
"""What the archive's public address ends with; its homepage links there."""
_ALL_FARMING = re.compile(r"_A_([A-Z]{4})_A\.tif$", re.IGNORECASE)
"""Physical area (the first A) of a crop under all farming (the second), rainfed and irrigated together."""
_LARGEST_BYTES = 256 * 2**20


@dataclass(frozen=True)
class MapSpam:
    """The adapter of MapSPAM 2020, physical area."""

    record: ProductRecord

    def wanted(self, place: Place) -> Sequence[Wanted]:  # noqa: ARG002  one archive holds the world
        """Return the archive."""
        return [self._archive()]

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        """Write the crops that have any area in a place, a band each.

        Raises
        ------
        gis.errors.InputError
            The archive is damaged or not this product's, or no crop has any area here.
        gis.errors.MissingError
            It is absent.
        gis.errors.StorageError
            The disk refuses.
        """
        wanted = self._archive()
        archive = supply.file(wanted)
        if archive is None:
            raise MissingError(_("Falta {name}").format(name=wanted.name), expected=wanted.address)
        crops: dict[str, NDArray[np.float32]] = {}
        window: Lattice | None = None
        with storage_errors(folder), tempfile.TemporaryDirectory(dir=folder) as scratch:
            for code, member in sorted(_members(archive).items()):
                file = _extracted(archive, member, Path(scratch))
                window, hectares = self._hectares(file, place)
                if np.nansum(hectares) > 0:
                    crops[code] = hectares
                file.unlink()
        if window is None or not crops:
            raise NothingHereError(_("«{product}» no tiene cultivos en este lugar").format(product=self.record.title))
        path = piece_path(folder, self.record, THEME)
        with CogWriter(path, window, names=[column_of(code) for code in crops], unit="ha", overviews=False) as writer:
            writer.write(np.stack(list(crops.values())))
        steps = (_("{count} cultivos con superficie aquí, de {all}").format(count=len(crops), all=len(crop_names())),)
        return [piece_entry(self.record, THEME, path, unit="ha", steps=steps)]

    def _archive(self) -> Wanted:
        own = own_file(self.record, (".zip",))
        query = QUERY if is_address(self.record.address) else ""
        return own or Wanted(address=f"{self.record.address}{ARCHIVE}{query}", name=ARCHIVE, whole=True)

    def _hectares(self, file: Path, place: Place) -> tuple[Lattice, NDArray[np.float32]]:
        """Return the cells over a place and their hectares, NaN where missing."""
        expected = ExpectedRaster(
            product=self.record.title, crs=GEOGRAPHIC, dtypes=("float32", "float64"), width=CELL, height=CELL
        )
        with native_raster(RasterSource(str(file))) as raster:
            expected.require(raster)
            window = raster.lattice.over(place.bounds)
            values = filled_window([raster], window, fill=np.nan)[0].astype(np.float32)
        return window, np.where(np.isfinite(values) & (values >= 0), values, np.float32(np.nan))


def product(record: ProductRecord) -> MapSpam:
    """Return the adapter of MapSPAM for what the catalogue says about it."""
    return MapSpam(record)


@cache
def crop_names() -> dict[str, str]:
    """Return code and Spanish name of the crops.

    Examples
    --------
    >>> crop_names()["SUGC"]
    'caña de azúcar'
    """
    text = files("layers").joinpath("data", "mapspam_crops.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["crops"])


def column_of(code: str) -> str:
    """Return the name of a crop's column: its Spanish name, plain, in hectares.

    Examples
    --------
    >>> column_of("SUGC"), column_of("SWPO")
    ('cana_de_azucar_ha', 'camote_ha')
    """
    name = crop_names().get(code, code.lower())
    plain = name.translate(str.maketrans("áéíóúñ ", "aeioun_"))
    return f"{plain}_ha"


def _members(archive: Path) -> dict[str, str]:
    """Return crop code to the name of its file in an archive.

    Raises
    ------
    gis.errors.InputError
        It is no archive, or holds no such file.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [each.filename for each in opened.infolist() if each.file_size <= _LARGEST_BYTES]
    except zipfile.BadZipFile as error:
        raise InputError(
            _("{file} no es un archivo ZIP entero ({why})").format(file=archive.name, why=error),
            remedy=_("Vuelva a descargarlo"),
        ) from error
    found = {match.group(1).upper(): name for name in names if (match := _ALL_FARMING.search(name))}
    if not found:
        raise InputError(
            _("{file} no trae superficies físicas por cultivo").format(file=archive.name),
            expected=_("Archivos como spam2020_V2r2_global_A_POTA_A.tif"),
            remedy=_("Descargue «physical area» en GeoTIFF"),
        )
    return found


def _extracted(archive: Path, member: str, scratch: Path) -> Path:
    path = scratch / Path(member).name
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise InputError(
            _("{file}: {member} está dañado ({why})").format(file=archive.name, member=member, why=error),
            remedy=_("Vuelva a descargarlo"),
        ) from error
    return path
