"""Message catalogues: ``compile`` them, ``extract`` new messages, or ``check`` that none is missing.

English must be whole. Another language may be begun and left: what it lacks is said in Spanish.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("gis", "layers", "zoning", "market_prices", "api")
WHOLE = "en"
"""Language in which every message must have its text."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""Stands in the head of a catalogue that nobody has touched: the same messages, the same bytes."""
BEGUN = {"qu": ("market_prices",)}
"""Languages that wait for a translator, and the packages whose words they are to have first."""
NOTES = {
    "qu": """Quechua de los valles (qu). Nota para quien traduzca (note for the translator).

Cada msgid es el texto en español; escriba el quechua debajo, en msgstr. Lo que quede vacío sale en español: nada se
rompe. Deje igual, letra por letra, lo que va entre llaves, como {place} o {amount}: ahí se ponen las cifras. Empiece
por las palabras del boletín (market_prices/bulletin), que se leen por radio. Para oírlo:
valles prices bulletin --lang qu --text radio. Guarde en UTF-8 y luego: python tools/catalogues.py compile"""
}


def _catalogues() -> list[tuple[str, str]]:
    """Return each package and language that has a catalogue."""
    return [(package, WHOLE) for package in PACKAGES] + [(one, code) for code, many in BEGUN.items() for one in many]


def _source(package: str, language: str = WHOLE) -> Path:
    return ROOT / package / "locale" / language / "LC_MESSAGES" / f"{package}.po"


def compile_all() -> None:
    """Write the binary catalogue beside each source catalogue."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for package, language in _catalogues():
        source = _source(package, language)
        if not source.exists():
            continue
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as stream:
            catalogue = read_po(stream, locale=language)
        with target.open("wb") as stream:
            write_mo(stream, catalogue)


def _messages(package: str) -> dict[str, list[tuple[str, int]]]:
    from babel.messages.extract import extract_from_dir

    methods = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
    found: dict[str, list[tuple[str, int]]] = {}
    for file, line, message, _comments, _context in extract_from_dir(
        str(ROOT / package), methods, options_map={"**.html": {"silent": "false"}}
    ):
        texts = (message,) if isinstance(message, str) else message
        for text in texts:
            if text:
                found.setdefault(text, []).append((f"{package}/{file}", line))
    return found


def extract() -> None:
    """Add new messages to each catalogue and drop those no source holds any more."""
    for package, language in _catalogues():
        extract_one(package, language)


def extract_one(package: str, language: str) -> None:
    """Bring one catalogue up to date; what is translated stays."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    source = _source(package, language)
    old = Catalog(locale=language)
    if source.exists():
        with source.open("rb") as stream:
            old = read_po(stream, locale=language)
    new = Catalog(locale=language, project="valles", version="0", charset="utf-8")
    if language in NOTES:
        new.header_comment = "\n".join(f"# {line}".rstrip() for line in NOTES[language].splitlines())
        new.creation_date = new.revision_date = EPOCH
    for text in sorted(_messages(package)):
        known = old.get(text)
        new.add(text, string=known.string if known else "", flags=known.flags if known else ())
    source.parent.mkdir(parents=True, exist_ok=True)
    with source.open("wb") as stream:
        write_po(stream, new, width=0, omit_header=False, no_location=True, sort_output=True)


def check() -> list[str]:
    """Return one line for every message without an English text."""
    from babel.messages.pofile import read_po

    problems = []
    for package in PACKAGES:
        source = _source(package)
        known = {}
        if source.exists():
            with source.open("rb") as stream:
                known = {message.id: message.string for message in read_po(stream, locale=WHOLE) if message.id}
        problems += [
            f"{places[0][0]}:{places[0][1]}: sin traducción al inglés: {text!r}"
            for text, places in sorted(_messages(package).items())
            if not known.get(text)
        ]
    return problems


if __name__ == "__main__":
    action = sys.argv[1] if len(sys.argv) > 1 else "compile"
    if action == "extract":
        extract()
    elif action == "check":
        lines = check()
        print("\n".join(lines) or "Every message has an English text.")
        sys.exit(1 if lines else 0)
    else:
        compile_all()
