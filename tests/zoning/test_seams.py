"""However a territory is cut, whoever does the pieces and wherever its stack lies: the same zones, to the byte."""

from __future__ import annotations

import os
import signal
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from fault_server import FaultServer, Status
from local_cluster import local_cluster

import zoning
from api.cli.demo_build import DemoBuild
from api.cli.entry import run as command
from gis.coverage.patches import merge_small_patches, minimum_cells
from gis.crew.crew import Crew, Progress, ThreadCrew
from gis.crew.crew_error import CrewError
from gis.crew.dask_crew import DaskCrew
from gis.crew.process_crew import ProcessCrew
from gis.errors import InputError, MissingError, StorageError
from gis.rasters.raster_reader import RasterReader
from layers.workspace import Workspace
from zoning.chunks.chunk_raster import zone_rasters, zone_stack
from zoning.chunks.chunk_zoning import ChunkRules, zone_chunk
from zoning.rules.rule_change import RuleChange
from zoning.stack.stack_build import build_stack, stack_folder
from zoning.stack.stack_cells import StackCells
from zoning.stack.stack_land import StackLand
from zoning.stack.stack_window import Window
from zoning.stack.stored_stack import StoredStack
from zoning.study.aptitude import stack_job
from zoning.study.classification import classify_stack
from zoning.study.map_making import draw_map, frozen_codes
from zoning.study.run_job import RunJob, open_job
from zoning.study.study_run import run
from zoning.zoning_errors import RulesError

pytestmark = pytest.mark.network

CELL, SCALE = 500, 1_000_000


@dataclass(frozen=True)
class Place:
    """The land of the demonstration, its stack, and the rasters that two threads made of it."""

    workspace: Workspace
    job: RunJob
    land: StackLand
    stack: Path
    files: tuple[Path, Path]

    def rasters(self, folder: Path, crew: Crew, *, stack: Path | str | None = None, blocks: int = 1) -> list[bytes]:
        """Zone with a crew and return the bytes of both rasters."""
        zones, classes = folder / "zones.tif", folder / "classes.tif"
        with StoredStack(stack or self.stack) as stored:
            zone_rasters(stored, self.job.rules, zones=zones, classes=classes, crew=crew, chunk_blocks=blocks)
        return [zones.read_bytes(), classes.read_bytes()]

    @property
    def wanted(self) -> list[bytes]:
        """Bytes of both rasters as two threads made them of whole rows."""
        return [path.read_bytes() for path in self.files]


def stack_land(job: RunJob) -> StackLand:
    frame, ruleset = job.frame, job.rules.ruleset
    return StackLand(
        workspace=job.workspace,
        inventory=job.inventory,
        grid=job.grid,
        unit=frame.unit,
        codes=frame.codes,
        places=frame.places,
        frost_offset=ruleset.frost.offset,
        calendar=ruleset.calendar,
        changes=job.changes,
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("seams")
    build = DemoBuild(folder / "demo", cell_m=CELL, scale=SCALE)
    for work in (build._make_mirror, build._make_workspace, build._fetch):
        work()
    workspace = Workspace.open(build.workspace)
    job = open_job(workspace, scale=SCALE)
    land = stack_land(job)
    build_stack(land, job.rules)
    made = Place(workspace, job, land, stack_folder(land), (folder / "zones.tif", folder / "classes.tif"))
    with StoredStack(made.stack) as stored:
        zone_rasters(stored, job.rules, zones=made.files[0], classes=made.files[1], chunk_blocks=1000)
    return made


@pytest.fixture(scope="module")
def pair() -> Iterator[ProcessCrew]:
    with ProcessCrew(2) as crew:
        yield crew


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with local_cluster(2) as found:
        yield found


def cut(shape: tuple[int, int], parts: int) -> list[Window]:
    """Cut a grid into parts × parts rectangles."""
    rows, cols = (np.linspace(0, side, parts + 1).astype(int).tolist() for side in shape)
    return [
        Window(row_start=top, row_stop=bottom, col_start=left, col_stop=right)
        for top, bottom in pairwise(rows)
        for left, right in pairwise(cols)
    ]


def zoned(
    place: Place, parts: int, crew: Crew, *, progress: Progress | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Zone the land cut into parts × parts pieces: zones, classes and counts."""
    zone, cls = (np.zeros(place.job.grid.shape, dtype=np.uint8) for _each in range(2))
    counts: np.ndarray = np.zeros(1, dtype=np.int64)
    windows = cut(place.job.grid.shape, parts)
    with StoredStack(place.stack) as stored:
        shared = ChunkRules.of(stored, place.job.rules)
        for number, found in crew.run(zone_chunk, windows, shared=shared, ordered=False, progress=progress):
            zone[windows[number].cells] = found.zone
            cls[windows[number].cells] = found.cls
            counts = counts + found.counts
    return zone, cls, counts


def test_one_piece_and_sixty_four_are_one_map(place: Place, pair: ProcessCrew) -> None:
    """Small patches that cross a seam are merged, and polygons drawn, as if there were none."""
    whole = zoned(place, 1, ThreadCrew(1))
    assert set(np.unique(whole[0])) >= {1, 2, 3}
    for crew in (ThreadCrew(2), pair):
        pieces = zoned(place, 8, crew)
        for one, many in zip(whole, pieces, strict=True):
            np.testing.assert_array_equal(one, many)
    maps = []
    for zone in (whole[0], pieces[0]):
        least = minimum_cells(place.job.minimum_ha * 1e4, cell=place.job.grid.cell)
        merged = merge_small_patches(zone, min_cells=least, frozen=frozen_codes(place.job))
        maps.append((merged, draw_map(merged, place.job).frame))
    np.testing.assert_array_equal(maps[0][0], maps[1][0])
    assert (maps[0][0] != whole[0]).any()
    assert isinstance(maps[0][1], gpd.GeoDataFrame)
    assert maps[0][1].to_wkb().equals(maps[1][1].to_wkb())


@pytest.mark.parametrize("crew", [ThreadCrew(1), ThreadCrew(3)], ids=["one thread", "three threads"])
def test_the_rasters_do_not_depend_on_threads_nor_on_how_blocks_are_taken(
    place: Place, tmp_path: Path, crew: Crew
) -> None:
    assert place.rasters(tmp_path, crew, blocks=1) == place.wanted
    assert place.rasters(tmp_path, crew, blocks=2) == place.wanted


@pytest.mark.parametrize("count", [1, 3])
def test_the_rasters_do_not_depend_on_processes(place: Place, tmp_path: Path, count: int) -> None:
    with ProcessCrew(count) as crew:
        assert place.rasters(tmp_path, crew) == place.wanted


def test_the_rasters_hold_what_the_study_says_of_every_cell(place: Place) -> None:
    zone, cls, counts = zoned(place, 1, ThreadCrew(1))
    for path, cells in zip(place.files, (zone, np.where((cls == 255) & (zone > 0), 254, cls)), strict=True):
        with RasterReader(path) as reader:
            np.testing.assert_array_equal(reader.read_stored(0, zone.shape[0], 0, zone.shape[1])[0], cells)
            assert reader.grid == place.job.grid
    assert counts.sum() == (zone > 0).sum()


def test_a_process_killed_in_mid_run_costs_only_its_piece(place: Place, pair: ProcessCrew) -> None:
    killed: list[int] = []

    def kill(done: int, _count: int) -> None:
        if done >= 20 and not killed:
            killed.append(pair.pids[0])
            os.kill(pair.pids[0], signal.SIGKILL)

    whole, pieces = zoned(place, 1, ThreadCrew(1)), zoned(place, 8, pair, progress=kill)
    assert len(killed) == 1
    assert killed[0] not in pair.pids
    assert sum(pair.repeated.values()) == 1
    for one, many in zip(whole, pieces, strict=True):
        np.testing.assert_array_equal(one, many)


def test_the_table_names_the_cells_of_every_municipality(place: Place, tmp_path: Path) -> None:
    made = zone_stack(place.stack, zones=tmp_path / "z.tif", classes=tmp_path / "c.tif")
    assert [(tmp_path / name).read_bytes() for name in ("z.tif", "c.tif")] == place.wanted
    table = made.table
    assert set(table["municipality"]) == set(place.land.codes)
    cells = {code: int((place.land.unit == number).sum()) for number, code in enumerate(place.land.codes, start=1)}
    assert table.groupby("municipality")["cells"].sum().to_dict() == cells
    np.testing.assert_allclose(table["area_ha"], table["cells"] * CELL**2 / 1e4)


def test_rules_with_limits_the_stack_does_not_know_are_refused(place: Place, tmp_path: Path) -> None:
    change = RuleChange.of({"limits": {"maiz": {"temperature": {"low.s2": 15.3}}}})
    ruleset, crops = change.apply(place.job.rules.ruleset, place.job.crops)
    inventory = place.job.inventory
    rules = zoning.rules.compiled_rules.compile_rules(
        ruleset, crops, available=inventory.available, flagged=inventory.flagged
    )
    with StoredStack(place.stack) as stored, pytest.raises(RulesError, match="no tiene los límites") as refused:
        zone_rasters(stored, rules, zones=tmp_path / "z.tif", classes=tmp_path / "c.tif")
    assert "temp_mean" in refused.value.found
    assert list(tmp_path.iterdir()) == []


def test_a_stack_that_changed_on_disk_is_told_by_every_crew(place: Place, pair: ProcessCrew) -> None:
    with StoredStack(place.stack) as stored:
        shared = ChunkRules.of(stored, place.job.rules)
    other = replace(shared, hash="0" * 64, here=None)
    for crew in (ThreadCrew(1), pair):
        with pytest.raises(InputError, match="La pila cambió en el disco"):
            list(crew.run(zone_chunk, cut(place.job.grid.shape, 2), shared=other))


def test_what_is_no_stack_is_refused(place: Place, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no es una pila"):
        StoredStack(place.files[0])
    with pytest.raises(MissingError, match="No existe"):
        StoredStack(tmp_path / "nada")


def test_a_stack_in_an_archive_and_rasters_into_memory_are_the_same_bytes(
    place: Place, pair: ProcessCrew, tmp_path: Path
) -> None:
    archive = tmp_path / "pila.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.write(place.stack / "stack.tif", "pila/stack.tif")
    for crew in (ThreadCrew(2), pair):
        assert place.rasters(tmp_path, crew, stack=f"/vsizip/{archive}/pila/stack.tif") == place.wanted
    with StoredStack(f"/vsizip/{archive}/pila") as stored:
        place_of = [f"/vsizip/{tmp_path}/{name}.zip/{name}.tif" for name in ("zones", "classes")]
        zone_rasters(stored, place.job.rules, zones=place_of[0], classes=place_of[1])
    for name, wanted in zip(("zones", "classes"), place.wanted, strict=True):
        with zipfile.ZipFile(tmp_path / f"{name}.zip") as written:
            assert written.read(f"{name}.tif") == wanted


def test_a_stack_behind_an_address_is_zoned_by_threads_and_processes(
    place: Place, pair: ProcessCrew, tmp_path: Path, fault_server: FaultServer
) -> None:
    content = (place.stack / "stack.tif").read_bytes()
    address = fault_server.put("pila/stack.tif", content)
    assert "//" in address
    assert place.rasters(tmp_path, ThreadCrew(2), stack=f"/vsicurl/{address}") == place.wanted
    assert all(each.range or each.method == "HEAD" for each in fault_server.requests())
    assert place.rasters(tmp_path, pair, stack=f"/vsicurl/{address}") == place.wanted


def test_a_stack_behind_an_address_that_falters_is_asked_again(
    place: Place, tmp_path: Path, fault_server: FaultServer
) -> None:
    address = fault_server.put("otra/stack.tif", (place.stack / "stack.tif").read_bytes())
    fault_server.fault("otra/*", Status(503), times=1)
    assert place.rasters(tmp_path, ThreadCrew(1), stack=f"/vsicurl/{address}") == place.wanted


def test_a_stack_behind_an_address_that_is_not_there_is_told(fault_server: FaultServer) -> None:
    with pytest.raises(MissingError, match="No se puede abrir /vsicurl/http://") as refused:
        StoredStack(f"/vsicurl/{fault_server.address}nada/stack.tif")
    assert "claves" in refused.value.remedy
    fault_server.put("texto/stack.tif", b"hola " * 1000)
    with pytest.raises(InputError, match="no es un ráster"):
        StoredStack(f"/vsicurl/{fault_server.address}texto/stack.tif")


def test_a_store_that_takes_nothing_is_told(place: Place, tmp_path: Path) -> None:
    archive = tmp_path / "lleno.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("z.tif", b"x")
    with StoredStack(place.stack) as stored, pytest.raises(StorageError, match="No se pudo escribir /vsizip/"):
        zone_rasters(stored, place.job.rules, zones=f"/vsizip/{archive}/z.tif", classes=tmp_path / "c.tif")


def test_the_rasters_do_not_depend_on_a_cluster(place: Place, tmp_path: Path, cluster: Any) -> None:  # noqa: ANN401  an optional library
    with DaskCrew(cluster.scheduler_address) as crew:
        assert place.rasters(tmp_path, crew) == place.wanted


def test_a_cluster_worker_killed_in_mid_run_leaves_no_trace(place: Place, cluster: Any) -> None:  # noqa: ANN401  as above
    killed: list[int] = []
    with DaskCrew(cluster.scheduler_address) as crew:

        def kill(done: int, _count: int) -> None:
            if done >= 20 and not killed:
                killed.append(next(iter(crew._client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)

        whole, pieces = zoned(place, 1, ThreadCrew(1)), zoned(place, 8, crew, progress=kill)
    assert len(killed) == 1
    for one, many in zip(whole, pieces, strict=True):
        np.testing.assert_array_equal(one, many)


def test_a_cluster_worker_with_another_stack_is_told(place: Place, cluster: Any) -> None:  # noqa: ANN401  as above
    with StoredStack(place.stack) as stored:
        shared = ChunkRules.of(stored, place.job.rules)
    windows = cut(place.job.grid.shape, 2)
    with DaskCrew(cluster.scheduler_address) as crew:
        with pytest.raises(InputError, match="La pila cambió en el disco"):
            list(crew.run(zone_chunk, windows, shared=replace(shared, hash="0" * 64, here=None)))
        with pytest.raises(CrewError, match="no ve los archivos"):
            list(crew.run(zone_chunk, windows, shared=replace(shared, address="/nada/stack.tif", here=None)))


def cells_of(place: Place, crew: Crew) -> dict[str, Any]:
    """Classify the land as a study does and return its columns."""
    build_stack(place.land, place.job.rules)
    with StackCells(place.stack, StoredStack(place.stack).index.hash) as stack:
        found = classify_stack(stack_job(place.job, stack), place.job.frame, crew=crew)
    return {name: column for name, column in vars(found).items() if isinstance(column, np.ndarray)}


def test_every_column_of_a_study_is_the_same_by_one_two_or_three_processes(place: Place, pair: ProcessCrew) -> None:
    wanted = cells_of(place, ThreadCrew(1))
    assert {"zone", "score", "margin", "limiting_value", "aptitude"} <= set(wanted)
    with ProcessCrew(1) as one, ProcessCrew(3) as three:
        for crew in (one, pair, three):
            for name, column in cells_of(place, crew).items():
                np.testing.assert_array_equal(column, wanted[name], err_msg=name)


def study_bytes(place: Place, crew: Crew | None, progress: Callable[[str, float], None] | None = None) -> list[bytes]:
    """Make a study and return its maps."""
    study = run(place.workspace, name="costuras", scale=SCALE, crew=crew, progress=progress)
    names = ("zones.tif", "classes.tif", "zones.gpkg", "zones.parquet", "summary.csv")
    return [(study.folder / name).read_bytes() for name in names]


def test_a_study_has_the_same_bytes_whoever_classifies_it(place: Place, pair: ProcessCrew, cluster: Any) -> None:  # noqa: ANN401  as above
    killed: list[int] = []

    def kill(stage: str, share: float) -> None:
        if stage == "classify" and 0 < share < 1 and not killed:
            killed.append(pair.pids[0])
            os.kill(pair.pids[0], signal.SIGKILL)

    wanted = study_bytes(place, None)
    assert study_bytes(place, pair, kill) == wanted
    assert len(killed) == 1
    with DaskCrew(cluster.scheduler_address) as crew:
        assert study_bytes(place, crew) == wanted


def test_the_command_zones_alike_by_threads_and_by_processes(make_workspace: Any, tmp_path: Path) -> None:  # noqa: ANN401  a fixture
    workspace = make_workspace(tmp_path / "ws")
    maps = []
    for asked in ([], ["--workers", "2"]):
        assert command(["zone", "-w", str(workspace.root), "--scale", "25000", "--json", *asked]) == 0
        folder = workspace.study_dir("base")
        maps.append([(folder / name).read_bytes() for name in ("zones.tif", "classes.tif", "zones.gpkg")])
    assert maps[0] == maps[1]
