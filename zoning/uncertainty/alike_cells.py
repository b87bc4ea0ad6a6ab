"""Cells alike under a draw: found by the limits of the draw, zoned once for all of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from zoning.rules.compiled_rules import CompiledRules
from zoning.uncertainty.alike_loops import RUN, Steps, find_alike, place_keys, put_in_steps
from zoning.uncertainty.drawn_land import SeenLand
from zoning.uncertainty.drawn_loops import Drawn, take_values
from zoning.uncertainty.ready_draws import ReadyDraw, class_limits
from zoning.uncertainty.strip_land import PlaceColumns

Floats = npt.NDArray[np.float32]


class AlikeCells:
    """The cells of a block with the elevation of one realisation, ready for any draw of it.

    Parameters
    ----------
    seen
        Their values.
    places
        What decides beside them.
    """

    def __init__(self, seen: SeenLand, places: PlaceColumns) -> None:
        self._seen, self._places = seen, places
        rows, cells = seen.base.shape
        runs = -(-cells // RUN)
        self._steps = Steps(
            step=np.empty((rows, cells), dtype=np.uint16),
            low=np.empty(rows, dtype=np.float32),
            width=np.empty(rows, dtype=np.float32),
            run_low=np.empty((rows, runs), dtype=np.uint16),
            run_high=np.empty((rows, runs), dtype=np.uint16),
        )
        put_in_steps(seen.base, *self._steps)
        self._keys = np.empty(cells, dtype=np.uint64)
        place_keys(places.gates, places.decided, places.residual, self._keys)
        starts = np.arange(0, cells, RUN)
        self._mixed = (np.maximum.reduceat(self._keys, starts) != np.minimum.reduceat(self._keys, starts)).astype(
            np.uint8
        )
        self._rows = np.arange(rows)
        self._work = np.empty(cells, dtype=np.uint64)
        self.like = np.empty(cells, dtype=np.int32)
        """After :meth:`zones`: number of the kind of each cell, (N,)."""
        self._first = np.empty(cells, dtype=np.int64)

    def zones(self, ready: ReadyDraw, drawn: Drawn) -> npt.NDArray[np.uint8]:
        """Return the zone number of every kind of cells alike.

        Parameters
        ----------
        ready
            A draw of the realisation of the cells.
        drawn
            The values it makes.
        """
        from zoning.rating.kernel import classify_block  # noqa: PLC0415  the compiler is paid for by who computes

        steps = self._steps
        count = find_alike(steps, drawn, ready.limits, self._keys, self._mixed, self._work, self.like, self._first)
        cells = self._first[:count]
        place = steps.step[:, cells].astype(np.float32) - np.float32(1)
        base = np.where(place < 0, np.float32(np.nan), steps.low[:, np.newaxis] + place * steps.width[:, np.newaxis])
        whole = drawn._replace(base=base, made=np.ascontiguousarray(drawn.made[:, cells]))
        values = take_values(whole, self._rows, np.arange(count))
        part = self._places.part(cells)
        return classify_block(values, part.gates, part.decided, part.residual, ready.draw.rules).zone


def in_similar_runs(values: Floats, rules: CompiledRules) -> npt.NDArray[np.int64]:
    """Return an order of cells in which runs of :data:`RUN` differ little, by how many class limits lie between them.

    The cells are halved where they differ most, and the halves again.

    Parameters
    ----------
    values
        Characteristics, (C, N), NaN where missing.
    rules
        Whose limits count.

    Examples
    --------
    >>> from zoning import load_crops, load_ruleset
    >>> from zoning.rules.compiled_rules import compile_rules
    >>> rules = compile_rules(load_ruleset(), load_crops(), available={"temp_mean", "temp_annual"})
    >>> in_similar_runs(np.zeros((len(rules.characteristics), 3), np.float32), rules).tolist()
    [0, 1, 2]
    """
    limits = class_limits(rules)
    far = np.zeros(values.shape, dtype=np.float32)
    for row in range(limits.start.size - 1):
        own = limits.value[limits.start[row] : limits.start[row + 1]]
        if own.size > 1 and own[-1] > own[0]:
            share = (np.clip(values[row], own[0], own[-1]) - own[0]) / (own[-1] - own[0])
            far[row] = np.nan_to_num(share * own.size, nan=-1.0)
    order = np.arange(values.shape[1])
    parts = [(0, order.size)]
    while parts:
        start, stop = parts.pop()
        if stop - start <= RUN:
            continue
        here = far[:, order[start:stop]]
        row = int((here.max(axis=1) - here.min(axis=1)).argmax())
        order[start:stop] = order[start:stop][np.argsort(here[row], kind="stable")]
        middle = start + -(-(stop - start) // (2 * RUN)) * RUN
        parts += [(start, middle), (middle, stop)]
    return order
