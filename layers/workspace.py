"""The workspace: a folder of plain files that holds a territory, its layers, its studies and its prices."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gis.atomic import clear_leftovers, storage_errors, write_atomically
from gis.errors import InputError, MissingError
from gis.messages import translator
from layers.territory import TERRITORY_FILE, Territory, load_territory
from layers.territory_file import territory_toml
from layers.workspace_format import upgrade_workspace
from layers.workspace_lock import locked

_ = translator("layers")

CONFIG_FILES = ("ruleset.toml", "products.toml", "measures.toml", "markets.toml")
"""Starter files that the engines give a workspace."""

CONFIG_FOLDERS = ("crops",)
"""Folders of TOML files that its users may add: crops of their own."""


_ENDINGS = (".tif", ".gpkg", ".csv")
"""Endings of prepared rasters, vectors and tables by municipality."""


@dataclass(frozen=True)
class Workspace:
    """An open workspace.

    Use :meth:`init` to make one and :meth:`open` to open one; the constructor checks nothing.
    """

    root: Path
    """The folder."""
    territory: Territory

    @classmethod
    def init(cls, root: Path | str, territory: Territory, *, files: Mapping[str, str] | None = None) -> Workspace:
        """Make a workspace in ``root``, which must be absent, empty, or hold none of our files.

        Parameters
        ----------
        root
            The folder; made with its parents.
        territory
            What is to be zoned.
        files
            Name and text of further files, such as ``ruleset.toml``.

        Raises
        ------
        gis.errors.InputError
            ``root`` is a workspace already.
        gis.errors.StorageError
            The folder cannot be written.
        """
        folder = Path(root)
        if (folder / TERRITORY_FILE).exists():
            raise InputError(
                _("{folder} ya es un espacio de trabajo").format(folder=folder),
                expected=_("Una carpeta nueva o vacía"),
                remedy=_("Elija otra carpeta, o use el que ya existe con -w"),
            )
        with storage_errors(folder):
            (folder / "layers").mkdir(parents=True, exist_ok=True)
            (folder / "studies").mkdir(exist_ok=True)
        for name, text in sorted((files or {}).items()):
            write_atomically(folder / name, text)
        # Last, because it is what makes the folder a workspace: a run cut short leaves none.
        write_atomically(folder / TERRITORY_FILE, territory_toml(territory))
        return cls(folder, territory)

    @classmethod
    def init_from(cls, root: Path | str, source: Workspace) -> Workspace:
        """Make a workspace with the territory and the settings of another; its layers and studies stay behind.

        Raises
        ------
        gis.errors.InputError
            ``root`` is a workspace already.
        gis.errors.StorageError
            A folder cannot be read or written.
        """
        with storage_errors(source.root):
            files = {
                name: (source.root / name).read_text(encoding="utf-8")
                for name in CONFIG_FILES
                if (source.root / name).exists()
            }
            files |= {
                f"{folder}/{path.name}": path.read_text(encoding="utf-8")
                for folder in CONFIG_FOLDERS
                for path in sorted((source.root / folder).glob("*.toml"))
            }
            text = (source.root / TERRITORY_FILE).read_text(encoding="utf-8")
            own = source.territory.boundaries
            outlines = (source.root / own).read_bytes() if own else b""
        made = cls.init(root, source.territory, files=files)
        if own:
            write_atomically(made.root / own, outlines)
        write_atomically(made.root / TERRITORY_FILE, text)  # the file itself, with the comments its users wrote
        return made

    @classmethod
    def open(cls, root: Path | str | None = None) -> Workspace:
        """Open a workspace, by default ``$VALLES_WORKSPACE`` or ``./workspace``.

        One written by an older program is upgraded, with a copy of the old file beside it.

        Raises
        ------
        gis.errors.MissingError
            The folder is no workspace.
        gis.errors.InputError
            It was written by a newer program, or its ``territory.toml`` is not valid.
        gis.errors.StorageError
            It cannot be read.
        """
        folder = default_root() if root is None else Path(root)
        file = folder / TERRITORY_FILE
        if not file.is_file():
            raise MissingError(
                _("{folder} no es un espacio de trabajo").format(folder=folder),
                expected=_("Una carpeta con territory.toml"),
                remedy=_("Créelo con `valles init {folder} --territory valles_crucenos`").format(folder=folder),
            )
        upgrade_workspace(file)
        return cls(folder, load_territory(file))

    @property
    def layers_dir(self) -> Path:
        """Folder of the prepared layers."""
        return self.root / "layers"

    @property
    def studies_dir(self) -> Path:
        """Folder of the studies."""
        return self.root / "studies"

    @property
    def prices_path(self) -> Path:
        """File of the price book; it may not exist yet."""
        return self.root / "prices.db"

    def has_layer(self, name: str) -> bool:
        """Say whether the prepared layer ``name`` (such as ``elevation``) is there."""
        return any((self.layers_dir / f"{name}{ending}").is_file() for ending in _ENDINGS)

    def layer(self, name: str) -> Path:
        """Return the file of the prepared layer ``name``, such as ``elevation`` or ``roads``.

        Raises
        ------
        gis.errors.MissingError
            It has not been prepared.
        """
        for ending in _ENDINGS:
            path = self.layers_dir / f"{name}{ending}"
            if path.is_file():
                return path
        raise MissingError(
            _("Falta la capa «{name}» en {folder}").format(name=name, folder=self.layers_dir),
            remedy=_("Prepárela con `valles layers fetch -w {root}`").format(root=self.root),
        )

    def tiles(self, name: str) -> Path | None:
        """Return the PMTiles file of the prepared layer ``name``, or ``None``."""
        path = self.layers_dir / f"{name}.pmtiles"
        return path if path.is_file() else None

    def studies(self) -> tuple[str, ...]:
        """Return the names of the complete studies, sorted."""
        if not self.studies_dir.is_dir():
            return ()
        found = self.studies_dir.glob("[!.]*/manifest.json")  # a dotted name is one being written
        return tuple(sorted(each.parent.name for each in found))

    def study_dir(self, name: str) -> Path:
        """Return the folder of the study ``name``; it may not exist yet.

        Raises
        ------
        gis.errors.InputError
            The name could escape the folder of studies.
        """
        if not name.isprintable() or not name or name.startswith(".") or name != Path(name).name or "\\" in name:
            raise InputError(
                _("«{name}» no sirve como nombre de estudio").format(name=name),
                expected=_("Una palabra sin barras ni punto inicial"),
            )
        return self.studies_dir / name

    def config(self, name: str) -> Path:
        """Return the settings file ``name``, such as ``ruleset.toml``; it may not exist."""
        return self.root / name

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Keep every other writer out while the block runs; what killed ones left half done is cleared first.

        Raises
        ------
        gis.errors.StorageError
            Another program is writing, or the folder cannot be written.
        """
        with locked(self.root / ".valles.lock"):
            for folder in (self.root, self.layers_dir, self.studies_dir):
                clear_leftovers(folder)
            yield


def default_root() -> Path:
    """Return ``$VALLES_WORKSPACE`` or ``./workspace``."""
    return Path(os.environ.get("VALLES_WORKSPACE") or "workspace")
