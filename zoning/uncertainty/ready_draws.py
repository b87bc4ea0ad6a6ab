"""Draws made ready for blocks of cells: what they do to values, their class limits, and every zone's rules alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from zoning.rules.compiled_rules import CompiledRules
from zoning.rules.limits import BAND_LOW, S1, S2, S3
from zoning.uncertainty.drawn_land import Moves
from zoning.uncertainty.draws import Draw
from zoning.uncertainty.zone_alone import ZoneAlone

if TYPE_CHECKING:
    from zoning.uncertainty.alike_loops import Limits

_CLASSES = (S3, S2, S1)


@dataclass(frozen=True, eq=False, kw_only=True)
class ReadyDraw:
    """One draw, ready."""

    draw: Draw
    """As it was drawn."""
    moves: Moves
    """What it does to values."""
    limits: Limits
    """Its class limits."""
    alone: Mapping[int, CompiledRules]
    """Zone number to the rules of the zone alone, with the limits and weights of the draw."""


def make_ready(draws: Sequence[Draw], zones: Sequence[ZoneAlone]) -> tuple[ReadyDraw, ...]:
    """Make draws ready once for all blocks; ``zones`` from :func:`zones_alone`."""
    return tuple(
        ReadyDraw(
            draw=draw,
            moves=Moves.of(draw),
            limits=class_limits(draw.rules),
            alone={zone.number: zone.drawn(draw.rules) for zone in zones},
        )
        for draw in draws
    )


def zones_alone(rules: CompiledRules) -> tuple[ZoneAlone, ...]:
    """Return every rated zone alone."""
    return tuple(ZoneAlone.of(rules, place) for place in range(len(rules.rated_zones)))


def class_limits(rules: CompiledRules) -> Limits:
    """Return the values at which some curve changes its class, by characteristic, rising.

    A limit below the class that a curve never falls under changes nothing and is left out.
    """
    from zoning.uncertainty.alike_loops import Limits  # noqa: PLC0415  the compiler is paid for by who computes

    tables, row = rules.tables, rules.tables.curve_side
    used = np.arange(row.shape[1]) < tables.curve_sides[:, np.newaxis]
    band = np.array([BAND_LOW[each] for each in _CLASSES], dtype=np.float32)
    counts = np.isfinite(row[..., 1:4]) & used[..., np.newaxis]
    counts &= tables.curve_floor[:, np.newaxis, np.newaxis] < band
    columns: npt.NDArray[np.int32] = np.broadcast_to(tables.curve_column[:, np.newaxis, np.newaxis], counts.shape)
    above = np.broadcast_to(row[..., :1] < 0, counts.shape)
    found = np.unique(
        np.stack([columns[counts], (row[..., :1] * row[..., 1:4])[counts], above[counts]]).astype(np.float64), axis=1
    )
    return Limits(
        start=np.searchsorted(found[0], np.arange(len(rules.characteristics) + 1)).astype(np.int32),
        value=found[1].astype(np.float32),
        above=found[2].astype(np.uint8),
    )
