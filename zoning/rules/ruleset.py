"""A ruleset: everything a planner may change about a zoning, as data with a source for each rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gis.messages import translator
from zoning.rules.characteristic import QUANTITIES
from zoning.rules.gates import Gate
from zoning.rules.land_use_types import IRRIGATED, WATERS, Factor
from zoning.rules.limits import Limits, Side
from zoning.rules.rules_toml import RulesFile, Table
from zoning.rules.scenarios import Scenario
from zoning.rules.zone_rules import Zone
from zoning.seasons import SOUTHERN, Calendar
from zoning.zoning_errors import RulesError

_ = translator("zoning")


@dataclass(frozen=True, kw_only=True)
class Management:
    """A way of working the field: its gates and the slopes it bears."""

    name: str
    title: str
    """Spanish name."""
    water: str
    """``rainfed`` or ``irrigated``: the only water it goes with."""
    slope_factor: str
    """Factor of the crop file that holds its slope limits, such as ``slope_hand``."""
    slope: Limits
    """Slope limits, %, for crops whose file has none."""
    gates: tuple[str, ...] = ()
    """Gates every land-use type under it needs."""
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Window:
    """The months a crop stands in the field, from sowing (or budding) to harvest."""

    water: str
    """``rainfed`` or ``irrigated``."""
    months: tuple[int, int]
    """First and last month, 1–12; may pass the end of the year."""
    source: str
    """Citation, or ``supuesto``."""


@dataclass(frozen=True, kw_only=True)
class Frost:
    """How mean minima become a frost factor."""

    offset: float
    """k, degC from the mean of the coldest month's minima to the extreme minimum."""
    offset_spread: tuple[float, float]
    """Stated spread of k, degC."""
    margins: tuple[float, float, float]
    """degC above the killing temperature from which S3, S2 and S1 begin."""
    source: str

    def limits(self, killing_temperature: float) -> Limits:
        """Limits of the extreme minimum for a crop killed at ``killing_temperature``, degC.

        Examples
        --------
        >>> frost = Frost(offset=8, offset_spread=(6, 10), margins=(-3, -1, 1), source="supuesto")
        >>> frost.limits(-2.0).low.s1
        -1.0
        """
        s3, s2, s1 = (killing_temperature + margin for margin in self.margins)
        return Limits(low=Side.from_classes(s3, s2, s1))


@dataclass(frozen=True, kw_only=True)
class MapRules:
    """From cells to a map."""

    scale: int
    """Scale denominator of the map by default."""
    mmu_ha_per_scale2: float
    """Minimum mapping unit, ha, divided by the square of the scale denominator."""
    conflict_quantile: float
    """Share of the study's smallest margins within one class that are flagged as conflicts, 0–1."""
    source: str

    def minimum_mapping_unit_ha(self, scale: int) -> float:
        """Minimum mapping unit at a scale denominator, ha.

        Examples
        --------
        >>> rules = MapRules(scale=100_000, mmu_ha_per_scale2=4e-9, conflict_quantile=0.1, source="")
        >>> round(rules.minimum_mapping_unit_ha(100_000), 6)
        40.0
        """
        return self.mmu_ha_per_scale2 * scale * scale


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What legal and cover layers decide, and what takes the cells no zone took."""

    protected: Mapping[str, str]
    """Category of protected area to the zone it makes, or ``restriction`` (the zone stays, clearing is restricted)."""
    urban_classes: tuple[int, ...]
    """Land-cover classes that are URB."""
    water_classes: tuple[int, ...]
    """Land-cover classes that are AGUA."""
    forest_classes: tuple[int, ...]
    """Land-cover classes that are natural forest."""
    legal_forest_slope: float
    """Slope, %, above which land is FOR by law; not applied where slope is flagged."""
    forest_zone: str
    """Residual where the cover is natural forest."""
    open_zone: str
    """Residual where it is not."""
    unknown_zone: str
    """Residual where no cover raster exists."""
    silvopastoral_slope: tuple[float, float]
    """Slopes, %, at which GAN is silvopastoral."""
    source: str


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Stated uncertainty of what a zoning rests on; each ± is a standard deviation."""

    temperature_degc: float
    """Spread of all temperatures together, degC."""
    rain_percent: float
    """Spread of all rain together, %."""
    limit_percent: float
    """Spread of a limit, % of the distance between S3 and S1."""
    weight_concentration: float
    """κ of the Dirichlet distribution of the weights; infinite leaves them as they are."""
    source: str
    elevation_m: float = 5.0
    """Standard deviation of the elevation error, m."""
    elevation_length_m: float = 300.0
    """Distance over which the correlation of the elevation error falls to 1/e, m."""
    lapse_degc_per_km: float = -5.5
    """Change of the temperature with elevation, degC/km."""
    realisations: int = 8
    """Realisations of the elevation error that the draws share."""


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """A rating that competes with no zone: tourism, artisan production."""

    code: str
    name: str
    chain: str
    colour: str
    factors: tuple[Factor, ...]


@dataclass(frozen=True, kw_only=True)
class Ruleset:
    """All rules of one zoning."""

    title: str
    territories: tuple[str, ...]
    """Territory ids it is meant for; empty is any."""
    climate: str
    """Climate source zoned with by default."""
    climate_alternative: str
    """Climate source of the mandatory second run; empty for none."""
    zones: tuple[Zone, ...]
    """In the order of their numbers."""
    order: tuple[str, ...]
    """Codes of the competing zones, first served first within one class."""
    gates: tuple[Gate, ...]
    managements: Mapping[str, Management]
    windows: Mapping[str, tuple[Window, ...]]
    """Crop id to its windows."""
    required: tuple[str, ...]
    """Characteristics whose absence is SD."""
    optional: tuple[str, ...]
    """Characteristics rated without, and reported as incomplete."""
    ignored: tuple[str, ...]
    """Characteristics of crop files that no rule reads until a layer exists."""
    caps: Mapping[str, int]
    """Characteristic to the worst class it may cause."""
    weights: Mapping[str, float]
    """Factor name to weight; a factor that is not named weighs ``1``."""
    consistency_ratio: float | None
    """CR of the judgements behind the weights; ``None`` if there are none."""
    frost: Frost
    map: MapRules
    cover: Cover
    spread: Spread
    calendar: Calendar = SOUTHERN
    """Months of the indices of climate: those of the territory's hemisphere."""
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    overlays: tuple[Overlay, ...] = ()
    assumptions: tuple[str, ...] = ()
    """Every rule without a source, in one Spanish line each."""
    hash: str = ""
    """Identifies the content, whatever the order of keys and comments."""
    file: RulesFile | None = field(default=None, compare=False, repr=False)
    """The file it was read from, so that a later refusal can name line and key."""

    def refusal(self, found: str, *path: str, expected: str = "", remedy: str = "") -> RulesError:
        """Make a refusal that names file, line and key, as far as the rules come from a file."""
        if self.file is None:
            return RulesError(f"{'.'.join(path)}: {found}" if path else found, expected=expected, remedy=remedy)
        table = Table(file=self.file, data={}, path=path[:-1])
        return table.refusal(found, key=path[-1] if path else "", expected=expected, remedy=remedy)

    @property
    def zones_by_order(self) -> tuple[Zone, ...]:
        """Zones with the competing ones in their order, the others by number."""
        rank = {code: place for place, code in enumerate(self.order)}
        return tuple(sorted(self.zones, key=lambda zone: (rank.get(zone.code, -1), zone.number)))

    def zone(self, code: str) -> Zone:
        """Return the zone with a code.

        Raises
        ------
        RulesError
            If there is none.
        """
        for zone in self.zones:
            if zone.code == code:
                return zone
        raise RulesError(
            _("Zona desconocida: {zone}").format(zone=code),
            expected=_("Se esperaba una de: {codes}").format(codes=", ".join(zone.code for zone in self.zones)),
        )

    def type_ids(self, zone: Zone, crop: str) -> tuple[str, ...]:
        """Ids of the land-use types of one crop of a zone's basket, in order of preference at equal score."""
        return tuple(
            f"{crop}/{water}/{name}/{window.months[0]:02d}-{window.months[1]:02d}"
            for water in WATERS
            if water in zone.waters
            for name in zone.managements
            if self.managements[name].water == water
            for window in self.windows.get(crop, ())
            if window.water == water
        )

    def factor_kind(self, characteristic: str, *, water: str) -> str:
        """Say whether a characteristic is ``required``, ``optional`` or ``ignored``; irrigation makes rain optional.

        Raises
        ------
        RulesError
            If the ruleset lists it nowhere.
        """
        if characteristic in self.required:
            rain = QUANTITIES[characteristic].letter == "w"
            return "optional" if rain and water == IRRIGATED else "required"
        if characteristic in self.optional:
            return "optional"
        if characteristic in self.ignored:
            return "ignored"
        raise self.refusal(
            _("la característica «{name}», que un cultivo usa, no está en el reglamento").format(name=characteristic),
            "factors",
            expected=_("Se esperaba en factors.required, factors.optional o factors.ignored"),
            remedy=_("Añádala a una de las tres listas de ruleset.toml"),
        )

    def check_territory(self, territory: str) -> None:
        """Refuse a ruleset written for other territories.

        Raises
        ------
        RulesError
            If ``territory`` is not among :attr:`territories`.
        """
        if self.territories and territory not in self.territories:
            raise self.refusal(
                _("el reglamento es para {ours}, no para «{theirs}»").format(
                    ours=", ".join(f"«{each}»" for each in self.territories), theirs=territory
                ),
                "territories",
                expected=_("Se esperaba «{theirs}» en la lista, o una lista vacía").format(theirs=territory),
                remedy=_("Añada el territorio a territories en ruleset.toml después de revisar sus reglas"),
            )
