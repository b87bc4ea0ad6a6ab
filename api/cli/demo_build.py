"""The building of the demonstration: stages that are done once, taken up where an earlier run was cut off.

A stage counts only when it stands in ``demo.json``, written after it is complete; what a killed stage left behind is
removed, or is of a kind that can be repeated without harm.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from api.cli.init_command import starter_files
from gis.atomic import storage_errors, write_atomically
from gis.errors import InputError
from gis.messages import Figure, translator

_ = translator("api")

CELL_M = 90
"""Side of a cell of the demonstration, m."""
SCALE = 250_000
"""Denominator of its map scale."""
SCENARIO = "calor_sequia"
"""Scenario of the starter rules that a full demonstration is compared with."""
DRAWS = 8
"""Draws of a full demonstration: enough to see where the map is unsure, too few to quote."""
STATE_FILE = "demo.json"
STALE_DAYS = 7
"""Age, days, at which the simulated prices are made anew, so that the demonstration shows prices of today."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage that is done."""

    name: str
    seconds: float
    """How long it took when it was done, s."""
    reused: bool
    """Done by an earlier run."""


class DemoBuild:
    """The demonstration in one folder.

    Parameters
    ----------
    folder
        Where it lies or shall lie: ``mirror``, ``prices`` and ``workspace`` inside.
    cell_m
        Side of a cell, m.
    scale
        Denominator of the map scale.
    full
        Whether it also holds a scenario, the comparison with it, and the stability of its zones.
    """

    def __init__(self, folder: Path, *, cell_m: float = CELL_M, scale: int = SCALE, full: bool = False) -> None:
        self.folder = folder
        self.cell_m = cell_m
        self.scale = scale
        self.full = full
        self.mirror = folder / "mirror"
        self.prices = folder / "prices"
        self.workspace = folder / "workspace"

    def complete(self, *, report: Callable[[str], None]) -> list[Stage]:
        """Do every stage that is not done yet and return all of them.

        Parameters
        ----------
        report
            Told about each stage as it ends.

        Raises
        ------
        InputError
            If the folder holds something else.
        StorageError
            If the folder cannot be written, or another run is building in it.
        """
        from layers.workspace_lock import locked  # noqa: PLC0415  commands load what they use

        with storage_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder / ".demo.lock"):
            done = self._done_before()
            plan = self._plan()
            stages = []
            for number, (name, (title, work)) in enumerate(plan.items(), start=1):
                reused = name in done
                if not reused:
                    report(f"{number}/{len(plan)} {title} …")
                    begun = time.perf_counter()
                    work()
                    done[name] = round(time.perf_counter() - begun, 1)
                    self._write_state(done)
                note = _("de antes") if reused else f"{Figure(done[name]):.1f} s"
                report(f"{number}/{len(plan)} {title}: {note}")
                stages.append(Stage(name=name, seconds=done[name], reused=reused))
        return stages

    def _plan(self) -> dict[str, tuple[str, Callable[[], None]]]:
        plan = {
            "mirror": (_("relieve, clima, suelos y contornos sintéticos"), self._make_mirror),
            "init": (_("espacio de trabajo"), self._make_workspace),
            "layers": (_("capas preparadas"), self._fetch),
            "zone": (_("zonificación"), self._zone),
            "prices": (_("precios simulados"), self._import_prices),
        }
        if self.full:
            plan |= {
                "stability": (_("estabilidad de las zonas"), self._draw),
                "scenario": (_("escenario de calor y sequía"), self._zone_scenario),
                "comparison": (_("comparación con el escenario"), self._compare),
            }
        return plan

    def _done_before(self) -> dict[str, float]:
        state = self.folder / STATE_FILE
        if not state.exists():
            others = sorted(path.name for path in self.folder.iterdir() if path.name != ".demo.lock")
            if others:
                raise InputError(
                    _("{folder} contiene otra cosa: {names}").format(folder=self.folder, names=", ".join(others[:5])),
                    expected=_("Una carpeta nueva, vacía o de una demostración anterior"),
                    remedy=_("Elija otra con --dir"),
                )
            self._write_state({})
            return {}
        try:
            told: dict[str, Any] = json.loads(state.read_text(encoding="utf-8"))
            stages = {str(name): float(seconds) for name, seconds in told["stages"].items()}
            same = told["version"] == version("valles")
        except (ValueError, KeyError, TypeError, AttributeError):
            stages, same = {}, False
        if same and self._still_there(stages):
            if _age_days(told.get("made_on")) > STALE_DAYS:
                stages.pop("prices", None)
            return stages
        self._clear(self.mirror, self.prices, self.workspace)
        self._write_state({})
        return {}

    def _still_there(self, stages: dict[str, float]) -> bool:
        needed = {
            "mirror": self.mirror / "mirror.toml",
            "init": self.workspace / "territory.toml",
            "layers": self.workspace / "layers" / "provenance.json",
            "zone": self.workspace / "studies" / "base" / "manifest.json",
            "prices": self.workspace / "prices.db",
            "stability": self.workspace / "studies" / "base" / "uncertainty.tif",
            "scenario": self.workspace / "studies" / SCENARIO / "manifest.json",
            "comparison": self.workspace / "comparisons" / f"base--{SCENARIO}" / "diff.json",
        }
        return all(needed[name].exists() for name in stages if name in needed)

    def _write_state(self, done: dict[str, float]) -> None:
        document = {"demo": True, "version": version("valles"), "made_on": _today().isoformat(), "stages": done}
        write_atomically(self.folder / STATE_FILE, json.dumps(document, indent=2))

    def _clear(self, *folders: Path) -> None:
        with storage_errors(self.folder):
            for folder in folders:
                if folder.exists():
                    shutil.rmtree(folder)

    def _make_mirror(self) -> None:
        from layers.demo.demo_territory import write_demo_mirror  # noqa: PLC0415  commands load what they use

        self._clear(self.mirror)
        write_demo_mirror(self.mirror, cell_m=self.cell_m)

    def _make_workspace(self) -> None:
        from layers.demo.demo_territory import demo_territory  # noqa: PLC0415  commands load what they use
        from layers.workspace import Workspace  # noqa: PLC0415  as above

        self._clear(self.workspace)
        Workspace.init(self.workspace, demo_territory().with_cell(self.cell_m), files=starter_files())

    def _fetch(self) -> None:
        from layers.mirrors.mirror import Mirror  # noqa: PLC0415  as above
        from layers.preparation.fetch import fetch  # noqa: PLC0415  commands load what they use
        from layers.workspace import Workspace  # noqa: PLC0415  as above

        done = fetch(Workspace.open(self.workspace), Mirror.read(self.mirror))
        if done.failed:
            first = done.failed[0]
            raise InputError(
                _("No se pudo preparar la capa «{title}»: {why}").format(title=first.title, why=first.detail),
                expected=first.expected,
                remedy=first.remedy,
            )

    def _zone(self) -> None:
        from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
        from zoning.study.study_run import run  # noqa: PLC0415  as above

        run(Workspace.open(self.workspace), scale=self.scale, uncertainty=DRAWS if self.full else None)

    def _draw(self) -> None:
        # A demonstration made without draws before is zoned again; a new one has them already.
        if not (self.workspace / "studies" / "base" / "uncertainty.tif").is_file():
            self._zone()

    def _zone_scenario(self) -> None:
        from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
        from zoning.study.study_run import run  # noqa: PLC0415  as above

        run(Workspace.open(self.workspace), scale=self.scale, scenario=SCENARIO)

    def _compare(self) -> None:
        from zoning.comparison.diff_document import diff_document  # noqa: PLC0415  commands load what they use
        from zoning.comparison.saved_comparisons import save_comparison  # noqa: PLC0415  as above
        from zoning.comparison.study_diff import diff_studies  # noqa: PLC0415  as above
        from zoning.study.study import Study  # noqa: PLC0415  as above

        found = diff_studies(Study.open(self.workspace), Study.open(self.workspace, SCENARIO))
        save_comparison(found, diff_document(found))

    def _import_prices(self) -> None:
        from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
        from market_prices.book import Book, write_demo_prices  # noqa: PLC0415  as above

        self._clear(self.prices)
        with storage_errors(self.workspace):
            for file in self.workspace.glob("prices.db*"):
                # What an earlier run imported, or somebody noted by hand, is set aside and not thrown away.
                file.replace(self.workspace / f"anterior-{file.name}")
        with Book.open(Workspace.open(self.workspace)) as book:
            for path in write_demo_prices(self.prices):
                book.import_file(path, author="demo")


def _today() -> dt.date:
    return dt.date.today()  # noqa: DTZ011  the user's day, not an instant


def _age_days(day: object) -> int:
    """Return how many days ago an ISO date was; one that cannot be read is as old as can be."""
    try:
        return (_today() - dt.date.fromisoformat(str(day))).days
    except ValueError:
        return dt.timedelta.max.days
