"""What a planner may try is what the rules hold, needs no layer, and comes back from its hash as lines for rules."""

from __future__ import annotations

import random
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from zoning.comparison.change_options import options_of, study_rules
from zoning.comparison.change_text import change_files, plain_content
from zoning.comparison.preview import Preview
from zoning.rules.crop_library import load_crops, parse_crop
from zoning.rules.rule_change import RuleChange
from zoning.rules.ruleset_file import parse_ruleset
from zoning.study.study import Study

CHANGE = {
    "order": ["VID", "HOR", "FRU", "ANU"],
    "minimum": {"VID": "S2"},
    "gates": {"near_people": {"distance_road": 3000}},
    "ungated": ["vineyard_access"],
    "limits": {"vid": {"temperature": {"low.s1": 1850}}, "papa": {"temperature": {"low.s1": 16}}},
    "protected": {"national_park": "", "municipal": "CON"},
    "legal_forest_slope": 60,
}


@pytest.fixture(scope="module")
def root(demo_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("options") / "ws"
    shutil.copytree(demo_workspace, root)
    return root


@pytest.fixture(scope="module")
def client(root: Path) -> TestClient:
    return TestClient(create_app(Settings(workspace=root, refresh_seconds=0)), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def told(client: TestClient) -> dict[str, Any]:
    answer = client.get("/api/v1/zoning/options")
    assert answer.status_code == 200, answer.text
    return answer.json()


def post(client: TestClient, change: Any) -> str:  # noqa: ANN401  any JSON
    for _attempt in range(120):
        answer = client.post("/zoning/preview", json=change)
        if answer.status_code != 503:
            break
    assert answer.status_code == 200, answer.text
    return str(answer.json()["hash"])


def test_the_options_are_todays_numbers_of_the_rules(told: dict[str, Any], root: Path) -> None:
    rules, crops = study_rules(Study.open(root, "base"))
    assert told["study"] == "base"
    assert told["order"] == list(rules.ruleset.order)
    roads = next(
        condition
        for gate in told["gates"]
        if gate["gate"] == "near_people"
        for condition in gate["conditions"]
        if condition["characteristic"] == "distance_road"
    )
    assert (roads["value"], roads["unit"], roads["limit"]) == (2000, "m", "at_most")
    vines = next(each for each in told["crops"] if each["crop"] == "vid")
    heat = next(each for each in vines["factors"] if each["factor"] == "temperature")
    requirement = crops["vid"].factors["temperature"].requirement
    assert requirement is not None
    assert requirement.limits.low is not None
    assert {each["limit"]: each["value"] for each in heat["limits"]}["low.s1"] == requirement.limits.low.s1
    assert heat["unit"] == "degC·d"
    assert {zone["zone"]: zone["minimum"] for zone in told["zones"]}["VID"] == "S1"
    spoken = {crop for zone in rules.zones for group in zone.basket for crop in group}
    assert {each["crop"] for each in told["crops"]} <= spoken
    stops = [told["stops"][limit["stops"]] for crop in told["crops"] for f in crop["factors"] for limit in f["limits"]]
    assert all(each == sorted(set(each)) for each in stops)
    assert sum(len(each) >= 5 for each in stops) > 0.9 * len(stops)


def test_what_is_too_coarse_or_absent_is_not_offered_and_named(told: dict[str, Any], root: Path) -> None:
    rules, _crops = study_rules(Study.open(root, "base"))
    read = {name for gate in told["gates"] for name in (each["characteristic"] for each in gate["conditions"])}
    assert not read & rules.flagged
    assert (told["legal_forest_slope"] is None) == ("slope" in rules.flagged)
    assert told["not_applied"]


def test_every_value_that_is_offered_can_be_drawn_at_once(root: Path) -> None:
    """Values between their neighbours, of crops and gates, drawn at random with a fixed seed."""
    study = Study.open(root, "base")
    found, preview, chance = options_of(study), Preview(study), random.Random(7)  # noqa: S311  no secret
    tried = 0
    try:
        for crop in found.crops:
            for factor in crop.factors:
                values = {each.name: each.value for each in factor.limits}
                for limit in factor.limits:
                    free = [stop for stop in limit.stops if fits(values, limit.name, stop)]
                    for stop in chance.sample(free, min(2, len(free))):
                        change = {"limits": {crop.crop: {factor.factor: {limit.name: stop}}}}
                        assert not preview.table(change).cost.encode, change
                        tried += 1
        for gate in found.gates:
            for condition in gate.conditions:
                for stop in chance.sample(condition.limit.stops, min(3, len(condition.limit.stops))):
                    asked = {"gates": {gate.gate: {condition.characteristic: stop}}}
                    assert not preview.table(asked).cost.encode
                    tried += 1
    finally:
        preview.close()
    assert tried > 100


def fits(values: dict[str, float], name: str, stop: float) -> bool:
    """Tell whether a limit stays strictly between its neighbours."""
    side, place = name.split(".")
    way = 1 if side == "low" else -1
    rank = {"s3": 0, "s2": 1, "s1": 2}
    other = values.get("high.s1" if side == "low" else "low.s1")
    crosses = place == "s1" and other is not None and way * stop > way * other
    return not crosses and all(
        way * (stop - value) * (rank[place] - rank[each.split(".")[1]]) > 0
        for each, value in values.items()
        if each.startswith(side) and each != name
    )


def test_the_options_are_kept_by_the_browser_until_the_study_changes(client: TestClient) -> None:
    first = client.get("/api/v1/zoning/options")
    again = client.get("/api/v1/zoning/options", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    english = client.get("/api/v1/zoning/options?lang=en", headers={"If-None-Match": first.headers["etag"]})
    assert english.status_code == 200
    assert client.get("/api/v1/zoning/options?study=ninguno").status_code == 404


def test_a_trial_comes_back_from_its_hash(client: TestClient) -> None:
    name = post(client, CHANGE)
    back = client.get("/api/v1/zoning/trial", params={"table": name, "study": "base"}).json()
    assert back["study"] == "base"
    assert RuleChange.of(back["change"]) == RuleChange.of(CHANGE)
    assert post(client, back["change"]) == name
    unknown = client.get("/api/v1/zoning/trial", params={"table": "0" * 32})
    assert unknown.status_code == 404
    assert "POST /zoning/preview" in unknown.json()["remedy"]
    other = client.get("/api/v1/zoning/trial", params={"table": name, "study": "sequia"})
    assert other.status_code == 404
    assert "base" in other.json()["detail"]


def test_the_lines_for_the_rules_make_the_same_rules(root: Path) -> None:
    study = Study.open(root, "base")
    rules, crops = study_rules(study)
    change = RuleChange.of(CHANGE)
    files = change_files(change, rules.ruleset, crops)
    assert set(files) == {"ruleset.toml", "crops/papa.toml", "crops/vid.toml"}
    wanted, wanted_crops = change.apply(rules.ruleset, crops)
    merged = replaced(tomllib.loads(study.manifest["ruleset"]), tomllib.loads(files["ruleset.toml"]))
    made = parse_ruleset(as_toml(merged))
    assert (made.zones, made.order, made.gates, made.cover) == (wanted.zones, wanted.order, wanted.gates, wanted.cover)
    own = {"papa": "papa.toml", "vid": "vid.toml"}
    folder = Path(load_crops.__code__.co_filename).parents[1] / "data" / "crops"
    for crop, name in own.items():
        text = (folder / name).read_text(encoding="utf-8")
        merged = replaced(tomllib.loads(text), tomllib.loads(files[f"crops/{name}"]))
        found = parse_crop(as_toml(merged), name=name).factors["temperature"].requirement
        asked = wanted_crops[crop].factors["temperature"].requirement
        assert found is not None
        assert asked is not None
        for side in ("low", "high"):
            one, two = getattr(found.limits, side), getattr(asked.limits, side)
            assert (one.s3, one.s2, one.s1) == pytest.approx((two.s3, two.s2, two.s1))


def test_the_lines_are_sent_as_a_file_and_hold_only_what_changes(client: TestClient) -> None:
    name = post(client, {"minimum": {"VID": "S2"}})
    answer = client.get("/api/v1/zoning/trial", params={"table": name, "f": "toml"})
    assert "attachment" in answer.headers["content-disposition"]
    assert tomllib.loads(answer.text) == {"zones": {"VID": {"minimum": "S2"}}}
    assert "no se ha guardado nada" in answer.text


def test_a_change_without_effect_has_no_lines() -> None:
    assert plain_content(RuleChange.of({"gates": {"near_people": {}}, "order": []})) == {}


def replaced(base: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Put keys in place of those of a file as a person would; inline tables are values, and a trapezoid gives way."""
    out = dict(base)
    for key, value in new.items():
        whole = not isinstance(value, dict) or key in {"protected", "low", "high"} or key not in base
        out[key] = value if whole else replaced(base[key], value)
    if {"low", "high"} & set(new):
        out.pop("trapezoid", None)
    return out


def as_toml(value: dict[str, Any]) -> str:
    """Write plain values as inline TOML."""

    def inline(each: Any) -> str:  # noqa: ANN401  plain values
        if isinstance(each, dict):
            return "{" + ", ".join(f'"{key}" = {inline(inner)}' for key, inner in each.items()) + "}"
        if isinstance(each, list):
            return "[" + ", ".join(inline(inner) for inner in each) + "]"
        if isinstance(each, bool):
            return str(each).lower()
        return repr(each) if isinstance(each, (int, float)) else '"' + str(each).replace('"', '\\"') + '"'

    return "\n".join(f'"{key}" = {inline(each)}' for key, each in value.items())
