"""Waypoints and spreadsheets: whole, read back, and the same bytes for the same content."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from shapely import Point, box

from gis.errors import CrsError, InputError, StorageError
from gis.vectors.vector import read_vector
from gis.vectors.vector_files import write_gpx
from gis.workbook import save_workbook


def marks() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"name": ["P1", "P2"], "desc": ["Mairana", "Pucará"], "secret": ["HOR", "ANU"]},
        geometry=[Point(-64.1, -18.2), Point(-64.2, -18.7)],
        crs="EPSG:4326",
    )


def test_waypoints_come_back_in_degrees_with_the_fields_of_the_format_alone(tmp_path: Path) -> None:
    write_gpx(marks().to_crs("EPSG:32720"), tmp_path / "a.gpx")
    read = read_vector(tmp_path / "a.gpx", layer="waypoints")
    assert read["name"].tolist() == ["P1", "P2"]
    assert read.geometry.x.tolist() == pytest.approx([-64.1, -64.2])
    assert "HOR" not in (tmp_path / "a.gpx").read_text(encoding="utf-8")
    write_gpx(marks().to_crs("EPSG:32720"), tmp_path / "b.gpx")
    assert (tmp_path / "a.gpx").read_bytes() == (tmp_path / "b.gpx").read_bytes()


def test_only_points_become_waypoints(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No hay puntos"):
        write_gpx(marks().iloc[:0], tmp_path / "none.gpx")
    with pytest.raises(InputError, match="No hay puntos"):
        write_gpx(gpd.GeoDataFrame(geometry=[box(0, 0, 1, 1)], crs="EPSG:4326"), tmp_path / "box.gpx")
    with pytest.raises(CrsError):
        write_gpx(marks().set_crs(None, allow_override=True), tmp_path / "crs.gpx")
    assert not list(tmp_path.iterdir())


def test_a_workbook_carries_no_hour(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        book = openpyxl.Workbook()
        sheet = book.create_sheet("Hoja")
        sheet["A1"] = "ñandú"
        save_workbook(book, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["Hoja"]["A1"].value == "ñandú"


def test_a_workbook_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StorageError):
        save_workbook(openpyxl.Workbook(), tmp_path / "file" / "book.xlsx")
