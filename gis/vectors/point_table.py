"""Points from a table of text: comma or semicolon, point or decimal comma, UTF-8 with or without mark, or Latin-1."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pandas as pd

from gis.crs import CRS84
from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.plain_table import FIRST_LINE, numbers_of, read_text_table

_ = translator("gis")

_LON = ("lon", "longitud", "longitude", "long", "x")
_LAT = ("lat", "latitud", "latitude", "y")


def read_point_table(path: Path | str) -> geopandas.GeoDataFrame:
    """Read a CSV whose columns say longitude and latitude in degrees.

    Parameters
    ----------
    path
        The file. Column names may be ``lon``/``longitud``/``x`` and ``lat``/``latitud``/``y`` in any case.

    Returns
    -------
    geopandas.GeoDataFrame
        Points in WGS 84; a row without both coordinates has no geometry.

    Raises
    ------
    InputError
        When the columns are absent, the table is empty, or a coordinate is no number.
    StorageError
        When the file cannot be read.
    """
    file = Path(path)
    table = read_text_table(file)
    by_name = {str(name).strip().lower(): name for name in table.columns}
    names = [next((by_name[name] for name in known if name in by_name), None) for known in (_LON, _LAT)]
    if names[0] is None or names[1] is None:
        raise MissingError(
            _("{path} no tiene columnas de longitud y latitud").format(path=file),
            expected=_("Se esperaba «lon» y «lat»; tiene: {names}").format(names=", ".join(map(str, table.columns))),
        )
    lon, lat = (_numbers(table[name], file) for name in names)
    points = geopandas.points_from_xy(lon, lat).copy()
    geometry = geopandas.GeoSeries(points, index=table.index, crs=CRS84)
    geometry[lon.isna() | lat.isna()] = None
    return geopandas.GeoDataFrame(table, geometry=geometry, crs=CRS84)


def _numbers(column: pd.Series[str], file: Path) -> pd.Series[float]:
    numbers = numbers_of(column)
    wrong = numbers.isna() & (column != "")
    if wrong.any():
        row = int(wrong.to_numpy().nonzero()[0][0])
        raise InputError(
            _("{path}, línea {line}: «{value}» no es una coordenada").format(
                path=file, line=row + FIRST_LINE, value=column.iloc[row]
            ),
            expected=_("Se esperaban grados, por ejemplo −64,103"),
        )
    return numbers
