"""Studies that a server holds open to be drawn under changed rules, and the tables of the changes it was sent.

A study is opened in the background when it is first asked for, because its stack may have to be made; it is opened
again when its files change. Which changes were sent is kept in the workspace, so that every process of a server knows
them; what they mean as tables each process works out by itself and keeps while it is used.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from fastapi import Request

from api.layer_registry import Signature, signature
from api.service import Service
from gis.errors import MissingError, StorageError, VallesError
from gis.messages import translator
from zoning.comparison.posted_changes import PostedChange, keep_change, posted_change
from zoning.comparison.preview import Preview, PreviewTable
from zoning.rules.rule_change import RuleChange
from zoning.study.study import Study
from zoning.web_copy.web_build import STAGE

_ = translator("api")

MOST_STUDIES = 2
"""Studies held open; the one that was not asked for longest gives way."""

MOST_TABLES = 256
"""Tables held in memory by each open study."""

_TELLING = 0.02
"""Share of a stage from which the time it took tells of the rest."""

RETRY_SECONDS = 5
"""When to ask again for a study that is being opened."""


class NotReadyError(StorageError):
    """A study that is being opened: to be asked again."""


class StaleStudyError(VallesError):
    """A study whose rules or layers are no longer those it was made with."""


@dataclass(eq=False)
class _Opening:
    """A study on its way, or open."""

    study: Study
    files: tuple[Path, ...]
    inputs: Signature
    stage: str = ""
    """What is being made: of the stack, or of its copy; empty before and after."""
    share: float = 0.0
    """Part of the stage that is done, 0 to 1."""
    begun: tuple[float, float] = (0.0, 0.0)
    """When the stage was first heard of, s of the monotonic clock, and the part of it that was done then."""
    looked: float = float("-inf")
    """When its files were looked at, s of the monotonic clock."""
    made: Future[tuple[Preview, Signature]] = field(default_factory=Future)
    tables: OrderedDict[str, PreviewTable] = field(default_factory=OrderedDict)

    def tell(self, stage: str, share: float) -> None:
        """Note what is being made and how far it is."""
        if stage != self.stage:
            self.stage, self.begun = stage, (time.monotonic(), share)
        self.share = share

    @property
    def remaining(self) -> float | None:
        """Seconds until the stage is done, if it goes on as it went; ``None`` while that says nothing."""
        begun, share = self.begun
        if self.share - share < _TELLING or self.share >= 1:
            return None
        return (time.monotonic() - begun) * (1 - self.share) / (self.share - share)

    def open(self) -> tuple[Preview, Signature]:
        """Open the study; its stack is made if it must."""
        preview = Preview(self.study, progress=self.tell)
        return preview, signature([preview.stack.path])

    @property
    def fresh(self) -> bool:
        """Whether the files are still those that were opened, and it is of no use to try again."""
        if not self.made.done():
            return True
        if isinstance(self.made.exception(), StorageError):
            return False
        if self.made.exception() is None:
            preview, stack = self.made.result()
            if signature([preview.stack.path]) != stack:
                return False
        return signature(self.files) == self.inputs


class PreviewShelf:
    """The open studies of one process.

    Parameters
    ----------
    service
        Whose workspace.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._open: OrderedDict[str, _Opening] = OrderedDict()
        self._opener = ThreadPoolExecutor(max_workers=1, thread_name_prefix="preview-open")

    @property
    def tile_max_age(self) -> int:
        """Seconds for which a tile may be kept without asking again."""
        return self._service.settings.tile_max_age

    def ready(self, name: str) -> tuple[Preview, PreviewTable] | None:
        """Return an open study and the table of a change if both are at hand and were looked at a moment ago."""
        oldest = time.monotonic() - self._service.settings.refresh_seconds
        with self._lock:
            for opening in self._open.values():
                table = opening.tables.get(name)
                if table is not None and table.drawn is not None and opening.looked > oldest:
                    opening.tables.move_to_end(name)
                    return opening.made.result()[0], table
        return None

    def post(self, study: str, content: object, *, wait: float) -> tuple[PostedChange, PreviewTable]:
        """Keep a change that somebody sent, once it is known to fit.

        Raises
        ------
        NotReadyError
            The study is not open yet after ``wait`` seconds.
        StaleStudyError
            Its rules or layers are no longer those it was made with.
        gis.errors.VallesError
            There is no such study, or the change does not fit its rules.
        """
        name = study or self._service.settings.study
        change = RuleChange.of(content)  # what is no change at all need not wait for the study
        opening, preview = self._opened(name, wait=wait)
        table = preview.table(change)
        posted = keep_change(self._service.workspace(), name, change)
        self._keep(opening, posted.hash, table)
        return posted, table

    def table(self, name: str, study: str, *, wait: float) -> tuple[PostedChange, Preview, PreviewTable]:
        """Return the change of a hash, its study held open, and its table.

        Raises
        ------
        gis.errors.VallesError
            As of :meth:`post`; or nobody sent that change, or it was sent for another study.
        """
        posted = posted_change(self._service.workspace(), name)
        if study and study != posted.study:
            raise MissingError(
                _("El cambio «{name}» es del estudio {own}, no de {asked}").format(
                    name=name, own=posted.study, asked=study
                ),
                remedy=_("Envíelo para ese estudio: POST /zoning/preview?study={asked}").format(asked=study),
            )
        opening, preview = self._opened(posted.study, wait=wait)
        with self._lock:
            known = opening.tables.get(name)
        return posted, preview, known or self._keep(opening, name, preview.table(posted.change))

    def _keep(self, opening: _Opening, name: str, table: PreviewTable) -> PreviewTable:
        with self._lock:
            opening.tables[name] = table
            opening.tables.move_to_end(name)
            while len(opening.tables) > MOST_TABLES:
                opening.tables.popitem(last=False)
        return table

    def _opened(self, name: str, *, wait: float) -> tuple[_Opening, Preview]:
        study = self._service.study(name)
        with self._lock:
            opening, now = self._open.get(name), time.monotonic()
            due = opening is None or now - opening.looked >= self._service.settings.refresh_seconds
            if opening is None or (due and not opening.fresh):
                files = _files(study.folder / "manifest.json", self._service.root)
                opening = self._open[name] = _Opening(study=study, files=files, inputs=signature(files))
                opening.made = self._opener.submit(opening.open)
            if due and opening.made.done():
                opening.looked = now
            self._open.move_to_end(name)
            while len(self._open) > MOST_STUDIES:
                self._open.popitem(last=False)
        return opening, _result(opening, name, wait)


def _result(opening: _Opening, name: str, wait: float) -> Preview:
    try:
        return opening.made.result(timeout=wait)[0]
    except TimeoutError:
        raise _not_ready(opening, name) from None
    except StorageError as error:  # such as another process that is making the same stack
        raise NotReadyError(error.found, expected=error.expected, remedy=error.remedy) from error
    except VallesError as error:
        raise StaleStudyError(error.found, expected=error.expected, remedy=error.remedy) from error


def _not_ready(opening: _Opening, name: str) -> NotReadyError:
    """Say what is being made and, once it is known from what was done so far, for how long still."""
    left, copied = opening.remaining, opening.stage == STAGE
    if not opening.stage:
        made = _("Se comprueban sus capas; se hace sólo lo que falte")
    elif opening.share >= 1:
        made = (
            _("Ya está todo hecho y se abre")
            if copied
            else _("La pila de sus capas ya está; sigue su copia para el mapa")
        )
    elif copied:
        made = _("Se hace la copia de la pila para el mapa")
    else:
        made = _("Se hace la pila de sus capas; después, su copia para el mapa")
    if left is not None:
        made = _("{made}. Faltan alrededor de {seconds} s de esta parte").format(
            made=made, seconds=max(math.ceil(left), 1)
        )
    return NotReadyError(
        _("El estudio «{name}» se está preparando para probar reglas: {share} %").format(
            name=name, share=round(100 * opening.share)
        ),
        expected=made,
        remedy=_("Vuelva a pedirlo en unos segundos."),
    )


def _files(manifest: Path, root: Path) -> tuple[Path, ...]:
    layers = sorted(path for path in (root / "layers").glob("*") if path.suffix in {".tif", ".gpkg", ".json"})
    return (manifest, root / "territory.toml", *layers)


def shelf_of(request: Request) -> PreviewShelf:
    """Return the shelf behind the application that answers ``request``."""
    return cast("PreviewShelf", request.app.state.preview_shelf)
