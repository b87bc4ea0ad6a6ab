"""A bundle carries a mirror to an office without internet: the same layers come out of it, byte for byte."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fault_server import Corrupt, Drop, FaultServer, Html, Status

from api.cli.entry import run
from gis.errors import InputError, MissingError, VallesError
from layers.gathering.bundling import bundle_sources
from layers.gathering.mirror_fetch import fetch_mirror
from layers.mirrors.bundle import write_bundle
from layers.mirrors.mirror import Mirror, MirrorLayer, parse_entries
from layers.mirrors.mirror_text import mirror_text
from layers.territory import Territory
from layers.workspace import Workspace

COARSE_M = 1500.0


def _sums(workspace: Workspace) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(workspace.layers_dir.iterdir())
        if path.is_file() and path.name != "provenance.json"
    }


@pytest.fixture
def new_workspace(territory: Territory, tmp_path: Path) -> Callable[[str], Workspace]:
    return lambda name: Workspace.init(tmp_path / name, replace(territory, cell_m=COARSE_M))


def test_addresses_with_their_passwords_stay_here(territory: Territory, mirror_template: Path, tmp_path: Path) -> None:
    stated = replace(territory, cell_m=COARSE_M, addresses={"worldcover": "https://ana:secreto@example.org/tiles/"})
    here = Workspace.init(tmp_path / "aqui", stated)
    bundle_sources(here, tmp_path / "capas.zip", mirror=str(mirror_template))
    with zipfile.ZipFile(tmp_path / "capas.zip") as archive:
        packed = archive.read("territory.toml").decode()
    assert "secreto" not in packed
    assert territory.municipalities[0].name in packed
    assert "secreto" in (here.root / "territory.toml").read_text(encoding="utf-8")


@pytest.fixture
def web(mirror_folder: Path) -> Iterator[FaultServer]:
    with FaultServer(mirror_folder) as server:
        yield server


def test_there_and_back_gives_the_same_layers(
    new_workspace: Callable[[str], Workspace], mirror_template: Path, tmp_path: Path
) -> None:
    here, there = new_workspace("aqui"), new_workspace("alla")
    assert fetch_mirror(here, str(mirror_template)).ok
    made = bundle_sources(here, tmp_path / "capas.zip", mirror=str(mirror_template))
    assert not made.left_out
    assert fetch_mirror(there, str(tmp_path / "capas.zip")).ok
    assert _sums(there) == _sums(here)
    assert not (there.layers_dir / ".mirror").exists()
    again = fetch_mirror(there, str(tmp_path / "capas.zip"))
    assert {each.status for each in again.items} == {"kept", "ignored"}


def test_the_same_mirror_packs_to_the_same_bytes_with_sums_licences_and_words(
    mirror_template: Path, tmp_path: Path
) -> None:
    mirror = Mirror.read(mirror_template)
    paths = [
        write_bundle(mirror, tmp_path / name / "b.zip", cache=tmp_path / "c").path.read_bytes() for name in ("1", "2")
    ]
    assert paths[0] == paths[1]
    packed = Mirror.read(tmp_path / "1" / "b.zip")
    assert [each.theme for each in packed.layers] == [each.theme for each in mirror.layers]
    with zipfile.ZipFile(tmp_path / "1" / "b.zip") as file:
        for entry in packed.layers:
            assert hashlib.sha256(file.read(entry.file)).hexdigest() == entry.sha256
            assert entry.licence == "CC0"
            assert entry.attribution
        assert "valles layers fetch --mirror b.zip" in file.read("LEEME.txt").decode()


def test_what_may_not_be_handed_on_stays_behind_by_name_unless_asked_for(
    mirror_folder: Path, reindex: Callable[..., None], tmp_path: Path
) -> None:
    entries = (
        {"theme": "boundaries", "file": "limites.geojson"},
        {"theme": "protected_areas", "file": "parques.geojson", "licence": "WDPA: no se puede redistribuir"},
        {"theme": "roads", "file": "caminos.gpkg", "redistributable": "false"},
    )
    reindex(mirror_folder, entries)
    mirror = Mirror.read(mirror_folder)
    made = write_bundle(mirror, tmp_path / "b.zip", cache=tmp_path)
    assert [each.theme for each in made.left_out] == ["protected_areas", "roads"]
    with zipfile.ZipFile(tmp_path / "b.zip") as file:
        assert sorted(file.namelist()) == ["LEEME.txt", "limites.geojson", "mirror.toml"]
    every = write_bundle(mirror, tmp_path / "todo.zip", cache=tmp_path, everything=True)
    assert not every.left_out
    assert not any(each.redistributable for each in Mirror.read(tmp_path / "todo.zip").layers[1:])
    reindex(mirror_folder, entries[1:])
    with pytest.raises(InputError, match="prohíbe pasarlas"):
        write_bundle(Mirror.read(mirror_folder), tmp_path / "nada.zip", cache=tmp_path)


def test_a_workspace_that_gathered_nothing_says_what_to_do(
    new_workspace: Callable[[str], Workspace], tmp_path: Path
) -> None:
    with pytest.raises(MissingError, match="no guarda fuentes") as error:
        bundle_sources(new_workspace("w"), tmp_path / "b.zip")
    assert "--mirror" in error.value.remedy


def test_the_boundary_of_ones_own_travels_and_makes_the_territory_there(
    territory: Territory, mirror_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = Workspace.init(tmp_path / "aqui", replace(territory, cell_m=COARSE_M, boundaries="propios.geojson"))
    shutil.copyfile(mirror_template / "limites.geojson", here.root / "propios.geojson")
    assert fetch_mirror(here, str(mirror_template)).ok
    made = bundle_sources(here, tmp_path / "capas.zip", mirror=str(mirror_template))
    assert [each.file for each in made.layers if each.theme == "boundaries"] == ["propios.geojson"]
    with zipfile.ZipFile(tmp_path / "capas.zip") as file:
        assert "valles init ws --from" in file.read("LEEME.txt").decode()
        file.extractall(tmp_path / "usb")
    assert run(["init", str(tmp_path / "alla"), "--from", str(tmp_path / "usb")]) == 0
    there = Workspace.open(tmp_path / "alla")
    assert (there.root / "propios.geojson").read_bytes() == (here.root / "propios.geojson").read_bytes()
    assert fetch_mirror(there, str(tmp_path / "capas.zip")).ok
    assert _sums(there) == _sums(here)
    without = Workspace.init(tmp_path / "sin", replace(territory, cell_m=COARSE_M))
    assert fetch_mirror(without, str(tmp_path / "capas.zip")).ok, "a territory without a file of its own takes it too"
    capsys.readouterr()


def test_own_layers_are_named_as_not_packed(
    new_workspace: Callable[[str], Workspace],
    mirror_template: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    workspace = new_workspace("w")
    fetch_mirror(workspace, str(mirror_template))
    (tmp_path / "empresas.csv").write_text("nombre;lon;lat\nUna;-64,15;-18,5\n", encoding="utf-8")
    assert run(["layers", "add", str(tmp_path / "empresas.csv"), "-w", str(workspace.root)]) == 0
    order = ["layers", "bundle", str(tmp_path / "b.zip"), "--mirror", str(mirror_template), "-w", str(workspace.root)]
    capsys.readouterr()
    assert run(order) == 0
    assert "No van en el paquete las capas propias: empresas." in capsys.readouterr().err
    assert run([*order, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["own_layers_not_packed"] == ["empresas"]


def test_what_is_no_file_and_no_address_is_refused_in_words(
    new_workspace: Callable[[str], Workspace], mirror_template: Path, tmp_path: Path
) -> None:
    workspace = new_workspace("w")
    for folder in (tmp_path, Path()):
        with pytest.raises(InputError, match="es una carpeta"):
            bundle_sources(workspace, folder, mirror=str(mirror_template))
    for address in ("http://[::1", "http://[::1/capas.zip", "http://", "http://a:99999/", "http://a..b/"):
        with pytest.raises(VallesError) as error:
            fetch_mirror(workspace, address)
        assert error.value.expected


def test_a_bundle_cut_short_on_the_stick_is_refused_in_words(mirror_template: Path, tmp_path: Path) -> None:
    whole = write_bundle(Mirror.read(mirror_template), tmp_path / "b.zip", cache=tmp_path).path
    whole.write_bytes(whole.read_bytes()[:-5000])
    with pytest.raises(InputError, match=r"no es un archivo \.zip entero") as error:
        Mirror.read(whole)
    assert "otra vez" in error.value.remedy


def test_a_file_damaged_inside_a_bundle_is_named_and_the_rest_is_prepared(
    new_workspace: Callable[[str], Workspace], mirror_template: Path, tmp_path: Path
) -> None:
    whole = write_bundle(Mirror.read(mirror_template), tmp_path / "b.zip", cache=tmp_path).path
    content, road = whole.read_bytes(), (mirror_template / "caminos.gpkg").read_bytes()
    place = content.index(road) + len(road) // 2
    whole.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    report = fetch_mirror(new_workspace("w"), str(whole))
    (failed,) = report.failed
    assert failed.prepared == "roads"
    assert "caminos.gpkg está dañado" in failed.detail


@pytest.mark.parametrize("name", ["../fuera.tif", "/etc/hostname"])
def test_a_bundle_cannot_write_outside_its_folder(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as file:
        file.writestr("mirror.toml", f'[[layer]]\ntheme = "roads"\nfile = "{name}"\n')
        file.writestr(name, "x")
    with pytest.raises(InputError, match="sale del espejo"):
        Mirror.read(tmp_path / "b.zip")


def test_the_index_of_a_mirror_survives_writing_and_reading() -> None:
    layers = (
        MirrorLayer(theme="soil", file="año «1»/s.tif", bands=(1, 3), unit="%; pH", steps=("uno", 'dos "2"')),
        MirrorLayer(theme="roads", file="b.gpkg", layer="x", sha256="0" * 64, climate="", redistributable=False),
    )
    assert parse_entries(mirror_text(layers, heading="dos\nlíneas"), "x") == layers


@pytest.mark.network
def test_a_mirror_on_the_web_comes_through_cuts_and_gives_the_same_layers(
    web: FaultServer, new_workspace: Callable[[str], Workspace], mirror_folder: Path
) -> None:
    here, away = new_workspace("aqui"), new_workspace("alla")
    fetch_mirror(here, str(mirror_folder))
    web.fault("mirror.toml", Status(503))
    web.fault("dem.tif", Drop(after=1000))
    web.fault("caminos.gpkg", Corrupt(at=1000))
    assert fetch_mirror(away, web.address).ok
    assert _sums(away) == _sums(here)
    assert web.most_at_once <= 4
    asked = len(web.requests("*.tif"))
    assert fetch_mirror(away, web.address).ok
    assert len(web.requests("*.tif")) == asked, "what stands is not brought again"


@pytest.mark.network
def test_of_a_mirror_on_the_web_what_failed_is_told_and_what_came_is_not_asked_for_again(
    web: FaultServer, new_workspace: Callable[[str], Workspace]
) -> None:
    workspace = new_workspace("w")
    web.fault("caminos.gpkg", Html(), times=None)
    web.fault("suelo.tif", Corrupt(at=900), times=None)
    failed = {each.prepared: each.detail for each in fetch_mirror(workspace, web.address).failed}
    assert set(failed) == {"roads", "soil"}
    assert "página web" in failed["roads"]
    assert "dos veces con sha256" in failed["soil"]
    web.mend()
    asked = len(web.requests("dem.tif"))
    assert fetch_mirror(workspace, web.address).ok
    assert len(web.requests("dem.tif")) == asked


@pytest.mark.network
def test_a_bundle_on_the_web_is_brought_whole_and_a_plan_tells_sizes(
    new_workspace: Callable[[str], Workspace], mirror_template: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "web"
    write_bundle(Mirror.read(mirror_template), folder / "capas.zip", cache=tmp_path)
    workspace = new_workspace("w")
    with FaultServer(folder) as server:
        server.fault("capas.zip", Drop(after=5000))
        assert fetch_mirror(workspace, server.address + "capas.zip").ok
        assert server.body_bytes("capas.zip") == (folder / "capas.zip").stat().st_size
    shutil.copytree(mirror_template, folder / "abierto")
    with FaultServer(folder) as server:
        plan = fetch_mirror(new_workspace("p"), server.address + "abierto/", plan=True)
    roads = next(each for each in plan.items if each.prepared == "roads")
    assert roads.bytes == (mirror_template / "caminos.gpkg").stat().st_size


def test_the_commands_pack_and_unpack_as_a_user_types_them(
    new_workspace: Callable[[str], Workspace],
    mirror_template: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root, file = str(new_workspace("w").root), str(tmp_path / "b.zip")
    assert run(["layers", "bundle", file, "--mirror", str(mirror_template), "-w", root]) == 0
    assert "b.zip" in capsys.readouterr().out
    assert run(["layers", "bundle", file, "--mirror", str(mirror_template), "-w", root, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bytes"] == Path(file).stat().st_size
    assert all(len(each["sha256"]) == 64 for each in told["layers"])
    assert run(["layers", "fetch", "--plan", "--mirror", file, "-w", root]) == 0
    shown = capsys.readouterr().out
    assert "CC0" in shown
    assert "sin dato" not in shown, "sizes stand in the bundle"
    assert run(["layers", "bundle", file, "-w", root]) == 1
    assert "--mirror" in capsys.readouterr().err
