"""The crop library: one TOML file per crop, every number with its unit and its citation.

Where two sources disagree both stand in the file and ``use`` names the one that is rated with; the other stays for the
sensitivity table and for whoever judges better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from gis.messages import translator
from zoning.rules.characteristic import QUANTITIES, Quantity
from zoning.rules.limits import Limits, Side
from zoning.rules.rules_toml import RulesFile, Table, content_hash
from zoning.rules.shown_values import shown_numbers
from zoning.zoning_errors import CropError, LimitsError

_ = translator("zoning")

KINDS = ("annual", "perennial", "pasture")
"""Allowed kinds of crop."""

NOT_RATED = "none"
"""Value of ``use`` for a factor whose numbers are kept but not rated with."""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Limits of one factor from one source."""

    characteristic: str
    """Name of the quantity the limits are compared with, and only that one."""
    unit: str
    """Unit of the limits, that of the characteristic."""
    limits: Limits
    source: str
    """Citation."""
    cultivar: str = ""
    """Cultivar or group the numbers hold for."""
    note: str = ""
    """Anything a reader must know, such as a corrected misprint."""


@dataclass(frozen=True, kw_only=True)
class CropFactor:
    """One factor of a crop with all its sources."""

    name: str
    use: str
    """Key of the source in use, or ``none``."""
    candidates: Mapping[str, Requirement]
    """Source key to limits."""
    reason: str = ""
    """Why that source is in use."""

    @property
    def requirement(self) -> Requirement | None:
        """The limits in use; ``None`` if the factor is not rated."""
        return self.candidates.get(self.use)


@dataclass(frozen=True, kw_only=True)
class Crop:
    """One crop of the library."""

    id: str
    """Lower-case, without accents: ``cana``, ``papa``."""
    name: str
    """Spanish name."""
    scientific_name: str
    kind: str
    """``annual``, ``perennial`` or ``pasture``."""
    cycle_days: tuple[float, float]
    """Shortest and longest crop cycle, days."""
    killing_temperature: float
    """KTMP, temperature that kills during growth, degC."""
    killing_source: str
    """Its citation."""
    factors: Mapping[str, CropFactor]
    """Factor name to its limits."""
    soil_notes: Mapping[str, str] = field(default_factory=dict)
    """What EcoCrop says of soils in words."""
    hash: str = ""
    """Identifies the content of the file."""


def load_crops(folder: Path | None = None, *, own: Path | None = None) -> dict[str, Crop]:
    """Read every crop of a folder, or the library that comes with the program.

    Parameters
    ----------
    folder
        Folder of the library; ``None`` is the one that comes with the program.
    own
        Folder whose crops are added, or stand in place of those of the library; it may not exist.

    Returns
    -------
    dict
        Crop id to crop, sorted by id.

    Raises
    ------
    CropError
        If a file is no crop: unknown key or unit, missing citation, limits that are not monotone or tied without a
        declared step, a source in use that the file does not have. The message names file, line and key.

    Examples
    --------
    >>> load_crops()["tomate"].factors["soil_depth"].requirement.unit
    'cm'
    """
    source = files("zoning").joinpath("data", "crops") if folder is None else folder
    names = sorted(entry.name for entry in source.iterdir() if entry.name.endswith(".toml"))
    if not names:
        raise CropError(
            _("{folder} no tiene cultivos").format(folder=source),
            expected=_("Se esperaba un archivo .toml por cultivo"),
        )
    crops = [parse_crop(_text(source.joinpath(name)), name=name) for name in names]
    if own is not None and own.is_dir():
        crops += [parse_crop(_text(path), name=path.name) for path in sorted(own.glob("*.toml"))]
    return dict(sorted({crop.id: crop for crop in crops}.items()))


def _text(file: Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CropError(
            _("No se puede leer {file}").format(file=file), expected=_("Se esperaba un archivo de texto UTF-8")
        ) from error


def parse_crop(text: str, *, name: str) -> Crop:
    """Read one crop from the text of its file ``name``.

    Raises
    ------
    CropError
        As in :func:`load_crops`.
    """
    table = RulesFile(name=name, text=text, error=CropError).root()
    crop_id = table.text("id")
    if name != f"{crop_id}.toml":
        raise table.refusal(_("el id «{id}» no es el nombre del archivo").format(id=crop_id), key="id")
    kind = table.text("kind")
    if kind not in KINDS:
        raise table.refusal(_("clase de cultivo «{kind}»").format(kind=kind), key="kind", expected=", ".join(KINDS))
    cycle, killing = table.table("cycle"), table.table("killing_temperature")
    _check_unit(cycle, "d")
    _check_unit(killing, "degC")
    crop = Crop(
        id=crop_id,
        name=table.text("name"),
        scientific_name=table.text("scientific_name"),
        kind=kind,
        cycle_days=(cycle.number("min"), cycle.number("max")),
        killing_temperature=killing.number("value"),
        killing_source=killing.source(),
        factors={key: _factor(key, inner) for key, inner in table.tables("factor")},
        soil_notes=_soil_notes(table.table("soil_notes")),
        hash=content_hash(table.data),
    )
    cycle.source()
    for row in table.rows("left_out"):
        for key in ("factor", "values", "unit", "reason"):
            row.text(key)
        row.source()
        row.close()
    table.text("english")
    table.texts("notes", ())
    for each in (table, cycle, killing):
        each.close()
    return crop


def library_hash(crops: Mapping[str, Crop]) -> str:
    """Identify the content of a whole library."""
    return content_hash({name: crop.hash for name, crop in crops.items()})


def _factor(name: str, table: Table) -> CropFactor:
    use, reason = table.text("use"), table.text("reason", "")
    keys = [key for key in table.data if key not in ("use", "reason")]
    candidates = {key: _requirement(table.table(key)) for key in keys}
    if use != NOT_RATED and use not in candidates:
        raise table.refusal(
            _("la fuente en uso «{use}» no está en el archivo").format(use=use),
            key="use",
            expected=_("Se esperaba una de: {keys}").format(keys=", ".join([*keys, NOT_RATED])),
        )
    table.close()
    return CropFactor(name=name, use=use, candidates=candidates, reason=reason)


def _requirement(table: Table) -> Requirement:
    characteristic = table.text("characteristic")
    if characteristic not in QUANTITIES:
        found = _("capa desconocida «{name}»").format(name=characteristic)
        raise table.unknown(characteristic, QUANTITIES, key="characteristic", found=found)
    unit = _check_unit(table, QUANTITIES[characteristic].unit)
    requirement = Requirement(
        characteristic=characteristic,
        unit=unit,
        limits=read_limits(table, QUANTITIES[characteristic]),
        source=table.source(),
        cultivar=table.text("cultivar", ""),
        note=table.text("note", ""),
    )
    table.close()
    return requirement


def read_limits(table: Table, quantity: Quantity) -> Limits:
    """Read ``low`` and ``high`` class limits of a quantity, or a trapezoid, from a table.

    Raises
    ------
    RulesError
        If they are no limits; the message says where.
    """
    key = "trapezoid" if "trapezoid" in table.data else ""
    try:
        if key:
            absolute_low, optimal_low, optimal_high, absolute_high = _trapezoid(table)
            return Limits(
                low=Side.from_trapezoid(absolute_low, optimal_low),
                high=Side.from_trapezoid(absolute_high, optimal_high),
            )
        return Limits(low=_side(table, "low", quantity), high=_side(table, "high", quantity))
    except LimitsError as error:
        raise table.refusal(error.found, key=key, expected=error.expected, remedy=error.remedy) from error


def _trapezoid(table: Table) -> tuple[float, float, float, float]:
    inner = table.table("trapezoid")
    corners = (inner.number("abs_min"), inner.number("opt_min"), inner.number("opt_max"), inner.number("abs_max"))
    inner.close()
    if list(corners) != sorted(corners):
        raise table.refusal(
            _("trapecio que no es monótono: {values}").format(values=shown_numbers(corners)),
            key="trapezoid",
            expected=_("Se esperaba abs_min < opt_min ≤ opt_max < abs_max"),
        )
    return corners


def _side(table: Table, key: str, quantity: Quantity) -> Side | None:
    if key not in table.data:
        return None
    inner = table.table(key)
    s3 = inner.number_in("s3", *quantity.span) if "s3" in inner.data else None
    numbers = s3, inner.number_in("s2", *quantity.span), inner.number_in("s1", *quantity.span)
    step = inner.flag("step")
    inner.close()
    try:
        side = Side.from_classes(*numbers, step=step)
        # A side that runs the wrong way is refused here, where its line is known.
        Limits(**{key: side})
    except LimitsError as error:
        raise table.refusal(error.found, key=key, expected=error.expected, remedy=error.remedy) from error
    return side


def _check_unit(table: Table, expected: str) -> str:
    unit = table.text("unit")
    if unit != expected:
        raise table.refusal(
            _("unidad «{unit}»").format(unit=unit),
            key="unit",
            expected=_("Se esperaba «{unit}»").format(unit=expected),
        )
    return unit


def _soil_notes(table: Table) -> dict[str, str]:
    notes = {key: table.text(key) for key in table.data if key != "source"}
    if table.data:
        table.source()
    table.close()
    return notes
