"""Writing a ``territory.toml`` that a person can read and edit."""

from __future__ import annotations

import json
from collections.abc import Mapping

from gis.messages import translator
from layers.territory import Municipality, Territory, builtin_territories, builtin_territory, builtin_text
from layers.workspace_format import WORKSPACE_FORMAT

_ = translator("layers")


def territory_toml(territory: Territory) -> str:
    """Return the commented text of a territory's ``territory.toml``; reading it back gives the same territory.

    Examples
    --------
    >>> "070801" in territory_toml(builtin_territory("valles_crucenos"))
    True
    """
    if territory.id in builtin_territories() and territory == builtin_territory(territory.id):
        return builtin_text(territory.id)
    blocks = [_head(territory), *(_municipality(each) for each in territory.municipalities)]
    return "\n".join(blocks)


def _head(territory: Territory) -> str:
    lines = [
        "# " + _("El territorio que se zonifica. Los municipios están al final, uno por bloque."),
        f"workspace_format = {WORKSPACE_FORMAT}",
        f"id = {_text(territory.id)}",
        f"name = {_text(territory.name)}",
        f"country = {_text(territory.country)}",
        f"department = {_text(territory.department)}",
        f"demo = {str(territory.demo).lower()}",
        f"notice = {_text(territory.notice)}",
        "",
        "# " + _("Proyección de la cuadrícula, en metros, y proyección equivalente en que se miden las superficies."),
        f"crs = {_text(territory.crs)}",
        f"area_crs = {_text(territory.area_crs)}",
        "",
        "# " + _("Lado de la celda en metros, y margen de la cuadrícula alrededor de los límites, en celdas."),
        f"cell_m = {territory.cell_m!r}",
        f"margin_cells = {territory.margin_cells}",
        "",
        "# " + _("Fuente del clima con que se zonifica, entre las que el espejo trae (worldclim, chelsa…)."),
        f"climate = {_text(territory.climate)}",
        "",
        "# " + _("Mercados cuyos precios se muestran, como referencia, donde no hay precio propio."),
        f"reference_markets = {_list(territory.reference_markets)}",
    ]
    if territory.boundaries:
        lines += [
            "",
            "# " + _("Límites municipales propios de este espacio de trabajo."),
            f"boundaries = {_text(territory.boundaries)}",
        ]
    lines += _table("sources", territory.sources, _("Producto que trae cada tema, si no es el primero del catálogo."))
    lines += _table("addresses", territory.addresses, _("Dirección de los archivos de un producto, si es otra."))
    return "\n".join(lines) + "\n"


def _table(key: str, texts: Mapping[str, str], why: str) -> list[str]:
    if not texts:
        return []
    return ["", f"# {why}", f"[{key}]", *(f"{_text(name)} = {_text(told)}" for name, told in texts.items())]


def _municipality(each: Municipality) -> str:
    lines = [
        "[[municipality]]",
        f"code = {_text(each.code)}",
        f"name = {_text(each.name)}",
        f"aliases = {_list(each.aliases)}",
        f"province = {_text(each.province)}",
    ]
    if each.area_km2 is not None:
        lines.append(f"area_km2 = {each.area_km2!r}")
    if each.reference_markets:
        lines.append(f"reference_markets = {_list(each.reference_markets)}")
    if each.seat is not None:
        seat = each.seat
        lines += [
            "[municipality.seat]",
            f"name = {_text(seat.name)}",
            f"lon = {seat.lon!r}",
            f"lat = {seat.lat!r}",
            *([] if seat.altitude_m is None else [f"altitude_m = {seat.altitude_m!r}"]),
            f"source = {_text(seat.source)}",
        ]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    # A JSON string is a TOML basic string, save the delete character, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(texts: tuple[str, ...]) -> str:
    return "[" + ", ".join(_text(each) for each in texts) + "]"
