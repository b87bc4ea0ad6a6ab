"""Every record that ships with the program validates, cites its source, and can be told from its neighbours."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pytest

from layers.spelling import plain_text
from layers.styles import class_styles
from layers.territory import builtin_territories, builtin_territory
from market_prices import Vocabulary, builtin_vocabulary
from zoning import Crop, load_crops, load_ruleset
from zoning.rules.characteristic import QUANTITIES
from zoning.rules.crop_library import NOT_RATED, parse_crop
from zoning.rules.ruleset_file import parse_ruleset, starter_text
from zoning.zoning_errors import RulesError

CROPS = load_crops()
CITATION = re.compile(r"supuesto|definición|\d{4}|https?://|[A-ZÁÉÍÓÚ]{3,}|ficha \d+")
"""What a citation holds at least: a year, an address, an institution, a sheet's number, or the word that owns up."""
BOLIVIA = (-69.7, -22.9, -57.4, -9.6)
"""West, south, east, north, degrees."""
MACHADO = {
    "common vision": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""Linear RGB as dichromats see it (Machado, Oliveira and Fernandes 2009, severity 1)."""
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])
TOLD_APART = 10.0
"""CIE76 distance of two colours that stand beside each other on a map, at least."""


def _lab(colour: str, vision: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    stored = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)
    ratio = XYZ @ np.clip(vision @ linear, 0, 1) / WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return builtin_vocabulary()


def test_the_library_holds_the_crops_it_promises() -> None:
    assert len(CROPS) >= 33
    assert all(crop.name and crop.scientific_name for crop in CROPS.values())
    assert len({crop.name for crop in CROPS.values()}) == len(CROPS)


@pytest.mark.parametrize("crop", CROPS.values(), ids=lambda crop: crop.id)
def test_every_number_of_a_crop_has_its_unit_and_its_citation(crop: Crop) -> None:
    assert CITATION.search(crop.killing_source)
    assert crop.cycle_days[0] <= crop.cycle_days[1]
    for factor in crop.factors.values():
        assert factor.candidates, factor.name
        assert factor.use == NOT_RATED or factor.requirement is not None
        by_rule = factor.use == next((key for key in ("luset", "ecocrop") if key in factor.candidates), factor.use)
        assert by_rule or factor.reason, f"{factor.name}: not the source that the rule would take, and no word why"
        for key, each in factor.candidates.items():
            assert each.unit == QUANTITIES[each.characteristic].unit
            assert CITATION.search(each.source), f"{factor.name}.{key}: {each.source!r}"


@pytest.mark.parametrize("crop", CROPS.values(), ids=lambda crop: crop.id)
def test_a_crop_without_any_one_of_its_citations_is_refused(crop: Crop) -> None:
    name = f"{crop.id}.toml"
    lines = files("zoning").joinpath("data", "crops", name).read_text(encoding="utf-8").splitlines()
    cited = [place for place, line in enumerate(lines) if line.startswith("source = ")]
    assert len(cited) > len(crop.factors)
    for place in cited:
        with pytest.raises(RulesError, match="source"):
            parse_crop("\n".join(lines[:place] + lines[place + 1 :]), name=name)


def test_every_rule_has_a_source_or_says_that_it_is_an_assumption() -> None:
    rules = load_ruleset()
    said = {
        "map": rules.map.source,
        "frost": rules.frost.source,
        "cover": rules.cover.source,
        "spread": rules.spread.source,
        **{f"gate {each.name}": each.source for each in rules.gates},
        **{f"management {each.name}": each.source for each in rules.managements.values()},
        **{f"zone {each.code}": each.source for each in rules.zones},
        **{f"scenario {each.name}": each.source for each in rules.scenarios.values()},
        **{f"overlay {each.code} {one.name}": one.source for each in rules.overlays for one in each.factors},
        **{f"{crop} {each.months}": each.source for crop, all_ in rules.windows.items() for each in all_},
    }
    assert not [name for name, source in said.items() if not source.strip()]
    cited = re.findall(r'source = "([^"]*)"', starter_text())
    assert len(rules.assumptions) == sum("supuesto" in source for source in cited)


def test_a_ruleset_without_any_one_of_its_citations_is_refused() -> None:
    lines = starter_text().splitlines()
    cited = [place for place, line in enumerate(lines) if line.startswith("source = ") and place > lines.index("[map]")]
    assert len(cited) > 60
    for place in cited[::4]:
        with pytest.raises(RulesError, match="source"):
            parse_ruleset("\n".join(lines[:place] + lines[place + 1 :]))


def test_the_rules_that_decide_the_map_stand_in_its_first_lines_with_their_source() -> None:
    head = starter_text().split("\n\n", 1)[0]
    rules = re.findall(r"^#\s+(\d+)\. (.+)$", head, flags=re.MULTILINE)
    assert [int(number) for number, _ in rules] == list(range(1, len(rules) + 1))
    assert len(rules) >= 10
    assert all(CITATION.search(text) for _, text in rules)


@pytest.mark.parametrize("name", builtin_territories())
def test_every_municipality_says_where_its_seat_was_read(name: str) -> None:
    territory = builtin_territory(name)
    west, south, east, north = BOLIVIA
    for each in territory.municipalities:
        assert re.fullmatch(r"\d{6}", each.code)
        assert each.province
        assert each.area_km2
        assert each.seat is not None
        assert CITATION.search(each.seat.source), each.name
        assert west < each.seat.lon < east
        assert south < each.seat.lat < north
        for spelling in (each.code, each.code.lstrip("0"), each.name, *each.aliases):
            assert territory.municipality(spelling) is each, spelling
    assert len({each.code for each in territory.municipalities}) == len(territory.municipalities)


def test_every_weight_of_a_measure_has_a_source_and_its_dates_or_says_that_it_is_not_known(words: Vocabulary) -> None:
    for unit in words.measures.units.values():
        assert unit.kg is None or unit.source, unit.id
    for rule in words.measures.conversions:
        assert len(rule.source) > 10, rule
        assert rule.kg is not None or "sin conversión" in rule.source, rule
        dates = [dt.date.fromisoformat(text) for text in (rule.first, rule.last) if text]
        assert dates == sorted(dates), rule
    exact = [
        (each.unit, each.product, each.variety, market, each.package, each.provider, each.first)
        for each in words.measures.conversions
        for market in each.markets or ("",)
    ]
    assert len(set(exact)) == len(exact)


def test_every_market_cites_its_source_and_lies_in_the_country_or_nowhere(words: Vocabulary) -> None:
    west, south, east, north = BOLIVIA
    for market in words.all_markets:
        assert market.source, market.id
        assert (market.lon is None) == (market.lat is None), market.id
        if market.lon is not None and market.lat is not None:
            assert west < market.lon < east, market.id
            assert south < market.lat < north, market.id


def test_every_municipality_has_a_market_of_its_own_and_markets_to_refer_to(words: Vocabulary) -> None:
    for territory in map(builtin_territory, builtin_territories()):
        for each in territory.municipalities:
            assert words.municipality_market(each.code).municipality == each.code
            assert words.reference_markets(each.code)


def test_one_spelling_means_one_product_and_one_market(words: Vocabulary) -> None:
    for records in (words.all_products, words.all_markets):
        seen: dict[str, str] = {}
        for each in records:
            for name in (each.id, each.name, *each.synonyms):
                assert seen.setdefault(plain_text(name), each.id) == each.id, name


def test_what_grows_has_its_scientific_name(words: Vocabulary) -> None:
    assert not [each.id for each in words.all_products if each.local and not each.scientific]


def test_whoever_publishes_prices_is_named_with_a_licence(words: Vocabulary) -> None:
    assert not [each.id for each in words.all_sources if not (each.name and each.licence and each.attribution)]


def test_every_warning_known_beforehand_is_about_something_that_exists(words: Vocabulary) -> None:
    known = {
        "product": {each.id for each in words.all_products},
        "market": {each.id for each in words.all_markets},
        "source": {each.id for each in words.all_sources},
        "unit": set(words.measures.units),
    }
    for notice in words.notices:
        assert notice.text
        for column, names in known.items():
            assert notice.selectors.get(column) in names | {None}, notice


@pytest.mark.parametrize("vision", MACHADO)
@pytest.mark.parametrize("kind", ["classes", "zones"])
def test_no_two_colours_of_a_map_are_one_to_any_eye(kind: str, vision: str) -> None:
    classes = {each.name: each.colour for each in class_styles()}
    colours = classes if kind == "classes" else {each.code: each.colour for each in load_ruleset().zones}
    seen = {name: _lab(colour, MACHADO[vision]) for name, colour in colours.items()}
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= TOLD_APART, f"{one} and {other}"


def test_a_grey_copy_still_orders_the_classes() -> None:
    lightness = [float(_lab(each.colour, np.eye(3))[0]) for each in class_styles() if each.name != "SD"]
    assert lightness == sorted(lightness)
