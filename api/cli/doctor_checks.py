"""The single checks of ``valles doctor``: each looks at one thing and says what it found and what to do."""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
from importlib.resources import files
from pathlib import Path

from packaging.requirements import Requirement

from api.cli.doctor_workspace import examine_workspace
from api.cli.finding import Finding
from gis.messages import translator

_ = translator("api")

PACKAGES = ("gis", "layers", "zoning", "market_prices", "api")
OLDEST_PYTHON = (3, 11)
DRIVERS = ("GPKG", "FlatGeobuf", "PMTiles", "MVT", "GeoJSON", "ESRI Shapefile")


def examine(workspace: Path) -> list[Finding]:
    """Run every check of the installation and of ``workspace``."""
    checks: tuple[Callable[[], Iterable[Finding]], ...] = (
        _python,
        _ownership,
        _libraries,
        _drivers,
        _assets,
        _cache,
        lambda: examine_workspace(workspace),
    )
    return [finding for check in checks for finding in check()]


def _python() -> Iterable[Finding]:
    found = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    good = sys.version_info >= OLDEST_PYTHON
    remedy = "" if good else _("Instale Python 3.11 o más nuevo.")
    yield Finding(name="Python", state="good" if good else "bad", found=found, remedy=remedy)


def _ownership() -> Iterable[Finding]:
    owners = packages_distributions()
    others = {name: sorted(set(owners.get(name, ())) - {"valles"}) for name in PACKAGES}
    foreign = {name: dists for name, dists in others.items() if dists}
    astray = [name for name in PACKAGES if not _is_ours(name)]
    if foreign or astray:
        told = "; ".join(f"{name}: {', '.join(dists)}" for name, dists in foreign.items()) or ", ".join(astray)
        remedy = _("Otro programa trae paquetes con estos nombres: use un entorno propio (python -m venv).")
        yield Finding(name=_("paquetes"), state="bad", found=told, remedy=remedy)
    else:
        yield Finding(name=_("paquetes"), state="good", found=f"valles {version('valles')}: {', '.join(PACKAGES)}")


def _is_ours(name: str) -> bool:
    """Tell whether the package that would be imported lies beside this one."""
    place = importlib.import_module(name).__file__
    return place is not None and Path(place).parents[1] == Path(__file__).parents[2]


def _libraries() -> Iterable[Finding]:
    wrong = []
    count = 0
    for line in requires("valles") or ():
        need = Requirement(line)
        if need.marker is not None and not need.marker.evaluate({"extra": ""}):
            continue
        count += 1
        try:
            have = version(need.name)
        except PackageNotFoundError:
            wrong.append(_("falta {name}").format(name=need.name))
            continue
        if not need.specifier.contains(have, prereleases=True):
            wrong.append(f"{need.name} {have} ({need.specifier})")
    remedy = _("Vuelva a instalar: python -m pip install --upgrade valles") if wrong else ""
    found = "; ".join(wrong) or _("{count} al día").format(count=count)
    yield Finding(name=_("bibliotecas"), state="bad" if wrong else "good", found=found, remedy=remedy)


def _drivers() -> Iterable[Finding]:
    from gis.gdal_build import gdal_version, writable_formats  # noqa: PLC0415  loads GDAL

    missing = [name for name in DRIVERS if name not in writable_formats()]
    remedy = _("Reinstale pyogrio desde sus ruedas oficiales.") if missing else ""
    found = f"GDAL {gdal_version()}" + (_("; faltan {names}").format(names=", ".join(missing)) if missing else "")
    yield Finding(name="GDAL", state="bad" if missing else "good", found=found, remedy=remedy)


def _assets() -> Iterable[Finding]:
    built = (files("api") / "static" / "app" / "map.js").is_file()
    remedy = "" if built else _("Construya las páginas: python tools/web.py, o reinstale el programa.")
    found = _("construidas") if built else _("faltan los archivos del mapa")
    yield Finding(name=_("páginas"), state="good" if built else "bad", found=found, remedy=remedy)


def _cache() -> Iterable[Finding]:
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "valles"
    try:
        base.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=base):
            pass
    except OSError:
        remedy = _("Dé permiso de escritura o defina XDG_CACHE_HOME; sin ella cada orden vuelve a compilar.")
        yield Finding(name=_("memoria de compilación"), state="warning", found=str(base), remedy=remedy)
    else:
        yield Finding(name=_("memoria de compilación"), state="good", found=str(base))
