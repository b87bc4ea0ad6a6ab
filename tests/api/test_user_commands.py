"""Users are added, listed and ended from the command line; a token is shown once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli.entry import run
from layers.territory import builtin_territory
from layers.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return an empty workspace."""
    Workspace.init(tmp_path / "ws", builtin_territory("valles_crucenos"))
    return tmp_path / "ws"


def test_a_user_is_added_listed_and_ended(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(*command: str) -> dict[str, Any]:
        assert run(["users", *command, "--json", "-w", str(workspace)]) == 0
        answer: dict[str, Any] = json.loads(capsys.readouterr().out)
        return answer

    first = told("add", "Ana Rojas", "--role", "collector", "--municipality", "Saipina")
    assert first["municipalities"] == ["071302"]
    second = told("token", "Ana Rojas", "--days", "7")
    assert second["secret"] != first["secret"]
    (row,) = told("list")["users"]
    assert [each["token"] for each in row["tokens"]] == [first["token"], second["token"]]
    assert first["secret"] not in json.dumps(row)
    assert told("revoke", "--token", first["secret"])["revoked_at"]
    assert told("revoke", "Ana Rojas")["revoked_at"]
    assert run(["users", "list", "-w", str(workspace)]) == 0
    shown = capsys.readouterr().out
    assert "de baja" in shown
    assert "ninguna" in shown


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["add", "Ana", "--role", "jefa"], 1),
        (["add", "Ana", "--role", "collector"], 1),
        (["add", "Ana", "--role", "collector", "--municipality", "Atlántida"], 1),
        (["add", "Ana"], 2),
        (["token", "Nadie"], 1),
        (["revoke", "--token", "zzzzzz"], 1),
        (["revoke"], 2),
        (["revoke", "Ana", "--token", "abc234"], 2),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_out(
    workspace: Path, capsys: pytest.CaptureFixture[str], command: list[str], code: int
) -> None:
    assert run(["users", *command, "-w", str(workspace)]) == code
    said = capsys.readouterr().err
    assert said.startswith(("Error", "Uso"))
    assert "Traceback" not in said
