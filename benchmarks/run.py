"""Run every benchmark and print one table; ``--json`` prints their documents as one list."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
NOT_BENCHMARKS = {"run.py", "setup.py"}
COLUMNS = ("benchmark", "ours", "peer", "ratio", "better", "unit", "peer_name")


def scripts() -> list[Path]:
    """Return the benchmarks, in the order of their names."""
    return sorted(path for path in HERE.glob("*.py") if path.name not in NOT_BENCHMARKS)


def main() -> int:
    """Run them one after the other; 1 if any failed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="print one JSON list")
    options.add_argument("--small", action="store_true", help="tiny jobs: prove that they work, measure nothing")
    options.add_argument("--rounds", type=int, default=5, help="turns of each contender (default: 5)")
    chosen = options.parse_args()
    documents: list[dict[str, Any]] = []
    failed = []
    for path in scripts():
        print(f"{path.stem} …", file=sys.stderr, flush=True)
        command = [sys.executable, str(path), "--json", "--rounds", str(chosen.rounds)]
        done = subprocess.run([*command, *(["--small"] if chosen.small else [])], stdout=subprocess.PIPE, check=False)
        if done.returncode:
            failed.append(path.stem)
        else:
            documents.append(json.loads(done.stdout))
    if chosen.json:
        print(json.dumps(documents, ensure_ascii=False, indent=2))
    else:
        print("\n".join(table(documents)))
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def table(documents: list[dict[str, Any]]) -> list[str]:
    """Return the results as aligned lines; an absent figure is ``–``."""
    rows = [COLUMNS, *(tuple(_text(each[name]) for name in COLUMNS) for each in documents)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    for each in documents:
        lines += [f"{each['benchmark']}: no {name}: {why}" for name, why in each["reasons"].items()]
    if documents:
        first = documents[0]
        lines.append(f"{first['date']}, {first['machine']['cores']} cores, {first['machine']['processor']}")
    return lines


def _text(value: object) -> str:
    return "–" if value is None else str(value)


if __name__ == "__main__":
    sys.exit(main())
