"""What the adapters of vector products share: reading a file in a place, and writing a layer of a piece of a mirror."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import geopandas as gpd
import pandas as pd

from gis.atomic import sha256_of, write_atomically
from gis.errors import MissingError, NothingHereError
from gis.messages import translator
from gis.vectors.archive_members import ZIP, vector_members
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_gpkg
from layers.map_layer import Bounds
from layers.mirrors.mirror import MirrorLayer
from layers.sources.product import Place, ProductRecord, Supply, Wanted
from layers.transfer.addresses import is_address

_ = translator("layers")

GEOGRAPHIC = "EPSG:4326"


def own_file(record: ProductRecord, endings: Sequence[str]) -> Wanted | None:
    """Return the file that an address names itself, where it ends as one; ``None`` where it is that of a folder."""
    address = record.address.removesuffix("/")
    if address.lower().endswith(tuple(endings)):
        return Wanted(address=address, name=address.replace("\\", "/").rsplit("/", 1)[-1], whole=True)
    return None


def stated_file(record: ProductRecord, endings: Sequence[str]) -> Wanted:
    """Return the file that an address names itself, for a product that comes from nowhere else.

    Raises
    ------
    gis.errors.MissingError
        The address does not end as one of its files.
    """
    stated = own_file(record, endings)
    if stated is None:
        raise MissingError(
            _("{title}: «{address}» no es un archivo").format(title=record.title, address=record.address),
            expected=_("Un archivo que termina en {endings}").format(endings=", ".join(endings)),
            remedy=_("Corrija [addresses] en territory.toml"),
        )
    return stated


def needed_file(record: ProductRecord, supply: Supply, wanted: Wanted) -> Path:
    """Return where a file that must be there lies.

    Raises
    ------
    gis.errors.MissingError
        It is absent.
    """
    path = supply.file(wanted)
    if path is None:
        raise MissingError(
            _("{title}: falta {name}").format(title=record.title, name=wanted.name),
            remedy=_("Indique dónde está en territory.toml: [addresses] {id} = …").format(id=record.id),
        )
    return path


def read_in_place(
    path: Path, bounds: Bounds, *, layer: str | None = None, only: str = "", near: Bounds | None = None
) -> gpd.GeoDataFrame:
    """Return the features of a file, or of every vector file of an archive, that touch a box; whole, in degrees.

    Only what touches the box is ever held in memory; GeoJSON, however large, is read as a stream.

    Parameters
    ----------
    path
        A vector file, or a zip archive of some.
    bounds
        West, south, east, north, degrees.
    layer
        Layer of the file, where it has several.
    only
        Members of an archive whose name has not this in it are left out, where any has.
    near
        Read everything, and refuse what lies nowhere near this box; it recognises exchanged axes.

    Raises
    ------
    gis.errors.VallesError
        The file is absent, damaged or no vector file.
    """
    members: Sequence[Path] = [path]
    if path.suffix.lower() == ZIP:
        names = vector_members(path)
        wanted = [each for each in names if only.casefold() in each.casefold()] or names
        members = [Path(each) for each in wanted]
    wanted_box = bounds if near is None else None
    parts = [read_vector(each, layer=layer, bbox=wanted_box, crs=GEOGRAPHIC, near=near) for each in members]
    if len(parts) == 1:
        return parts[0]
    joined = gpd.GeoDataFrame(pd.concat([each for each in parts if len(each)] or parts[:1], ignore_index=True))
    joined.attrs["repaired"] = sum(int(each.attrs.get("repaired", 0)) for each in parts)
    return cast("gpd.GeoDataFrame", joined.set_crs(GEOGRAPHIC, allow_override=True))


def refuse_nothing(record: ProductRecord, frame: gpd.GeoDataFrame | pd.DataFrame, place: Place) -> None:
    """Refuse a product that has nothing in a place.

    Raises
    ------
    gis.errors.InputError
        The frame has no row.
    """
    if not len(frame):
        raise NothingHereError(
            _("{title} no trae nada en «{name}»").format(title=record.title, name=place.territory.name),
            expected=_("Elementos entre longitud {west:.2f} y {east:.2f}, latitud {south:.2f} y {north:.2f}").format(
                west=place.bounds[0], east=place.bounds[2], south=place.bounds[1], north=place.bounds[3]
            ),
            remedy=_("Revise que el archivo sea el de este territorio"),
        )


def vector_piece(
    record: ProductRecord,
    theme: str,
    frame: gpd.GeoDataFrame,
    folder: Path,
    *,
    steps: Sequence[str] = (),
    date: str = "",
) -> MirrorLayer:
    """Write one layer of a piece as a GeoPackage and return its entry.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    file = folder / f"{record.id}_{theme}.gpkg"
    write_gpkg(frame, file, layer=theme)
    return _entry(record, theme, file, layer=theme, steps=steps, date=date)


def table_piece(
    record: ProductRecord, theme: str, table: pd.DataFrame, folder: Path, *, steps: Sequence[str] = (), unit: str = ""
) -> MirrorLayer:
    """Write one table of a piece as CSV and return its entry.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    file = folder / f"{record.id}_{theme}.csv"
    write_atomically(file, table.to_csv(index=False, lineterminator="\n"))
    return _entry(record, theme, file, steps=steps, unit=unit)


def _entry(
    record: ProductRecord,
    theme: str,
    file: Path,
    *,
    layer: str = "",
    steps: Sequence[str] = (),
    date: str = "",
    unit: str = "",
) -> MirrorLayer:
    origin = record.address if is_address(record.address) else ""
    return MirrorLayer(
        theme=theme,
        file=file.name,
        layer=layer,
        unit=unit,
        source="; ".join(each for each in (record.title, record.homepage or origin) if each),
        licence=record.licence,
        attribution=record.attribution,
        date=date or record.date,
        sha256=sha256_of(file),
        steps=tuple(steps),
    )
