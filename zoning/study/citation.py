"""How to cite a study: what it is, by which rules and from whose layers, with their dates and licences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_HASH = 12
_RESERVED = ("personal use only", "do not ship", "not stated", "reference only", "states none")


@dataclass(frozen=True, kw_only=True)
class Source:
    """One origin of layers."""

    attribution: str
    """Whom to name."""
    licence: str
    date: str
    """As its publisher states it; several are separated by a semicolon."""
    layers: tuple[str, ...]
    """Prepared layers that come from it."""

    @property
    def reserved(self) -> bool:
        """Whether its licence is not stated or keeps it, and what is made of it, from being passed on as it is."""
        return any(words in self.licence.casefold() for words in _RESERVED)


def sources(layers: Sequence[Mapping[str, Any]]) -> tuple[Source, ...]:
    """Return the origins of the layers of a manifest, each once, in alphabetical order."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for each in layers:
        key = (str(each["attribution"] or "sin atribución"), str(each["licence"] or "sin licencia"), str(each["date"]))
        found.setdefault(key, []).append(str(each["name"]))
    return tuple(
        Source(attribution=attribution, licence=licence, date=date, layers=tuple(names))
        for (attribution, licence, date), names in sorted(found.items())
    )


def citation(manifest: Mapping[str, Any]) -> str:
    """Return one paragraph that cites a study, in Spanish as its files are.

    Parameters
    ----------
    manifest
        Of the study.
    """
    years = [year for each in manifest["layers"] for year in _years(str(each["date"]))]
    scenario = manifest.get("scenario")
    parts = [
        f"{manifest['territory_name']}: zonificación productiva básica",
        f"estudio «{manifest['name']}»" + (f", escenario «{scenario['title']}»" if scenario else ""),
        f"escala 1:{_thousands(manifest['scale'])}, celda de {_plain(manifest['cell_m'])} m",
        f"reglamento «{manifest['ruleset_title']}», huella {manifest['ruleset_hash'][:_HASH]}",
        f"capas de {min(years)} a {max(years)}" if years else "capas sin fecha",
        f"clima: {manifest['climate']}",
        f"programa valles {manifest['versions'].get('valles', '')}".strip(),
    ]
    notice = str(manifest.get("notice") or "")
    return "; ".join(parts) + "." + (f" {notice[0].upper()}{notice[1:]}." if notice else "")


def citation_text(manifest: Mapping[str, Any]) -> str:
    """Return the citation with every source, its licence and whom to name, as a text file holds it."""
    found = sources(manifest["layers"])
    lines = ["Cómo citar este estudio", "", citation(manifest), "", "Fuentes, con su fecha, licencia y atribución", ""]
    lines += [
        f"- {each.attribution} ({each.date}). Licencia: {each.licence}. Capas: {', '.join(each.layers)}."
        for each in found
    ]
    reserved = [each.attribution for each in found if each.reserved]
    if reserved:
        lines += [
            "",
            "Atención: la licencia de estas fuentes no está declarada o no permite redistribuir lo hecho con ellas;",
            "pida permiso o cámbielas antes de publicar: " + "; ".join(dict.fromkeys(reserved)) + ".",
        ]
    honest = manifest["honest_scale"]
    if honest and honest > manifest["scale"]:
        lines += ["", f"La capa exigida más gruesa sólo sostiene la escala 1:{_thousands(honest)}."]
    lines += ["", f"Huella entera del reglamento: {manifest['ruleset_hash']}"]
    return "\n".join(lines) + "\n"


def _thousands(number: float) -> str:
    return f"{number:,.0f}".replace(",", ".")


def _plain(number: float) -> str:
    return f"{number:.6g}".replace(".", ",")


def _years(date: str) -> list[str]:
    return [part.strip()[:4] for part in date.split(";") if part.strip()[:4].isdigit()]
