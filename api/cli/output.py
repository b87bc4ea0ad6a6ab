"""What commands print: one JSON document or readable text on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import typer

from gis.errors import VallesError
from gis.messages import Figure, translator

_ = translator("api")

_LONGEST_CELL = 72
_LONGEST_NAME = 48


class Progress(Protocol):
    """Told what is being done, how much of it is done, and how much there is in all."""

    def __call__(self, stage: str, done: float, total: float = 1.0) -> None:
        """Take note."""
        ...


def as_json(document: object) -> str:
    """Return ``document`` as readable JSON; a number that is not finite is refused by the encoder."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str)


def answer(document: object, *, json_wanted: bool, text: Callable[[], str]) -> None:
    """Print a command's answer on standard output.

    Parameters
    ----------
    document
        The answer as JSON holds it.
    json_wanted
        Print the document; else the text.
    text
        Makes the readable form.
    """
    typer.echo(as_json(document) if json_wanted else text())


def note(text: str) -> None:
    """Print a remark on standard error."""
    typer.echo(text, err=True)


def report(error: VallesError, *, json_wanted: bool = False) -> None:
    """Print a refusal: what was found, what was expected, what to do."""
    note(refusal_text(error))
    if json_wanted:
        typer.echo(refusal_json(error))


def refusal_text(error: VallesError) -> str:
    """Return the lines of a refusal."""
    lines = [_("Error: {found}").format(found=error.found)]
    if error.expected:
        said = error.expected.startswith((_("Se esperab"), _("Hace falta")))
        lines.append(error.expected if said else _("Se esperaba: {expected}").format(expected=error.expected))
    if error.remedy:
        lines.append(_("Qué hacer: {remedy}").format(remedy=error.remedy))
    return "\n".join(lines)


def refusal_json(error: VallesError) -> str:
    """Return the document of a refusal."""
    return as_json({"error": {"found": error.found, "expected": error.expected, "remedy": error.remedy}})


def table(rows: Iterable[Sequence[object]], head: Sequence[str], *, missing: str | None = None) -> str:
    """Return rows as aligned columns; long texts are cut.

    Parameters
    ----------
    rows, head
        Cells and headings.
    missing
        Stands for a missing value, ``sin dato`` by default.

    Examples
    --------
    >>> print(table([("a", 1), ("bb", None)], ["x", "y"]))
    x   y
    --  --------
    a   1
    bb  sin dato
    """
    absent = _("sin dato") if missing is None else missing
    cells = [[_cell(value, absent) for value in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(head), *cells]) for i in range(len(head))]
    lines = [list(head), ["-" * width for width in widths], *cells]
    return "\n".join("  ".join(cell.ljust(widths[i]) for i, cell in enumerate(line)).rstrip() for line in lines)


def _cell(value: object, absent: str) -> str:
    if value is None or value != value:  # noqa: PLR0124  NaN differs from itself
        return absent
    if isinstance(value, bool):
        return _("sí") if value else _("no")
    text = f"{Figure(value):.2f}" if isinstance(value, float) else " ".join(str(value).split())
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def columns(rows: Sequence[Mapping[str, Any]], head: Mapping[str, str]) -> str:
    """Return a table of some columns of ``rows``: ``head`` maps each column to its heading."""
    return table([[row.get(name) for name in head] for row in rows], list(head.values()))


@contextmanager
def progress_bar(title: str) -> Iterator[Progress | None]:
    """Show a bar on standard error while the block runs; ``None`` where that is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich import progress as bars  # noqa: PLC0415  only who watches pays for it
    from rich.console import Console  # noqa: PLC0415  as above

    share = bars.TextColumn("{task.percentage:>3.0f} %")
    shown = (bars.TextColumn("{task.description}"), bars.BarColumn(), share, bars.TimeElapsedColumn())
    with bars.Progress(*shown, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def advance(stage: str, done: float, total: float = 1.0) -> None:
            bar.update(task, description=f"{title}: {stage}", completed=done, total=total or 1.0)

        yield advance


@contextmanager
def transfer_bars(title: str) -> Iterator[tuple[Progress | None, Callable[[str, int, int], None] | None]]:
    """Show a bar for the work and one for each file that travels while the block runs.

    Yields
    ------
    tuple
        What is told the progress of the work, and what is told name, bytes come and bytes in all (0: not known) of a
        file; ``None`` twice where standard error is not a terminal.
    """
    if not sys.stderr.isatty():
        yield None, None
        return
    from rich import progress as bars  # noqa: PLC0415  only who watches pays for it
    from rich.console import Console  # noqa: PLC0415  as above

    shown = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TextColumn("{task.fields[told]}"),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*shown, console=Console(stderr=True), transient=True) as bar:
        work = bar.add_task(title, total=None, told="")
        files: dict[str, bars.TaskID] = {}

        def advance(stage: str, done: float, total: float = 1.0) -> None:
            share = f"{100 * done / (total or 1.0):.0f} %"
            bar.update(work, description=f"{title}: {stage}", completed=done, total=total or 1.0, told=share)

        def travel(name: str, come: int, size: int) -> None:
            if name not in files:
                files[name] = bar.add_task(name[-_LONGEST_NAME:], total=size or None, told="")
            told = _megabytes(come) + (f" / {_megabytes(size)}" if size else "") + " MB"
            bar.update(files[name], completed=come, total=size or None, told=told)
            if size and come >= size:
                bar.remove_task(files.pop(name))

        yield advance, travel


def _megabytes(count: int) -> str:
    return f"{Figure(count / 1e6):.1f}"
