"""Writing the ``mirror.toml`` of a mirror."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields

from layers.mirrors.mirror import MirrorLayer

_FIRST = MirrorLayer(theme="", file="")


def mirror_text(layers: Iterable[MirrorLayer], *, heading: str = "") -> str:
    """Return the text of a ``mirror.toml``; reading it back gives the same entries.

    Parameters
    ----------
    layers
        Its entries, in order.
    heading
        A comment at its beginning.
    """
    blocks = [f"# {line}" for line in heading.splitlines()]
    return "\n".join(blocks) + ("\n\n" if blocks else "") + "\n".join(_entry(each) for each in layers)


def _entry(layer: MirrorLayer) -> str:
    lines = ["[[layer]]"]
    for each in fields(layer):
        value = getattr(layer, each.name)
        if value != getattr(_FIRST, each.name) or each.name == "redistributable":
            lines.append(f"{each.name} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    """Return a text, a truth or a list of either as TOML; JSON writes the same, save the delete character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
