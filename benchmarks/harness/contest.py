"""A fair contest: contenders take turns on the same job, each is judged by its median, and the answers are checked.

The scripts beside this folder put it first on the import path instead of their own folder, so that a script's name,
such as ``coverage``, hides no installed package of the same name.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

FEWEST_ROUNDS = 5
"""Fewest turns of a published figure."""


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One way to do the job."""

    name: str
    work: Callable[[], Any]
    """Does the whole job once and returns its answer."""
    needs: tuple[str, ...] = ()
    """Importable packages without which it cannot run."""
    programs: tuple[str, ...] = ()
    """Programs on the path without which it cannot run."""
    install: str = ""
    """How to get them."""

    @property
    def missing(self) -> str:
        """Why it cannot run; empty if it can."""
        absent = [name for name in self.needs if not _there(name)]
        absent += [name for name in self.programs if which(name) is None]
        return f"not installed: {', '.join(absent)}; {self.install or 'make bench-setup'}" if absent else ""


def _there(name: str) -> bool:
    """Whether a package, or one inside another, can be imported."""
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the turns of all contenders gave."""

    seconds: Mapping[str, float | None]
    """Median wall time by contender, s; ``None`` where it could not run."""
    spread: Mapping[str, tuple[float, float]]
    """Fastest and slowest turn, s."""
    answers: Mapping[str, Any]
    """Answer of the last turn."""
    reasons: Mapping[str, str]
    """Why a contender could not run."""
    rounds: int
    processor: Mapping[str, float] = field(default_factory=dict)
    """Median processor time by contender, its child processes included, s: what a busy machine distorts least."""


def hold(contenders: Sequence[Contender], *, rounds: int) -> Measured:
    """Let every contender warm up once and then take ``rounds`` turns, the order reversed from round to round."""
    able = [each for each in contenders if not each.missing]
    times: dict[str, list[float]] = {each.name: [] for each in able}
    spent: dict[str, list[float]] = {each.name: [] for each in able}
    answers: dict[str, Any] = {each.name: each.work() for each in able}
    for turn in range(rounds):
        for each in able if turn % 2 == 0 else reversed(able):
            answers[each.name] = None
            begin, before = time.perf_counter(), _processor_seconds()
            answers[each.name] = each.work()
            times[each.name].append(time.perf_counter() - begin)
            spent[each.name].append(_processor_seconds() - before)
    return Measured(
        seconds={each.name: statistics.median(times[each.name]) if each.name in times else None for each in contenders},
        spread={name: (min(all_turns), max(all_turns)) for name, all_turns in times.items()},
        answers=answers,
        reasons={each.name: each.missing for each in contenders if each.missing},
        rounds=rounds,
        processor={name: statistics.median(all_turns) for name, all_turns in spent.items()},
    )


def _processor_seconds() -> float:
    """Return the processor time of this process and of its children that have ended, s."""
    return time.process_time() + sum(os.times()[2:4])


@dataclass(frozen=True, kw_only=True)
class Report:
    """One benchmark's result: ``ratio`` is ours / peer."""

    benchmark: str
    ours: float | None
    peer: float | None
    peer_name: str
    """The peer that ``ratio`` is taken against."""
    better: str
    """``higher`` or ``lower``."""
    unit: str
    peers: Mapping[str, float | None]
    measured: Measured
    job: Mapping[str, Any]
    """What the job was."""
    checks: Mapping[str, Any]
    """What was found when the answers were compared."""
    packages: tuple[str, ...]
    """Distributions whose versions are told."""
    also: Mapping[str, float | None] = field(default_factory=dict)
    """Further figures of ours."""
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the result as one JSON document."""
        ratio = self.ours / self.peer if self.ours is not None and self.peer else None
        return {
            "benchmark": self.benchmark,
            "ours": rounded(self.ours),
            "peer": rounded(self.peer),
            "ratio": rounded(ratio),
            "better": self.better,
            "unit": self.unit,
            "peers": {name: rounded(value) for name, value in self.peers.items()},
            "peer_name": self.peer_name,
            "also": {name: rounded(value) for name, value in self.also.items()},
            "reasons": dict(self.measured.reasons),
            "rounds": self.measured.rounds,
            "seconds": {
                name: {"median": rounded(value), "fastest": rounded(low), "slowest": rounded(high)}
                for name, value in self.measured.seconds.items()
                if value is not None
                for low, high in (self.measured.spread[name],)
            },
            "processor_seconds": {name: rounded(value) for name, value in self.measured.processor.items()},
            "job": dict(self.job),
            "checks": dict(self.checks),
            "notes": list(self.notes),
            "machine": machine(),
            "versions": versions(self.packages),
            "date": dt.datetime.now(dt.UTC).date().isoformat(),
        }


def rounded(value: float | None) -> float | None:
    """Return a figure with four significant digits."""
    return None if value is None else float(f"{value:.4g}")


def machine() -> dict[str, Any]:
    """Say what kind of machine this is, without naming it."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
        if hasattr(os, "sysconf")
        else None,
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def versions(packages: Sequence[str]) -> dict[str, str | None]:
    """Return the versions of Python and of some distributions; ``None`` where one is absent."""
    told: dict[str, str | None] = {"python": platform.python_version()}
    for name in packages:
        try:
            told[name] = version(name)
        except PackageNotFoundError:
            told[name] = None
    return told


def main(about: str, compete: Callable[[bool, int], Report]) -> None:
    """Read the options, hold the contest and print its result.

    Parameters
    ----------
    about
        What ``--help`` says.
    compete
        Given whether the job is the tiny one, and the number of rounds.
    """
    options = argparse.ArgumentParser(description=about)
    options.add_argument("--json", action="store_true", help="print one JSON document")
    options.add_argument("--small", action="store_true", help="a tiny job: proves that it works, measures nothing")
    options.add_argument("--rounds", type=int, default=FEWEST_ROUNDS, help="turns of each contender (default: 5)")
    chosen = options.parse_args()
    if chosen.rounds < 1:
        options.error("--rounds must be at least 1")
    document = compete(chosen.small, chosen.rounds).document()
    if chosen.json:
        json.dump(document, sys.stdout, ensure_ascii=False, indent=2)
        print()
    else:
        print("\n".join(lines(document)))


def lines(document: Mapping[str, Any]) -> list[str]:
    """Return a result as lines for a person."""
    told = [f"{document['benchmark']}  ({document['unit']}, {document['better']} is better)"]
    told.append(f"  ours: {document['ours']}")
    for name, value in document["peers"].items():
        told.append(f"  {name}: {value if value is not None else document['reasons'].get(name, 'absent')}")
    told.append(f"  ratio ours / {document['peer_name']}: {document['ratio']}")
    told += [f"  {name}: {value}" for name, value in document["checks"].items()]
    return told
