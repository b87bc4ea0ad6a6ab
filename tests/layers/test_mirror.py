"""A mirror is read whole or refused; a file is used only if it is the one announced."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path

import pytest

from gis.errors import InputError, MissingError
from layers.mirrors.checked_files import Checked
from layers.mirrors.mirror import Mirror


def _index(folder: Path, text: str) -> Path:
    (folder / "mirror.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_mirror_is_found_by_its_folder_or_its_index(mirror_folder: Path) -> None:
    by_folder, by_index = Mirror.read(mirror_folder), Mirror.read(mirror_folder / "mirror.toml")
    assert by_folder.layers == by_index.layers
    monthly = by_folder.of("temperature_mean")
    assert monthly is not None
    assert monthly.bands == tuple(range(1, 13))
    assert monthly.climate_source == "chelsa"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[layer]", "no es TOML"),
        ("", "no enumera ninguna capa"),
        ('layer = "x"', "no enumera ninguna capa"),
        ('[[layer]]\ntheme = "roads"', "falta la clave file"),
        ('[[layer]]\ntheme = "roads"\nfile = "../x"', "sale del espejo"),
        ('[[layer]]\ntheme = "roads"\nfile = "/x"', "sale del espejo"),
        ('[[layer]]\ntheme = "roads"\nfile = "x"\nsha256 = "abc"', "64 cifras"),
        ('[[layer]]\ntheme = "roads"\nfile = "x"\nbands = "a-b"', "bands"),
        ('[[layer]]\ntheme = "roads"\nfile = "x"\nbands = "5-1"', "bands"),
        ('[[layer]]\ntheme = "roads"\nfile = "x"\nbands = "0"', "bands"),
        ('[[layer]]\ntheme = "roads"\nfile = "x"\nbands = "1-99999999"', "bands"),
    ],
)
def test_a_damaged_index_is_refused_naming_the_entry(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Mirror.read(_index(tmp_path, text))


def test_a_folder_without_an_index_says_so(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"mirror\.toml"):
        Mirror.read(tmp_path)


def test_a_changed_file_and_an_absent_one_are_refused(mirror_folder: Path, tmp_path: Path) -> None:
    mirror = Mirror.read(mirror_folder)
    with (mirror_folder / "dem.tif").open("ab") as file:
        file.write(b"x")
    (mirror_folder / "suelo.tif").unlink()
    files = Checked(mirror.place, tmp_path)
    elevation, soil, roads = mirror.of("elevation"), mirror.of("soil"), mirror.of("roads")
    assert elevation is not None
    assert soil is not None
    assert roads is not None
    with pytest.raises(InputError, match=r"dem\.tif no es el archivo"):
        files.path(elevation)
    with pytest.raises(MissingError, match=r"suelo\.tif"):
        files.path(soil)
    assert files.path(roads).name == "caminos.gpkg"


@pytest.mark.network
def test_a_mirror_on_the_web_is_read_by_its_address(mirror_folder: Path, tmp_path: Path) -> None:
    handler = functools.partial(_Quiet, directory=str(mirror_folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        mirror = Mirror.read(address)
        files = Checked(mirror.place, tmp_path)
        roads = mirror.of("roads")
        assert roads is not None
        assert files.path(roads).read_bytes() == (mirror_folder / "caminos.gpkg").read_bytes()
        (mirror_folder / "dem.tif").unlink()
        elevation = mirror.of("elevation")
        assert elevation is not None
        with pytest.raises(MissingError, match=r"dem\.tif respondió 404"):
            files.path(elevation)
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""
