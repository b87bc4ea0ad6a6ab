"""What if: a study's territory zoned again under changed rules, from its stack, while somebody waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.ndimage import find_objects

from gis.messages import Figure, translator
from zoning.comparison.study_land import reopen_job
from zoning.rating.interval_codes import Codes, cut_points
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.rules.limits import CLASS_NAMES
from zoning.rules.rule_change import RuleChange
from zoning.stack.stack import Patch, Stack
from zoning.stack.stack_build import Progress, build_stack
from zoning.stack.stack_index import seconds_to_encode
from zoning.stack.stack_land import StackLand
from zoning.stack.stack_window import Window
from zoning.study.run_job import RunJob
from zoning.study.study import Study

_ = translator("zoning")

COLUMNS = ("municipality", "municipality_name", "zone", "class", "area_ha", "base_ha", "change_ha")
"""Columns of the table."""

UNITS = {"area_ha": "ha", "base_ha": "ha", "change_ha": "ha"}
"""Unit of each column of figures, put in ``frame.attrs['units']``."""

_NOT_RATED = 5
_SQUARE_METRE = 4

Counts = npt.NDArray[np.int64]
Change = RuleChange | Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ChangeCost:
    """What a change of rules asks before it can be zoned."""

    encode: tuple[str, ...]
    """Characteristics whose codes do not know a new limit and must be made anew; empty if a new table is all."""
    layers: tuple[str, ...]
    """Prepared layers that are read for it."""
    seconds: float
    """Estimate of the wall time of that, s, from what it took when the stack was made; zoning itself not counted."""

    def __str__(self) -> str:
        """Say it in a sentence, in the reader's language."""
        if not self.encode:
            return _("Basta una tabla nueva: no se lee ninguna capa.")
        return _("Se codifica de nuevo {what}, leyendo {layers}: unos {seconds} s.").format(
            what=", ".join(self.encode), layers=", ".join(self.layers) or "—", seconds=Figure(round(self.seconds, 1))
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """The territory, or one municipality of it, under a change."""

    table: pd.DataFrame
    """:data:`COLUMNS`: hectares with the change and without, before cells are merged into polygons."""
    cost: ChangeCost
    """What it asked."""
    moved_ha: float
    """Hectares that a zone gained, summed over zones and municipalities: the least that moved, ha."""
    zone: Codes | None = None
    """Zone number of every cell of the grid, 0 outside or elsewhere; ``None`` unless a map was asked for."""


class Experiment:
    """A study ready to be tried with other rules. Use it as a context: it holds its stack open.

    The first time the stack of the study's layers is made, in the workspace's folder ``stack``; afterwards only what
    changed is made again.

    Parameters
    ----------
    study
        Whose rules and layers.
    workers
        Threads.
    progress
        Told how far the stack is.

    Raises
    ------
    gis.errors.VallesError
        Rules or layers are no longer those of the study, a layer is damaged, or the disk refuses.

    Examples
    --------
    >>> with Experiment(zoning.Study.open("workspace", "base")) as experiment:  # doctest: +SKIP
    ...     experiment.outcome({"gates": {"near_people": {"distance_road": 3000}}}).table
    """

    def __init__(self, study: Study, *, workers: int = 2, progress: Progress | None = None) -> None:
        self.study = study
        self._job: RunJob = reopen_job(study)
        self._workers = workers
        frame, ruleset = self._job.frame, self._job.rules.ruleset
        land = StackLand(
            workspace=self._job.workspace,
            inventory=self._job.inventory,
            grid=self._job.grid,
            unit=frame.unit,
            codes=frame.codes,
            places=frame.places,
            frost_offset=ruleset.frost.offset,
            calendar=ruleset.calendar,
            changes=self._job.changes,
        )
        index, self.made = build_stack(land, self._job.rules, workers=workers, progress=progress)
        self.stack = Stack(land, index)
        self._patch = Patch()
        self._boxes = find_objects(frame.unit, max_label=len(frame.codes))
        self._areas = self._job.municipal_areas()
        self._base: Counts = self.stack.zone(self._job.rules, workers=workers).counts

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.stack.close()

    def rules(self, change: Change) -> CompiledRules:
        """Return the rules of the study with a change, compiled.

        Raises
        ------
        zoning.zoning_errors.ChangeError
            The change is none, or does not fit the rules.
        """
        asked = change if isinstance(change, RuleChange) else RuleChange.of(change)
        job = self._job
        ruleset, crops = asked.apply(job.rules.ruleset, job.crops)
        return compile_rules(ruleset, crops, available=job.inventory.available, flagged=job.inventory.flagged)

    def cost(self, change: Change) -> ChangeCost:
        """Say whether a change is a new table or needs layers to be coded anew, which, and how long that takes.

        Raises
        ------
        zoning.zoning_errors.ChangeError
            As of :meth:`rules`.
        """
        return self.cost_of(self.rules(change))

    def outcome(self, change: Change, *, municipality: str | None = None, maps: bool = False) -> Outcome:
        """Zone with a change.

        Parameters
        ----------
        change
            What changes, or its plain content (:meth:`zoning.rules.rule_change.RuleChange.of`).
        municipality
            Code or any spelling of a name; ``None`` is the whole territory.
        maps
            Whether the zone of every cell is wanted.

        Raises
        ------
        gis.errors.VallesError
            As of :meth:`rules`; or there is no such municipality, or a layer is damaged.
        """
        rules = self.rules(change)
        cost = self.cost_of(rules)
        patch = self._patched(rules, cost)
        chosen = None if municipality is None else self.number_of(municipality)
        within = None if chosen is None else self.window_of(chosen)
        found = self.stack.zone(rules, patch=patch, within=within, maps=maps, workers=self._workers)
        table = self.table_of(found.counts, chosen)
        by_zone = table.groupby(["municipality", "zone"])["change_ha"].sum()
        zone = found.zone
        if zone is not None and chosen is not None:
            zone = np.where(self._job.frame.unit == chosen, zone, 0).astype(np.uint8)
        return Outcome(table=table, cost=cost, moved_ha=round(float(by_zone.clip(lower=0).sum()), 4), zone=zone)

    def cost_of(self, rules: CompiledRules) -> ChangeCost:
        """Say what rules from :meth:`rules` ask; see :meth:`cost`."""
        given = {each.key for each in rules.inputs if each.name in rules.available - rules.flagged}
        wanted = {key: cuts for key, cuts in cut_points(rules, spare=False).items() if key in given}
        index = self.stack.index
        encode = index.with_cuts(self._patch.cuts).lacks(wanted)
        land = self.stack.land
        layers = {name for each in rules.inputs if each.key in encode for name in land.layers_of(each)}
        return ChangeCost(encode=encode, layers=tuple(sorted(layers)), seconds=seconds_to_encode(index, encode))

    def _patched(self, rules: CompiledRules, cost: ChangeCost) -> Patch:
        if cost.encode:
            cuts = {key: points for key, points in cut_points(rules).items() if key in cost.encode}
            fresh = self.stack.patch(cuts, workers=self._workers)
            self._patch = Patch(codes={**self._patch.codes, **fresh.codes}, cuts={**self._patch.cuts, **fresh.cuts})
        return self._patch

    def number_of(self, municipality: str) -> int:
        """Return the number of a municipality, from 1, by its code or any spelling of its name.

        Raises
        ------
        gis.errors.VallesError
            There is none such.
        """
        code = self._job.workspace.territory.municipality(municipality).code
        return self._job.frame.codes.index(code) + 1

    def window_of(self, number: int) -> Window:
        """Return the rectangle of cells that holds a municipality."""
        rows, cols = self._boxes[number - 1]
        return Window(row_start=rows.start, row_stop=rows.stop, col_start=cols.start, col_stop=cols.stop)

    def table_of(self, counts: Counts, chosen: int | None) -> pd.DataFrame:
        """Return counted cells as hectares beside those of the study's rules; ``chosen`` is a municipality's number."""
        areas, frame = self._areas, self._job.frame
        names = dict(zip(self._job.municipalities["code"], self._job.municipalities["name"], strict=True))
        rows = []
        for number, code in enumerate(frame.codes, start=1):
            if chosen not in (None, number):
                continue
            # Every hectare is the municipality's: its cells share its area in the equal-area system.
            each_ha = areas[code] / max(int(self._base[number].sum()), 1)
            for zone in self._job.rules.zones:
                for place in range(_NOT_RATED + 1):
                    now, before = int(counts[number, zone.number, place]), int(self._base[number, zone.number, place])
                    if now or before:
                        name = CLASS_NAMES.get(place, "NR")
                        rows.append((code, names[code], zone.code, name, now * each_ha, before * each_ha))
        table = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
        table["change_ha"] = table["area_ha"] - table["base_ha"]
        table[list(UNITS)] = table[list(UNITS)].round(_SQUARE_METRE)
        table.attrs["units"] = dict(UNITS)
        return table


def what_if(study: Study, change: Change, *, municipality: str | None = None, workers: int = 2) -> pd.DataFrame:
    """Return the hectares of each municipality, zone and class under changed rules, beside those of the study's rules.

    Cells are counted before they are merged into polygons of the minimum mapping unit, so that ``base_ha`` is near the
    study's summary, not equal to it. For several changes keep an :class:`Experiment` open.

    Parameters
    ----------
    study
        Whose rules and layers.
    change
        What changes, such as ``{"gates": {"near_people": {"distance_road": 3000}}}``; see
        :class:`zoning.rules.rule_change.RuleChange`.
    municipality
        Code or any spelling of a name; ``None`` is the whole territory.
    workers
        Threads.

    Raises
    ------
    gis.errors.VallesError
        As of :class:`Experiment` and :meth:`Experiment.outcome`.

    Examples
    --------
    >>> study = zoning.Study.open("workspace", "base")  # doctest: +SKIP
    >>> zoning.what_if(study, {"minimum": {"VID": "S2"}}).head()  # doctest: +SKIP
    """
    with Experiment(study, workers=workers) as experiment:
        return experiment.outcome(change, municipality=municipality).table
