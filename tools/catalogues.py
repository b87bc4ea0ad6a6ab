"""Message catalogues: ``compile`` them, ``extract`` new messages, or ``check`` that none is missing."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("gis", "layers", "zoning", "market_prices", "api")
LANGUAGE = "en"


def _source(package: str) -> Path:
    return ROOT / package / "locale" / LANGUAGE / "LC_MESSAGES" / f"{package}.po"


def compile_all() -> None:
    """Write the binary catalogue beside each source catalogue."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for package in PACKAGES:
        source = _source(package)
        if not source.exists():
            continue
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as stream:
            catalogue = read_po(stream, locale=LANGUAGE)
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
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    for package in PACKAGES:
        source = _source(package)
        old = Catalog(locale=LANGUAGE)
        if source.exists():
            with source.open("rb") as stream:
                old = read_po(stream, locale=LANGUAGE)
        new = Catalog(locale=LANGUAGE, project="valles", version="0", charset="utf-8")
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
                known = {message.id: message.string for message in read_po(stream, locale=LANGUAGE) if message.id}
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
