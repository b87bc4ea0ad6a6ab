"""How many reference points a map needs, and how many of them each stratum gets (Olofsson et al. 2014, section 5.1)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gis.errors import InputError
from gis.messages import translator

_ = translator("zoning")


def sample_size(
    mapped_area_ha: Mapping[str, float], expected_users: Mapping[str, float] | float, *, standard_error: float
) -> int:
    """Return the number of points that gives the overall accuracy the standard error wanted.

    n = (Σ W_i·S_i)² / S(O)², with W_i the share of stratum i and S_i = √(U_i·(1 − U_i)) (Cochran 1977, eq. 5.25;
    the map is taken to have many more places than the sample).

    Parameters
    ----------
    mapped_area_ha
        Area of each stratum, ha.
    expected_users
        User's accuracy expected of each stratum, or of all, 0–1.
    standard_error
        Standard error wanted of the overall accuracy, above 0 and below 0.5.

    Raises
    ------
    gis.errors.InputError
        There is no stratum, or an area, accuracy or error is out of its range.

    Examples
    --------
    The example of Olofsson et al. 2014:

    >>> areas = {"deforestación": 0.020, "reforestación": 0.015, "bosque": 0.320, "otro": 0.645}
    >>> expected = {"deforestación": 0.70, "reforestación": 0.60, "bosque": 0.90, "otro": 0.95}
    >>> sample_size(areas, expected, standard_error=0.01)
    641
    """
    _check_areas(mapped_area_ha)
    if not 0 < standard_error < 0.5:  # noqa: PLR2004  the standard error of one yes-or-no draw
        raise InputError(
            _("Error estándar {value}").format(value=standard_error),
            expected=_("Se esperaba más de 0 y menos de 0,5 (por ejemplo 0.03)"),
        )
    total = math.fsum(mapped_area_ha.values())
    terms = []
    for name, area in mapped_area_ha.items():
        users = expected_users if isinstance(expected_users, int | float) else expected_users.get(name, math.nan)
        if not 0 <= users <= 1:
            raise InputError(
                _("Exactitud esperada de «{name}»: {value}").format(name=name, value=users),
                expected=_("Se esperaba una proporción de 0 a 1 para cada estrato"),
            )
        terms.append(area / total * math.sqrt(users * (1 - users)))
    wanted = (math.fsum(terms) / standard_error) ** 2
    return max(1, math.ceil(wanted - 1e-9))


def allocate_points(points: int, mapped_area_ha: Mapping[str, float], *, minimum: int = 0) -> dict[str, int]:
    """Share points among strata: at least ``minimum`` each, the rest by area.

    Strata whose share by area falls below the minimum get the minimum; what is left goes to the others by area, whole
    numbers by largest remainder, ties by name. Where ``minimum`` × strata is more than ``points``, every stratum gets
    the minimum and the sum is larger than asked.

    Parameters
    ----------
    points
        How many in all.
    mapped_area_ha
        Area of each stratum, ha; one of 0 ha gets none.
    minimum
        Fewest in a stratum. Olofsson et al. advise 50 to 100 for rare classes.

    Raises
    ------
    gis.errors.InputError
        There is no stratum, an area is no area, or a number is negative.

    Examples
    --------
    >>> allocate_points(640, {"a": 0.020, "b": 0.015, "c": 0.320, "d": 0.645}, minimum=75)
    {'a': 75, 'b': 75, 'c': 162, 'd': 328}
    """
    _check_areas(mapped_area_ha)
    if points < 0 or minimum < 0:
        raise InputError(
            _("{points} puntos con un mínimo de {minimum} por estrato").format(points=points, minimum=minimum),
            expected=_("Se esperaban números enteros desde 0"),
        )
    present = {name: area for name, area in mapped_area_ha.items() if area > 0}
    fixed: dict[str, int] = {}
    while True:
        free = {name: area for name, area in present.items() if name not in fixed}
        left = max(points - minimum * len(fixed), 0)
        total = math.fsum(free.values())
        few = [name for name, area in free.items() if left * area / total < minimum]
        if not few:
            break
        fixed |= dict.fromkeys(few, minimum)
    shared = _largest_remainder(left, free)
    return {name: fixed.get(name, shared.get(name, 0)) for name in mapped_area_ha}


def _largest_remainder(points: int, areas: Mapping[str, float]) -> dict[str, int]:
    total = math.fsum(areas.values())
    exact = {name: points * area / total for name, area in areas.items()}
    found = {name: math.floor(value) for name, value in exact.items()}
    order = sorted(exact, key=lambda name: (-round(exact[name] - found[name], 9), -areas[name], name))
    for name in order[: points - sum(found.values())]:
        found[name] += 1
    return found


def _check_areas(areas: Mapping[str, float]) -> None:
    if not areas or not any(area > 0 for area in areas.values()):
        raise InputError(
            _("No hay ningún estrato con superficie"), expected=_("Se esperaba al menos una zona con más de 0 ha")
        )
    for name, area in areas.items():
        if not math.isfinite(area) or area < 0:
            raise InputError(
                _("Superficie de «{name}»: {value}").format(name=name, value=area),
                expected=_("Se esperaban hectáreas desde 0"),
            )
