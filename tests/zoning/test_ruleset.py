"""The starter ruleset says what the method says, and a bad one is refused by file, line and key."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from zoning.rules.compiled_rules import compile_rules
from zoning.rules.crop_library import load_crops
from zoning.rules.gates import Gate
from zoning.rules.limits import S1, S2, S3
from zoning.rules.ruleset import Ruleset
from zoning.rules.ruleset_file import load_ruleset, parse_ruleset, starter_text
from zoning.zoning_errors import RulesError


@pytest.fixture(scope="module")
def rules() -> Ruleset:
    return load_ruleset()


def changed(*changes: tuple[str, str]) -> str:
    text = starter_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def gate(rules: Ruleset, name: str) -> Gate:
    return next(each for each in rules.gates if each.name == name)


def test_starter_fits_the_published_schema() -> None:
    schema = json.loads(files("zoning").joinpath("data", "ruleset.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads(starter_text()), schema)


def test_the_rules_that_decide_the_map_stand_first_and_say_what_is_assumed() -> None:
    head = starter_text().split("format = 1")[0]
    for word in ("Pendiente", "riego", "Bosque", "Clase mínima", "Clima", "Horas de frío", "Helada", "supuesto"):
        assert word in head


def test_zones_are_those_of_the_method(rules: Ruleset) -> None:
    assert [zone.code for zone in rules.zones] == (
        ["HOR", "VID", "FRU", "ANU", "CAN", "GAN", "GAF", "FOR", "CON", "URB", "AGUA", "SD"]
    )
    assert rules.order == ("HOR", "VID", "FRU", "ANU")
    minimum = {code: rules.zone(code).minimum for code in ("HOR", "VID", "FRU", "ANU", "CAN")}
    assert minimum == {"HOR": S2, "VID": S1, "FRU": S3, "ANU": S2, "CAN": S2}
    assert [rules.zone(code).speaks for code in ("HOR", "VID", "CAN")] == [2, 1, 1]
    assert rules.zone("CAN").role == "before"
    assert {zone.chain for zone in rules.zones if zone.chain} == {"hortifruticultura", "vitivinicultura"}
    assert {overlay.chain for overlay in rules.overlays} == {"turismo", "artesanía"}


def test_irrigation_access_is_the_declared_assumption(rules: Ruleset) -> None:
    access = gate(rules, "irrigation_access")
    limits = {each.characteristic.name: each.at_most for each in access.conditions}
    expected = {
        "distance_stream": 500,
        "height_above_stream": 30,
        "distance_road": 1000,
        "distance_settlement": 3000,
    }
    assert limits == expected
    assert "supuesto" in access.source


def test_minimum_mapping_unit_follows_the_scale(rules: Ruleset) -> None:
    areas = {scale: rules.map.minimum_mapping_unit_ha(scale) for scale in (25_000, 50_000, 100_000, 250_000)}
    assert areas == pytest.approx({25_000: 2.5, 50_000: 10, 100_000: 40, 250_000: 250})


def test_every_window_has_a_source_and_every_assumption_is_listed(rules: Ruleset) -> None:
    assert all(window.source for windows in rules.windows.values() for window in windows)
    assert any(each.startswith("gates.irrigation_access") for each in rules.assumptions)
    assert any(each.startswith("windows.vid") for each in rules.assumptions)


def test_every_crop_of_the_library_has_a_window(rules: Ruleset) -> None:
    assert set(load_crops()) <= set(rules.windows)


def test_the_hash_follows_content_not_comments(rules: Ruleset) -> None:
    assert parse_ruleset("# otra nota\n" + starter_text()).hash == rules.hash
    assert parse_ruleset(changed(("offset = 8.0", "offset = 9.0"))).hash != rules.hash


def test_judgements_become_weights() -> None:
    ahp = '[weights]\n[weights.ahp]\nnames = ["temperature", "rain", "slope"]\n'
    matrix = 'matrix = [["1", "3", "5"], ["1/3", "1", "2"], ["1/5", "1/2", "1"]]\n'
    rules = parse_ruleset(changed(("[weights]\n", ahp + matrix)))
    assert rules.weights["temperature"] / rules.weights["slope"] == pytest.approx(0.648329 / 0.122020, rel=1e-4)
    assert rules.consistency_ratio == pytest.approx(0.003185, abs=1e-5)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("format = 1", "format = 2", "formato 2"),
        ('title = "Reglamento básico de los Valles Cruceños"\n', "", "falta la clave «title»"),
        ('role = "before"', 'role = "antes"', "papel"),
        ('basket = ["vid"]', "basket = []", "canasta vacía"),
        ('basket = ["vid"]', 'basket = ["vid", ["vid"]]', "repetido"),
        ("number = 2", "number = 1", "número 1"),
        ('order = ["HOR", "VID", "FRU", "ANU"]', 'order = ["HOR", "VID", "FRU"]', "el orden"),
        ('at_most = 500, unit = "m"', 'at_most = 500, unit = "km"', "unidad «km»"),
        ("at_most = 500, ", "", "no tiene límite"),
        ('characteristic = "distance_stream"', 'characteristic = "distancia"', "desconocida"),
        ('minimum = "S1"', 'minimum = "S4"', "clase «S4»"),
        ('gates = ["slope_30", "vineyard_access"]', 'gates = ["acceso"]', "acceso"),
        ('managements = ["hand", "drip"]', 'managements = ["tractor"]', "tractor"),
        ('months = "09-01"', 'months = "09-13"', "09-13"),
        ("margins = [-3.0, -1.0, 1.0]", "margins = [1.0, -1.0, -3.0]", "márgenes"),
        ('municipalities = ["071302"]', 'municipalities = ["71302"]', "71302"),
        ('colour = "#2a7f3f"', 'colour = "verde"', "verde"),
        ("conflict_quantile = 0.10", "conflict_quantile = 10", "de 0 a 1"),
        ('unknown_zone = "GAF"', 'unknown_zone = "HOR"', "residual"),
        ("[weights]\n", "[weights]\nslope = -1\n", "peso −1"),
        ("[weights]\n", '[weights]\n[weights.ahp]\nnames = ["a"]\nmatrix = [["uno"]]\n', "uno"),
        ('optional = ["soil_depth",', 'optional = ["slope",', "más de una lista"),
        ("[frost]", "[frost]\nsombra = 1", "sombra"),
        ("[zones.SD]\nnumber = 12", "[zones.SX]\nnumber = 12", "SD"),
        ('basket = ["vid"]', "basket = [[]]", "no es un cultivo"),
        ('basket = ["vid"]', "basket = [3]", "no es un cultivo"),
        ('basket = ["vid"]', 'basket = [[["vid"]]]', "no es un cultivo"),
        ('competition_gates = ["near_people"]', 'competition_gates = ["!slope_30"]', "a la vez «slope_30»"),
        ("offset = 8.0", "offset = nan", "número finito"),
        ("offset = 8.0", "offset = 80.0", "de 6 a 10"),
        ("offset = 8.0", "offset = -8.0", "de 6 a 10"),
        ("number = 2\n", "number = 2.5\n", "número entero"),
        ("at_most = 500", "at_most = inf", "número finito"),
        ('ph = "S3"', 'phx = "S3"', "capa desconocida «phx»"),
        ("scale = 100000", "scale = 0", "de 1000 a 10000000"),
        ("mmu_ha_per_scale2 = 4e-9", "mmu_ha_per_scale2 = -1", "0 o más"),
        ("legal_forest_slope = 45", "legal_forest_slope = -45", "de 0 a 1000"),
        ("legal_forest_slope = 45", "legal_forest_slope = 1e30", "de 0 a 1000"),
        ("at_most = 500", "at_most = -1", "de 0 a 1000000"),
        (
            'role = "residual"\nbasket',
            'role = "residual"\nminimum = "S2"\nbasket',
            "GAN no compite y no tiene clase mínima",
        ),
        ('national_park = "CON"', 'nacional_park = "CON"', "¿quiso decir «national_park»"),
        ('national_park = "CON"', 'national_park = "COM"', "¿quiso decir «CON»"),
        ('order = ["HOR", "VID", "FRU", "ANU"]', 'order = ["HOR", "VID", "HOR", "ANU"]', "HOR está dos veces"),
        ('order = ["HOR", "VID", "FRU", "ANU"]', 'order = ["HOR", "VID", "GAN", "ANU"]', "GAN no compite"),
        ('order = ["HOR", "VID", "FRU", "ANU"]', 'order = ["HOR", "VID", "ANU"]', "sin FRU"),
        ("[weights]\n", "[weights]\nslope = inf\n", "número finito"),
        ("[weights]\n", "[weights]\nslope = 1e9\n", "de 0,001 a 1000"),
        ('gates = ["slope_30", "vineyard_access"]', 'gates = ["slope_33"]', "¿quiso decir «slope_30»"),
        ("weight_concentration = 50.0", "weight_concentration = 0", "concentración"),
        ("s3 = 6, s2 = 4, s1 = 2", "s3 = 6, s2 = 8, s1 = 2", "monótonos"),
        ("s3 = 6, s2 = 4, s1 = 2", "s3 = 6, s2 = 6, s1 = 2", "escalón"),
        ("s3 = 6, s2 = 4, s1 = 2", "s3 = 2, s2 = 4, s1 = 6", "al revés"),
        (
            'characteristic = "slope", at_most = 6, unit = "%"',
            'characteristic = "temp_mean", at_most = 6, unit = "degC"',
            "no dependa de los meses",
        ),
        ("[weights]\n", '[weights]\n[weights.ahp]\nnames = ["a", "b"]\nmatrix = [[1, 2], [1]]\n', "fila 2"),
        ("[weights]\n", '[weights]\n[weights.ahp]\nnames = ["a", "b"]\nmatrix = [1, 2]\n', "fila 1"),
        ("[frost]\n", "[frost]\noffset = 1\n", "dos veces"),
        ("[frost]\n", "[frost\n", "no es TOML: falta o sobra un corchete"),
    ],
)
def test_a_bad_ruleset_is_refused_by_line_and_key(old: str, new: str, message: str) -> None:
    with pytest.raises(RulesError) as caught:
        parse_ruleset(changed((old, new)), name="mio.toml")
    text = str(caught.value)
    assert message in text
    # A key that is not there has no line; every other refusal says where to look.
    assert re.match(r"mio\.toml, línea \d+, " if "falta l" not in text else r"mio\.toml", text), text


def test_a_condition_of_many_is_refused_by_its_own_line() -> None:
    text = changed(
        ('distance_settlement", at_most = 3000, unit = "m"', 'distance_settlement", at_most = 3, unit = "km"')
    )
    wrong = next(number for number, line in enumerate(text.splitlines(), 1) if 'at_most = 3, unit = "km"' in line)
    with pytest.raises(RulesError, match=rf"línea {wrong}, gates\.irrigation_access\.conditions\.3\.unit"):
        parse_ruleset(text)


def test_a_citation_must_not_be_blank() -> None:
    with pytest.raises(RulesError, match=r"mio\.toml, línea \d+, frost: falta la cita"):
        parse_ruleset(
            changed(('margins = [-3.0, -1.0, 1.0]\nsource = "supuesto"', "margins = [-3.0, -1.0, 1.0]")),
            name="mio.toml",
        )


def test_contradicting_judgements_are_refused() -> None:
    ahp = '[weights]\n[weights.ahp]\nnames = ["a", "b", "c"]\nmatrix = [[1, 9, "1/9"], ["1/9", 1, 9], [9, "1/9", 1]]\n'
    with pytest.raises(RulesError, match="contradicen"):
        parse_ruleset(changed(("[weights]\n", ahp)))


def test_a_ruleset_for_another_territory_is_refused(rules: Ruleset) -> None:
    rules.check_territory("demo")
    with pytest.raises(RulesError, match="no para «chaco»"):
        rules.check_territory("chaco")


def test_a_missing_or_unreadable_file_is_one_clear_refusal(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match="No existe"):
        load_ruleset(tmp_path / "ruleset.toml")
    (tmp_path / "latin.toml").write_bytes("título = 'Á'".encode("latin-1"))
    with pytest.raises(RulesError, match="No se puede leer"):
        load_ruleset(tmp_path / "latin.toml")
    (tmp_path / "empty.toml").write_text("", encoding="utf-8")
    with pytest.raises(RulesError, match="falta la clave"):
        load_ruleset(tmp_path / "empty.toml")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"tomate", "pimenton"', '"tomate", "quinua"', r"mio\.toml, línea \d+, zones\.HOR\.basket: .*«quinua»"),
        ('basket = ["vid"]', 'basket = ["FRU"]', r"línea \d+, zones\.VID\.basket: .*contiene la zona «FRU».* fin"),
        ('basket = ["vid"]', 'basket = ["VID"]', r"línea \d+, zones\.VID\.basket: .*contiene la zona «VID»"),
        ("[weights]\n", "[weights]\npendientes = 2\n", r"línea \d+, weights\.pendientes: .*slope"),
        ('[[windows.vid]]\nwater = "both"', '[[windows.vid]]\nwater = "irrigated"', None),
        ("[[windows.vid]]", "[[windows.uva]]", r"línea \d+, windows\.uva: no hay un cultivo «uva»"),
        ('ignored = ["base_saturation", ', "ignored = [", r"línea \d+, factors: .*base_saturation"),
    ],
)
def test_rules_that_do_not_fit_the_crops_are_refused(old: str, new: str, message: str | None) -> None:
    rules = parse_ruleset(changed((old, new)), name="mio.toml")
    if message is None:
        compiled = compile_rules(rules, load_crops(), available={"temp_mean"})
        assert {each.water for each in compiled.land_use_types if each.crop == "vid"} == {"irrigated"}
        return
    with pytest.raises(RulesError, match=message):
        compile_rules(rules, load_crops(), available={"temp_mean"})


def test_irrigation_drops_the_lower_rain_limit_and_keeps_the_upper(rules: Ruleset) -> None:
    compiled = compile_rules(rules, load_crops(), available={"rain_season", "rain_annual", "temp_mean"})
    for each in compiled.land_use_types:
        rain = [factor for factor in each.factors if factor.name == "rain"]
        assert len(rain) <= 1
        if each.water == "irrigated":
            assert all(factor.limits.low is None and not factor.required for factor in rain)
        else:
            assert rain
            assert rain[0].required
            assert rain[0].limits.low is not None


def test_soil_chemistry_caps_at_s3(rules: Ruleset) -> None:
    compiled = compile_rules(rules, load_crops(), available={"ph", "organic_carbon"})
    coarse = [f for each in compiled.land_use_types for f in each.factors if f.name in ("ph", "organic_carbon")]
    assert coarse
    assert all(factor.cap == S3 and not factor.required for factor in coarse)


def test_what_no_layer_gives_is_named(rules: Ruleset) -> None:
    compiled = compile_rules(rules, load_crops(), available={"temp_mean", "slope"}, flagged={"slope"})
    assert {"rain_annual", "soil_depth", "distance_stream"} <= set(compiled.absent)
    assert ("slope_6", "flagged") in {(note.gate, note.reason) for note in compiled.gate_notes}
    assert ("irrigation_access", "absent") in {(note.gate, note.reason) for note in compiled.gate_notes}
    assert all(factor.flagged for each in compiled.land_use_types for factor in each.factors if factor.name == "slope")


def test_a_territory_it_was_not_written_for_gets_a_starter_that_serves_it() -> None:
    elsewhere = parse_ruleset(starter_text("chaco"))
    elsewhere.check_territory("chaco")
    assert "Revise aquí" in starter_text("chaco")
    assert starter_text("valles_crucenos") == starter_text()
    with pytest.raises(RulesError, match="no para «chaco»"):
        load_ruleset().check_territory("chaco")
