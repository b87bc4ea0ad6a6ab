"""How sure the zones are: draws that change nothing, cells at a limit, more spread, the same bytes, refusals."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from plain_draws import plain_draws

import zoning
from api.cli.entry import run as valles
from gis.errors import InputError, MissingError
from gis.rasters.raster_reader import RasterReader
from layers.map_layer import FeatureQuery
from layers.workspace import Workspace
from zoning.rules.ruleset import Ruleset, Spread
from zoning.rules.ruleset_file import parse_ruleset, starter_text
from zoning.stack.stack_build import stack_folder, update_stack
from zoning.stack.stack_cells import StackCells
from zoning.study.run_job import open_job
from zoning.study.stability_layer import STEPS, paint
from zoning.study.study import Study
from zoning.study.zone_layers import zone_map_layers
from zoning.uncertainty.draws import CUT, make_draws
from zoning.uncertainty.elevation_error import ElevationError
from zoning.uncertainty.sample_cells import sample_cells
from zoning.uncertainty.zone_draws import Ground, ZoneDraws, draw_zones

NOTHING = Spread(
    temperature_degc=0,
    rain_percent=0,
    limit_percent=0,
    weight_concentration=float("inf"),
    source="prueba",
    elevation_m=0,
)
ONLY_WEIGHTS = replace(NOTHING, weight_concentration=50)


def rules_with(spread: Spread, *, frost: bool = False) -> Ruleset:
    rules = parse_ruleset(starter_text("demo"))
    offset = rules.frost.offset
    still = rules.frost if frost else replace(rules.frost, offset_spread=(offset, offset))
    return replace(rules, spread=spread, frost=still)


def without_stream_height(rules: Ruleset) -> Ruleset:
    gates = tuple(
        replace(
            gate,
            conditions=tuple(each for each in gate.conditions if each.characteristic.name != "height_above_stream"),
        )
        for gate in rules.gates
    )
    return replace(rules, gates=gates)


def ground(workspace: Workspace, rules: Ruleset | None = None, *, cell: float | None = None) -> Ground:
    job = open_job(workspace, ruleset=rules, cell=cell)
    index = update_stack(job.land, job.rules).index
    return Ground(
        workspace=workspace,
        grid=job.grid,
        inventory=job.inventory,
        rules=job.rules,
        unit=job.frame.unit,
        stack=StackCells(stack_folder(job.land), index.hash),
    )


def drawn(workspace: Workspace, spread: Spread, count: int = 6, **options: int) -> ZoneDraws:
    land = ground(workspace, rules_with(spread))
    with land.stack:
        return draw_zones(land, count, **options)


@pytest.fixture(scope="module")
def study(small_workspace: Workspace) -> Study:
    return zoning.run(small_workspace, scale=25_000, name="sorteado", uncertainty=12, seed=3)


def test_the_draws_are_those_of_every_cell_zoned_by_its_own_values(small_workspace: Workspace) -> None:
    """The stability of a zone within .005, that of a cell within a draw or two; every draw's score but for rounding."""
    spread = replace(parse_ruleset(starter_text("demo")).spread, elevation_m=15)
    rules = without_stream_height(rules_with(spread, frost=True))
    land = ground(small_workspace, rules)
    with land.stack:
        found = draw_zones(land, 48, seed=5, scored=48)
        few = draw_zones(land, 48, seed=5)
    plain = plain_draws(open_job(small_workspace, ruleset=rules), 48, seed=5)
    assert (found.zone == plain.zone).all()
    for zone in np.unique(plain.zone).tolist():
        here = plain.zone == zone
        assert found.stability[here].mean() == pytest.approx(plain.stability[here].mean(), abs=0.005)
    assert np.quantile(np.abs(found.stability - plain.stability), 0.999) <= 2 / 48
    assert (np.isfinite(found.score_deviation) == np.isfinite(plain.score_deviation)).mean() > 0.999
    scored = np.isfinite(found.score_deviation) & np.isfinite(plain.score_deviation)
    apart = np.abs(found.score_deviation - plain.score_deviation)[scored]
    assert np.quantile(apart, 0.99) < 0.005
    # Fewer draws for the score change nothing else.
    assert (few.stability == found.stability).all()
    assert (few.factor == found.factor).all()
    assert np.nanmean(few.score_deviation) == pytest.approx(np.nanmean(found.score_deviation), rel=0.1)


def test_draws_without_spread_keep_every_zone(small_workspace: Workspace) -> None:
    found = drawn(small_workspace, NOTHING)
    assert (found.stability == 1).all()
    assert (found.entropy == 0).all()
    assert (found.factor == 255).all()
    assert np.nanmax(found.score_deviation) == pytest.approx(0, abs=1e-6)


def test_without_spread_a_drawn_cell_has_the_zone_of_the_map(small_workspace: Workspace) -> None:
    found = drawn(small_workspace, NOTHING, 1)
    base = zoning.run(small_workspace, scale=25_000, name="quieto")
    with RasterReader(base.folder / "zones.tif") as reader:
        codes = reader.read(0, reader.grid.rows)[0][found.sample.inside]
    # The map merged small patches; everything else is the very same.
    assert (codes == found.zone).mean() > 0.97


def test_weights_move_scores_and_never_a_zone(small_workspace: Workspace) -> None:
    found = drawn(small_workspace, ONLY_WEIGHTS)
    assert (found.stability == 1).all()
    assert np.nanmax(found.score_deviation) > 1e-3


def test_a_cell_at_a_limit_keeps_its_class_in_about_half_of_the_draws(small_workspace: Workspace) -> None:
    from zoning.rating.kernel_loops import class_of  # noqa: PLC0415  loads the compiler
    from zoning.uncertainty.drawn_loops import Drawn  # noqa: PLC0415  as above
    from zoning.uncertainty.flip_loops import weakest  # noqa: PLC0415  as above

    rules = open_job(small_workspace, ruleset=rules_with(replace(NOTHING, limit_percent=10))).rules
    for kind, limited in enumerate(rules.land_use_types):
        factor = next(each for each in limited.factors if each.characteristic.name.startswith("temp"))
        side = factor.limits.low
        assert side is not None
        column = rules.characteristics.index(factor.characteristic)
        values = np.full((len(rules.characteristics), 1), np.nan, dtype=np.float32)
        values[column] = side.s1
        drawn = Drawn(
            base=values,
            made=np.empty((0, 1), dtype=np.float32),
            made_row=np.full(len(values), -1, dtype=np.int32),
            factor=np.ones(len(values), dtype=np.float32),
            plus=np.zeros(len(values), dtype=np.float32),
        )
        assert class_of(float(weakest(kind, 0, drawn, rules.tables)[1])) == 4
        draws = make_draws(rules, 200, seed=kind)
        kept = [class_of(float(weakest(kind, 0, drawn, draw.rules.tables)[1])) == 4 for draw in draws]
        assert np.mean(kept) == pytest.approx(0.5, abs=0.12)
        if kind == 3:
            break


def test_a_cell_astride_two_zones_is_as_unsure_as_a_coin(small_workspace: Workspace) -> None:
    rain_only = replace(NOTHING, rain_percent=15)
    found = drawn(small_workspace, rain_only, 60)
    unsure = np.abs(found.stability - 0.5) < 0.1
    assert unsure.any()
    assert found.entropy[unsure].min() > 0.9
    rain = {index for index, name in enumerate(found.factors) if name.startswith("rain")}
    assert set(found.factor[found.factor != 255].tolist()) <= rain


def test_more_spread_never_makes_the_map_surer(small_workspace: Workspace) -> None:
    means = []
    for share in (0.0, 0.5, 1.0, 2.0):
        spread = replace(NOTHING, temperature_degc=1.8 * share, rain_percent=15 * share, limit_percent=10 * share)
        means.append(float(drawn(small_workspace, spread, 40, seed=1).stability.mean()))
    assert means[0] == 1
    assert all(after <= before + 0.005 for before, after in pairwise(means))
    assert means[-1] < means[0] - 0.02


def test_the_error_of_the_elevation_moves_what_slope_and_stream_height_decide(small_workspace: Workspace) -> None:
    found = drawn(small_workspace, replace(NOTHING, elevation_m=15), 8)
    names = {found.factors[index] for index in set(found.factor.tolist()) - {255}}
    assert names & {"slope", "height_above_stream"}
    assert names <= {"slope", "height_above_stream", "temp_mean", "temp_annual", "huglin", "chill_hours", "extreme_min"}


def test_the_elevation_error_has_the_stated_deviation_and_correlation(small_workspace: Workspace) -> None:
    grid = open_job(small_workspace).grid.finer(4)
    error = ElevationError(grid, sigma=5, length=300, realisations=4, seed=2)
    fields = np.stack([error.rows(number, 0, grid.rows) for number in range(4)])
    assert fields.std() == pytest.approx(5, rel=0.15)
    apart = round(300 / grid.cell)
    pairs = fields[:, :, :-apart].ravel(), fields[:, :, apart:].ravel()
    assert np.corrcoef(*pairs)[0, 1] == pytest.approx(np.exp(-1), abs=0.12)


def test_draws_are_cut_at_two_deviations_and_the_first_ones_stay_the_same(small_workspace: Workspace) -> None:
    rules = open_job(small_workspace).rules
    many, few = make_draws(rules, 40, seed=9), make_draws(rules, 10, seed=9)
    assert max(abs(draw.temperature) for draw in many) <= CUT * 1.8
    assert [draw.temperature for draw in many[:10]] == [draw.temperature for draw in few]
    assert all(-2 <= draw.frost_offset <= 2 for draw in many)
    for draw in few:
        starts = draw.rules.tables.type_start
        assert np.add.reduceat(draw.rules.tables.factor_weight, starts[:-1]) == pytest.approx(1, abs=1e-5)
    assert {draw.realisation for draw in many} == set(range(8))


def test_the_sample_is_at_most_ninety_metres_apart_and_whole_where_that_is_cheap(small_workspace: Workspace) -> None:
    inside = np.ones((900, 900), dtype=np.bool_)
    grid = replace(open_job(small_workspace).grid, cell=30.0, rows=900, cols=900)
    assert sample_cells(inside, grid, draws=20).step == 1
    wide = sample_cells(inside, grid, draws=10_000)
    assert (wide.step, wide.grid.cell) == (3, 90.0)
    assert wide.coarse.sum() == wide.inside.sum() == 300 * 300


def test_a_study_holds_the_map_the_fields_and_the_record_of_its_draws(study: Study) -> None:
    record = study.manifest["uncertainty"]
    assert (record["draws"], record["seed"], study.manifest["seed"]) == (12, 3, 3)
    assert {each["zone"] for each in record["zones"]} >= {"HOR", "CON"}
    zones = study.zones
    assert zones["stability"].between(0, 1).all()
    assert zones.loc[zones["zone"] == "CON", "stability"].eq(1).all()
    unsure = zones[(zones["stability"] < 1) & ~zones["legal"]]
    assert len(unsure)
    assert unsure["flip_factor"].notna().all()
    assert unsure["explanation"].str.contains("estabilidad: ").all()
    stable = zones[zones["stability"] >= 0.8].groupby("zone")["area_ha"].sum()
    for each in record["zones"]:
        assert each["stable_ha"] == pytest.approx(stable.get(each["zone"], 0.0), rel=1e-6)
    told = study.summary().groupby("zone")["stable_ha"].sum(min_count=1)
    for code, hectares in stable.items():
        assert told[code] == pytest.approx(hectares, rel=1e-9)
    written = pd.read_csv(study.folder / "summary.csv")
    assert (written["stable_ha"] <= written["area_ha"]).all()
    assert written["stable_ha"].sum() == pytest.approx(stable.sum(), abs=1e-3)
    with RasterReader(study.folder / "uncertainty.tif") as reader:
        assert reader.names == ("stability", "entropy", "flip_factor", "score_deviation")
        values = reader.read(0, reader.grid.rows)
        known = np.isfinite(values[0])
        assert known.sum() == record["cells"]
        assert f"FACTOR_{int(np.nanmax(values[2]))}" in reader.tags
        assert "log" in reader.tags["ENTROPY"]


def test_the_same_seed_gives_the_same_bytes_whatever_the_workers(study: Study, small_workspace: Workspace) -> None:
    names = ("uncertainty.tif", "zones.gpkg", "zones.parquet", "zones.pmtiles")
    before = {name: _hash(study.folder / name) for name in names}
    again = zoning.run(small_workspace, scale=25_000, name="sorteado", uncertainty=12, seed=3, workers=1)
    assert {name: _hash(again.folder / name) for name in names} == before
    other = zoning.run(small_workspace, scale=25_000, name="otro", uncertainty=12, seed=4)
    assert _hash(other.folder / "uncertainty.tif") != before["uncertainty.tif"]


def test_without_draws_the_boundary_of_annuals_says_that_its_stability_is_unknown(small_workspace: Workspace) -> None:
    quiet = zoning.run(small_workspace, scale=25_000, name="quieto")
    assert quiet.manifest["uncertainty"] is None
    annual = quiet.zones[quiet.zones["zone"].isin(["FRU", "VID", "ANU"])]
    assert len(annual)
    assert annual["explanation"].str.endswith("estabilidad: sin dato.").all()
    assert annual["stability"].isna().all()
    assert quiet.summary()["stable_ha"].isna().all()
    assert pd.read_csv(quiet.folder / "summary.csv")["stable_ha"].isna().all()
    assert not (quiet.folder / "uncertainty.tif").exists()


def test_the_draws_are_a_map_layer_with_pictures_and_stable_hectares(study: Study, small_workspace: Workspace) -> None:
    layers = {each.id: each for each in zone_map_layers(small_workspace)}
    layer, chosen = layers["estabilidad"], {"study": study.name}
    (choice,) = layer.parameters()
    assert study.name in choice.values  # noqa: PD011  no frame
    assert len(layer.describe().legend) == 4
    stable = study.summary().groupby("municipality")["stable_ha"].sum()
    for each in layer.features(FeatureQuery(parameters=chosen)).features:
        told = each["properties"]
        assert told["stable_ha"] == pytest.approx(stable[told["municipality"]], abs=0.01)
        assert told["stable_ha"] <= told["area_ha"]
        assert 0 < told["mean_stability"] <= 1
    middle = study.zones.to_crs("EPSG:3857").union_all().centroid
    place = [int((1 + sign * value / 20037508.34) * 2**9) for sign, value in ((1, middle.x), (-1, middle.y))]
    tile = layer.tile(10, *place, chosen)
    assert tile is not None
    assert tile.content.startswith(b"\x89PNG")
    assert layer.tile(10, 0, 0, chosen) is None
    zoning.run(small_workspace, scale=25_000, name="quieto")
    with pytest.raises(MissingError, match="no tiene sorteos"):
        layer.tile(10, *place, {"study": "quieto"})
    with pytest.raises(MissingError, match="no tiene sorteos"):
        layer.features(FeatureQuery(parameters={"study": "quieto"}))


def test_a_share_takes_the_colour_it_reaches() -> None:
    shares = np.array([[[0.0, 0.39, 0.4, 0.6, 0.8, 1.0, np.nan]]], dtype=np.float32)
    painted = paint(shares)[0]
    assert painted[:, 3].tolist() == [255] * 6 + [0]
    colours = ["#" + bytes(each[:3].tolist()).hex() for each in painted]
    assert colours[:6] == [STEPS[place][1] for place in (0, 0, 1, 2, 3, 3)]


@pytest.mark.parametrize(("count", "seed"), [(0, 0), (-3, 0), (10_001, 0), (5, -1)])
def test_draws_that_cannot_be_made_are_refused(small_workspace: Workspace, count: int, seed: int) -> None:
    with pytest.raises(InputError, match=r"sorteos|semilla"):
        zoning.run(small_workspace, uncertainty=count, seed=seed)


def test_the_command_line_refuses_zero_draws_in_one_spanish_error(
    small_workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    for asked in ("0", "-2"):
        assert valles(["zone", "-w", str(small_workspace.root), "--uncertainty", asked]) in {1, 2}
        told = capsys.readouterr()
        assert not told.out
        assert f"Se pidieron {asked} sorteos" in told.err
        assert "Traceback" not in told.err


def test_the_point_says_how_sure_its_zone_is(study: Study) -> None:
    zones = study.zones[study.zones["stability"] < 1]
    point = zones.geometry.iloc[:1].representative_point().to_crs("EPSG:4326").iloc[0]
    told = study.explain(point.x, point.y)
    assert 0 <= told["stability"] < 1
    assert told["entropy"] > 0
    assert told["flip_factor"]


def test_the_command_prints_stability_by_zone(small_workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["zone", "-w", str(small_workspace.root), "--uncertainty", "2", "--name", "corto", "--json"]
    assert valles(asked) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["draws"] == 2
    assert all(0 <= row["mean_stability"] <= 1 for row in document["zones"] if row["mean_stability"] is not None)


@pytest.mark.real_data
def test_annuals_are_surer_than_vines_and_orchards_on_the_real_layers(real_workspace: Workspace) -> None:
    land = ground(real_workspace, cell=1_000)
    with land.stack:
        found, rules = draw_zones(land, 12, seed=1), land.rules
    mean = {
        code: float(found.stability[found.zone == rules.zone(code).number].mean()) for code in ("ANU", "VID", "FRU")
    }
    assert mean["ANU"] > 0.75
    assert mean["ANU"] > mean["VID"]
    assert mean["ANU"] > mean["FRU"]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
