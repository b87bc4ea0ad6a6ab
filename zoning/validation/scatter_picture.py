"""The picture of a survey comparison: one panel a zone, one point a municipality."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gis.atomic import write_atomically
from gis.messages import Figure, translator
from zoning.validation.survey_agreement import SurveyAgreement, ZoneAgreement

_ = translator("zoning")

Floats = npt.NDArray[np.float64]

_COLUMNS = 3
_PANEL_INCHES = 3.4
_DOTS = 130
_NAME_WIDTH, _NAME_HEIGHT = 0.25, 0.04
"""Room of a name, as a share of a panel."""


def draw_scatter(agreement: SurveyAgreement, path: Path | str, *, colours: Mapping[str, str]) -> None:
    """Draw zoned against surveyed share as a PNG.

    Shares that may not be shown (fewer than three holdings) are not drawn; the panel says how many.

    Parameters
    ----------
    agreement
        What was found.
    path
        The file; the same comparison gives the same bytes.
    colours
        Colour of each zone.

    Raises
    ------
    gis.errors.StorageError
        The file cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  loads slowly, only pictures need it
    from matplotlib.figure import Figure  # noqa: PLC0415  as above

    columns = min(_COLUMNS, len(agreement.zones))
    rows = math.ceil(len(agreement.zones) / columns)
    figure = Figure(figsize=(_PANEL_INCHES * columns, _PANEL_INCHES * rows + 0.5), dpi=_DOTS, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for panel, zone in zip(panels, agreement.zones, strict=False):
        _draw_panel(panel, agreement, zone, colours.get(zone.zone, "#444444"))
    for panel in panels[len(agreement.zones) :]:
        panel.set_axis_off()
    figure.suptitle(_("Zonas frente a la encuesta: {title}").format(title=agreement.title), fontsize=11)
    figure.supxlabel(_("% de lo encuestado en cultivos, sin forraje"), fontsize=9)
    figure.supylabel(_("% de las zonas de cultivo del mapa"), fontsize=9)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    write_atomically(path, picture.getvalue())


def _draw_panel(panel: Any, agreement: SurveyAgreement, zone: ZoneAgreement, colour: str) -> None:  # noqa: ANN401  matplotlib's axes
    rows = agreement.shares[agreement.shares["zone"] == zone.zone]
    shown = rows[rows["shown"]]
    surveyed, zoned = (shown[name].to_numpy() * 100 for name in ("surveyed_share", "zoned_share"))
    panel.scatter(surveyed, zoned, s=28, c=colour, edgecolors="black", lw=0.5)
    panel.margins(x=0.25, y=0.15)
    if not surveyed.any():
        panel.set_xlim(-0.5, 5)
    _write_names(panel, shown["municipality_name"].tolist(), surveyed, zoned)
    rank = zone.correlation
    if rank.rho is None:
        said = _("sin comparación posible")
    else:
        said = _("ρ = {rho}, n = {places}, p = {p}").format(
            rho=_two(rank.rho), places=rank.places, p=_two(rank.p_value)
        )
        if not rank.reached:
            said += " · " + _("débil")
    hidden = len(rows) - len(shown)
    if hidden:
        said += "\n" + _("{count} no se muestran").format(count=hidden)
    panel.set_title(f"{zone.zone}\n{said}", fontsize=8)
    panel.tick_params(labelsize=7)
    panel.grid(visible=True, lw=0.3)


def _write_names(panel: Any, names: list[str], x: Floats, y: Floats) -> None:  # noqa: ANN401  as above
    """Name the points from the farthest corner down, as long as a name does not lie on another."""
    width, height = np.ptp(panel.get_xlim()) * _NAME_WIDTH, np.ptp(panel.get_ylim()) * _NAME_HEIGHT
    written: list[tuple[float, float]] = []
    for place in np.lexsort((-y, -x)).tolist():
        if any(abs(x[place] - left) < width and abs(y[place] - low) < height for left, low in written):
            continue
        written.append((float(x[place]), float(y[place])))
        panel.annotate(names[place], written[-1], xytext=(3, 3), textcoords="offset points", fontsize=6)


def _two(number: float | None) -> str:
    return "" if number is None else f"{Figure(number):.2f}"
