"""From crops and rules to land-use types: which limits, which months, which gates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gis.messages import translator
from zoning.rules.characteristic import QUANTITIES, Characteristic
from zoning.rules.crop_library import Crop
from zoning.rules.land_use_types import IRRIGATED, Factor, LandUseType
from zoning.rules.limits import Limits, N
from zoning.rules.name_hints import meant, one_of
from zoning.rules.ruleset import Management, Ruleset, Window
from zoning.rules.zone_rules import Zone
from zoning.zoning_errors import RulesError

_ = translator("zoning")

SLOPE, FROST = "slope", "frost"
"""Factor names that do not come from a crop file's factor of the same name."""

SLOPE_FACTORS = "slope_"
"""Prefix of the slope factors of a crop file, one per management."""


def build_types(
    ruleset: Ruleset,
    crops: Mapping[str, Crop],
    *,
    has: Callable[[Characteristic], bool],
    flagged: frozenset[str],
) -> tuple[list[LandUseType], dict[str, frozenset[str]]]:
    """Build every land-use type that a basket asks for, once.

    Returns
    -------
    tuple
        Land-use types sorted by id, and for each id the names of optional characteristics left out for want of a
        layer.

    Raises
    ------
    RulesError
        If a basket names a crop the library lacks, a crop has no window for a water its zone rates it with, or nothing
        required is left to rate.
    """
    strangers = sorted(set(ruleset.windows) - set(crops))
    if strangers:
        raise ruleset.refusal(
            meant(_("no hay un cultivo «{crop}»").format(crop=strangers[0]), strangers[0], crops),
            "windows",
            strangers[0],
            expected=one_of(crops),
            remedy=_own_crop(strangers[0]),
        )
    types: dict[str, LandUseType] = {}
    dropped: dict[str, frozenset[str]] = {}
    for zone in ruleset.zones:
        for crop_id in (each for group in zone.basket for each in group):
            crop = crops.get(crop_id)
            if crop is None:
                raise _unknown_crop(ruleset, zone, crop_id, crops)
            for management, window in combinations(ruleset, zone, crop_id):
                built, lost = _build(ruleset, crop, management, window, has=has, flagged=flagged)
                types[built.id] = built
                dropped[built.id] = lost
    check_weights(ruleset, types.values(), crops)
    return [types[key] for key in sorted(types)], dropped


def _own_crop(crop: str) -> str:
    return _("Corrija el nombre, o ponga crops/{crop}.toml en el espacio de trabajo").format(crop=crop)


def _unknown_crop(ruleset: Ruleset, zone: Zone, crop: str, crops: Mapping[str, Crop]) -> RulesError:
    """Refuse a basket that names what is no crop; a zone in a basket would have no end."""
    zones = {each.code for each in ruleset.zones}
    found = meant(_("no hay un cultivo «{crop}»").format(crop=crop), crop, crops)
    remedy = _own_crop(crop)
    if crop in zones:
        found = _("la canasta contiene la zona «{zone}» y no un cultivo").format(zone=crop)
        remedy = _("Escriba los cultivos de esa zona: una canasta que lleva a otra puede no tener fin")
    return ruleset.refusal(
        found,
        "zones",
        zone.code,
        "basket",
        expected=one_of(crops),
        remedy=remedy,
    )


def check_weights(ruleset: Ruleset, types: Iterable[LandUseType], crops: Mapping[str, Crop]) -> None:
    """Refuse a weight of a factor that neither a crop file nor a land-use type has.

    Raises
    ------
    RulesError
        Naming file, line and key.
    """
    known = factor_names(crops) | {factor.name for each in types for factor in each.factors}
    strangers = [name for name in ruleset.weights if name not in known]
    if strangers:
        raise ruleset.refusal(
            meant(_("ningún cultivo tiene un factor «{name}»").format(name=strangers[0]), strangers[0], known),
            "weights",
            strangers[0] if ruleset.consistency_ratio is None else "ahp",
            expected=one_of(known),
        )


def factor_names(crops: Mapping[str, Crop]) -> set[str]:
    """Return the names of the factors that may have a weight."""
    own = {name for crop in crops.values() for name in crop.factors if not name.startswith(SLOPE_FACTORS)}
    return {SLOPE, FROST} | own


def combinations(ruleset: Ruleset, zone: Zone, crop: str) -> list[tuple[Management, Window]]:
    """Pairs of management and window that a zone rates a crop with.

    Raises
    ------
    RulesError
        If there is none.
    """
    pairs = [
        (ruleset.managements[name], window)
        for name in zone.managements
        for window in ruleset.windows.get(crop, ())
        if ruleset.managements[name].water == window.water and window.water in zone.waters
    ]
    if not pairs:
        raise ruleset.refusal(
            _("la zona {zone} no tiene con qué calificar «{crop}»").format(zone=zone.code, crop=crop),
            "zones",
            zone.code,
            "basket",
            expected=_("Se esperaba una ventana de siembra para {waters}").format(waters=", ".join(zone.waters)),
            remedy=_("Añada [[windows.{crop}]] en ruleset.toml").format(crop=crop),
        )
    return pairs


def _build(
    ruleset: Ruleset,
    crop: Crop,
    management: Management,
    window: Window,
    *,
    has: Callable[[Characteristic], bool],
    flagged: frozenset[str],
) -> tuple[LandUseType, frozenset[str]]:
    factors = all_factors(ruleset, crop, management, window, flagged=flagged)
    kept = [factor for factor in factors if factor.required or has(factor.characteristic)]
    lost = {factor.characteristic.name for factor in factors} - {factor.characteristic.name for factor in kept}
    identifier = f"{crop.id}/{window.water}/{management.name}/{window.months[0]:02d}-{window.months[1]:02d}"
    if not any(factor.required and not factor.flagged for factor in kept):
        raise ruleset.refusal(
            _("«{id}» se queda sin factor obligatorio").format(id=identifier),
            "factors",
            "required",
            expected=_("Se esperaba al menos uno, como la temperatura"),
        )
    built = LandUseType(
        id=identifier,
        crop=crop.id,
        water=window.water,
        management=management.name,
        window=window.months,
        factors=tuple(sorted(kept, key=lambda factor: (factor.characteristic, factor.name))),
        gates=management.gates,
        window_source=window.source,
    )
    return built, frozenset(lost & set(ruleset.optional))


def all_factors(
    ruleset: Ruleset, crop: Crop, management: Management, window: Window, *, flagged: frozenset[str]
) -> list[Factor]:
    """List the factors a crop is rated by under one management and window, layers or not.

    Raises
    ------
    RulesError
        If a crop file uses a characteristic the ruleset lists nowhere.
    """
    factors: list[Factor] = []

    def add(name: str, characteristic: str, limits: Limits | None, source: str) -> None:
        kind = ruleset.factor_kind(characteristic, water=window.water)
        if kind == "ignored" or limits is None:
            return
        seasonal = QUANTITIES[characteristic].seasonal
        factors.append(
            Factor(
                name=name,
                characteristic=Characteristic(characteristic, window.months if seasonal else ()),
                limits=limits,
                weight=ruleset.weights.get(name, 1.0),
                required=kind == "required",
                cap=ruleset.caps.get(characteristic, N),
                flagged=characteristic in flagged,
                source=source,
            )
        )

    for name, factor in crop.factors.items():
        requirement = factor.requirement
        if requirement is None or name.startswith(SLOPE_FACTORS):
            continue
        rain = QUANTITIES[requirement.characteristic].letter == "w"
        drop_low = rain and window.water == IRRIGATED
        limits = requirement.limits.without_low() if drop_low else requirement.limits
        add(name, requirement.characteristic, limits, requirement.source)
    slope = crop.factors.get(management.slope_factor)
    own = slope.requirement if slope else None
    add(SLOPE, "slope", own.limits if own else management.slope, own.source if own else management.source)
    frost_source = f"{crop.killing_source}; {ruleset.frost.source}"
    add(FROST, "extreme_min", ruleset.frost.limits(crop.killing_temperature), frost_source)
    return factors
