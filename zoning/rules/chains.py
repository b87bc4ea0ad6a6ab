"""Value chains: which zones and overlays each is made of, and the bands of the aptitude map."""

from __future__ import annotations

from dataclasses import dataclass

from gis.messages import translator
from layers.spelling import plain_text
from zoning.rules.ruleset import Ruleset

_ = translator("zoning")

ZONE, OVERLAY, CHAIN = "zone", "overlay", "chain"
"""Kinds of bands."""

CHAIN_PREFIX = "cadena_"
"""Begins the name of the map layer of a chain."""


@dataclass(frozen=True, kw_only=True)
class AptitudeBand:
    """One band of the aptitude map: how apt every cell is for a zone, an overlay or a chain, whoever won it."""

    code: str
    """Zone or overlay code, or the name of the chain's map layer."""
    kind: str
    """One of :data:`ZONE`, :data:`OVERLAY` and :data:`CHAIN`."""
    title: str
    """Spanish name."""
    members: tuple[str, ...] = ()
    """Codes of the zones and overlays of a chain."""


def chain_layer(chain: str) -> str:
    """Return the name of a chain's map layer.

    Examples
    --------
    >>> chain_layer("artesanía")
    'cadena_artesania'
    """
    return CHAIN_PREFIX + "_".join(plain_text(word) for word in chain.split())


def aptitude_bands(rules: Ruleset) -> tuple[AptitudeBand, ...]:
    """Return the bands of the aptitude map: zones with a basket, overlays, then chains in the order they appear.

    Examples
    --------
    >>> from zoning.rules.ruleset_file import load_ruleset
    >>> [band.code for band in aptitude_bands(load_ruleset()) if band.kind == CHAIN]
    ['cadena_hortifruticultura', 'cadena_vitivinicultura', 'cadena_turismo', 'cadena_artesania']
    """
    zones = [zone for zone in rules.zones if zone.rated]
    chains: dict[str, list[str]] = {}
    of_zones = [(zone.chain, zone.code) for zone in zones]
    for chain, code in (*of_zones, *((each.chain, each.code) for each in rules.overlays)):
        if chain:
            chains.setdefault(chain, []).append(code)
    return (
        *(AptitudeBand(code=zone.code, kind=ZONE, title=zone.name) for zone in zones),
        *(AptitudeBand(code=each.code, kind=OVERLAY, title=each.name) for each in rules.overlays),
        *(
            AptitudeBand(code=chain_layer(name), kind=CHAIN, title=name[:1].upper() + name[1:], members=tuple(members))
            for name, members in chains.items()
        ),
    )
