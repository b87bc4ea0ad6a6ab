"""``valles doctor``: whether this installation and this workspace can do their work."""

from __future__ import annotations

from typing import Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from gis.messages import translator

_ = translator("api")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", cls=spanish_help.Command, help=_("Revisa la instalación y el espacio de trabajo."))(doctor)


def doctor(workspace: WorkspaceOption = DEFAULT_WORKSPACE, json_wanted: JsonOption = False) -> None:
    """Check everything; exit 1 when something would fail."""
    from api.cli.doctor_checks import examine  # noqa: PLC0415  commands load what they use

    found = examine(workspace)
    sound = not any(one.state == "bad" for one in found)
    document: dict[str, Any] = {
        "ok": sound,
        "checks": [{"name": one.name, "state": one.state, "found": one.found, "remedy": one.remedy} for one in found],
    }
    marks = {"good": _("bien"), "warning": _("aviso"), "bad": _("MAL")}

    def text() -> str:
        lines = output.table([(marks[one.state], one.name, one.found) for one in found], ["", _("qué"), _("hallado")])
        remedies = [f"{one.name}: {one.remedy}" for one in found if one.remedy]
        return "\n".join([lines, *remedies])

    output.answer(document, json_wanted=json_wanted, text=text)
    if not sound:
        raise typer.Exit(1)
