"""A territory knows its municipalities under every name they bear."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from gis.errors import InputError, MissingError
from layers.territory import (
    Municipality,
    Territory,
    builtin_territory,
    builtin_text,
    load_territory,
    parse_territory,
)
from layers.territory_file import territory_toml

VALLES = builtin_territory("valles_crucenos")


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("Trigal", "070802"),
        ("EL TRIGAL", "070802"),
        ("Moromoro", "070803"),
        ("Moro Moro", "070803"),
        ("Pampagrande", "070902"),
        ("PAMPA GRANDE", "070902"),
        ("Postrervalle", "070804"),
        ("postrer valle", "070804"),
        ("Pucará", "070805"),
        ("PUCARA", "070805"),
        ("VALLE GRANDE", "070801"),
        ("70801", "070801"),
        (70801, "070801"),
        (70801.0, "070801"),
        ("070801", "070801"),
        (" comarapa ", "071301"),
    ],
)
def test_every_spelling_seen_in_a_source_means_one_municipality(spelling: object, code: str) -> None:
    assert VALLES.municipality(spelling).code == code


def test_the_valles_are_eleven_with_seats_altitudes_areas_and_sources() -> None:
    assert len(VALLES.municipalities) == 11
    assert sum(each.area_km2 or 0 for each in VALLES.municipalities) == pytest.approx(13_837.65, abs=0.05)
    for each in VALLES.municipalities:
        assert len(each.code) == 6
        assert each.seat is not None
        assert each.seat.altitude_m is not None
        assert each.seat.source
        assert -64.82 < each.seat.lon < -63.5
        assert -19.19 < each.seat.lat < -17.42


def test_an_unknown_municipality_is_refused_with_the_names() -> None:
    with pytest.raises(MissingError, match=r"Narnia.*Vallegrande"):
        VALLES.municipality("Narnia")
    assert VALLES.find(None) is None


def test_a_written_territory_reads_back_the_same(territory: Territory) -> None:
    quoted = replace(territory, name='Comillas "raras" y \\ barras', notice="línea\nnueva", climate="chelsa")
    for each in (VALLES, VALLES.with_cell(250), territory, quoted):
        assert parse_territory(tomllib.loads(territory_toml(each)), "x") == each


def test_the_builtin_file_keeps_its_comments() -> None:
    assert territory_toml(VALLES).startswith("# El territorio de los Valles Cruceños")


def test_one_spelling_for_two_municipalities_is_refused(territory: Territory) -> None:
    twin = Municipality(code="070803", name="Otro", aliases=("poniente",))
    with pytest.raises(InputError, match="nombra dos municipios"):
        replace(territory, municipalities=(*territory.municipalities, twin))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("esto no es toml", "no es TOML"),
        ('id = "x"', "falta la clave 'name'"),
        ('id="x"\nname="x"\ncrs="x"\narea_crs="x"\nmunicipality=[]', "no tiene municipios"),
        ('id="x"\nname="x"\ncrs="x"\narea_crs="x"\nmunicipality=3', "tipo esperado"),
    ],
)
def test_a_damaged_file_is_refused_in_words(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "territory.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        load_territory(file)


def test_a_cell_that_is_no_length_is_refused(territory: Territory) -> None:
    with pytest.raises(InputError, match="cell_m"):
        territory.with_cell(0)


def test_the_choice_of_sources_and_addresses_survives_writing_and_reading(tiny: Territory) -> None:
    chosen = replace(tiny, sources={"soil": "soilgrids"}, addresses={"soilgrids": "http://127.0.0.1/suelos/"})
    again = parse_territory(tomllib.loads(territory_toml(chosen)), "territory.toml")
    assert (again.sources, again.addresses) == (chosen.sources, chosen.addresses)
    assert parse_territory(tomllib.loads(territory_toml(tiny)), "territory.toml").sources == {}


@pytest.mark.parametrize("table", ["sources = 3", "[sources]\nsoil = 3", "[addresses]\nsoilgrids = ''"])
def test_a_choice_that_is_no_table_of_texts_is_refused(table: str) -> None:
    head, _blank, rest = builtin_text("valles_crucenos").partition("[[municipality]]")
    with pytest.raises(InputError, match="no es una tabla de textos"):
        parse_territory(tomllib.loads(f"{head}\n{table}\n[[municipality]]{rest}"), "territory.toml")
