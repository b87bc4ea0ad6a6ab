"""All map layers of a workspace under their names, read again when a file behind them changes.

The registry does not know which engine made a layer: it holds sources, each a function that returns layers and the
files whose change makes it worth calling again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gis.errors import MissingError, VallesError
from gis.messages import translator
from layers.map_layer import MapLayer

_ = translator("api")
_log = logging.getLogger(__name__)

Signature = tuple[tuple[str, int, int], ...]
"""Path, time of change in ns and size in bytes of each watched file that exists."""


@dataclass(frozen=True, kw_only=True)
class LayerSource:
    """Where some layers come from."""

    name: str
    load: Callable[[], Sequence[MapLayer]]
    """Returns the layers as they are now."""
    watched: Callable[[], Iterable[Path]]
    """Returns the files whose change means loading again."""


@dataclass(frozen=True, kw_only=True)
class _Loaded:
    signature: Signature
    layers: tuple[MapLayer, ...]
    trouble: str


def signature(paths: Iterable[Path]) -> Signature:
    """Return what tells whether any of ``paths`` changed; absent files count as absent."""
    found = []
    for path in paths:
        try:
            state = path.stat()
        except OSError:
            continue
        found.append((str(path), state.st_mtime_ns, state.st_size))
    return tuple(sorted(found))


class LayerRegistry:
    """Map layers by name, always those of the files as they stand.

    Parameters
    ----------
    sources
        Where layers come from; on equal names the earlier source wins.
    refresh_seconds
        Shortest time, s, between two looks at the files.
    """

    def __init__(self, sources: Sequence[LayerSource], *, refresh_seconds: float = 1.0) -> None:
        self._sources = tuple(sources)
        self._refresh = refresh_seconds
        self._lock = threading.Lock()
        self._loaded: dict[str, _Loaded] = {}
        self._layers: dict[str, MapLayer] = {}
        self._looked = float("-inf")

    def layers(self) -> Mapping[str, MapLayer]:
        """Return every layer by its name, in the sources' order."""
        with self._lock:
            if time.monotonic() - self._looked >= self._refresh:
                self._look()
                self._looked = time.monotonic()
            return self._layers

    def get(self, layer_id: str) -> MapLayer:
        """Return the layer of this name.

        Raises
        ------
        MissingError
            If no layer is called so; the message lists the names.
        """
        layers = self.layers()
        if layer_id not in layers:
            raise MissingError(
                _("No existe la capa «{name}»").format(name=layer_id),
                expected=_("Una de: {names}").format(names=", ".join(layers) or _("ninguna todavía")),
                remedy=_("Vea la lista en /ogc/collections."),
            )
        return layers[layer_id]

    def troubles(self) -> Mapping[str, str]:
        """Return the sources that cannot be read now and why."""
        self.layers()
        return {name: loaded.trouble for name, loaded in self._loaded.items() if loaded.trouble}

    def _look(self) -> None:
        for source in self._sources:
            now = signature(source.watched())
            known = self._loaded.get(source.name)
            if known is None or known.signature != now or known.trouble:
                self._loaded[source.name] = _load(source, now)
        merged: dict[str, MapLayer] = {}
        for source in self._sources:
            for layer in self._loaded[source.name].layers:
                merged.setdefault(layer.id, layer)
        self._layers = merged


def _load(source: LayerSource, now: Signature) -> _Loaded:
    try:
        return _Loaded(signature=now, layers=tuple(source.load()), trouble="")
    except VallesError as error:
        _log.warning("layers of %s cannot be read: %s", source.name, error)
        return _Loaded(signature=now, layers=(), trouble=str(error))
