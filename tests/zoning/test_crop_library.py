"""The crop library is whole, cited and in the right units; a bad file is refused by file, line and key."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from zoning.rules.crop_library import Crop, library_hash, load_crops, parse_crop
from zoning.zoning_errors import CropError

EXPECTED = [
    "ajo",
    "alfalfa",
    "arveja",
    "brocoli",
    "cana",
    "cebada",
    "cebolla",
    "chirimoya",
    "ciruelo_eu",
    "ciruelo_jp",
    "citricos",
    "durazno",
    "frutilla",
    "lechuga",
    "maiz",
    "mani",
    "manzana",
    "palta",
    "papa",
    "pasto_brizantha",
    "pasto_guinea",
    "pasto_kikuyo",
    "pasto_setaria",
    "pera",
    "pimenton",
    "repollo",
    "sandia",
    "tabaco",
    "tomate",
    "trigo",
    "vainita",
    "vid",
    "zanahoria",
]
FRUIT = ("durazno", "ciruelo_jp", "ciruelo_eu", "manzana", "chirimoya", "citricos", "vid")


@pytest.fixture(scope="module")
def crops() -> dict[str, Crop]:
    return load_crops()


def tomato(*changes: tuple[str, str]) -> str:
    text = files("zoning").joinpath("data", "crops", "tomate.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_every_crop_is_there(crops: dict[str, Crop]) -> None:
    assert list(crops) == EXPECTED


def test_every_number_has_a_citation_and_every_crop_a_frost_limit(crops: dict[str, Crop]) -> None:
    for crop in crops.values():
        assert crop.killing_source
        assert crop.cycle_days[0] < crop.cycle_days[1]
        for factor in crop.factors.values():
            assert all(each.source for each in factor.candidates.values()), (crop.id, factor.name)


def test_both_sources_stand_where_they_disagree(crops: dict[str, Crop]) -> None:
    for crop, factor in (("tomate", "temperature"), ("arveja", "temperature"), ("durazno", "rain")):
        found = crops[crop].factors[factor]
        assert {"ecocrop", "luset"} <= set(found.candidates), crop
        assert found.use in found.candidates
        assert found.reason


def test_rain_of_fruit_comes_from_ecocrop_as_an_annual_total(crops: dict[str, Crop]) -> None:
    for crop in FRUIT:
        rain = crops[crop].factors["rain"]
        assert rain.use == "ecocrop"
        assert rain.requirement is not None
        assert rain.requirement.characteristic == "rain_annual"


def test_deciduous_fruit_states_chill_for_a_cultivar(crops: dict[str, Crop]) -> None:
    for crop in ("durazno", "ciruelo_jp", "ciruelo_eu", "manzana", "pera"):
        requirement = crops[crop].factors["chill"].requirement
        assert requirement is not None
        assert requirement.cultivar


def test_a_limit_is_compared_with_its_own_statistic(crops: dict[str, Crop]) -> None:
    for crop in crops.values():
        for factor in crop.factors.values():
            for key, each in factor.candidates.items():
                if key == "ecocrop" and factor.name == "rain":
                    assert each.characteristic == "rain_annual"


def test_misprints_are_corrected_with_a_note(crops: dict[str, Crop]) -> None:
    hand = crops["vainita"].factors["slope_hand"].requirement
    orange = crops["citricos"].factors["temperature"].candidates["luset"]
    assert hand is not None
    assert hand.limits.high is not None
    assert hand.limits.high.s1 == 8
    assert "Corregido" in hand.note
    assert "Corregido" in orange.note
    steps = [
        each
        for crop in crops.values()
        for factor in crop.factors.values()
        for each in factor.candidates.values()
        if any(side is not None and side.step for side in (each.limits.low, each.limits.high))
    ]
    assert steps
    assert all("escalón" in each.note for each in steps)


def test_published_numbers_agree_with_the_facts(crops: dict[str, Crop]) -> None:
    potato = crops["papa"].factors["temperature"].candidates
    assert potato["luset"].limits.low is not None
    assert (potato["luset"].limits.low.s3, potato["luset"].limits.low.s1) == (8, 13)
    assert crops["alfalfa"].killing_temperature == -25


@pytest.mark.parametrize(
    ("old", "new", "message", "key"),
    [
        ("s3 = 13, s2 = 16, s1 = 18", "s3 = 13, s2 = 19, s1 = 18", "monótonos", "temperature.luset"),
        ("low = { s3 = 13, s2 = 16, s1 = 18 }", "low = { s3 = 13, s2 = 13, s1 = 18 }", "escalón", "temperature.luset"),
        ('unit = "degC"\nlow', 'unit = "F"\nlow', "unidad «F»", "temperature.luset.unit"),
        ('characteristic = "temp_mean"', 'characteristic = "luna"', "capa desconocida", "characteristic"),
        ('use = "luset"', 'use = "otra"', "fuente en uso", "use"),
        ('source = "LUSET', 'origin = "LUSET', "cita", "factor"),
        ("[cycle]", "[ciclo]", "unit", "cycle"),
        ('kind = "annual"', 'kind = "árbol"', "clase de cultivo", "kind"),
        ("abs_min = 7, opt_min = 20", "abs_min = 21, opt_min = 20", "monótono", "trapezoid"),
        ("[factor.ph]", "[factor.ph]\nlimite = 3", "limite", "ph"),
        ('id = "tomate"', 'id = "papa"', "nombre del archivo", "id"),
        ("min = 70", 'min = "70"', "70", "cycle.min"),
        ('name = "tomate"', "name = ", "no es TOML", ""),
    ],
)
def test_a_bad_file_is_refused_by_file_line_and_key(old: str, new: str, message: str, key: str) -> None:
    with pytest.raises(CropError) as caught:
        parse_crop(tomato((old, new)), name="tomate.toml")
    text = str(caught.value)
    assert message in text
    assert "tomate.toml" in text
    assert key in text


def test_the_line_named_is_the_line_of_the_key() -> None:
    text = tomato(('unit = "%"', 'unit = "cm"'))
    wrong = text.splitlines().index('unit = "cm"') + 1
    with pytest.raises(CropError, match=f"línea {wrong},"):
        parse_crop(text, name="tomate.toml")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("low = { s3 = 13, s2 = 16, s1 = 18 }", "low = { s3 = 13, s2 = 19, s1 = 18 }", "low"),
        ("high = { s3 = 35, s2 = 30, s1 = 26 }", "high = { s3 = 35, s2 = 35, s1 = 26 }", "high"),
        ("high = { s3 = 35, s2 = 30, s1 = 26 }", "high = { s3 = 26, s2 = 30, s1 = 35 }", "high"),
        ("low = { s3 = 13, s2 = 16, s1 = 18 }", "low = { s3 = 13, s2 = nan, s1 = 18 }", "low"),
        ("abs_min = 7, opt_min = 20", "abs_min = 20, opt_min = 20", "trapezoid"),
        ("abs_min = 7, opt_min = 20", "abs_min = 21, opt_min = 20", "trapezoid"),
    ],
)
def test_limits_out_of_order_are_refused_by_the_line_they_stand_on(old: str, new: str, key: str) -> None:
    text = tomato((old, new))
    line = next(number for number, each in enumerate(text.splitlines(), 1) if new in each)
    with pytest.raises(CropError, match=rf"tomate\.toml, línea {line}, factor\.temperature\.\w+\.{key}"):
        parse_crop(text, name="tomate.toml")


def test_a_workspace_adds_crops_and_replaces_those_of_the_library(crops: dict[str, Crop], tmp_path: Path) -> None:
    assert load_crops(own=tmp_path / "crops") == crops
    quinoa = tomato(('id = "tomate"', 'id = "quinua"'), ('name = "tomate"', 'name = "quinua"'))
    (tmp_path / "quinua.toml").write_text(quinoa, encoding="utf-8")
    (tmp_path / "tomate.toml").write_text(tomato(("s1 = 18", "s1 = 18.5")), encoding="utf-8")
    found = load_crops(own=tmp_path)
    assert list(found) == sorted([*crops, "quinua"])
    assert found["tomate"].hash != crops["tomate"].hash
    assert found["papa"] == crops["papa"]
    (tmp_path / "papa.toml").write_bytes("ñ".encode("latin-1"))
    with pytest.raises(CropError, match=r"No se puede leer .*papa\.toml"):
        load_crops(own=tmp_path)


def test_an_empty_folder_is_no_library(tmp_path: Path) -> None:
    with pytest.raises(CropError, match="no tiene cultivos"):
        load_crops(tmp_path)


def test_the_hash_follows_content_not_layout(crops: dict[str, Crop]) -> None:
    spaced = parse_crop(tomato(("# Temperatura\n", "# Otra nota\n\n")), name="tomate.toml")
    changed = parse_crop(tomato(("s1 = 18", "s1 = 18.5")), name="tomate.toml")
    assert spaced.hash == crops["tomate"].hash
    assert changed.hash != crops["tomate"].hash
    assert library_hash({**crops, "tomate": changed}) != library_hash(crops)
