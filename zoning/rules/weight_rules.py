"""The ``[weights]`` of a ruleset: a number per factor, or pairwise judgements that become numbers."""

from __future__ import annotations

from fractions import Fraction

from gis.messages import translator
from zoning.rules.ahp import Judgement, weights_from
from zoning.rules.rules_toml import Table
from zoning.zoning_errors import JudgementError

_ = translator("zoning")


def read_weights(table: Table) -> tuple[dict[str, float], Judgement | None]:
    """Read weights by factor name, and the judgements behind them where there are any.

    Judged weights are multiplied by their number, so that a factor that was not judged weighs as much as the mean.

    Raises
    ------
    RulesError
        If a weight is not above 0, or the judgements are no reciprocal matrix or contradict each other.
    """
    if "ahp" not in table.data:
        return {name: table.weight(name) for name in table.data}, None
    ahp = table.table("ahp")
    names = ahp.texts("names")
    try:
        judgement = weights_from(_matrix(ahp), names=names)
    except JudgementError as error:
        raise ahp.refusal(error.found, key="matrix", expected=error.expected, remedy=error.remedy) from error
    ahp.close()
    table.close()
    return {name: weight * len(names) for name, weight in judgement.by_name.items()}, judgement


def _matrix(ahp: Table) -> list[list[float]]:
    """Read the judgements row by row; the row and cell that is none is named."""
    rows = ahp.items("matrix")
    matrix = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, list) or len(row) != len(rows):
            raise ahp.refusal(
                _("la fila {number} de los juicios es {row}").format(number=number, row=row),
                key="matrix",
                expected=_("Se esperaba una lista de {count} juicios").format(count=len(rows)),
            )
        try:
            matrix.append([float(Fraction(str(cell))) for cell in row])
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise ahp.refusal(
                _("la fila {number} de los juicios es {row}").format(number=number, row=row),
                key="matrix",
                expected=_("Se esperaban números como 3 o 1/3"),
            ) from error
    return matrix
