"""The hand-drawn main valleys of the demonstration territory; schematic, like :mod:`layers.demo.sketch`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Valley:
    """A main valley, from its head to its mouth."""

    name: str
    course: tuple[tuple[float, float, float], ...]
    """Longitude, latitude, altitude of the floor in m, downstream."""
    floor_m: float = 300.0
    """Half the width of the flat floor, m."""
    permanent: bool = True
    """Whether it carries water all year."""


VALLEYS: tuple[Valley, ...] = (
    Valley(
        name="Río Mizque (demo)",
        course=(
            (-65.00, -17.90, 1950),
            (-64.86, -17.96, 1720),
            (-64.74, -18.05, 1540),
            (-64.62, -18.095, 1400),
            (-64.581, -18.094, 1364),
            (-64.48, -18.20, 1260),
            (-64.42, -18.34, 1190),
            (-64.32, -18.46, 1120),
        ),
        floor_m=1_150.0,
    ),
    Valley(
        name="Río Grande (demo)",
        course=(
            (-65.00, -18.48, 1400),
            (-64.75, -18.50, 1280),
            (-64.52, -18.56, 1180),
            (-64.32, -18.58, 1080),
            (-64.31, -18.78, 1000),
            (-64.22, -18.91, 950),
            (-64.10, -18.98, 900),
            (-64.02, -19.16, 850),
            (-63.92, -19.18, 820),
            (-63.89, -19.06, 780),
            (-63.68, -19.06, 690),
            (-63.56, -19.06, 640),
            (-63.51, -18.90, 580),
            (-63.34, -18.88, 520),
        ),
        floor_m=350.0,
    ),
    Valley(
        name="Río Mizque bajo (demo)",
        course=((-64.32, -18.46, 1120), (-64.30, -18.52, 1100), (-64.32, -18.58, 1080)),
        floor_m=300.0,
    ),
    Valley(
        name="Río Comarapa (demo)",
        course=(
            (-64.57, -17.84, 1970),
            (-64.525, -17.918, 1822),
            (-64.47, -17.98, 1715),
            (-64.44, -18.07, 1480),
            (-64.47, -18.16, 1320),
            (-64.48, -18.20, 1260),
        ),
        floor_m=1_050.0,
    ),
    Valley(
        name="Río Pulquina (demo)",
        course=((-64.36, -17.98, 2050), (-64.38, -18.08, 1700), (-64.44, -18.07, 1480)),
        floor_m=600.0,
        permanent=False,
    ),
    Valley(
        name="Río Los Negros (demo)",
        course=(
            (-64.04, -18.36, 1620),
            (-64.06, -18.25, 1430),
            (-64.10, -18.16, 1340),
            (-64.112, -18.088, 1290),
            (-64.11, -18.00, 1190),
            (-64.06, -17.93, 1080),
            (-64.02, -17.86, 960),
            (-64.05, -17.74, 800),
            (-64.07, -17.60, 620),
            (-64.09, -17.48, 480),
            (-64.02, -17.28, 330),
        ),
        floor_m=1_100.0,
    ),
    Valley(
        name="Río Ciénega (demo)",
        course=(
            (-64.11, -18.56, 2100),
            (-64.106, -18.488, 2038),
            (-64.14, -18.42, 1985),
            (-64.15, -18.345, 1680),
            (-64.147, -18.306, 1618),
            (-64.12, -18.26, 1520),
            (-64.06, -18.25, 1430),
        ),
        floor_m=1_250.0,
    ),
    Valley(
        name="Río Mairana (demo)",
        course=(
            (-63.92, -18.40, 1780),
            (-63.946, -18.335, 1528),
            (-63.96, -18.24, 1440),
            (-63.957, -18.118, 1328),
            (-63.99, -18.02, 1190),
            (-64.02, -17.86, 960),
        ),
        floor_m=1_050.0,
    ),
    Valley(
        name="Río Piraí (demo)",
        course=(
            (-63.93, -18.17, 1760),
            (-63.876, -18.181, 1643),
            (-63.79, -18.19, 1400),
            (-63.68, -18.17, 1080),
            (-63.55, -18.18, 800),
            (-63.34, -18.05, 520),
        ),
        floor_m=900.0,
    ),
    Valley(
        name="Río Piojeras (demo)",
        course=((-63.80, -18.36, 1500), (-63.70, -18.36, 1250), (-63.60, -18.26, 950), (-63.55, -18.18, 800)),
        floor_m=250.0,
    ),
    Valley(
        name="Río Vilcas (demo)",
        course=(
            (-63.86, -18.44, 1980),
            (-63.834, -18.492, 1838),
            (-63.80, -18.58, 1600),
            (-63.79, -18.70, 1250),
            (-63.76, -18.84, 900),
            (-63.70, -18.95, 760),
            (-63.68, -19.06, 690),
        ),
        floor_m=400.0,
    ),
    Valley(
        name="Río Piraimirí (demo)",
        course=((-64.04, -18.62, 1750), (-63.98, -18.74, 1400), (-63.92, -18.90, 1000), (-63.89, -19.06, 780)),
        floor_m=350.0,
    ),
    Valley(
        name="Río Mosqueras (demo)",
        course=((-63.72, -18.46, 1450), (-63.69, -18.60, 1080), (-63.60, -18.72, 820), (-63.51, -18.90, 580)),
        floor_m=300.0,
    ),
    Valley(
        name="Quebrada de Pucará (demo)",
        course=((-64.186, -18.65, 2600), (-64.184, -18.715, 2449), (-64.176, -18.76, 2380)),
        floor_m=1_100.0,
        permanent=False,
    ),
    Valley(
        name="Quebrada de Moro Moro (demo)",
        course=((-64.295, -18.32, 2500), (-64.324, -18.367, 2367), (-64.34, -18.395, 2310)),
        floor_m=1_000.0,
        permanent=False,
    ),
    Valley(
        name="Quebrada de Saipina (demo)",
        course=((-64.66, -17.98, 1680), (-64.64, -18.04, 1500), (-64.62, -18.095, 1400)),
        floor_m=800.0,
        permanent=False,
    ),
    Valley(
        name="Quebrada de Chilón (demo)",
        course=((-64.53, -18.02, 1600), (-64.555, -18.06, 1450), (-64.581, -18.094, 1364)),
        floor_m=700.0,
        permanent=False,
    ),
    Valley(
        name="Quebrada de San Isidro (demo)",
        course=((-64.43, -17.87, 1930), (-64.455, -17.92, 1820), (-64.47, -17.98, 1715)),
        floor_m=700.0,
        permanent=False,
    ),
    Valley(
        name="Quebrada de Guadalupe (demo)",
        course=((-64.01, -18.46, 2120), (-64.07, -18.44, 2050), (-64.14, -18.42, 1985)),
        floor_m=900.0,
        permanent=False,
    ),
    Valley(
        name="Quebrada de Alto Seco (demo)",
        course=((-64.19, -18.52, 2150), (-64.17, -18.46, 2055), (-64.14, -18.42, 1985)),
        floor_m=700.0,
        permanent=False,
    ),
    Valley(
        name="Quebrada de El Trigal (demo)",
        course=((-64.21, -18.37, 1740), (-64.18, -18.335, 1675), (-64.147, -18.306, 1618)),
        floor_m=600.0,
        permanent=False,
    ),
    Valley(
        name="Quebrada de Mataral (demo)",
        course=((-64.20, -18.08, 1560), (-64.16, -18.04, 1370), (-64.11, -18.00, 1190)),
        floor_m=800.0,
        permanent=False,
    ),
    Valley(
        name="Quebrada de Yerba Buena (demo)",
        course=((-63.89, -18.10, 1500), (-63.94, -18.06, 1300), (-63.99, -18.02, 1190)),
        floor_m=650.0,
        permanent=False,
    ),
    Valley(
        name="Río San Mateo (demo)",
        course=((-64.66, -17.74, 2000), (-64.60, -17.62, 1250), (-64.62, -17.48, 800), (-64.52, -17.28, 420)),
        floor_m=200.0,
    ),
    Valley(
        name="Río Ichilo (demo)",
        course=((-64.42, -17.76, 2050), (-64.38, -17.64, 1400), (-64.33, -17.50, 800), (-64.28, -17.28, 380)),
        floor_m=200.0,
    ),
    Valley(
        name="Río Hoyada (demo)",
        course=((-64.24, -17.78, 1700), (-64.20, -17.64, 1050), (-64.15, -17.52, 620), (-64.09, -17.48, 480)),
        floor_m=200.0,
    ),
    Valley(
        name="Río Surutú (demo)",
        course=(
            (-63.88, -17.98, 1500),
            (-63.80, -17.90, 950),
            (-63.68, -17.80, 600),
            (-63.55, -17.62, 380),
            (-63.34, -17.50, 320),
        ),
        floor_m=250.0,
    ),
    Valley(
        name="Río del Sur (demo)",
        course=((-64.95, -19.25, 2100), (-64.62, -19.05, 1500), (-64.42, -18.92, 1250), (-64.31, -18.78, 1000)),
        floor_m=200.0,
    ),
    Valley(
        name="Río del Poniente (demo)",
        course=((-64.95, -18.28, 2300), (-64.74, -18.30, 1850), (-64.58, -18.36, 1500), (-64.42, -18.34, 1190)),
        floor_m=200.0,
    ),
)
"""Main valleys; the towns lie in them at their true altitude."""
