"""What a server holds while it runs: its settings, the workspace, and what was read from it while that is still true.

Routes ask :func:`service_of` for it. Nothing is read before somebody asks, and what is kept is read again when the
files behind it change, so that a zoning or an import made on the command line shows without a restart.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from fastapi import Request

from api.layer_registry import LayerRegistry, LayerSource, Signature, signature
from api.settings import Settings
from gis.errors import MissingError, StorageError
from gis.messages import translator
from layers.map_layer import MapLayer
from layers.preparation.territory_grid import read_municipalities
from layers.serving.territory_layers import territory_map_layers
from layers.serving.vector_layer import GEOGRAPHIC
from layers.territory import Territory
from layers.workspace import Workspace
from market_prices.book import Book
from market_prices.price_layers import price_map_layers
from zoning.comparison.comparison_layers import comparison_map_layers
from zoning.comparison.saved_comparisons import FOLDER
from zoning.study.study import Study
from zoning.study.zone_layers import zone_map_layers

_ = translator("api")
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class _Held:
    signature: Signature
    value: Any


class Service:
    """The workspace behind one server.

    Parameters
    ----------
    settings
        Which workspace, and how it is served.
    alone
        Its process does nothing else, so that it may settle what it keeps.
    """

    def __init__(self, settings: Settings, *, alone: bool = False) -> None:
        self.settings = settings
        self._alone = alone
        self._lock = threading.RLock()
        self._held: dict[str, _Held] = {}
        self.registry = LayerRegistry(
            (
                LayerSource(name="territory", load=self._territory_layers, watched=self._territory_files),
                LayerSource(name="zoning", load=self._zone_layers, watched=self._study_files),
                LayerSource(name="comparisons", load=self._change_layers, watched=self._comparison_files),
                LayerSource(name="prices", load=self._price_layers, watched=self._price_files),
            ),
            refresh_seconds=settings.refresh_seconds,
        )

    @property
    def root(self) -> Path:
        """Folder of the workspace."""
        return self.settings.workspace

    def workspace(self) -> Workspace:
        """Return the workspace.

        Raises
        ------
        StorageError
            If the folder is no workspace (any more).
        """
        return self._keep("workspace", self._workspace_files(), self._open)

    def _open(self) -> Workspace:
        try:
            return Workspace.open(self.root)
        except MissingError as error:
            raise StorageError(
                _("El espacio de trabajo de este servidor no está disponible"),
                remedy=_("Avise a quien administra el servidor."),
            ) from error

    def territory(self) -> Territory:
        """Return the territory of the workspace."""
        return self.workspace().territory

    def study(self, name: str = "") -> Study:
        """Return a study, the settings' own when none is named.

        Raises
        ------
        MissingError
            If there is no such study.
        """
        name = name or self.settings.study
        manifest = self.root / "studies" / name / "manifest.json"
        return self._keep(f"study {name}", [manifest], lambda: Study.open(self.workspace(), name))

    def book(self) -> Book:
        """Return the price book of the workspace."""
        return self._keep("book", self._workspace_files(), lambda: Book.open(self.workspace()))

    def layers(self) -> tuple[MapLayer, ...]:
        """Return every map layer."""
        return tuple(self.registry.layers().values())

    def _keep(self, name: str, files: Iterable[Path], read: Callable[[], Kept]) -> Kept:
        now = signature(files)
        with self._lock:
            held = self._held.get(name)
            if held is None or held.signature != now:
                held = self._held[name] = _Held(now, read())
                if self._alone:
                    _settle()
            return cast("Kept", held.value)

    def _workspace_files(self) -> list[Path]:
        return [
            self.root / name
            for name in ("territory.toml", "ruleset.toml", "products.toml", "measures.toml", "markets.toml")
        ]

    def _territory_files(self) -> list[Path]:
        return [self.root / "territory.toml", self.root / "layers" / "provenance.json"]

    def _study_files(self) -> list[Path]:
        return sorted((self.root / "studies").glob("[!.]*/manifest.json"))

    def _comparison_files(self) -> list[Path]:
        return [*self._study_files(), *sorted((self.root / FOLDER).glob("*/diff.json"))]

    def _price_files(self) -> list[Path]:
        return [
            *self._territory_files(),
            *self._workspace_files(),
            self.root / "prices.db",
            self.root / "prices.db-wal",
        ]

    def _territory_layers(self) -> list[MapLayer]:
        return list(territory_map_layers(self.workspace()))

    def _zone_layers(self) -> list[MapLayer]:
        return list(zone_map_layers(self.workspace()))

    def _change_layers(self) -> list[MapLayer]:
        return list(comparison_map_layers(self.workspace()))

    def _price_layers(self) -> list[MapLayer]:
        workspace = self.workspace()
        outlines = read_municipalities(workspace).to_crs(GEOGRAPHIC) if workspace.has_layer("municipalities") else None
        return list(price_map_layers(self.book(), outlines))


def service_of(request: Request) -> Service:
    """Return the service behind the application that answers ``request``."""
    return cast("Service", request.app.state.service)


def _settle() -> None:
    """Take what is loaded out of the sight of the collector of garbage.

    Looking through libraries and workspace again and again finds nothing, and holds up a reader for 0.1 s each time.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
