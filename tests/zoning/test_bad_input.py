"""What cannot be zoned, judged or explained is one refusal that names file and key and says what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box

import zoning
from api.cli.entry import run
from gis.errors import InputError
from layers.territory import Municipality, Territory
from layers.workspace import Workspace
from zoning.rules.ruleset_file import starter_text
from zoning.validation.accuracy import assess_accuracy


@dataclass(frozen=True)
class Refused:
    """What a refused command said."""

    found: str
    """First line, without its mark."""
    rest: str
    """What was expected and what to do."""


Ask = Callable[..., Refused]


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ask:
    """Return a function that runs a command, which must refuse with one clear error and write nothing."""

    def ask(*words: str, code: int = 1) -> Refused:
        before = sorted(tmp_path.rglob("*"))
        capsys.readouterr()
        assert run(list(words)) == code
        printed = capsys.readouterr()
        assert printed.out == ""
        lines = printed.err.strip().splitlines()
        assert lines[0].startswith("Error: ")
        assert len(lines) > 1, "says what was found and not what to do"
        assert "Traceback" not in printed.err
        assert sorted(tmp_path.rglob("*")) == before
        return Refused(lines[0].removeprefix("Error: "), " ".join(lines[1:]))

    return ask


@pytest.fixture
def workspace(tmp_path: Path, small_territory: Territory) -> Workspace:
    """Return a workspace with its rules and without layers: rules are refused before a layer is looked for."""
    return Workspace.init(tmp_path / "ws", small_territory, files={"ruleset.toml": starter_text()})


def rewrite(workspace: Workspace, old: str, new: str) -> int:
    """Change the rules and return the line of the change."""
    path = workspace.config("ruleset.toml")
    text = path.read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    path.write_text(changed, encoding="utf-8")
    return changed[: changed.index(new) + len(new)].rstrip("\n").count("\n") + 1


def own_crop(workspace: Workspace, old: str, new: str) -> int:
    """Put a changed tomato into the workspace and return the line of the change."""
    text = files("zoning").joinpath("data", "crops", "tomate.toml").read_text(encoding="utf-8")
    assert old in text
    changed = text.replace(old, new, 1)
    (workspace.root / "crops").mkdir()
    (workspace.root / "crops" / "tomate.toml").write_text(changed, encoding="utf-8")
    return changed[: changed.index(new)].count("\n") + 1


def test_a_crop_that_names_an_unknown_layer(workspace: Workspace, refused: Ask) -> None:
    line = own_crop(workspace, 'characteristic = "temp_mean"', 'characteristic = "temperatura"')
    said = refused("ruleset", "check", "-w", str(workspace.root))
    assert f"tomate.toml, línea {line}, factor.temperature." in said.found
    assert "capa desconocida «temperatura»" in said.found
    assert "temp_mean" in said.rest


def test_a_crop_limit_in_another_unit(workspace: Workspace, refused: Ask) -> None:
    line = own_crop(workspace, 'unit = "cm"', 'unit = "m"')
    said = refused("ruleset", "check", "-w", str(workspace.root))
    assert f"tomate.toml, línea {line}, factor.soil_depth.luset.unit: unidad «m»" in said.found
    assert "«cm»" in said.rest


def test_a_threshold_in_another_unit(workspace: Workspace, refused: Ask) -> None:
    line = rewrite(
        workspace, 'distance_stream", at_most = 500, unit = "m"', 'distance_stream", at_most = 1, unit = "km"'
    )
    said = refused("ruleset", "check", "-w", str(workspace.root))
    assert f"ruleset.toml, línea {line}, gates.irrigation_access.conditions.0.unit: unidad «km»" in said.found
    assert "«m»" in said.rest


@pytest.mark.parametrize(
    ("weights", "found", "rest"),
    [
        ("slope = -1\n", "weights.slope: peso −1", "mayor que 0"),
        ("pendiente = 2\n", "weights.pendiente: ningún cultivo tiene un factor «pendiente»", "slope"),
        (
            (
                '[weights.ahp]\nnames = ["rain", "slope", "frost"]\n'
                'matrix = [[1, 9, "1/9"], ["1/9", 1, 9], [9, "1/9", 1]]\n'
            ),
            "weights.ahp.matrix: Los juicios se contradicen: razón de consistencia 6,13",
            "a lo sumo 0,10 Qué hacer: Revise primero el juicio entre «rain» y «slope»",
        ),
        (
            '[weights.ahp]\nnames = ["rain", "slope"]\nmatrix = [[1, 3], ["1/2", 1]]\n',
            "weights.ahp.matrix: El juicio de «rain» sobre «slope» es 3 y el contrario 0,5",
            "Escriba 1/3 en la fila «slope», columna «rain»",
        ),
    ],
)
def test_a_weight_set_that_is_inconsistent(
    workspace: Workspace, refused: Ask, weights: str, found: str, rest: str
) -> None:
    rewrite(workspace, "[weights]\n", f"[weights]\n{weights}")
    said = refused("ruleset", "check", "-w", str(workspace.root))
    assert said.found.startswith("ruleset.toml, línea ")
    assert found in said.found
    assert rest in said.rest


@pytest.mark.parametrize(
    ("basket", "found", "rest"),
    [
        ("[]", "canasta vacía", "al menos un cultivo"),
        ("[[]]", "«[]» no es un cultivo", "ciruelo_jp"),
        ('["VID"]', "la canasta contiene la zona «VID»", "puede no tener fin"),
        ('["FRU"]', "la canasta contiene la zona «FRU»", "Escriba los cultivos de esa zona"),
        ('["uva"]', "no hay un cultivo «uva»", "crops/uva.toml"),
        ('["vid", "vid"]', "un cultivo repetido en la canasta", "una sola vez"),
    ],
)
def test_a_cyclic_or_empty_basket(workspace: Workspace, refused: Ask, basket: str, found: str, rest: str) -> None:
    line = rewrite(workspace, 'basket = ["vid"]', f"basket = {basket}")
    said = refused("ruleset", "check", "-w", str(workspace.root))
    assert f"ruleset.toml, línea {line}, zones.VID.basket: {found}" in said.found
    assert rest in said.rest


def test_a_ruleset_for_another_territory(workspace: Workspace, refused: Ask) -> None:
    line = rewrite(workspace, 'territories = ["valles_crucenos", "demo"]', 'territories = ["chaco"]')
    said = refused("ruleset", "check", "-w", str(workspace.root))
    assert f"ruleset.toml, línea {line}, territories: el reglamento es para «chaco», no para «demo»" in said.found
    assert "Añada el territorio" in said.rest


def test_a_run_under_rules_for_another_territory_writes_nothing(small_workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "otro.toml"
    text = starter_text().replace('territories = ["valles_crucenos", "demo"]', 'territories = ["chaco"]')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"otro\.toml, línea \d+, territories: .*«chaco», no para «demo»"):
        zoning.run(small_workspace, ruleset=path, name="ajeno")
    assert "ajeno" not in small_workspace.studies()


def test_a_point_outside_the_territory_and_a_study_that_is_not_there(demo_study: Workspace, refused: Ask) -> None:
    place = ["-w", str(demo_study.root)]
    said = refused("explain", "--at", "-60,-18", *place)
    assert "-60.00000, -18.00000 queda fuera del territorio" in said.found
    assert "--at -6" in said.rest, "gives a place inside"
    said = refused("explain", "--at", "-64,-18.5", "--study", "nada", *place)
    assert "«nada»" in said.found
    assert "base" in said.rest
    for words in (("diff", "base", "nada"), ("validate", "--study", "nada"), ("study", "verify", "nada")):
        assert "«nada»" in refused(*words, *place).found
    assert "--at no es un lugar" in refused("explain", "--at", "Vallegrande", *place, code=2).found


@pytest.fixture(scope="module")
def demo_study(make_workspace: Callable[..., Workspace], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = make_workspace(tmp_path_factory.mktemp("bad") / "ws")
    zoning.run(workspace, scale=250_000)
    return workspace


@pytest.mark.parametrize(
    ("matrix", "areas", "said"),
    [
        ([[0, 0], [3, 9]], [10, 20], "1"),
        ([[5, 1], [0, 0]], [10, 20], "2"),
    ],
)
def test_an_error_matrix_with_an_empty_row(matrix: list[list[int]], areas: list[float], said: str) -> None:
    with pytest.raises(InputError) as caught:
        assess_accuracy(matrix, areas)
    assert said in caught.value.found
    assert "punto" in str(caught.value)


def test_no_draws_at_all(demo_study: Workspace, refused: Ask) -> None:
    said = refused("zone", "--uncertainty", "0", "-w", str(demo_study.root))
    assert "0" in said.found
    assert "sorteo" in f"{said.found} {said.rest}"


def test_a_territory_north_of_the_equator(small_territory: Territory, tmp_path: Path) -> None:
    north = replace(
        small_territory,
        id="norte",
        crs="EPSG:32620",
        area_crs="+proj=laea +lat_0=8 +lon_0=-64 +datum=WGS84 +units=m +no_defs",
        municipalities=(Municipality(code="000001", name="Arriba", province="Otra"),),
    )
    workspace = Workspace.init(tmp_path / "north", north)
    frame = gpd.GeoDataFrame(
        {"code": ["000001"], "name": ["Arriba"]}, geometry=[box(400_000, 880_000, 406_000, 885_000)], crs="EPSG:32620"
    )
    frame.to_file(workspace.layers_dir / "municipalities.gpkg", layer="municipalities", driver="GPKG")
    with pytest.raises(InputError, match="al norte del ecuador") as caught:
        zoning.run(workspace)
    assert "julio" in caught.value.expected
    assert workspace.studies() == ()
