"""A study for others: one file, or a bundle with everything needed to read, judge and cite it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gis.atomic import atomic_path, scratch_folder, write_atomically
from gis.errors import InputError, MissingError
from gis.messages import translator
from gis.vectors.vector_files import write_geojson
from layers.serving.feature_json import json_value
from zoning.study.citation import citation, citation_text, sources
from zoning.study.data_dictionary import HEADS, columns_of, data_dictionary
from zoning.study.study import Study
from zoning.study.study_reading import MANIFEST
from zoning.study.summary import closed_summary, closed_totals, summarise_zones, summary_text
from zoning.study.summary_workbook import write_summary_workbook

_ = translator("zoning")

WORKBOOK, DICTIONARY, CITATION, ATTRIBUTION = "resumen.xlsx", "diccionario.csv", "cita.txt", "fuentes.csv"
"""What a bundle holds beside the files of the study."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


def export_study(study: Study, path: Path | str) -> Path:
    """Write a study, or its summary, to a file; the same study gives the same bytes.

    Parameters
    ----------
    study
        What is handed over.
    path
        Where; the suffix says what: ``.zip`` everything; ``.xlsx``, ``.csv`` and ``.json`` the summary; ``.gpkg``,
        ``.geojson``, ``.parquet`` and ``.pmtiles`` the polygons.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    gis.errors.InputError
        The suffix is none of these.
    gis.errors.MissingError
        A file of the study is gone.
    gis.errors.StorageError
        The disk refuses.
    """
    target = Path(path)
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        raise InputError(
            _("No se sabe exportar a «{name}»").format(name=target.name),
            expected=_("Un nombre que termine en {suffixes}").format(suffixes=", ".join(_WRITERS)),
        )
    write(study, target)
    return target


def summary_document(study: Study) -> dict[str, Any]:
    """Return the summary of a study as JSON holds it, with its dictionary, its citation and its sources."""
    closed = closed_summary(summarise_zones(study.zones), _areas(study.manifest))
    totals = closed_totals(closed)
    manifest = study.manifest
    return {
        "study": study.name,
        "territory": manifest["territory"],
        "territory_name": manifest["territory_name"],
        "demo": manifest["demo"],
        "notice": manifest["notice"],
        "citation": citation(manifest),
        "sources": [
            {
                "attribution": each.attribution,
                "licence": each.licence,
                "date": each.date,
                "layers": list(each.layers),
                "reserved": each.reserved,
            }
            for each in sources(manifest["layers"])
        ],
        "municipalities": [dict(each) for each in manifest["municipalities"]],
        "dictionary": [
            {"column": each.name, "unit": each.unit, "meaning_es": each.spanish, "meaning_en": each.english}
            for each in columns_of("summary")
        ],
        "totals": _records(totals.to_dict("records")),
        "rows": _records(closed.to_dict("records")),
    }


def _areas(manifest: Mapping[str, Any]) -> dict[str, float]:
    return {str(each["code"]): float(each["area_ha"]) for each in manifest["municipalities"]}


def _records(rows: list[dict[Any, Any]]) -> list[dict[str, Any]]:
    return [{str(name): json_value(value) for name, value in row.items()} for row in rows]


def _csv(study: Study, path: Path) -> None:
    closed = closed_summary(summarise_zones(study.zones), _areas(study.manifest))
    write_atomically(path, summary_text(closed))


def _json(study: Study, path: Path) -> None:
    write_atomically(path, json.dumps(summary_document(study), ensure_ascii=False, indent=2) + "\n")


def _xlsx(study: Study, path: Path) -> None:
    write_summary_workbook(study.zones, study.manifest, path)


def _geojson(study: Study, path: Path) -> None:
    write_geojson(study.zones, path)


def _copy(name: str) -> Callable[[Study, Path], None]:
    def copy(study: Study, path: Path) -> None:
        with atomic_path(path) as temporary:
            shutil.copyfile(_file(study, name), temporary)

    return copy


def _file(study: Study, name: str) -> Path:
    path = study.folder / name
    if not path.is_file():
        raise MissingError(
            _("Falta el archivo {path}").format(path=path),
            expected=_("Se esperaban todos los archivos que nombra el manifiesto"),
            remedy=_("Haga el estudio otra vez con valles zone --name {name}").format(name=study.name),
        )
    return path


def _zip(study: Study, path: Path) -> None:
    manifest = study.manifest
    parts = {name: _file(study, name) for name in [*manifest["files"], MANIFEST]}
    with scratch_folder(path) as scratch, atomic_path(path) as temporary:
        parts |= _told(study, scratch)
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as target:
            for name in sorted(parts):
                entry = zipfile.ZipInfo(f"{study.name}/{name}", _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                with parts[name].open("rb") as source, target.open(entry, "w", force_zip64=True) as place:
                    shutil.copyfileobj(source, place)


def _told(study: Study, folder: Path) -> dict[str, Path]:
    """Write what tells a reader what the files are; name to place."""
    manifest = study.manifest
    _xlsx(study, folder / WORKBOOK)
    _rows(folder / DICTIONARY, HEADS, [each.row for each in data_dictionary()])
    write_atomically(folder / CITATION, citation_text(manifest))
    names = [each.name for each in columns_of("layers")]
    _rows(folder / ATTRIBUTION, names, [tuple(str(one[name] or "") for name in names) for one in manifest["layers"]])
    written = [WORKBOOK, DICTIONARY, CITATION, ATTRIBUTION]
    if manifest.get("ruleset"):
        write_atomically(folder / "ruleset.toml", str(manifest["ruleset"]))
        written.append("ruleset.toml")
    return {name: folder / name for name in written}


def _rows(path: Path, heads: tuple[str, ...] | list[str], rows: list[tuple[str, ...]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    write_atomically(path, text.getvalue())


_WRITERS: dict[str, Callable[[Study, Path], None]] = {
    ".zip": _zip,
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".json": _json,
    ".gpkg": _copy("zones.gpkg"),
    ".geojson": _geojson,
    ".parquet": _copy("zones.parquet"),
    ".pmtiles": _copy("zones.pmtiles"),
}
