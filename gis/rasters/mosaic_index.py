"""The index of a mosaic: a virtual raster that lists which file holds which cells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from gis.atomic import storage_errors
from gis.crs import parse_crs
from gis.errors import CrsError, InputError
from gis.messages import translator
from gis.rasters.lattice import Lattice

_ = translator("gis")

_TERMS = 6
_SOURCES = frozenset({"SimpleSource", "ComplexSource"})


@dataclass(frozen=True, eq=False, kw_only=True)
class MosaicTile:
    """One file of a mosaic."""

    path: str
    """Path of the file relative to the index."""
    lattice: Lattice
    """Its cells in those of the mosaic."""
    coarser: bool
    """The file's own cells are larger: the index spreads them over several of the mosaic's."""


@dataclass(frozen=True, eq=False)
class MosaicIndex:
    """What an index says."""

    lattice: Lattice
    """The cells of the whole mosaic."""
    tiles: tuple[MosaicTile, ...]


def read_mosaic_index(path: Path) -> MosaicIndex:
    """Read an index of one band (GDAL's VRT); its files are not opened.

    The index is read as text, never opened as a raster: an index may name any file or address, and only what its
    reader asks for is to be touched.

    Raises
    ------
    InputError
        When it is no such index, or names a file outside its folder.
    CrsError
        When it states no reference system.
    StorageError
        When it cannot be read.
    """
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = reader.refuse_entity
    try:
        with storage_errors(path), path.open("rb") as file:
            parser.ParseFile(file)
        return reader.result(path)
    except CrsError:
        raise
    except (expat.ExpatError, KeyError, ValueError) as error:  # an error of input is a kind of the last
        raise InputError(
            _("{path} no es el índice de un mosaico ({why})").format(path=path, why=error),
            expected=_("Se esperaba un ráster virtual (VRT) con sus teselas"),
            remedy=_("Vuelva a descargarlo"),
        ) from error


class _Reader:
    """Gathers what an index says while it is parsed."""

    def __init__(self) -> None:
        self._size = (0, 0)
        self._texts = {"SRS": "", "GeoTransform": ""}
        self._inside = ""
        self._source: dict[str, str] | None = None
        self._windows: dict[str, dict[str, str]] = {}
        self._tiles: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "VRTDataset":
            self._size = int(attributes["rasterYSize"]), int(attributes["rasterXSize"])
        elif name in _SOURCES:
            self._source, self._windows = {"SourceFilename": ""}, {}
        elif name in {"SrcRect", "DstRect"}:
            self._windows[name] = attributes
        self._inside = name

    def text(self, data: str) -> None:
        if self._inside in self._texts:
            self._texts[self._inside] += data
        elif self._inside == "SourceFilename" and self._source is not None:
            self._source["SourceFilename"] += data

    def end(self, name: str) -> None:
        self._inside = ""
        if name in _SOURCES and self._source is not None:
            self._tiles.append(
                (self._source["SourceFilename"].strip(), self._windows["SrcRect"], self._windows["DstRect"])
            )
            self._source = None

    def refuse_entity(self, *_declared: object) -> None:
        raise InputError(_("declara entidades"))

    def result(self, path: Path) -> MosaicIndex:
        place = [float(each) for each in self._texts["GeoTransform"].split(",")]
        rows, cols = self._size
        if len(place) != _TERMS or place[2] or place[4] or not self._tiles:
            raise InputError(_("sin lugar o sin teselas"))
        lattice = Lattice(
            parse_crs(self._texts["SRS"].strip(), what=str(path)),
            left=place[0],
            top=place[3],
            width=place[1],
            height=-place[5],
            rows=rows,
            cols=cols,
        )
        return MosaicIndex(lattice, tuple(_tile(lattice, *each) for each in self._tiles))


def _tile(lattice: Lattice, name: str, taken: dict[str, str], put: dict[str, str]) -> MosaicTile:
    file = PurePosixPath(name)
    if not name or file.is_absolute() or ".." in file.parts or ":" in name:
        raise InputError(_("nombra un archivo fuera de su carpeta: {name}").format(name=name))
    left, top, cols, rows = (round(float(put[key])) for key in ("xOff", "yOff", "xSize", "ySize"))
    own_cols, own_rows = float(taken["xSize"]), float(taken["ySize"])
    return MosaicTile(
        path=str(file),
        lattice=lattice.part(top, top + max(rows, 1), left, left + max(cols, 1)),
        coarser=round(own_cols) < cols or round(own_rows) < rows,
    )
