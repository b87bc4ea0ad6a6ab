"""The method job: the whole default ruleset on made-up land with municipalities, parks, towns, water and cover.

Every land-use type of the ruleset that comes with the program, variants of crops behind their gates, the second-best
crop of each basket, minimum classes, zones that are decided before, compete or take the rest, exclusions and missing
values. The answer is two bytes a cell: zone (0 outside) and its class (255 where not rated).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import zoom
from scipy.special import ndtr

from gis.crs import require_metres
from gis.grid import Grid
from gis.rasters.cog import CogWriter
from layers import demo_territory
from zoning import load_crops, load_ruleset
from zoning.rating.interval_codes import cut_points, encode
from zoning.rating.land_tables import TOWN_BIT, WATER_BIT
from zoning.rating.row_kernel import place_names
from zoning.rules.compiled_rules import CompiledRules, compile_rules
from zoning.stack.stack_index import CODES_FILE, CODES_ZSTD_LEVEL, SEAL, Band, StackIndex
from zoning.stack.stack_window import BLOCK

SEED = 20_261_122
CRS, CELL, LEFT, TOP = "EPSG:32720", 30.0, 400_000.0, 8_000_000.0
RANGES = {
    "chill_hours": (0, 1100),
    "extreme_min": (-7, 9),
    "huglin": (1000, 3500),
    "organic_carbon": (0.4, 4),
    "ph": (4, 8.6),
    "rain_annual": (200, 2000),
    "rain_season": (50, 1500),
    "temp_annual": (8, 30),
    "temp_mean": (6, 32),
    "slope": (0, 50),
    "soil_depth": (10, 150),
}
"""Lowest and highest value of each made-up characteristic, in its own unit."""
OWN = 0.1
"""Share of a season that it does not have in common with the same characteristic in other months."""
WARM = ("temp_annual", "temp_mean", "extreme_min", "huglin")
"""Characteristics that fall with the height."""
REACH = {
    "distance_stream": 900,
    "distance_permanent_stream": 1_500,
    "distance_road": 2_200,
    "distance_settlement": 4_500,
    "height_above_stream": 60,
}
"""Largest made-up distance or height, m; known in whole metres."""
WAVES = ((5, 1.0), (24, 0.12))
"""Waves across the square, and their weight."""
CATEGORIES = ("integrated_management", "municipal", "national_park")
COVERS = {0: 0.16, 10: 0.3, 20: 0.2, 30: 0.2, 40: 0.1, 50: 0.02, 80: 0.02}
"""Share of each land-cover class, the unknown first."""
BUILT, PROTECTED = 0.01, 0.1
"""Share of mapped towns, of mapped water and of each category of protected areas."""
UNRATED = 255
MISSING = 0.001
"""Share of cells without a value, of each characteristic that is rated: a patch, and a tenth of it strewn."""
NOISE, ROUGH, ROUGH_NOISE = 0.0001, ("slope", "soil_depth"), 0.02
"""Deviation of single cells from what is smooth, as a share of the range; of the rough ones."""


@dataclass(frozen=True, eq=False, kw_only=True)
class MethodLand:
    """Rules and made-up land; the same bytes for the same side."""

    side: int
    rules: CompiledRules
    values: dict[str, np.ndarray]
    """Characteristic key to float32 (side, side), NaN where missing."""
    places: dict[str, np.ndarray]
    """Name of a band of places to uint8 (side, side)."""
    municipalities: tuple[str, ...]

    @property
    def grid(self) -> Grid:
        """Where it lies."""
        crs = require_metres(CRS, what="benchmark")
        return Grid(crs, CELL, left=LEFT, top=TOP, rows=self.side, cols=self.side)


def method_land(side: int) -> MethodLand:
    """Make the land for a square of cells."""
    rng = np.random.default_rng(SEED)
    available = frozenset(RANGES) | frozenset(REACH)
    rules = compile_rules(load_ruleset(), load_crops(), available=available)
    warmth = smooth_field(rng, side)
    common = {name: warmth if name in WARM else smooth_field(rng, side) for name in RANGES}
    wanted = [each for each in rules.inputs if each.name in available]
    values = {each.key: _values(rng, each.name, common.get(each.name, warmth)) for each in wanted}
    codes = demo_territory().codes
    number = 1 + np.minimum((smooth_field(rng, side) * len(codes)).astype(np.uint8), len(codes) - 1)
    number[: side // 16, : side // 8] = 0
    built = sum(np.where(smooth_field(rng, side) < BUILT, bit, 0) for bit in (TOWN_BIT, WATER_BIT))
    areas = sum(np.where(smooth_field(rng, side) < PROTECTED, 1 << bit, 0) for bit in range(len(CATEGORIES)))
    cover = np.array(list(COVERS))[np.searchsorted(np.cumsum(list(COVERS.values()))[:-1], smooth_field(rng, side))]
    bands = (number, areas, built, cover)
    names = place_names(len(codes))
    places = {name: np.where(number > 0, band, 0).astype(np.uint8) for name, band in zip(names, bands, strict=True)}
    return MethodLand(side=side, rules=rules, values=values, places=places, municipalities=codes)


def smooth_field(rng: np.random.Generator, side: int, waves: tuple[tuple[int, float], ...] = WAVES) -> np.ndarray:
    """Return values spread evenly over 0 to 1, smooth in space, shape (side, side)."""
    total = np.zeros((side, side))
    for share, weight in waves:
        coarse = rng.normal(size=(share + 3, share + 3))
        total += weight * zoom(coarse, side / share, order=1, grid_mode=True, mode="nearest")[:side, :side]
    return ndtr((total - total.mean()) / total.std())


def _values(rng: np.random.Generator, name: str, common: np.ndarray) -> np.ndarray:
    """Return a characteristic; ``common`` is what it shares with the same one in other months, or with the height."""
    side = len(common)
    if name in REACH:
        return np.rint(smooth_field(rng, side) * REACH[name]).astype(np.float32)
    low, high = RANGES[name]
    share = (1 - OWN) * common + OWN * smooth_field(rng, side)
    share += rng.normal(0, ROUGH_NOISE if name in ROUGH else NOISE, common.shape)
    values = low + (high - low) * np.clip(share, 0, 1)
    values[rng.random(common.shape) < MISSING / 10] = np.nan
    patch = max(int(side * np.sqrt(MISSING)), 1)
    row, col = (int(each) for each in rng.integers(0, side - patch, 2))
    values[row : row + patch, col : col + patch] = np.nan
    return values.astype(np.float32)


def write_stack(land: MethodLand, folder: Path) -> Path:
    """Write the land as a stack and return its file."""
    cuts = {key: each for key, each in cut_points(land.rules).items() if key in land.values}
    index = StackIndex(
        bands=tuple(Band(key=key, layers=(), content="", cuts=each, seconds=0.0) for key, each in cuts.items()),
        place_content="",
        place_seconds=0.0,
        municipalities=land.municipalities,
        categories=CATEGORIES,
        blocks=np.ones((-(-land.side // BLOCK),) * 2, dtype=np.bool_),
    )
    path, names = folder / CODES_FILE, [*cuts, *land.places]
    inside = land.places["municipality"] > 0
    with CogWriter(
        path,
        land.grid,
        names=names,
        unit="",
        dtype="uint8",
        nodata=0,
        tags={SEAL: index.seal()},
        classes=True,
        thinned=True,
        zstd_level=CODES_ZSTD_LEVEL,
    ) as writer:
        for band, name in enumerate(names):
            codes = encode(land.values[name], cuts[name]) if name in cuts else land.places[name]
            writer.write(np.where(inside, codes, 0).astype(np.uint8), band=band)
    return path
