"""Accuracy and areas of a map from a stratified sample of reference points (Olofsson et al. 2014).

Source of all formulas: Olofsson, Foody, Herold, Stehman, Woodcock & Wulder (2014), *Good practices for estimating area
and assessing accuracy of land change*, Remote Sensing of Environment 148, 42–57, equations 1 to 11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gis.errors import InputError
from gis.messages import translator

_ = translator("zoning")

Floats = npt.NDArray[np.float64]

_PLANE = 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Accuracy:
    """How far a map can be trusted; arrays are read-only, of shape (q,), in the order of ``classes``.

    A figure that the sample cannot give (an accuracy of a class nobody mapped or met, an error from one point only) is
    NaN, never 0.
    """

    classes: tuple[str, ...]
    """Names of the q classes."""
    overall: float
    """Share of the mapped area that is right, 0–1."""
    users: Floats
    """Share of each mapped class that is right, 0–1."""
    producers: Floats
    """Share of each class on the ground that the map shows as such, 0–1."""
    area_ha: Floats
    """Area of each class on the ground as the sample estimates it, ha."""
    se_overall: float
    """Standard error of ``overall``."""
    se_users: Floats
    """Standard errors of ``users``."""
    se_producers: Floats
    """Standard errors of ``producers``."""
    se_area_ha: Floats
    """Standard errors of ``area_ha``, ha."""
    proportions: Floats
    """Estimated share of the whole area in each cell of the error matrix, shape (q, q); adds up to 1."""
    mapped_area_ha: Floats
    """Area of each class on the map, ha."""
    samples: npt.NDArray[np.int64]
    """Reference points in each mapped class."""


def assess_accuracy(
    error_matrix: npt.ArrayLike | pd.DataFrame,
    mapped_area_ha: npt.ArrayLike | pd.Series[float],
    *,
    classes: Sequence[str] | None = None,
) -> Accuracy:
    """Estimate accuracy and areas, with standard errors, from a stratified sample whose strata are the mapped classes.

    Parameters
    ----------
    error_matrix
        Counts of reference points, shape (q, q): rows are what the map says, columns what the ground says, in the same
        order. A frame brings the names of the classes.
    mapped_area_ha
        Area of each mapped class, shape (q,), ha. A class of 0 ha is one that the map does not have: it alone may have
        an empty row.
    classes
        Names of the classes; by default those of the frame, else 1, 2, 3…

    Returns
    -------
    Accuracy
        Standard errors are of one sigma; 1.96 of them make a 95 % interval.

    Raises
    ------
    gis.errors.InputError
        The shapes disagree, a count is negative or no whole number, an area is negative or no number, a class has area
        but no points (its row is empty) or points but no area.

    Examples
    --------
    >>> found = assess_accuracy([[45, 5], [10, 40]], [300.0, 700.0])
    >>> round(found.overall, 3), [round(float(each), 1) for each in found.area_ha]
    (0.83, [410.0, 590.0])
    """
    return _estimate(*_checked(error_matrix, mapped_area_ha, classes))


def _estimate(counts: Floats, areas: Floats, names: tuple[str, ...]) -> Accuracy:
    total = float(areas.sum())
    weights = areas / total
    samples = counts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # A class that is not mapped weighs nothing, whatever its row would have said.
        within = np.where(samples[:, None] > 0, counts / samples[:, None], 0.0)
        freedom = np.where(samples > 1, samples - 1, np.nan)
        proportions = weights[:, None] * within
        users = np.where(samples > 0, np.diag(within), np.nan)
        ground = proportions.sum(axis=0)
        producers = np.where(ground > 0, np.diag(proportions) / ground, np.nan)
        spread = within * (1 - within) / freedom[:, None]
    spread = np.where(weights[:, None] > 0, spread, 0.0)
    share_variance = weights[:, None] ** 2 * spread
    return Accuracy(
        classes=names,
        overall=float(np.trace(proportions)),
        users=_fixed(users),
        producers=_fixed(producers),
        area_ha=_fixed(ground * total),
        se_overall=float(np.sqrt(np.diag(share_variance).sum())),
        se_users=_fixed(np.where(samples > 0, np.sqrt(np.diag(spread)), np.nan)),
        se_producers=_fixed(_producer_errors(share_variance, producers, ground)),
        se_area_ha=_fixed(total * np.sqrt(share_variance.sum(axis=0))),
        proportions=_fixed(proportions),
        mapped_area_ha=_fixed(areas),
        samples=_fixed(samples.astype(np.int64)),
    )


def _producer_errors(share_variance: Floats, producers: Floats, ground: Floats) -> Floats:
    """Equation 7, divided by the square of the whole area."""
    own = np.diag(share_variance)
    # Added up without the diagonal: taking it off again would lose digits where it is most of the sum.
    others = np.where(np.eye(len(own), dtype=np.bool_), 0.0, share_variance).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = ((1 - producers) ** 2 * own + producers**2 * others) / ground**2
    errors: Floats = np.sqrt(variance)
    return errors


def _fixed(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    values = np.array(values)
    values.flags.writeable = False
    return values


def _checked(
    matrix: npt.ArrayLike | pd.DataFrame, mapped: npt.ArrayLike | pd.Series[float], classes: Sequence[str] | None
) -> tuple[Floats, Floats, tuple[str, ...]]:
    rows_named = isinstance(matrix, pd.DataFrame)
    try:
        counts = np.asarray(matrix, dtype=np.float64)
        areas = np.asarray(mapped, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            _("La matriz de error o las superficies no son números: {reason}").format(reason=str(error)[:120]),
            expected=_("Se esperaban recuentos de puntos y hectáreas"),
        ) from error
    if (
        counts.ndim != _PLANE
        or counts.shape[0] != counts.shape[1]
        or not counts.size
        or areas.shape != counts.shape[:1]
    ):
        raise InputError(
            _("Matriz de error de forma {matrix} y superficies de forma {areas}").format(
                matrix=counts.shape, areas=areas.shape
            ),
            expected=_("Se esperaba una matriz cuadrada (filas: mapa; columnas: referencia) y una superficie por fila"),
        )
    if classes is None:
        given = matrix.index if isinstance(matrix, pd.DataFrame) else range(1, len(counts) + 1)
        classes = [str(each) for each in given]
    names = tuple(classes)
    if len(names) != len(counts) or len(set(names)) != len(names):
        raise InputError(
            _("Nombres de clases: {names}").format(names=", ".join(names)),
            expected=_("Se esperaba un nombre distinto para cada una de las {count} clases").format(count=len(counts)),
        )
    if rows_named:
        _check_labels(matrix, mapped)
    _check_values(counts, areas, names)
    return counts, areas, names


def _check_labels(matrix: Any, mapped: Any) -> None:  # noqa: ANN401  a frame, and whatever came beside it
    rows = [str(each) for each in matrix.index]
    others = {_("columnas"): [str(each) for each in matrix.columns]}
    if isinstance(mapped, pd.Series):
        others[_("superficies")] = [str(each) for each in mapped.index]
    for what, labels in others.items():
        if labels != rows:
            raise InputError(
                _("La matriz tiene las filas {rows} y {what}: {labels}").format(
                    rows=", ".join(rows), what=what, labels=", ".join(labels)
                ),
                expected=_("Se esperaban los mismos nombres, en el mismo orden"),
            )


def _check_values(counts: Floats, areas: Floats, names: tuple[str, ...]) -> None:
    # Order matters for the message only: what is no count is said before what the counts add up to.
    wrong = ~np.isfinite(counts) | (counts < 0) | (counts != np.floor(counts))
    if wrong.any():
        row, column = (int(each) for each in np.argwhere(wrong)[0])
        raise InputError(
            _("Matriz de error, fila «{row}», columna «{column}»: {value}").format(
                row=names[row], column=names[column], value=counts[row, column]
            ),
            expected=_("Se esperaban recuentos de puntos: números enteros desde 0"),
        )
    bad = ~np.isfinite(areas) | (areas < 0)
    if bad.any() or areas.sum() <= 0:
        row = int(np.argmax(bad)) if bad.any() else 0
        raise InputError(
            _("Superficie de la clase «{name}»: {value} ha").format(name=names[row], value=areas[row]),
            expected=_("Se esperaban hectáreas desde 0, y más de 0 en total"),
        )
    for name, points, area in zip(names, counts.sum(axis=1), areas, strict=True):
        if points == 0 and area > 0:
            raise InputError(
                _("La fila de la clase «{name}» está vacía: ningún punto de referencia en {area:.1f} ha").format(
                    name=name, area=area
                ),
                expected=_("Se esperaba al menos un punto en cada clase del mapa"),
                remedy=_("Visite puntos de esa clase, o quítela de la matriz y de las superficies y dígalo"),
            )
        if points > 0 and area == 0:
            raise InputError(
                _("La clase «{name}» tiene {points:.0f} puntos y 0 ha en el mapa").format(name=name, points=points),
                expected=_("Se esperaban hectáreas en toda clase con puntos"),
            )
