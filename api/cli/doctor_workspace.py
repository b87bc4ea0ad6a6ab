"""The checks of ``valles doctor`` on one workspace: its folder, layers, studies and prices."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from api.cli.finding import Finding
from gis.errors import MissingError, VallesError
from gis.messages import translator

if TYPE_CHECKING:
    from layers.workspace import Workspace

_ = translator("api")
_LEAST_FREE_MB = 500


def examine_workspace(root: Path) -> Iterable[Finding]:
    """Check the workspace in the folder ``root``."""
    from layers.workspace import Workspace  # noqa: PLC0415  loads the vector libraries

    name = _("espacio de trabajo")
    try:
        workspace = Workspace.open(root)
    except VallesError as error:
        absent = not root.exists()
        yield Finding(
            name=name, state="warning" if absent else "bad", found=error.found, remedy=error.remedy or error.expected
        )
        return
    yield Finding(name=name, state="good", found=f"{workspace.root}: {workspace.territory.name}")
    yield _writable(workspace.root)
    for label, read in ((_("capas"), _layers_found), (_("estudios"), _studies_found), (_("precios"), _prices_found)):
        try:
            yield Finding(name=label, state="good", found=read(workspace))
        except VallesError as error:
            yield Finding(name=label, state="bad", found=error.found, remedy=error.remedy or error.expected)


def _writable(root: Path) -> Finding:
    free_mb = shutil.disk_usage(root).free // 1_000_000
    try:
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        found = _("no se puede escribir en {folder}: {why}").format(folder=root, why=error.strerror)
        return Finding(name=_("disco"), state="bad", found=found, remedy=_("Dé permiso de escritura a la carpeta."))
    found = _("{free} MB libres").format(free=free_mb)
    if free_mb < _LEAST_FREE_MB:
        return Finding(name=_("disco"), state="warning", found=found, remedy=_("Libere espacio en el disco."))
    return Finding(name=_("disco"), state="good", found=found)


def _layers_found(workspace: Workspace) -> str:
    from layers.catalogue.themes import themes  # noqa: PLC0415  as above
    from layers.provenance import read_provenance  # noqa: PLC0415  loads the vector libraries

    records = read_provenance(workspace.layers_dir)
    for record in records.values():
        path = workspace.layers_dir / record.file
        if not path.is_file() or path.stat().st_size != record.prepared_bytes:
            raise MissingError(
                _("{file} falta o cambió desde que se preparó").format(file=record.file),
                remedy=_("Repita valles layers fetch: vuelve a preparar solo lo que falta."),
            )
    served = {record.theme for record in records.values()}
    missing = [theme.title for theme in themes() if theme.requirement == "required" and theme.id not in served]
    found = _("{count} preparadas").format(count=len(records))
    return found + (_("; faltan: {names}").format(names=", ".join(missing)) if missing else "")


def _studies_found(workspace: Workspace) -> str:
    from zoning.study.study import Study  # noqa: PLC0415  loads the vector libraries

    names = workspace.studies()
    for name in names:
        Study.open(workspace, name)
    return ", ".join(names) or _("ninguno todavía")


def _prices_found(workspace: Workspace) -> str:
    from market_prices.book import Book  # noqa: PLC0415  loads the database library

    if not workspace.prices_path.exists():
        return _("sin libro todavía")
    with Book.open(workspace) as book:
        summary = book.summary()
    return _("{count} observaciones, {first} a {last}").format(
        count=summary.observations, first=summary.first, last=summary.last
    )
