"""The ruleset that a new workspace begins with, made for the hemisphere in which its territory lies."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

from gis.messages import translator
from zoning.rules.characteristic import parse_months
from zoning.seasons import NORTHERN, half_a_year_later

_ = translator("zoning")

_ELSEWHERE = """# Este reglamento de partida se escribió para los Valles Cruceños. Revise aquí antes de creerle al mapa:
# las ventanas de siembra ([[windows]], de la ENA 2015 en sus once municipios), el municipio cañero
# ([gates.cane_municipality]: su código no existe en otra parte, y sin él no hay zona CAN), las canastas de cada zona y
# la fuente de clima.
"""
_SHIFTED = "supuesto: seis meses después de la de los Valles Cruceños, que están al sur del ecuador"
_SOUTHERN_NOTE = re.compile(r"^#  11\. (?:.*\n)(?:#      .*\n)*", flags=re.MULTILINE)
_WINDOW = re.compile(
    r'(?P<head>\[\[windows\.[^\n]*\n(?:water = [^\n]*\n)?)months = "(?P<months>[^"]*)"\nsource = "[^"]*"'
)


def starter_text(territory: str = "", *, northern: bool = False) -> str:
    """Return the commented Spanish starter that a new workspace gets.

    Parameters
    ----------
    territory
        Id of the territory it is for; empty gives it as it comes with the program. For a territory it was not written
        for, the starter serves any and says first what to look over.
    northern
        Whether the territory lies north of the equator: the months of its indices are then those of the north, and
        every sowing window stands half a year later, marked as an assumption.

    Examples
    --------
    >>> "supuesto: seis meses" in starter_text("guatemala", northern=True)
    True
    """
    text = files("zoning").joinpath("data", "ruleset.toml").read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if line.startswith("territories"))
    if not territory or f'"{territory}"' in lines[place]:
        return _northern(text) if northern else text
    lines[place] = f"{_ELSEWHERE}territories = []   # vacío: sirve para cualquier territorio\n"
    return _northern("".join(lines)) if northern else "".join(lines)


def starter_remarks(codes: Sequence[str], *, northern: bool) -> tuple[str, ...]:
    """Say what of the starter does not fit a territory it was not written for, a sentence each.

    Parameters
    ----------
    codes
        Codes of the territory's municipalities.
    northern
        Whether it lies north of the equator.
    """
    told = [_("ruleset.toml: las canastas y las ventanas de siembra son las de los Valles Cruceños (ENA 2015)")]
    if northern:
        told = [
            _(
                "ruleset.toml: las canastas son las de los Valles Cruceños; sus ventanas de siembra se corrieron seis "
                "meses, y el frío se cuenta en enero y el calor de abril a octubre (supuesto)"
            )
        ]
    for name, gate in tomllib.loads(starter_text()).get("gates", {}).items():
        named = gate.get("municipalities", [])
        if named and not set(named) & set(codes):
            zones = _zones_behind(name)
            told.append(
                _(
                    "ruleset.toml: [gates.{gate}] nombra municipios que no son de aquí ({codes}): no habrá {zones}"
                ).format(gate=name, codes=", ".join(named), zones=", ".join(zones) or name)
            )
    return tuple(told)


def _zones_behind(gate: str) -> list[str]:
    """Return the zones that a closed gate leaves empty."""
    zones = tomllib.loads(starter_text()).get("zones", {})
    return [f"{code} ({each['name']})" for code, each in zones.items() if gate in each.get("gates", [])]


def _northern(text: str) -> str:
    """Return the rules with the months of the other hemisphere."""
    calendar = (
        "# Meses del hemisferio norte (supuesto): los del sur, medio año después.\n[calendar]\n"
        f"coldest_month = {NORTHERN.coldest_month}   # horas de frío\n"
        f'warm_months = "{_months(NORTHERN.warm_months)}"   # grados-día\n'
        f'vineyard_months = "{_months(NORTHERN.vineyard_months)}"   # índice de Huglin\n'
        'source = "supuesto: los meses del hemisferio sur, medio año después"\n\n'
    )
    note = (
        "#  11. Meses del hemisferio norte: frío en enero, grados-día de abril a octubre, Huglin de abril a\n"
        "#      septiembre, y las ventanas de siembra de los Valles seis meses después (supuesto). Revíselas primero.\n"
    )
    shifted = _WINDOW.sub(
        lambda found: f'{found["head"]}months = "{_later(found["months"])}"\nsource = "{_SHIFTED}"', text
    )
    return _SOUTHERN_NOTE.sub(note, shifted, count=1).replace("[climate]\n", f"{calendar}[climate]\n", 1)


def _later(months: str) -> str:
    first, last = parse_months(months)
    return _months((half_a_year_later(first), half_a_year_later(last)))


def _months(pair: tuple[int, int]) -> str:
    return f"{pair[0]:02d}-{pair[1]:02d}"
