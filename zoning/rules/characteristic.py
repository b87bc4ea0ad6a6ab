"""Land characteristics: what is measured in every cell, each with one unit, one title and one subclass letter."""

from __future__ import annotations

from dataclasses import dataclass

from gis.messages import translator
from zoning.seasons import window_months
from zoning.zoning_errors import RulesError

_ = translator("zoning")

MONTHS = 12


def N_(message: str) -> str:  # noqa: N802  the customary mark of a message that is translated where it is shown
    """Mark a Spanish text for the catalogue."""
    return message


_FAR = 1e6
"""Greatest limit of what has no other bound: 1,000 km, 1,000,000 mm."""

_SPANS = {
    "degC": (-90.0, 90.0),
    "%": (0.0, 1000.0),
    "vol%": (0.0, 100.0),
    "pH": (0.0, 14.0),
    "°": (0.0, 360.0),
}
"""Least and greatest limit by unit; a slope may be more than 100 %. All else is counted from 0."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What a characteristic measures, whatever the months."""

    unit: str
    """Unit of every value and of every limit it is compared with; empty for a number without dimension."""
    letter: str
    """Subclass letter: t temperature, w water, s soil, e erosion, f fertility, h hazard; empty if it only gates."""
    title: str
    """Spanish name as it stands inside a sentence, with its article."""
    seasonal: bool = False
    """Measured over the months of a window."""
    least: float = 0.0
    """Least limit, where the unit does not say it."""

    @property
    def span(self) -> tuple[float, float]:
        """The least and the greatest value that a limit may have, in the quantity's unit.

        Examples
        --------
        >>> QUANTITIES["distance_road"].span, QUANTITIES["temp_mean"].span
        ((0.0, 1000000.0), (-90.0, 90.0))
        """
        return _SPANS.get(self.unit, (self.least, _FAR))


QUANTITIES: dict[str, Quantity] = {
    "elevation": Quantity(unit="m", letter="", title=N_("la altitud"), least=-500.0),
    "slope": Quantity(unit="%", letter="e", title=N_("la pendiente")),
    "temp_annual": Quantity(unit="degC", letter="t", title=N_("la temperatura media anual")),
    "temp_mean": Quantity(unit="degC", letter="t", title=N_("la temperatura media del ciclo"), seasonal=True),
    "temp_min": Quantity(unit="degC", letter="t", title=N_("la temperatura mínima media del ciclo"), seasonal=True),
    "temp_max": Quantity(unit="degC", letter="t", title=N_("la temperatura máxima media del ciclo"), seasonal=True),
    "extreme_min": Quantity(unit="degC", letter="h", title=N_("la mínima extrema del ciclo (helada)"), seasonal=True),
    "gdd": Quantity(unit="degC·d", letter="t", title=N_("los grados-día de crecimiento")),
    "huglin": Quantity(unit="degC·d", letter="t", title=N_("el índice heliotérmico de Huglin")),
    "chill_hours": Quantity(unit="h", letter="t", title=N_("las horas de frío")),
    "rain_annual": Quantity(unit="mm", letter="w", title=N_("la lluvia anual")),
    "rain_season": Quantity(unit="mm", letter="w", title=N_("la lluvia del ciclo"), seasonal=True),
    "water_ratio": Quantity(unit="", letter="w", title=N_("la satisfacción de agua del ciclo"), seasonal=True),
    "humidity": Quantity(unit="%", letter="w", title=N_("la humedad relativa del ciclo"), seasonal=True),
    "fournier": Quantity(unit="mm", letter="e", title=N_("el índice de Fournier")),
    "ph": Quantity(unit="pH", letter="f", title=N_("el pH del suelo")),
    "organic_carbon": Quantity(unit="%", letter="f", title=N_("el carbono orgánico")),
    "ece": Quantity(unit="dS/m", letter="f", title=N_("la salinidad")),
    "esp": Quantity(unit="%", letter="f", title=N_("el sodio intercambiable")),
    "base_saturation": Quantity(unit="%", letter="f", title=N_("la saturación de bases")),
    "sum_basic_cations": Quantity(unit="cmol(+)/kg", letter="f", title=N_("la suma de cationes básicos")),
    "caco3": Quantity(unit="%", letter="s", title=N_("el carbonato de calcio")),
    "gypsum": Quantity(unit="%", letter="s", title=N_("el yeso")),
    "soil_depth": Quantity(unit="cm", letter="s", title=N_("la profundidad del suelo")),
    "clay": Quantity(unit="%", letter="s", title=N_("la arcilla")),
    "sand": Quantity(unit="%", letter="s", title=N_("la arena")),
    "drainage": Quantity(unit="clase", letter="s", title=N_("el drenaje")),
    "coarse_fragments": Quantity(unit="vol%", letter="s", title=N_("los fragmentos gruesos")),
    "flooding": Quantity(unit="clase", letter="h", title=N_("la inundación")),
    "distance_stream": Quantity(unit="m", letter="", title=N_("la distancia a un curso de agua")),
    "distance_permanent_stream": Quantity(unit="m", letter="", title=N_("la distancia a un curso de agua permanente")),
    "distance_road": Quantity(unit="m", letter="", title=N_("la distancia a un camino")),
    "distance_main_road": Quantity(unit="m", letter="", title=N_("la distancia a un camino principal")),
    "distance_settlement": Quantity(unit="m", letter="", title=N_("la distancia a un centro poblado")),
    "distance_site": Quantity(unit="m", letter="", title=N_("la distancia a un sitio turístico")),
    "distance_lodging": Quantity(unit="m", letter="", title=N_("la distancia a un alojamiento")),
    "distance_artisans": Quantity(unit="m", letter="", title=N_("la distancia a una comunidad con artesanos")),
    "distance_market": Quantity(unit="m", letter="", title=N_("la distancia a una feria o tienda de artesanía")),
    "distance_protected": Quantity(unit="m", letter="", title=N_("la distancia a un área protegida (paisaje)")),
    "distance_forest": Quantity(unit="m", letter="", title=N_("la distancia al bosque")),
    "height_above_stream": Quantity(unit="m", letter="", title=N_("la altura sobre el curso de agua")),
    "relief": Quantity(unit="m", letter="", title=N_("el relieve en 1 km")),
    "aspect": Quantity(unit="°", letter="", title=N_("la orientación de la ladera")),
}
"""Every quantity a rule may name. A ruleset or crop that names another is refused."""

OVERLAY_QUANTITIES = (*(name for name in QUANTITIES if name.startswith("distance_")), "relief")
"""What an overlay may be rated by."""


@dataclass(frozen=True, order=True)
class Characteristic:
    """One column of the land: a quantity and, where it is seasonal, the months it is taken over.

    Parameters
    ----------
    name
        A key of :data:`QUANTITIES`.
    months
        First and last month (1–12) of the window, which may pass the end of the year; empty if not seasonal.

    Raises
    ------
    RulesError
        If the name is unknown, a seasonal quantity has no months, another has some, or a month is not 1–12.

    Examples
    --------
    >>> Characteristic("temp_mean", (10, 3)).key
    'temp_mean@10-03'
    >>> Characteristic.parse("rain_season@09-01").month_numbers
    (9, 10, 11, 12, 1)
    """

    name: str
    months: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        quantity = QUANTITIES.get(self.name)
        if quantity is None:
            raise RulesError(
                _("Característica desconocida: «{name}»").format(name=self.name),
                expected=_("Se esperaba una de: {names}").format(names=", ".join(sorted(QUANTITIES))),
            )
        if quantity.seasonal != bool(self.months):
            raise RulesError(
                _("La característica «{name}» con meses {months}").format(name=self.name, months=list(self.months)),
                expected=_("Las estacionales llevan mes inicial y final; las demás, ninguno"),
            )
        if self.months and (len(self.months) != 2 or not all(1 <= month <= MONTHS for month in self.months)):  # noqa: PLR2004  first and last
            raise RulesError(
                _("Meses {months} en «{name}»").format(name=self.name, months=list(self.months)),
                expected=_("Se esperaban dos meses entre 1 y 12"),
            )

    @property
    def key(self) -> str:
        """The text that names this column in files: ``temp_mean@10-03``."""
        return f"{self.name}@{self.months[0]:02d}-{self.months[1]:02d}" if self.months else self.name

    @property
    def quantity(self) -> Quantity:
        """Unit, letter and title."""
        return QUANTITIES[self.name]

    @property
    def title(self) -> str:
        """Name inside a sentence, with its article, in the reader's language."""
        return _(self.quantity.title)

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return self.quantity.unit

    @property
    def month_numbers(self) -> tuple[int, ...]:
        """Every month of the window in order, 1–12; empty if not seasonal."""
        return window_months(*self.months) if self.months else ()

    @classmethod
    def parse(cls, key: str) -> Characteristic:
        """Read a :attr:`key` back.

        Raises
        ------
        RulesError
            If ``key`` names no characteristic.
        """
        name, at, months = key.partition("@")
        return cls(name, parse_months(months) if at else ())


def parse_months(text: str) -> tuple[int, int]:
    """Read first and last month from text such as ``10-03``.

    Raises
    ------
    RulesError
        If the text is not two months between 1 and 12.

    Examples
    --------
    >>> parse_months("10-03")
    (10, 3)
    """
    first, dash, last = text.partition("-")
    if not (dash and first.isdecimal() and last.isdecimal() and 1 <= int(first) <= MONTHS and 1 <= int(last) <= MONTHS):
        raise RulesError(
            _("Ventana de meses «{text}»").format(text=text),
            expected=_("Se esperaba mes inicial y final, como 10-03"),
        )
    return int(first), int(last)
