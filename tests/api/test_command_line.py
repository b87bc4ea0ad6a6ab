"""The command line keeps its contract: help everywhere, one JSON document, three exit codes, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from api.cli.entry import build, run
from api.cli.price_options import written_number
from api.cli.usage_error import UsageError

VALLES = str(Path(sys.executable).with_name("valles"))

COMMANDS = [
    "",
    "demo",
    "init",
    "zone",
    "explain",
    "diff",
    "studies",
    "study",
    "study status",
    "study verify",
    "study export",
    "layers",
    "layers add",
    "layers bundle",
    "layers check",
    "layers fetch",
    "layers list",
    "layers remove",
    "ruleset",
    "ruleset check",
    "ahp",
    "ruleset schema",
    "validate",
    "prices",
    "prices add",
    "prices import",
    "prices export",
    "prices latest",
    "prices series",
    "prices indicators",
    "prices season",
    "prices rejected",
    "prices template",
    "prices check",
    "prices flags",
    "prices confirm",
    "prices dismiss",
    "prices forecast",
    "prices bulletin",
    "prices compare",
    "prices spread",
    "prices products",
    "prices markets",
    "serve",
    "doctor",
    "users",
    "users add",
    "users list",
    "users revoke",
    "users token",
]
WITHOUT_JSON = {"", "study", "layers", "ruleset", "prices", "users"}
"""Groups, which do nothing themselves."""


def _valles(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [VALLES, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "COLUMNS": "100", **environment},
    )


def _document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return what was printed, which must be one JSON document and nothing else."""
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_in_spanish(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert "Uso:" in text
    assert "Muestra esta ayuda" in text
    assert ("--json" in text) == (command not in WITHOUT_JSON)
    for english in ("Usage", "Options", "Show this", "Commands", "default:", "required"):
        assert english not in text


def test_every_command_that_exists_is_tested_here() -> None:
    app = build()
    names = {one.name for one in app.registered_commands} | {one.name for one in app.registered_groups}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        names |= {f"{group.name} {one.name}" for one in group.typer_instance.registered_commands}
    assert names == set(COMMANDS) - {""}


@pytest.mark.parametrize(
    "line",
    [
        "unheard",
        "zone --unheard",
        "zone --cell much",
        "serve --port 99999",
        "serve --port 0",
        "layers bundle",
        "init",
        "init x",
        "init x --territory valles_crucenos --from y",
        "init x --territory valles_crucenos --boundaries y",
        "init x --territory valles_crucenos --code y",
        "explain --at here",
        "explain --at 200,100",
        "prices add --product tomate --market saipina --price dear --unit kg",
        "prices latest --as-of yesterday",
        "ahp",
        "diff base",
    ],
)
def test_wrong_usage_ends_with_two_and_says_what_to_write(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Error: ")
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    "line",
    [
        "zone",
        "explain --at -64,-18",
        "diff base other",
        "studies",
        "study status",
        "layers list",
        "layers check",
        "layers fetch",
        "layers fetch --mirror nowhere",
        "prices latest",
        "prices import nothing.csv",
        "prices template Vallegrande",
        "serve",
        "ruleset check",
        "ahp nothing.csv",
    ],
)
def test_a_refusal_ends_with_one_and_says_found_and_what_to_do(
    line: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(line.split()) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Error: ")
    assert len(printed.err.splitlines()) > 1
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_with_json_is_one_document_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["studies", "--json", "-w", str(tmp_path)]) == 1
    assert _document(capsys)["error"]["found"]


def test_a_fault_of_the_program_is_one_line_and_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from layers.workspace import Workspace  # noqa: PLC0415  only this test

    def broken(*_: object) -> None:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(Workspace, "open", broken)
    assert run(["studies", "-w", str(tmp_path)]) == 1
    text = capsys.readouterr().err
    assert "ZeroDivisionError: inside" in text
    assert "VALLES_DEBUG" in text
    assert "Traceback" not in text


def test_help_is_there_at_once() -> None:
    assert _valles("--help").returncode == 0
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, api.cli; print(sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for heavy in ("'numpy'", "'pandas'", "'geopandas'", "'fastapi'", "'sqlalchemy'", "'numba'", "'rasterio'"):
        assert heavy not in loaded


def test_the_installed_program_says_its_version() -> None:
    done = _valles("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("valles ")


def test_help_can_be_read_in_english() -> None:
    assert _valles("zone", "--help", VALLES_LANGUAGE="en").returncode == 0


def test_a_reader_that_goes_away_is_no_traceback(tmp_path: Path) -> None:
    command = f"{VALLES} doctor -w {tmp_path}/none | true"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_text_is_utf8_whatever_the_terminal_says(tmp_path: Path) -> None:
    done = _valles("studies", "-w", str(tmp_path / "ñandú"), LC_ALL="C", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "ñandú no es un espacio de trabajo" in done.stderr


def test_init_makes_a_workspace_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = str(tmp_path / "ws")
    assert run(["init", target, "--territory", "valles_crucenos", "--json"]) == 0
    document = _document(capsys)
    assert len(document["municipalities"]) == 11
    assert document["files"] == ["markets.toml", "measures.toml", "products.toml", "ruleset.toml", "territory.toml"]
    assert run(["init", target, "--territory", "valles_crucenos"]) == 1
    assert "ya es un espacio de trabajo" in capsys.readouterr().err
    assert run(["init", str(tmp_path / "copy"), "--from", target]) == 0
    assert (tmp_path / "copy" / "ruleset.toml").read_text() == (tmp_path / "ws" / "ruleset.toml").read_text()


def test_any_boundary_file_makes_a_territory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    side = 0.1
    squares = [
        {
            "type": "Feature",
            "properties": {"clave": f"A{column}", "lugar": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [
                        [-65 + side * (column + dx), -21 + side * dy]
                        for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
                    ]
                ],
            },
        }
        for column, name in enumerate(("Uno", "Dos"))
    ]
    limits = tmp_path / "limites.geojson"
    limits.write_text(json.dumps({"type": "FeatureCollection", "features": squares}))
    asked = ["--boundaries", str(limits), "--code", "clave", "--name", "lugar", "--json"]
    assert run(["init", str(tmp_path / "ws"), *asked]) == 0
    document = _document(capsys)
    assert document["municipalities"] == [{"code": "A0", "name": "Uno"}, {"code": "A1", "name": "Dos"}]
    assert document["crs"] == "EPSG:32720"
    assert "+proj=laea" in (tmp_path / "ws" / "territory.toml").read_text()
    assert run(["init", str(tmp_path / "other"), "--boundaries", str(limits), "--code", "nada"]) == 1
    assert "clave" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_an_unknown_territory_is_refused_with_those_that_exist(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "ws"), "--territory", "atlantis"]) == 1
    assert "valles_crucenos" in capsys.readouterr().err
    assert not (tmp_path / "ws").exists()


def test_ahp_prints_weights_and_refuses_contradictions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = tmp_path / "good.csv"
    good.write_text(",a,b,c\na,1,3,5\nb,1/3,1,2\nc,1/5,1/2,1\n")
    assert run(["ahp", str(good), "--json"]) == 0
    document = _document(capsys)
    assert document["weights"] == pytest.approx({"a": 0.648329, "b": 0.229651, "c": 0.122020}, abs=1e-6)
    assert document["lambda_max"] == pytest.approx(3.0036946, abs=1e-6)
    assert document["consistency_ratio"] == pytest.approx(0.003185, abs=1e-6)
    cycle = tmp_path / "cycle.csv"
    cycle.write_text(",a,b,c\na,1,9,1/9\nb,1/9,1,9\nc,9,1/9,1\n")
    assert run(["ahp", str(cycle), "--json"]) == 1
    document = _document(capsys)
    assert document["weights"] is None
    assert document["consistency_ratio"] == pytest.approx(6.13, abs=0.01)


def test_doubtful_judgements_are_warned_of_and_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    doubtful = tmp_path / "doubtful.csv"
    doubtful.write_text(",a,b,c\na,1,2,9\nb,1/2,1,2\nc,1/9,1/2,1\n")
    assert run(["ahp", str(doubtful), "--json"]) == 0
    printed = capsys.readouterr()
    assert 0.05 < json.loads(printed.out)["consistency_ratio"] < 0.10
    assert printed.err.startswith("Aviso")


def test_the_starter_rules_are_valid_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = str(tmp_path / "ws")
    run(["init", target, "--territory", "valles_crucenos"])
    capsys.readouterr()
    assert run(["ruleset", "check", "-w", target, "--json"]) == 0
    document = _document(capsys)
    assert {"HOR", "FRU", "VID", "ANU", "CAN", "GAN"} <= {one["zone"] for one in document["zones"]}
    rules = Path(target) / "ruleset.toml"
    rules.write_text(rules.read_text(encoding="utf-8") + "\nunheard = 1\n", encoding="utf-8")
    assert run(["ruleset", "check", "-w", target]) == 1
    assert "unheard" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (",a,b,c\na,1,3,5\nb,1/2,1,2\nc,1/5,1/2,1\n", "«a» sobre «b» es 3 y el contrario 0,5"),
        (",a,b\na,1,-3\nb,-1/3,1\n", "«a» sobre «b» es −3"),
        (",a,b\na,1,\nb,1/3,1\n", "«a» sobre «b» es «»"),
        (",a,b\na,1,1/3/2\nb,3,1\n", "«1/3/2»"),
        (",a,b\na,2,1\nb,1,1\n", "«a» sobre «a» es 2"),
        (",,b\n,1,3\nb,1/3,1\n", "la columna 2 no tiene nombre"),
        (",a,a\na,1,3\na,1/3,1\n", "Se esperaba un nombre distinto"),
        (",a,b,c\na,1,3,2\nb,1/3,1,2\n", "las filas a, b"),
        ("", "no tiene juicios"),
    ],
)
def test_a_matrix_that_cannot_be_used_is_refused_with_its_file_and_cell(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "juicios.csv").write_text(text, encoding="utf-8")
    assert run(["ahp", str(tmp_path / "juicios.csv"), "--json"]) == 1
    refused = _document(capsys)["error"]
    assert said in f"{refused['found']} {refused['expected']}"
    assert "juicios.csv" in refused["found"]


def test_the_schema_of_the_rules_can_be_had(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ruleset", "schema"]) == 0
    printed = _document(capsys)
    assert printed["$schema"].startswith("https://json-schema.org/")
    target = tmp_path / "ruleset.schema.json"
    assert run(["ruleset", "schema", "--out", str(target), "--json"]) == 0
    assert _document(capsys) == {"file": str(target)}
    assert json.loads(target.read_text(encoding="utf-8")) == printed


def test_rules_with_doubtful_judgements_or_a_crop_of_ones_own_are_valid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "ws"
    run(["init", str(target), "--territory", "valles_crucenos"])
    capsys.readouterr()
    rules = target / "ruleset.toml"
    text = rules.read_text(encoding="utf-8")
    ahp = '[weights]\n[weights.ahp]\nnames = ["temperature", "rain", "slope"]\n'
    matrix = 'matrix = [[1, 2, 9], ["1/2", 1, 2], ["1/9", "1/2", 1]]\n'
    text = text.replace("[weights]\n", ahp + matrix, 1).replace('"tomate", "pimenton"', '"quinua", "pimenton"', 1)
    rules.write_text(text.replace("[[windows.tomate]]", "[[windows.quinua]]"), encoding="utf-8")
    assert run(["ruleset", "check", "-w", str(target), "--json"]) == 1
    assert "crops/quinua.toml" in _document(capsys)["error"]["remedy"]
    crop = files("zoning").joinpath("data", "crops", "tomate.toml").read_text(encoding="utf-8")
    (target / "crops").mkdir()
    own = target / "crops" / "quinua.toml"
    own.write_text(crop.replace('id = "tomate"', 'id = "quinua"', 1), encoding="utf-8")
    capsys.readouterr()
    assert run(["ruleset", "check", "-w", str(target), "--json"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert "quinua" in document["crops"]
    assert 0.05 < document["consistency_ratio"] < 0.10
    assert printed.err.startswith("Aviso")
    own.write_text(crop.replace('characteristic = "temp_mean"', 'characteristic = "luna"', 1), encoding="utf-8")
    assert run(["ruleset", "check", "-w", str(target)]) == 1
    said = capsys.readouterr().err
    assert "quinua.toml" in said
    assert run(["init", str(tmp_path / "copy"), "--from", str(target)]) == 0
    assert (tmp_path / "copy" / "crops" / "quinua.toml").exists()


def test_prices_are_noted_imported_once_and_read_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = str(tmp_path / "ws")
    run(["init", target, "--territory", "valles_crucenos"])
    note = ["prices", "add", "--product", "tomate", "--market", "saipina", "--price", "120,5", "--unit", "caja"]
    assert run([*note, "--date", "5/8/2026", "-w", target]) == 0
    capsys.readouterr()
    assert run(["prices", "latest", "--product", "tomate", "-w", target, "--json"]) == 0
    (price,) = _document(capsys)["prices"]
    assert (price["price"], price["date"], price["kind"]) == (120.5, "2026-08-05", "observed")
    abroad = ["prices", "add", "--product", "cebolla", "--market", "saipina", "--price", "4", "--unit", "kg"]
    assert run([*abroad, "--currency", "soles", "-w", target]) == 1
    assert "Moneda desconocida" in capsys.readouterr().err
    assert run([*abroad, "--currency", "PEN", "-w", target, "--json"]) == 0
    assert _document(capsys)["currency"] == "PEN"
    export = tmp_path / "out.csv"
    assert run(["prices", "export", "--out", str(export), "-w", target]) == 0
    assert "120.5" in export.read_text(encoding="utf-8-sig")
    capsys.readouterr()
    assert run(["prices", "series", "--product", "tomate", "--market", "saipina", "-w", target, "--json"]) == 0
    assert len(_document(capsys)["series"]) == 1
    assert run(["prices", "template", "saipina", "--out", str(tmp_path / "t.xlsx"), "-w", target]) == 0
    assert (tmp_path / "t.xlsx").stat().st_size > 0


@pytest.mark.real_data
def test_every_row_of_the_reference_file_is_accounted_for(
    tmp_path: Path, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / "ws")
    run(["init", target, "--territory", "valles_crucenos"])
    capsys.readouterr()
    file = str(shared_data / "prices" / "wfp_food_prices_bol.csv")
    assert run(["prices", "import", file, "-w", target, "--json"]) == 0
    first = _document(capsys)
    counted = ("accepted", "flagged", "rejected", "duplicates")
    assert sum(first[name] for name in counted) == 18_094
    assert set(first) == {*counted, "format"}
    assert run(["prices", "import", file, "-w", target, "--json"]) == 0
    again = _document(capsys)
    assert (again["accepted"], again["flagged"]) == (0, 0)
    assert again["duplicates"] + again["rejected"] == 18_094


def test_the_demonstration_can_be_asked_everything(
    demo_workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALLES_WORKSPACE", str(demo_workspace))
    assert run(["studies", "--json"]) == 0
    assert [one["study"] for one in _document(capsys)["studies"]] == ["base"]
    assert run(["study", "status", "--json"]) == 0
    status = _document(capsys)
    assert status["demo"] is True
    assert sum(zone["share"] for zone in status["zones"]) == pytest.approx(1)
    assert run(["explain", "--at", "-64.1,-18.49", "--json"]) == 0
    assert {"zone", "class", "limiting", "runner_up", "margin", "explanation", "land_use_types"} <= _document(
        capsys
    ).keys()
    assert run(["explain", "--at", "0,0"]) == 1
    capsys.readouterr()
    assert run(["explain", "--at", "-64.1,-18.49", "--study", "unheard"]) == 1
    assert "base" in capsys.readouterr().err
    assert run(["layers", "list", "--json"]) == 0
    assert any(layer["name"] == "elevation" for layer in _document(capsys)["layers"])
    assert run(["layers", "check", "--json"]) == 0
    assert _document(capsys)["ok"] is True
    assert run(["doctor", "--json"]) in {0, 1}
    assert {"Python", "GDAL"} <= {check["name"] for check in _document(capsys)["checks"]}


def test_studies_are_compared_with_a_matrix_that_closes_and_a_layer(
    demo_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A comparison is kept in its workspace, and the shared one is only read.
    own = Path(shutil.copytree(demo_workspace, tmp_path / "ws"))
    place = ["-w", str(own)]
    assert run(["diff", "base", "base", "--out", str(tmp_path / "changes.gpkg"), "--json", *place]) == 0
    document = _document(capsys)
    assert (document["from"], document["to"], document["changed_ha"]) == ("base", "base", 0)
    assert (tmp_path / "changes.gpkg").is_file()
    inside = sum(sum(row.values()) for row in document["zones"].values())
    assert inside == pytest.approx(document["area_ha"], rel=1e-9)
    rows = document["investments"]["rows"]
    assert len({row["municipality"] for row in rows}) == 11
    assert {row["improvement"] for row in rows if row["area_ha"] is None} == {"drainage", "terraces"}
    assert run(["diff", "base", "base", *place]) == 0
    text = capsys.readouterr().out
    assert "terrazas" in text
    assert "sin dato" in text
    assert run(["diff", "base", "unheard", *place]) == 1
    assert "base" in capsys.readouterr().err
    assert run(["zone", "--scenario", "unheard", *place]) == 1
    assert "calor_sequia" in capsys.readouterr().err
    assert run(["zone", "--climate", "unheard", *place]) == 1
    assert "unheard" in capsys.readouterr().err


def test_a_study_that_was_changed_by_hand_is_found_out(
    demo_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "ws"
    shutil.copytree(demo_workspace, copy)
    assert run(["study", "verify", "-w", str(copy)]) == 0
    capsys.readouterr()
    for ending in ("zip", "xlsx", "csv", "json", "gpkg", "geojson"):
        target = tmp_path / "salida" / f"base.{ending}"
        assert run(["study", "export", "base", "--out", str(target), "-w", str(copy), "--json"]) == 0
        assert _document(capsys)["bytes"] == target.stat().st_size > 0
    assert run(["study", "export", "base", "--out", str(tmp_path / "base.doc"), "-w", str(copy)]) == 1
    assert ".xlsx" in capsys.readouterr().err
    table = copy / "studies" / "base" / "summary.csv"
    table.write_text(table.read_text().replace("HOR", "VID"))
    capsys.readouterr()
    assert run(["study", "verify", "-w", str(copy), "--json"]) == 1
    assert _document(capsys)["changed"] == ["summary.csv"]


@pytest.mark.network
def test_a_taken_port_is_refused_before_anything_is_built(
    demo_workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert run(["serve", "-w", str(demo_workspace), "--port", port]) == 1
        assert "--port" in capsys.readouterr().err
        assert run(["demo", "--dir", str(tmp_path / "demo"), "--port", port]) == 1
        assert not (tmp_path / "demo").exists()


@pytest.mark.network
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches the whole console there, this test included")
def test_ctrl_c_ends_the_server_quietly(demo_workspace: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [VALLES, "serve", "-w", str(demo_workspace), "--port", str(port)], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert f"http://127.0.0.1:{port}" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "Traceback" not in err


@pytest.mark.parametrize("text", ["nan", "inf", "1e3", "1_000", "1.234,50", "", "ocho", "9" * 400])
def test_a_price_is_written_in_figures_as_people_write_them(text: str) -> None:
    with pytest.raises(UsageError, match="no es un número"):
        written_number(text, "--price")
