"""Weights from pairwise judgements: the analytic hierarchy process (Saaty 1980, 2008)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gis.messages import Figure, translator
from zoning.zoning_errors import JudgementError

_ = translator("zoning")

RANDOM_INDEX = {3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}
"""Mean consistency index of random matrices by size (Saaty 1980)."""

REFUSED_ABOVE = 0.10
"""Consistency ratio above which judgements give no weights."""

WARNED_ABOVE = 0.05
"""Consistency ratio above which they should be looked at again."""

RECIPROCAL_TOLERANCE = 0.025
"""Largest relative gap between a judgement and the reciprocal of its mirror; rounded decimals such as 0.33 pass."""

ALWAYS_CONSISTENT = 2
"""Matrices up to this size cannot contradict themselves."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Weights and how far the judgements agree with each other."""

    names: tuple[str, ...]
    """What was compared, in the order of the matrix."""
    weights: tuple[float, ...]
    """Positive, summing to 1."""
    lambda_max: float
    """Principal eigenvalue."""
    consistency_index: float
    """CI = (λmax − n)/(n − 1)."""
    consistency_ratio: float
    """CR = CI/RI; 0 for up to two names."""

    @property
    def acceptable(self) -> bool:
        """Whether CR ≤ .10."""
        return self.consistency_ratio <= REFUSED_ABOVE

    @property
    def doubtful(self) -> bool:
        """Whether .05 < CR ≤ .10."""
        return WARNED_ABOVE < self.consistency_ratio <= REFUSED_ABOVE

    @property
    def by_name(self) -> dict[str, float]:
        """Name to weight."""
        return dict(zip(self.names, self.weights, strict=True))


def judge(matrix: npt.ArrayLike, *, names: Sequence[str] | None = None) -> Judgement:
    """Compute weights, eigenvalue and consistency of a matrix, consistent or not.

    Parameters
    ----------
    matrix
        Shape (n, n), 1 ≤ n ≤ 10: how many times the row matters as much as the column. Positive and reciprocal.
    names
        Names of rows and columns.

    Raises
    ------
    JudgementError
        If the matrix is not square, holds 0, negative or missing numbers, has no 1 on its diagonal, is not reciprocal
        (the cell is named), or is larger than 10.

    Examples
    --------
    >>> result = judge([[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]])
    >>> [round(weight, 6) for weight in result.weights], round(result.consistency_ratio, 6)
    ([0.648329, 0.229651, 0.12202], 0.003185)
    """
    values = np.asarray(matrix, dtype=np.float64)
    labels = tuple(names) if names is not None else tuple(str(i + 1) for i in range(len(values)))
    _check(values, labels)
    eigenvalues, vectors = np.linalg.eig(values)
    place = int(np.argmax(eigenvalues.real))
    vector = np.abs(vectors[:, place].real)
    weights = vector / vector.sum()
    size, largest = len(values), float(eigenvalues[place].real)
    index = (largest - size) / (size - 1) if size > 1 else 0.0
    ratio = index / RANDOM_INDEX[size] if size > ALWAYS_CONSISTENT else 0.0
    return Judgement(
        names=labels,
        weights=tuple(float(weight) for weight in weights),
        lambda_max=largest,
        consistency_index=index,
        consistency_ratio=ratio,
    )


def weights_from(matrix: npt.ArrayLike, *, names: Sequence[str] | None = None) -> Judgement:
    """Compute weights, refusing judgements that contradict each other.

    Raises
    ------
    JudgementError
        As :func:`judge`, and if the consistency ratio passes .10: the most inconsistent judgement is named.
    """
    result = judge(matrix, names=names)
    if not result.acceptable:
        row, column = _worst(np.asarray(matrix, dtype=np.float64), result)
        raise JudgementError(
            _("Los juicios se contradicen: razón de consistencia {ratio:.2f}").format(
                ratio=Figure(result.consistency_ratio)
            ),
            expected=_("Se esperaba a lo sumo {limit:.2f}").format(limit=Figure(REFUSED_ABOVE)),
            remedy=_("Revise primero el juicio entre «{row}» y «{column}»").format(
                row=result.names[row], column=result.names[column]
            ),
        )
    return result


def _inverse(value: float) -> str:
    """Write the reciprocal of a judgement as people do: 1/3 for 3, 4 for 0.25."""
    other = 1.0 / value
    if abs(value - round(value)) < RECIPROCAL_TOLERANCE and round(value) > 1:
        return f"1/{round(value)}"
    return f"{Figure(round(other, 4)):g}"


def _worst(values: npt.NDArray[np.float64], result: Judgement) -> tuple[int, int]:
    weights = np.asarray(result.weights)
    gap = np.abs(np.log(values) - np.log(weights[:, None] / weights[None, :]))
    row, column = np.unravel_index(int(np.argmax(np.triu(gap, 1))), gap.shape)
    return int(row), int(column)


def _check(values: npt.NDArray[np.float64], names: tuple[str, ...]) -> None:
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not values.size:  # noqa: PLR2004  rows and columns
        raise JudgementError(
            _("Una matriz de forma {shape}").format(shape=values.shape), expected=_("Se esperaba una matriz cuadrada")
        )
    size = len(values)
    if len(names) != size or len(set(names)) != size:
        raise JudgementError(
            _("{names} nombres para {size} filas").format(names=len(set(names)), size=size),
            expected=_("Se esperaba un nombre distinto por fila"),
        )
    if size > max(RANDOM_INDEX):
        raise JudgementError(
            _("Una matriz de {size} filas").format(size=size),
            expected=_("Se esperaban a lo sumo {limit}").format(limit=max(RANDOM_INDEX)),
            remedy=_("Agrupe los factores y compare primero los grupos"),
        )
    for row in range(size):
        for column in range(size):
            value, mirror = values[row, column], values[column, row]
            if not (np.isfinite(value) and value > 0):
                raise JudgementError(
                    _("El juicio de «{row}» sobre «{column}» es {value:g}").format(
                        row=names[row], column=names[column], value=Figure(value)
                    ),
                    expected=_("Se esperaba un número mayor que 0, como 3 o 1/3"),
                )
            if abs(value * mirror - 1) > RECIPROCAL_TOLERANCE:
                raise JudgementError(
                    _("El juicio de «{row}» sobre «{column}» es {value:g} y el contrario {mirror:g}").format(
                        row=names[row], column=names[column], value=Figure(value), mirror=Figure(mirror)
                    ),
                    expected=_("Se esperaba uno el inverso del otro, y 1 en la diagonal"),
                    remedy=_("Escriba {inverse} en la fila «{column}», columna «{row}», o corrija el otro").format(
                        inverse=_inverse(value), row=names[row], column=names[column]
                    ),
                )
