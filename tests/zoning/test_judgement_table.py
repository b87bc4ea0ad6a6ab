"""Judgements are read as people write them, and a cell that cannot be read is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoning.rules.judgement_table import read_judgements
from zoning.zoning_errors import JudgementError


def _file(folder: Path, text: str) -> Path:
    path = folder / "matrix.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        ",clima,suelo\nclima,1,2\nsuelo,1/2,1\n",
        "\ufeff;clima;suelo\nclima;1;2\nsuelo;0,5;1\n\n",
        "\tclima\tsuelo\nclima\t1\t2\nsuelo\t0.5\t1",
    ],
)
def test_commas_semicolons_tabs_and_fractions_are_read(tmp_path: Path, text: str) -> None:
    assert read_judgements(_file(tmp_path, text)) == (("clima", "suelo"), [[1, 2], [0.5, 1]])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "no tiene juicios"),
        (",a,b\na,1,2\n", "las columnas son a, b"),
        (",a,b\nb,1,2\na,1,1\n", "las filas b, a"),
        (",a,b\na,1,mucho\nb,1,1\n", "«a» sobre «b» es «mucho»"),
        (",a,b\na,1,1/0\nb,1,1\n", "1/0"),
        (",a,b\na,1\nb,1,1\n", "la fila «a» tiene 1"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(JudgementError, match=named):
        read_judgements(_file(tmp_path, text))


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JudgementError, match="No se puede leer"):
        read_judgements(tmp_path / "none.csv")
