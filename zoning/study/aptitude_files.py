"""The files of the aptitude map: one raster with a band per zone, overlay and chain, and its table of hectares."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

from gis.atomic import write_atomically
from gis.grid import Grid
from gis.rasters.cog import CogWriter
from layers.styles import ClassStyle, class_styles
from zoning.land.cell_places import CellPlaces
from zoning.rules.limits import CLASS_CODES, NR
from zoning.study.aptitude import Aptitude
from zoning.study.aptitude_table import TABLE

RASTER = "aptitude.tif"
"""Name of the raster."""

SIDECAR = f"{RASTER}.aux.xml"
"""Names and colours of the values of each band, where GDAL looks for them."""

_WORDS = {"S1": "muy apta", "S2": "moderadamente apta", "S3": "marginalmente apta", "N": "no apta", "SD": "sin dato"}
"""A study's files stay Spanish, whoever reads the program in another language."""

_FIELDS = (("Value", 0, 5), ("Class", 2, 2), ("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8), ("Alpha", 0, 9))
"""Name, type and usage of the columns of GDAL's attribute table of a band."""


def write_aptitude(folder: Path, aptitude: Aptitude, places: CellPlaces, grid: Grid, *, notice: str) -> None:
    """Write the aptitude map and its table.

    Parameters
    ----------
    folder
        Where.
    aptitude
        Of the study.
    places, grid
        Where its cells stand.
    notice
        A sentence that every file of the territory carries; may be empty.

    Raises
    ------
    gis.errors.StorageError
        The disk refuses.
    """
    titles = {f"BAND_{band.code}": band.title for band in aptitude.bands}
    classes = {f"CLASS_{CLASS_CODES[style.name]}": style.name for style in class_styles()}
    with CogWriter(
        folder / RASTER,
        grid,
        names=[band.code for band in aptitude.bands],
        unit="class",
        dtype="uint8",
        nodata=NR,
        tags=titles | classes | ({"NOTICE": notice} if notice else {}),
        classes=True,
        thinned=True,
    ) as writer:
        for number, codes in enumerate(aptitude.codes):
            writer.write(places.spread(codes, fill=NR), band=number)
    write_atomically(folder / SIDECAR, _sidecar(aptitude))
    text = aptitude.table.to_csv(index=False, float_format="%.6f", lineterminator="\n")
    write_atomically(folder / TABLE, text)


def _sidecar(aptitude: Aptitude) -> str:
    """Return GDAL's own description of the bands: category names, and a table of values, classes and colours."""
    styles = sorted(class_styles(), key=lambda style: CLASS_CODES[style.name])
    bands = []
    for number, band in enumerate(aptitude.bands, start=1):
        categories = "".join(f"<Category>{escape(_named(style))}</Category>" for style in styles)
        fields = "".join(
            f'<FieldDefn index="{place}"><Name>{name}</Name><Type>{kind}</Type><Usage>{usage}</Usage></FieldDefn>'
            for place, (name, kind, usage) in enumerate(_FIELDS)
        )
        rows = "".join(f'<Row index="{place}">{_row(style)}</Row>' for place, style in enumerate(styles))
        bands.append(
            f'<PAMRasterBand band="{number}"><Description>{escape(band.code)}</Description>'
            f"<CategoryNames>{categories}</CategoryNames>"
            f'<GDALRasterAttributeTable tableType="thematic">{fields}{rows}</GDALRasterAttributeTable>'
            "</PAMRasterBand>"
        )
    return f"<PAMDataset>{''.join(bands)}</PAMDataset>\n"


def _named(style: ClassStyle) -> str:
    return f"{style.name}: {_WORDS[style.name]}"


def _row(style: ClassStyle) -> str:
    red, green, blue = (int(style.colour[place : place + 2], 16) for place in (1, 3, 5))
    values = (CLASS_CODES[style.name], _named(style), red, green, blue, 255)
    return "".join(f"<F>{escape(str(value))}</F>" for value in values)
