"""Values that land may have: lowest and highest of each characteristic, in its own unit."""

from __future__ import annotations

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
    "drainage": (1, 4),
    "coarse_fragments": (0, 60),
    "ece": (0, 12),
    "flooding": (1, 3),
    "clay": (5, 60),
    "distance_stream": (0, 1000),
    "distance_permanent_stream": (0, 500),
    "distance_road": (0, 3000),
    "distance_settlement": (0, 5000),
    "height_above_stream": (0, 60),
}
