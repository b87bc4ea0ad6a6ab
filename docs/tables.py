"""The tables of the documentation, read from the records the program itself loads: nothing is written twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import method_tables
import program_tables
import source_tables
import validation_tables
import word_tables
from markdown_tables import figure, table, unit_sign

from layers.catalogue.theme_records import Band
from layers.catalogue.themes import themes
from layers.territory import builtin_territories, builtin_territory
from market_prices import Vocabulary, builtin_vocabulary
from zoning import load_crops, load_ruleset
from zoning.rules.ruleset_file import starter_text

_NEEDS = {"required": "obligatoria", "optional": "opcional", "context": "contexto", "reference": "referencia"}
_KINDS = {"raster": "ráster", "vector": "vectorial", "table": "tabla"}
_UNIT_KINDS = {"mass": "peso", "volume": "volumen", "count": "cuenta", "package": "envase"}
_MARKET_KINDS = {"city": "ciudad", "wholesale": "mayorista", "local": "local", "index": "índice"}


def write_all(folder: Path) -> None:
    """Write every generated page of the documentation into ``folder``; a page that has not changed is left alone."""
    crops, rules, words = load_crops(), load_ruleset(), builtin_vocabulary()
    pages = {
        "zones": method_tables.zones(rules, crops),
        "rules": method_tables.deciding_rules(starter_text()),
        "gates": method_tables.gates(rules),
        "cover": method_tables.cover(rules),
        "assumptions": method_tables.assumptions(rules),
        "windows": method_tables.windows(rules, crops),
        "crops": method_tables.crop_summary(crops),
        "crop_limits": method_tables.crop_limits(crops),
        "themes": theme_catalogue(),
        "territories": territories(),
        "measures": measures(words),
        "markets": markets(words),
        "products": products(words),
        **word_tables.pages(),
        **program_tables.pages(),
        **source_tables.pages(),
        **validation_tables.pages(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for stale in {path.stem for path in folder.glob("*.md")} - set(pages):
        (folder / f"{stale}.md").unlink()
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def theme_catalogue() -> str:
    """Return the themes in the order in which they are prepared."""
    rows = [
        (
            f"`{each.id}`",
            each.title,
            _KINDS[each.kind],
            _NEEDS[each.requirement],
            _bands(each.bands)
            or ", ".join(f"`{name}`" for name in dict.fromkeys(one.name for one in each.columns))
            or "—",
            f"`{each.prepared}`" if each.prepared else "—",
        )
        for each in themes()
        if each.requirement != "reference"
    ]
    return table(("tema", "título", "clase", "necesidad", "bandas o columnas", "capa preparada"), rows)


def _bands(bands: Sequence[Band]) -> str:
    months = [band for band in bands if re.search(r"_\d\d$", band.name)]
    if months:
        return f"12 meses, {_band_range(months[0])}"
    return "; ".join(f"`{band.name}` {_band_range(band)}" for band in bands)


def _band_range(band: Band) -> str:
    return f"{figure(band.low)} a {figure(band.high)} {unit_sign(band.unit)}"


def territories() -> str:
    """Return the municipalities of every territory that comes with the program."""
    parts = []
    for name in builtin_territories():
        territory = builtin_territory(name)
        rows = [
            (
                each.code,
                each.name,
                each.province,
                figure(each.area_km2) if each.area_km2 is not None else "sin dato",
                f"{figure(each.seat.altitude_m)} m" if each.seat and each.seat.altitude_m is not None else "sin dato",
                each.seat.source if each.seat else "",
            )
            for each in territory.municipalities
        ]
        heads = ("código", "municipio", "provincia", "km²", "altitud de la sede", "fuente de la sede")
        parts.append(f"**{territory.name}** (`{territory.id}`)\n\n{table(heads, rows)}")
    return "\n".join(parts)


def measures(words: Vocabulary) -> str:
    """Return the units, and the weights that hold for one product, place and time."""
    units = [
        (
            each.name,
            _UNIT_KINDS[each.kind],
            figure(each.kg) if each.kg is not None else "—",
            ", ".join(each.synonyms) or "—",
            each.source or each.note or "sin peso propio",
        )
        for each in words.measures.units.values()
    ]
    names = {each.id: each.name for each in words.all_products} | {each.id: each.name for each in words.all_markets}
    rows = [
        (
            words.measures.units[each.unit].name,
            " ".join(part for part in (names.get(each.product, each.product), each.variety) if part) or "cualquiera",
            ", ".join(names[market] for market in each.markets) or "cualquiera",
            f"{figure(each.kg)} kg" if each.kg is not None else "**sin dato**",
            _validity(each.first, each.last),
            each.source,
        )
        for each in words.measures.conversions
    ]
    heads = ("medida", "producto", "mercados", "peso", "vigencia", "fuente")
    return (
        f"{table(('medida', 'clase', 'kg', 'otros nombres', 'fuente o nota'), units)}\n"
        f"Pesos que valen para un producto y un lugar:\n\n{table(heads, rows)}"
    )


def _validity(first: str, last: str) -> str:
    return f"{first or '…'} a {last or '…'}" if first or last else "siempre"


def markets(words: Vocabulary) -> str:
    """Return the markets."""
    rows = [
        (
            f"`{each.id}`",
            each.name,
            _MARKET_KINDS[each.kind],
            f"{figure(each.lat)}, {figure(each.lon)}" if each.lat is not None and each.lon is not None else "sin dato",
            "; ".join(part for part in (", ".join(each.days), each.hours) if part) or "sin dato",
            each.source,
        )
        for each in words.all_markets
    ]
    return table(("mercado", "nombre", "clase", "latitud, longitud", "días y horas", "fuente"), rows)


def products(words: Vocabulary) -> str:
    """Return the products, those of the territory first."""
    rows = [
        (
            f"`{each.id}`",
            each.name,
            f"*{each.scientific}*" if each.scientific else "—",
            each.group,
            "sí" if each.local else "",
            _joined(variety.name for variety in each.varieties),
            _joined(each.synonyms),
        )
        for each in words.all_products
    ]
    return table(("producto", "nombre", "científico", "grupo", "local", "variedades", "otros nombres"), rows)


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(texts) or "—"
