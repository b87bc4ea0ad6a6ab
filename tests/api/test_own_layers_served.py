"""A layer of one's own is published like the rest: collections, times, tiles, and what GDAL makes of it."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyogrio
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.cli.entry import run
from api.settings import Settings
from layers.workspace import Workspace
from zoning.land.distances import available_distances

POINTS = "nombre;cadena;lon;lat\nUno;frutas;-64,10;-18,49\nDos;lácteos;-63,87;-18,18\n"
OWN_THEMES = ("tourism_sites", "artisan_communities")
PROGRAM = "cod_ine,fecha,empresas\n70801,2026-03,12\n70802,2026-03,2\n70801,2026-06,15\n"


@pytest.fixture(scope="module")
def site(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("own") / "w"
    shutil.copytree(demo_workspace, root)
    for name, text in (("empresas.csv", POINTS), ("avance.csv", PROGRAM)):
        file = root.parent / name
        file.write_text(text, encoding="utf-8")
        told = ["--licence", "CC BY 4.0", "--attribution", "Mancomunidad", "--unit", "empresas"]
        assert run(["layers", "add", str(file), *told, "-w", str(root), "--json"]) == 0
    return root


@pytest.fixture(scope="module")
def client(site: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(workspace=site))) as asking:
        yield asking


def test_it_is_a_collection_with_licence_legend_and_time(client: TestClient) -> None:
    listed = {each["id"]: each for each in client.get("/ogc/collections").json()["collections"]}
    assert {"empresas", "avance"} <= set(listed)
    assert listed["avance"]["extent"]["temporal"]["interval"][0][0].startswith("2026-03-01")
    assert "Mancomunidad" in json.dumps(client.get("/ogc/collections/empresas").json(), ensure_ascii=False)


def test_dated_indicators_answer_for_a_month(client: TestClient) -> None:
    address = "/ogc/collections/avance/items"
    june = client.get(address, params={"datetime": "2026-06-01/2026-06-30"}).json()
    assert [each["properties"]["empresas"] for each in june["features"]] == [15]
    assert client.get(address, params={"datetime": "../2026-04-01"}).json()["numberMatched"] == 2
    assert client.get(address, params={"code": "070801"}).json()["numberMatched"] == 2


def test_it_has_tiles(client: TestClient) -> None:
    described = client.get("/tiles/empresas/tilejson.json").json()
    assert described["vector_layers"][0]["id"] == "empresas"
    assert client.get("/tiles/empresas/8/82/141.mvt").status_code == 200
    assert client.get("/tiles/empresas.pmtiles").status_code == 200


def test_the_map_may_switch_it_on(client: TestClient) -> None:
    page = client.get("/").text
    assert "Empresas" in page
    assert "Mancomunidad" in page


def test_the_list_shows_it_and_removing_takes_it_away(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "w"
    shutil.copytree(site, root)
    capsys.readouterr()
    assert run(["layers", "list", "-w", str(root), "--json"]) == 0
    rows = {each["name"]: each for each in json.loads(capsys.readouterr().out)["layers"]}
    assert rows["empresas"]["requirement"] == "own"
    assert run(["layers", "remove", "empresas", "-w", str(root)]) == 0
    assert run(["layers", "remove", "empresas", "-w", str(root)]) == 1
    assert run(["layers", "add", "nada.csv", "--theme", "roads", "--id", "x", "-w", str(root)]) == 2
    assert run(["layers", "add", "nada.csv", "-w", str(root)]) == 1
    assert "Qué hacer" in capsys.readouterr().err


def test_a_name_that_a_study_serves_is_refused(site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "x.csv"
    file.write_text(POINTS, encoding="utf-8")
    assert run(["layers", "add", str(file), "--id", "zones", "-w", str(site)]) == 1
    assert "capa del programa" in capsys.readouterr().err


@pytest.mark.network
def test_gdal_opens_it_over_the_service(site: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("valles")), "serve", "-w", str(site), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        assert "Valles sirve" in server.stderr.readline()
        source = f"OAPIF:http://127.0.0.1:{port}/ogc"
        points = pyogrio.read_dataframe(source, layer="empresas")
        table = pyogrio.read_dataframe(source, layer="avance")
        server.terminate()
    assert sorted(points["cadena"]) == ["frutas", "lácteos"]
    assert set(points.geom_type) == {"Point"}
    assert sorted(table["empresas"]) == [2, 12, 15]
    assert set(table.geom_type) <= {"Polygon", "MultiPolygon"}


def test_the_examples_of_the_documentation_are_layers(site: Path, tmp_path: Path) -> None:
    root = tmp_path / "w"
    shutil.copytree(site, root)
    page = (Path(__file__).parents[2] / "docs" / "capas.md").read_text(encoding="utf-8")
    examples = re.findall(r"```text\n(.*?)```", page.partition("## Capas propias")[2], flags=re.DOTALL)
    assert len(examples) == 4
    ways = (["--column", "cadena"], ["--column", "empresas_asistidas"], *(["--theme", name] for name in OWN_THEMES))
    for number, (text, way) in enumerate(zip(examples, ways, strict=True)):
        file = tmp_path / f"ejemplo_{number}.csv"
        file.write_text(text, encoding="utf-8")
        assert run(["layers", "add", str(file), *way, "-w", str(root)]) == 0
    assert {"distance_site", "distance_artisans"} <= available_distances(Workspace.open(root))
