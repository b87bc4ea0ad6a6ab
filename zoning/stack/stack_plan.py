"""What a stack shall hold, what of it must be made, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gis.errors import InputError
from gis.messages import translator
from zoning.rating.interval_codes import cut_points
from zoning.rules.characteristic import Characteristic
from zoning.rules.compiled_rules import CompiledRules
from zoning.stack.stack_extras import extra_content, wanted_extras
from zoning.stack.stack_index import Band, StackIndex
from zoning.stack.stack_land import StackLand, Units
from zoning.stack.stack_window import BLOCK

_ = translator("zoning")

PLACES = "places"
"""Stands for the bands of places among those that are made."""

NO_STACK, DAMAGED, NEW_BAND, NEW_LAYER, NEW_LIMIT, NEW_PLACES, DROPPED = (
    "no_stack", "damaged", "new_band", "new_layer", "new_limit", "new_places", "dropped",
)  # fmt: skip
"""Why bands are made: there was no stack of this version, or not as it was written; a characteristic that it did not
hold; other layers, cells or conditions; a class limit that is no cut point; other places; a layer that is gone."""


@dataclass(frozen=True, eq=False, kw_only=True)
class StackPlan:
    """What becomes of a stack."""

    index: StackIndex
    """What it shall be."""
    made: tuple[str, ...]
    """Characteristic keys that are measured and coded, and :data:`PLACES`."""
    extras: tuple[str, ...]
    """Extras that are measured (:mod:`zoning.stack.stack_extras`)."""
    before: StackIndex | None
    """What stands there and can be copied from; ``None`` where nothing can."""
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Reason to the bands that are made for it."""

    def __str__(self) -> str:
        """Say it in a sentence, in the reader's language; empty where nothing is made."""
        if not self.made:
            return (
                _("Pila al día: se miden de nuevo {count} datos de la muestra").format(count=len(self.extras))
                if self.extras
                else ""
            )
        told = "; ".join(f"{_why(reason)}: {_names(names)}" for reason, names in self.reasons.items())
        return _("Se codifican las capas ({count} bandas): {why}").format(count=len(self.made), why=told)


def plan_stack(land: StackLand, rules: CompiledRules, folder: Path) -> StackPlan:
    """Decide what of a land's stack must be made for some rules.

    Parameters
    ----------
    land
        What the stack is made from.
    rules
        Rules whose limits it must be cut at.
    folder
        Where it stands, or will.

    Raises
    ------
    gis.errors.VallesError
        A layer is damaged.
    """
    old, lost = _standing(folder)
    given = land.inventory.available - rules.flagged
    wanted = {each.key: each for each in rules.inputs if each.name in given}
    known = {band.key: band for band in old.bands} if old else {}
    full, needed = cut_points(rules), cut_points(rules, spare=False)
    bands: list[Band] = []
    reasons: dict[str, tuple[str, ...]] = {}
    for key in sorted({*wanted, *known}):
        each, band = wanted.get(key) or Characteristic.parse(key), known.get(key)
        content = land.content_of(each)
        same = band is not None and band.content == content
        if band is not None and same and (key not in needed or np.isin(needed[key], band.cuts).all()):
            bands.append(band)
        elif key in wanted:
            bands.append(Band(key=key, layers=land.layers_of(each), content=content, cuts=full[key], seconds=0.0))
            reason = lost or (NEW_BAND if band is None else NEW_LIMIT if same else NEW_LAYER)
            reasons[reason] = (*reasons.get(reason, ()), key)
    place_content, flagged = land.place_content(), tuple(sorted(land.inventory.flagged))
    # The file of codes carries the flags and the gates of a scenario: it is written again where they change.
    moved = old is None or (old.place_content, old.flagged, old.opened) != (place_content, flagged, land.opened)
    if moved or (len(bands) < len(known) and not reasons):
        reason = lost or (NEW_PLACES if moved else DROPPED)
        reasons[reason] = (*reasons.get(reason, ()), PLACES)
    extras, fresh = _extras(land, rules, old)
    index = StackIndex(
        bands=tuple(bands),
        place_content=place_content,
        place_seconds=old.place_seconds if old else 0.0,
        municipalities=land.codes,
        categories=land.categories(),
        blocks=_blocks(land.unit),
        flagged=flagged,
        opened=land.opened,
        extras=extras,
        sizes=old.sizes if old else {},
    )
    made = {key for keys in reasons.values() for key in keys}
    ordered = [key for key in (*(band.key for band in bands), PLACES) if key in made]
    return StackPlan(index=index, made=tuple(ordered), extras=fresh, before=old, reasons=reasons)


def _standing(folder: Path) -> tuple[StackIndex | None, str]:
    """Return the stack that stands in a folder, or why there is none that can be copied from."""
    try:
        found = StackIndex.read(folder)
    except InputError:
        return None, DAMAGED
    if found is None:
        return None, NO_STACK
    return (found, "") if found.whole(folder) else (None, DAMAGED)


def _extras(land: StackLand, rules: CompiledRules, old: StackIndex | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the extras that a stack shall hold with their hashes, and those that must be measured."""
    wanted, known = wanted_extras(land, rules), dict(old.extras) if old else {}
    fresh = tuple(name for name, content in wanted.items() if known.get(name) != content)
    # What another ruleset asked for stays as long as it is true.
    kept = {
        name: content
        for name, content in known.items()
        if name not in wanted and extra_content(land, rules, name) == content
    }
    return dict(sorted({**kept, **wanted}.items())), fresh


def _blocks(unit: Units) -> npt.NDArray[np.bool_]:
    rows, cols = (-(-count // BLOCK) for count in unit.shape)
    padded = np.zeros((rows * BLOCK, cols * BLOCK), dtype=np.bool_)
    padded[: unit.shape[0], : unit.shape[1]] = unit > 0
    held: npt.NDArray[np.bool_] = np.any(padded.reshape(rows, BLOCK, cols, BLOCK), axis=(1, 3))
    return held


def _why(reason: str) -> str:
    return {
        NO_STACK: _("no había pila"),
        DAMAGED: _("la pila estaba dañada"),
        NEW_BAND: _("no estaban en la pila"),
        NEW_LAYER: _("cambió su capa"),
        NEW_LIMIT: _("las reglas cortan donde la pila no corta"),
        NEW_PLACES: _("cambió una capa de límites, áreas o cobertura"),
        DROPPED: _("ya no está una capa"),
    }[reason]


def _names(names: tuple[str, ...]) -> str:
    shown = names[:_SHOWN]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (_(" y {count} más").format(count=rest) if rest else "")


_SHOWN = 4
