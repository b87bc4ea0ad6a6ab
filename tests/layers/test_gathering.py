"""Open data are gathered product by product: what fails is listed, what came stays, and nothing travels twice."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from copied_product import Books, Copied, Windowed, books, record
from fault_server import Change, Corrupt, Drop, FaultServer, NoRange, Slow, Status
from open_site import RIVERS, fetch_process, site_workspace, sums, write_site

from gis.errors import InputError, MissingError
from gis.vectors.vector import layers_of
from layers.gathering.open_fetch import fetch_open_data
from layers.mirrors.mirror import Mirror, MirrorLayer
from layers.preparation.fetch_report import FetchReport
from layers.sources.product import Place, Supply
from layers.territory import Territory
from layers.transfer.web_client import AT_ONCE, Patience, WebClient
from layers.transfer.web_errors import UnreachableError
from layers.workspace import Workspace

pytestmark = pytest.mark.network

CLIMATE = ("temperature_mean", "temperature_min", "temperature_max", "precipitation")
PATIENCE = Patience(backoff_s=0.001, read_s=2, retry_after_most_s=1, attempts=4)


@pytest.fixture
def web(mirror_template: Path) -> object:
    with FaultServer(mirror_template) as server:
        yield server


@pytest.fixture
def offered(web: FaultServer, mirror_template: Path) -> Books:
    """Return four products: limits, relief by parts, climate, and the rest."""
    mirror = Mirror.read(mirror_template)

    def files(*themes: str) -> dict[str, MirrorLayer]:
        return {name: each for name in themes for each in mirror.layers if each.theme == name}

    def copied(name: str, *themes: str) -> Copied:
        return Copied(record(name, themes, web.address), files(*themes))

    return books(
        copied("limites", "boundaries"),
        Windowed(record("relieve", ["elevation"], web.address), "dem.tif"),
        copied("clima", *CLIMATE),
        copied("caminos", "roads", "settlements"),
    )


@pytest.fixture
def workspace(territory: Territory, tmp_path: Path) -> Workspace:
    return Workspace.init(tmp_path / "w", replace(territory, climate="chelsa"))


def _fetch(workspace: Workspace, offered: Books, *, plan: bool = False) -> FetchReport:
    return fetch_open_data(workspace, books=offered, client=WebClient(PATIENCE), plan=plan)


def _statuses(report: FetchReport) -> dict[str, str]:
    return {each.product: each.status for each in report.sources}


def _prepared(workspace: Workspace) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in sorted(workspace.layers_dir.iterdir())
        if path.is_file() and path.name != "provenance.json"
    }


def test_products_become_a_mirror_and_the_mirror_layers(web: FaultServer, workspace: Workspace, offered: Books) -> None:
    report = _fetch(workspace, offered)
    assert report.ok, report.to_dict()
    assert set(_statuses(report).values()) == {"gathered"}
    mirror = Mirror.read(workspace.layers_dir / ".sources")
    assert {each.theme for each in mirror.layers} == {"boundaries", "elevation", *CLIMATE, "roads", "settlements"}
    assert all(each.sha256 for each in mirror.layers)
    assert workspace.has_layer("elevation")
    assert workspace.has_layer("roads")
    assert not (workspace.layers_dir / ".sources" / ".downloads" / "clima").exists()
    first = web.log[0].path
    assert first == "limites.geojson", "the boundaries say where everything else is wanted"
    whole = (web.find("dem.tif") or (b"", ""))[0]
    assert 0 < web.body_bytes("dem.tif") <= len(whole)
    assert web.most_at_once <= AT_ONCE


def test_the_next_fetch_asks_the_web_for_nothing(web: FaultServer, workspace: Workspace, offered: Books) -> None:
    _fetch(workspace, offered)
    before, asked = _prepared(workspace), len(web.log)
    report = _fetch(workspace, offered)
    assert set(_statuses(report).values()) == {"kept"}
    assert {each.status for each in report.items} == {"kept"}
    assert len(web.log) == asked
    assert _prepared(workspace) == before


def test_what_fails_is_listed_with_advice_and_the_next_fetch_brings_only_that(
    web: FaultServer, workspace: Workspace, offered: Books
) -> None:
    web.fault("caminos.gpkg", Status(404), times=None)
    report = _fetch(workspace, offered)
    assert _statuses(report) == {
        "limites": "gathered",
        "relieve": "gathered",
        "clima": "gathered",
        "caminos": "failed",
    }
    (failed,) = report.failed_sources
    assert "caminos.gpkg respondió 404" in failed.detail
    assert failed.expected
    assert failed.remedy
    assert not report.ok
    assert workspace.has_layer("temperature_mean_chelsa")
    web.mend()
    asked = len(web.log)
    mended = _fetch(workspace, offered)
    assert mended.ok
    assert _statuses(mended)["caminos"] == "gathered"
    assert {each.path for each in web.log[asked:]} == {"caminos.gpkg"}
    assert workspace.has_layer("roads")


def test_a_download_cut_off_goes_on_in_the_next_fetch(web: FaultServer, workspace: Workspace, offered: Books) -> None:
    size = len((web.find("caminos.gpkg") or (b"", ""))[0])
    web.fault("caminos.gpkg", Drop(after=size // 2))
    web.fault("caminos.gpkg", Drop(after=0), times=None)
    assert _statuses(_fetch(workspace, offered))["caminos"] == "failed"
    web.mend()
    assert _fetch(workspace, offered).ok
    assert web.body_bytes("caminos.gpkg") == size


def test_passing_faults_leave_the_same_layers(
    web: FaultServer, workspace: Workspace, offered: Books, tmp_path: Path
) -> None:
    _fetch(workspace, offered)
    for pattern, fault in (
        ("*", Status(503)),
        ("chelsa_*", Drop(after=200)),
        ("dem.tif", Status(429, retry_after="0")),
        ("caminos.gpkg", Corrupt(at=100)),
        ("comunidades.geojson", Slow(before_s=0.1)),
    ):
        web.fault(pattern, fault)
    other = Workspace.init(tmp_path / "otro", workspace.territory)
    assert _fetch(other, offered).ok
    assert _prepared(other) == _prepared(workspace)


def test_a_raster_that_changes_while_it_is_read_is_read_once_more(
    web: FaultServer, workspace: Workspace, offered: Books
) -> None:
    content = (web.find("dem.tif") or (b"", ""))[0]
    web.put("dem.tif", content + b"\x00")
    web.fault("dem.tif", Change(content=content, after=500), times=2)
    assert _statuses(_fetch(workspace, offered))["relieve"] == "gathered"


def test_a_raster_that_keeps_changing_is_refused(web: FaultServer, workspace: Workspace, offered: Books) -> None:
    content = (web.find("dem.tif") or (b"", ""))[0]
    for number in range(9):
        web.fault("dem.tif", Change(content=content + bytes(number + 1), after=9000))
    report = _fetch(workspace, offered)
    assert "cambió mientras se leía" in report.failed_sources[0].detail


def test_a_server_without_ranges_gives_the_whole_raster_and_that_is_said(
    web: FaultServer, workspace: Workspace, offered: Books
) -> None:
    web.fault("dem.tif", NoRange(), times=None)
    report = _fetch(workspace, offered)
    relief = next(each for each in report.sources if each.product == "relieve")
    assert relief.status == "gathered"
    assert "se trajo entero" in relief.detail


def test_offline_is_one_clear_error_and_soon(territory: Territory, tmp_path: Path, offered: Books) -> None:
    own = replace(territory, boundaries="", addresses={each.id: "http://127.0.0.1:9/" for each in offered.records})
    workspace = Workspace.init(tmp_path / "w", own)
    started = time.process_time()
    with pytest.raises(UnreachableError) as error:
        _fetch(workspace, offered)
    assert "no admite la conexión" in error.value.found
    assert "--mirror" in error.value.remedy
    assert time.process_time() - started < 20


def test_offline_with_own_boundaries_is_one_clear_error_too(
    territory: Territory, mirror_template: Path, tmp_path: Path, offered: Books
) -> None:
    away = {each.id: "http://127.0.0.1:9/" for each in offered.records}
    workspace = Workspace.init(tmp_path / "w", replace(territory, boundaries="limites.geojson", addresses=away))
    (workspace.root / "limites.geojson").write_bytes((mirror_template / "limites.geojson").read_bytes())
    with pytest.raises(UnreachableError, match="ninguno de los 3 productos responde") as error:
        _fetch(workspace, offered)
    assert "--mirror" in error.value.remedy


def test_a_plan_tells_files_sizes_licence_and_address_and_writes_nothing(
    web: FaultServer, workspace: Workspace, offered: Books
) -> None:
    before = sorted(path.name for path in workspace.layers_dir.iterdir())
    report = _fetch(workspace, offered, plan=True)
    assert set(_statuses(report).values()) == {"planned"}
    assert sorted(path.name for path in workspace.layers_dir.iterdir()) == before
    roads = next(each for each in report.sources if each.product == "caminos")
    size = len((web.find("caminos.gpkg") or (b"", ""))[0])
    assert roads.files[0].bytes == size
    assert (roads.licence, roads.address, roads.date) == ("CC0", web.address, "2026")
    relief = next(each for each in report.sources if each.product == "relieve")
    assert not relief.files[0].whole
    assert relief.bytes is not None
    assert 0 < relief.bytes <= len((web.find("dem.tif") or (b"", ""))[0]) * 1.5
    assert json.loads(json.dumps(report.to_dict()))["sources"][0]["files"]
    _fetch(workspace, offered)
    assert set(_statuses(_fetch(workspace, offered, plan=True)).values()) == {"kept"}


def _spoil(folder: Path) -> None:
    (folder / "relieve" / "dem.tif").write_bytes(b"II*\x00")


def _remove(folder: Path) -> None:
    (folder / "relieve" / "mirror.toml").unlink()


@pytest.mark.parametrize("damage", [_spoil, _remove])
def test_a_damaged_piece_is_gathered_again(
    workspace: Workspace, offered: Books, damage: Callable[[Path], None]
) -> None:
    _fetch(workspace, offered)
    damage(workspace.layers_dir / ".sources")
    statuses = _statuses(_fetch(workspace, offered))
    assert statuses.pop("relieve") == "gathered"
    assert set(statuses.values()) == {"kept"}


def test_another_address_gathers_anew(workspace: Workspace, offered: Books, web: FaultServer) -> None:
    _fetch(workspace, offered)
    moved = replace(workspace, territory=replace(workspace.territory, addresses={"caminos": f"{web.address}./"}))
    statuses = _statuses(_fetch(moved, offered))
    assert statuses.pop("caminos") == "gathered"
    assert set(statuses.values()) == {"kept"}


def test_without_its_boundaries_nothing_else_is_asked_for(
    web: FaultServer, workspace: Workspace, offered: Books
) -> None:
    web.fault("limites.geojson", Status(404), times=None)
    with pytest.raises(MissingError, match=r"limites\.geojson respondió 404"):
        _fetch(workspace, offered)
    assert {each.path for each in web.log} == {"limites.geojson"}


def test_a_theme_may_be_left_out_or_chosen_and_a_wrong_choice_is_named(workspace: Workspace, offered: Books) -> None:
    def chosen(**sources: str) -> Workspace:
        return replace(workspace, territory=replace(workspace.territory, sources=sources))

    report = _fetch(chosen(roads="ninguno", settlements="ninguno"), offered)
    assert set(_statuses(report)) == {"limites", "relieve", "clima"}
    with pytest.raises(MissingError, match="Producto desconocido: «nadie»"):
        _fetch(chosen(roads="nadie"), offered)
    with pytest.raises(InputError, match="no trae el tema «roads»"):
        _fetch(chosen(roads="relieve"), offered)


def test_a_product_that_the_user_must_supply_is_named_with_what_to_do(workspace: Workspace, offered: Books) -> None:
    given = Copied(replace(record("parques", ["protected_areas"], ""), homepage="https://example.org"), {})
    more = replace(offered, records=(*offered.records, given.record), products={**offered.products, "parques": given})
    report = _fetch(workspace, more)
    absent = next(each for each in report.sources if each.product == "parques")
    assert absent.status == "absent"
    assert "[addresses]: parques" in absent.remedy
    assert report.ok, "what cannot be brought is no failure"


@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_a_fetch_killed_while_bytes_travel_goes_on_and_ends_alike(tmp_path: Path) -> None:
    site = write_site(tmp_path / "web", (RIVERS,))
    archive = f"{RIVERS}/HydroRIVERS_v10_sa_shp.zip"
    with FaultServer(site) as server:
        server.fault(archive, Slow(between_s=0.02, block=65_536))
        workspace = site_workspace(tmp_path / "w", site, server.address, (RIVERS,))
        with fetch_process(workspace) as run:
            while server.body_bytes() < 700_000 and run.poll() is None:
                time.sleep(0.005)
            run.send_signal(signal.SIGKILL)
            run.communicate()
        assert not (workspace.layers_dir / ".sources" / RIVERS).exists()
        with fetch_process(workspace) as run:
            run.communicate()
        asked = server.requests(archive)
        other = site_workspace(tmp_path / "otro", site, server.address, (RIVERS,))
        fetch_open_data(other)
    assert [bool(each.range) for each in asked] == [False, True]
    assert sums(workspace) == sums(other)
    assert any(name.startswith("streams") for name in sums(workspace))


@dataclass(frozen=True)
class Reading(Copied):
    """Brings whole files and refuses one that it cannot read, as an adapter does."""

    sums: bool = False

    def make(self, place: Place, supply: Supply, folder: Path) -> Sequence[MirrorLayer]:
        for wanted in self.wanted(place):
            path = supply.file(wanted)
            if path is not None:
                layers_of(path)
        return super().make(place, supply, folder)


def test_a_whole_file_that_its_adapter_refuses_is_brought_anew_by_the_next_fetch(
    web: FaultServer, workspace: Workspace, mirror_template: Path
) -> None:
    mirror = Mirror.read(mirror_template)
    files = {each.theme: each for each in mirror.layers if each.theme in {"boundaries", "roads", "settlements"}}
    vectors = Reading(
        record("caminos", ["roads", "settlements"], web.address),
        {"settlements": files["settlements"], "roads": files["roads"]},
    )
    offered = books(
        Copied(record("limites", ["boundaries"], web.address), {"boundaries": files["boundaries"]}), vectors
    )
    web.fault("caminos.gpkg", Corrupt(at=16), times=None)  # the size and the ETag are right
    report = _fetch(workspace, offered)
    (failed,) = report.failed_sources
    assert "caminos.gpkg" in failed.detail
    assert "Se descartó lo descargado (caminos.gpkg)" in failed.remedy
    web.mend()
    asked = len(web.log)
    assert not _fetch(workspace, offered).failed_sources
    brought = {each.path for each in web.log[asked:] if each.method == "GET"}
    assert brought == {"caminos.gpkg"}, "only the refused file travels again"
