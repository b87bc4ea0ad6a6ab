"""Run every benchmark and print one table, with what is wanted beside what was found.

``--json`` prints the documents as one list. A benchmark that fails costs only its own row.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "harness"))

from contract import faults, wanted  # noqa: E402  the import path is set first

NOT_BENCHMARKS = {"run.py", "setup.py"}
COLUMNS = ("benchmark", "ours", "peer", "ratio", "better", "unit", "peer_name")
WANTED_COLUMNS = ("wanted of", "what", "wanted", "found", "")
LONGEST = 2 * 3600
"""Seconds after which a benchmark counts as failed."""

Document = dict[str, Any]


def scripts() -> list[Path]:
    """Return the benchmarks, in the order of their names."""
    return sorted(path for path in HERE.glob("*.py") if path.name not in NOT_BENCHMARKS)


def main() -> int:
    """Run them one after the other; 1 if any failed."""
    names = [path.stem for path in scripts()]
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("benchmark", nargs="*", help=f"which ones (default: all): {', '.join(names)}")
    options.add_argument("--json", action="store_true", help="print one JSON list")
    options.add_argument("--small", action="store_true", help="tiny jobs: prove that they work, measure nothing")
    options.add_argument("--rounds", type=int, default=5, help="turns of each contender (default: 5)")
    chosen = options.parse_args()
    unknown = sorted(set(chosen.benchmark) - set(names))
    if unknown:
        options.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names)}")
    extra = ["--rounds", str(chosen.rounds), *(["--small"] if chosen.small else [])]
    documents: list[Document] = []
    failed: dict[str, str] = {}
    for path in scripts():
        if not chosen.benchmark or path.stem in chosen.benchmark:
            print(f"{path.stem} …", file=sys.stderr, flush=True)
            document, why = run(path, extra)
            if document is None:
                failed[path.stem] = why
                print(f"{path.stem}: {why}", file=sys.stderr)
            else:
                documents.append(document)
    print(
        json.dumps(documents, ensure_ascii=False, indent=2)
        if chosen.json
        else "\n".join(told(documents, failed, judged=not chosen.small))
    )
    return 1 if failed else 0


def run(path: Path, options: Sequence[str]) -> tuple[Document | None, str]:
    """Run one benchmark; its document, or why there is none."""
    try:
        done = subprocess.run(
            [sys.executable, str(path), "--json", *options],
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return None, f"took more than {LONGEST} s"
    said = done.stderr.strip().splitlines()
    if done.returncode:
        return None, said[-1] if said else f"ended with {done.returncode}"
    try:
        document = json.loads(done.stdout)
    except json.JSONDecodeError:
        return None, "printed something that is no JSON"
    wrong = faults(document) if isinstance(document, dict) else ["no JSON object"]
    return (None, "; ".join(wrong)) if wrong else (document, "")


def told(documents: Sequence[Document], failed: dict[str, str], *, judged: bool = True) -> list[str]:
    """Return all results as lines: what was found, what is wanted, who was absent, who failed, and on what machine.

    Tiny jobs are not ``judged``: nothing is wanted of them.
    """
    lines = table([COLUMNS, *(tuple(_text(each[name]) for name in COLUMNS) for each in documents)])
    goals = _goals(documents) if judged else []
    lines += ["", *table([WANTED_COLUMNS, *goals])] if goals else []
    absent = [f"{each['benchmark']}: no {name}: {why}" for each in documents for name, why in each["reasons"].items()]
    lines += ["", *absent] if absent else []
    lines += [f"{name} failed: {why}" for name, why in failed.items()]
    if documents:
        first = documents[0]
        versions = {name: number for each in documents for name, number in each["versions"].items() if number}
        lines += ["", f"{first['date']}, {first['machine']['cores']} cores, {first['machine']['processor']}"]
        lines += [", ".join(f"{name} {number}" for name, number in sorted(versions.items()))]
    return lines


def _goals(documents: Sequence[Document]) -> list[tuple[str, ...]]:
    by_name = {each["benchmark"]: each for each in documents}
    words = {True: "met", False: "not met", None: "not told"}
    return [
        (goal.benchmark, goal.what, goal.floor, _text(goal.found(document)), words[goal.met(document)])
        for goal in wanted()
        if (document := by_name.get(goal.benchmark)) is not None
    ]


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return rows of text as aligned lines."""
    kept = list(rows)
    widths = [max(len(row[at]) for row in kept) for at in range(len(kept[0]))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in kept]


def _text(value: object) -> str:
    return "–" if value is None else str(value)


if __name__ == "__main__":
    sys.exit(main())
