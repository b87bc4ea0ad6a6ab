"""A matrix of pairwise judgements as people keep it: a CSV with the names as header and first column."""

from __future__ import annotations

import csv
from pathlib import Path

from gis.messages import translator
from zoning.rules.ahp import Judgement, judge, weights_from
from zoning.zoning_errors import JudgementError

_ = translator("zoning")


def read_judgements(path: Path) -> tuple[tuple[str, ...], list[list[float]]]:
    """Read names and matrix, shape (n, n), of a CSV file.

    Commas, semicolons or tabs separate the cells; a number is written 3, 0.5, 0,5 (where commas do not separate) or
    1/3. A missing lower half is not guessed.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    JudgementError
        If the file is empty or unreadable, its rows do not match its columns, or a cell, which is named, is no
        number.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise JudgementError(
            _("No se puede leer {file}").format(file=path),
            expected=_("Se esperaba un CSV en UTF-8 con los nombres en la primera fila y la primera columna"),
        ) from error
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=_separator(text))]
    rows = [row for row in rows if any(row)]
    if len(rows) < 2:  # noqa: PLR2004  a header and one row
        raise JudgementError(
            _("{file} no tiene juicios").format(file=path),
            expected=_("Se esperaba una fila de nombres y una fila por nombre"),
        )
    names = tuple(rows[0][1:])
    beside = tuple(row[0] for row in rows[1:])
    if not all(names):
        raise JudgementError(
            _("{file}: la columna {number} no tiene nombre").format(file=path, number=names.index("") + 2),
            expected=_("Se esperaba un nombre por columna en la primera fila"),
        )
    if names != beside:
        raise JudgementError(
            _("{file}: las columnas son {columns} y las filas {rows}").format(
                file=path, columns=", ".join(names), rows=", ".join(beside)
            ),
            expected=_("Se esperaban los mismos nombres, en el mismo orden"),
        )
    return names, [_row(row, names, path) for row in rows[1:]]


def judge_file(path: Path, *, strict: bool = False) -> Judgement:
    """Compute the weights of a CSV file of judgements.

    Parameters
    ----------
    path
        The file.
    strict
        Refuse judgements that contradict each other; else their consistency is only told.

    Raises
    ------
    JudgementError
        As :func:`read_judgements`, :func:`zoning.rules.ahp.judge` and, if strict,
        :func:`zoning.rules.ahp.weights_from`; the file is named.
    """
    names, values = read_judgements(path)
    try:
        return (weights_from if strict else judge)(values, names=names)
    except JudgementError as error:
        raise JudgementError(f"{path}: {error.found}", expected=error.expected, remedy=error.remedy) from error


def _separator(text: str) -> str:
    head = text.splitlines()[0] if text.splitlines() else ""
    return max(";\t,", key=head.count)


def _row(row: list[str], names: tuple[str, ...], path: Path) -> list[float]:
    if len(row) != len(names) + 1:
        raise JudgementError(
            _("{file}: la fila «{row}» tiene {found} juicios").format(file=path, row=row[0], found=len(row) - 1),
            expected=_("Se esperaban {count}").format(count=len(names)),
        )
    return [_judgement(text, row[0], name, path) for text, name in zip(row[1:], names, strict=True)]


def _judgement(text: str, row: str, column: str, path: Path) -> float:
    above, _slash, below = text.replace(",", ".").partition("/")
    try:
        return float(above) / (float(below) if below else 1.0)
    except (ValueError, ZeroDivisionError) as error:
        raise JudgementError(
            _("{file}: el juicio de «{row}» sobre «{column}» es «{text}»").format(
                file=path, row=row, column=column, text=text
            ),
            expected=_("Se esperaba un número mayor que 0, como 3 o 1/3"),
        ) from error
