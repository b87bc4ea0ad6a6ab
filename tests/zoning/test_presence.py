"""Presence: mapped fields are rated as the zoning rates them, and chance is always printed beside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

import zoning
from gis.errors import MissingError
from gis.vectors.vector_files import write_gpkg
from layers.workspace import Workspace
from zoning.study.study import Study
from zoning.validation.mapped_farming import rate_mapped_farming
from zoning.validation.presence import LIFT_ZONES, check_presence

Maker = Callable[..., Workspace]


def zoned(
    make_workspace: Maker, root: Path, *, kinds: list[str], boxes: list[tuple[float, float, float, float]]
) -> Study:
    workspace = make_workspace(root)
    frame = gpd.GeoDataFrame(
        {"cover_class": ["farmland"] * len(kinds), "subclass": kinds},
        geometry=[box(*each) for each in boxes],
        crs=workspace.territory.crs,
    )
    write_gpkg(frame, workspace.layers_dir / "cover.gpkg", layer="cover")
    return zoning.run(workspace, scale=25_000)


@pytest.fixture(scope="module")
def study(make_workspace: Maker, tmp_path_factory: pytest.TempPathFactory) -> Study:
    valley = (403_500.0, 7_952_000.0, 404_500.0, 7_952_900.0)
    inner = (403_600.0, 7_952_600.0, 403_900.0, 7_952_800.0)
    wall = (405_500.0, 7_954_300.0, 405_900.0, 7_954_900.0)
    root = tmp_path_factory.mktemp("presence") / "ws"
    return zoned(make_workspace, root, kinds=["farmland", "orchard", "vineyard"], boxes=[valley, inner, wall])


def test_the_cells_of_fields_say_what_the_zoning_says(study: Study) -> None:
    cells = rate_mapped_farming(study)
    assert (cells.kinds == 2).sum() == 6
    assert (cells.kinds == 3).sum() == 24
    assert (cells.kinds == 1).sum() == 90 - 6
    assert cells.known.all()
    # Whoever may claim a cell is apt there.
    assert not (cells.claimable & ~cells.apt).any()
    numbers = {zone["zone"]: zone["number"] for zone in study.manifest["zones"]}
    decided = np.isin(cells.zones, [numbers[code] for code in ("CON", "URB", "AGUA")])
    productive = np.isin(cells.zones, [numbers[code] for code in cells.productive])
    # Outside what law and cover decide, the map (patches merged) and the cells mostly agree.
    assert (productive == cells.claimable)[~decided].mean() > 0.9


def test_shares_and_lift_are_those_of_the_map(study: Study) -> None:
    found = check_presence(study)
    table = found.by_zone.set_index("zone")
    assert table["share"].sum() == pytest.approx(1)
    assert table["base"].sum() == pytest.approx(1)
    assert found.base == pytest.approx(sum(table["base"].get(code, 0.0) for code in LIFT_ZONES))
    assert found.total.inside == pytest.approx(sum(table["share"].get(code, 0.0) for code in LIFT_ZONES))
    assert found.total.lift == pytest.approx(found.total.inside / found.base)
    assert found.total.cells == sum(kind.cells for kind in found.kinds[:-1]) == 114
    assert found.total.hectares == pytest.approx(114)
    assert found.stable_ha is None


def test_chance_stands_beside_every_figure(study: Study) -> None:
    found = check_presence(study)
    assert found.anywhere.cells > 0
    assert found.anywhere.inside == pytest.approx(found.base, abs=0.25)
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["anywhere"]["claimable"] is not None
    assert [kind["kind"] for kind in document["kinds"]] == ["farmland", "orchard", "vineyard", "all"]


def test_fields_on_a_steep_wall_do_not_pass(study: Study) -> None:
    kinds = {kind.kind: kind for kind in check_presence(study).kinds}
    wall, valley = kinds["vineyard"].claimable, kinds["farmland"].claimable
    assert wall is not None
    assert valley is not None
    assert wall < valley


def test_a_territory_without_mapped_fields_is_told_what_is_missing(make_workspace: Maker, tmp_path: Path) -> None:
    bare = zoning.run(make_workspace(tmp_path / "bare", without=("cover",)), scale=25_000)
    with pytest.raises(MissingError, match="No hay campos"):
        check_presence(bare)
    wood = zoned(
        make_workspace, tmp_path / "away", kinds=["farmland"], boxes=[(500_000.0, 7_900_000.0, 500_500.0, 7_900_500.0)]
    )
    with pytest.raises(MissingError, match="No hay campos"):
        check_presence(wood)


@pytest.mark.real_data
def test_real_fields_lie_where_the_map_is_productive(real_study: Study) -> None:
    found = check_presence(real_study)
    assert found.total.hectares > 2_000
    assert found.total.claimable is not None
    assert found.total.claimable >= 0.9
    assert found.total.lift is not None
    assert found.total.lift > 1.5
    # What proves something is the distance from chance.
    assert found.anywhere.claimable is not None
    assert found.total.claimable > 1.5 * found.anywhere.claimable
    assert found.passed
