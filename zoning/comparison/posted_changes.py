"""Changes of rules that somebody wants to see: each kept under its hash, so that every process of a server finds it."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from gis.atomic import write_atomically
from gis.errors import MissingError
from gis.messages import translator
from layers.workspace import Workspace
from zoning.comparison.change_text import plain_content
from zoning.comparison.what_if import Change
from zoning.rules.rule_change import EXAMPLE, RuleChange
from zoning.rules.rules_toml import content_hash
from zoning.stack.stack_build import FOLDER
from zoning.zoning_errors import RulesError

_ = translator("zoning")

PREVIEWS = "previews"
"""Folder beside the stacks; nothing is lost with it."""

MOST = 1_000
"""Changes that are kept; the longest unused go first."""

_DIGITS = 32
_HASH = re.compile(rf"[0-9a-f]{{{_DIGITS}}}")


@dataclass(frozen=True, kw_only=True)
class PostedChange:
    """A change of rules under its name."""

    hash: str
    """32 hexadecimal digits that name study and change."""
    study: str
    """Study whose rules change."""
    change: RuleChange
    """What changes."""


def keep_change(workspace: Workspace, study: str, content: Change) -> PostedChange:
    """Keep a change under its hash; the same change of the same study has the same.

    Raises
    ------
    zoning.zoning_errors.ChangeError
        It is no change of rules.
    gis.errors.StorageError
        The disk refuses.
    """
    given = content if isinstance(content, RuleChange) else RuleChange.of(content)
    plain = plain_content(given)
    change = RuleChange.of(plain)  # without empty parts: what is kept must have the same hash
    posted = PostedChange(hash=_hash(study, change), study=study, change=change)
    path = _path(workspace, posted.hash)
    if path.is_file():
        with suppress(OSError):  # another process may have dropped it this moment
            os.utime(path)
            return posted
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"study": study, "change": plain}, ensure_ascii=False) + "\n")
    _drop_oldest(path.parent)
    return posted


def posted_change(workspace: Workspace, name: str) -> PostedChange:
    """Return the change that was kept under a hash.

    Raises
    ------
    gis.errors.MissingError
        Nobody sent it, or it was dropped.
    """
    path = _path(workspace, name)
    if not _HASH.fullmatch(name):
        raise _unknown(name)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        study, change = str(data["study"]), RuleChange.of(data["change"])
    except (OSError, ValueError, KeyError, TypeError, RulesError) as error:
        raise _unknown(name) from error
    if _hash(study, change) != name:
        raise _unknown(name)
    return PostedChange(hash=name, study=study, change=change)


def _hash(study: str, change: RuleChange) -> str:
    return content_hash({"study": study, "change": asdict(change)})[:_DIGITS]


def _path(workspace: Workspace, name: str) -> Path:
    return workspace.root / FOLDER / PREVIEWS / f"{name}.json"


def _unknown(name: str) -> MissingError:
    return MissingError(
        _("No hay ningún cambio de reglas con la clave «{name}»").format(name=name[:64]),
        expected=_("Se esperaba la clave («hash») que responde POST /zoning/preview"),
        remedy=_("Envíe el cambio otra vez: {example}").format(example=f"POST /zoning/preview {EXAMPLE}"),
    )


def _drop_oldest(folder: Path) -> None:
    """Keep the newest; whoever else drops the same files at the same time is welcome."""
    kept = []
    for path in folder.glob("*.json"):
        with suppress(OSError):
            kept.append((path.stat().st_mtime_ns, path))
    for _age, path in sorted(kept)[: max(len(kept) - MOST, 0)]:
        path.unlink(missing_ok=True)
