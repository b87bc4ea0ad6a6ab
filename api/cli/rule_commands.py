"""``valles ruleset check|schema`` and ``valles ahp``: whether rules can be used, and weights from judgements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.ruleset_text import ruleset_document, ruleset_text
from gis.errors import VallesError
from gis.messages import Figure, translator

_ = translator("api")


def register(app: typer.Typer, ruleset: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    app.command("ahp", cls=look, help=_("Pesos de una matriz de juicios, y si los juicios se contradicen."))(ahp)
    ruleset.command("check", cls=look, help=_("Revisa las reglas y las muestra como tabla."))(check)
    ruleset.command("schema", cls=look, help=_("Escribe el JSON Schema de ruleset.toml, para que el editor ayude."))(
        schema
    )


def ahp(
    matrix: Annotated[
        Path, typer.Argument(metavar="MATRIZ.csv", help=_("CSV cuadrado con los nombres en la primera fila y columna."))
    ],
    json_wanted: JsonOption = False,
) -> None:
    """Weigh judgements; exit 1 when they contradict each other."""
    from zoning.rules.judgement_table import judge_file  # noqa: PLC0415  commands load what they use

    found = judge_file(matrix)
    document: dict[str, Any] = {
        "weights": found.by_name if found.acceptable else None,
        "lambda_max": found.lambda_max,
        "consistency_index": found.consistency_index,
        "consistency_ratio": found.consistency_ratio,
    }
    if not found.acceptable:
        try:
            judge_file(matrix, strict=True)
        except VallesError as error:
            output.report(error)
        if json_wanted:
            output.answer(document, json_wanted=True, text=str)
        raise typer.Exit(1)
    if found.doubtful:
        _warn(found.consistency_ratio)

    def text() -> str:
        rows = [(name, f"{Figure(weight):.4f}") for name, weight in found.by_name.items()]
        ratio = f"{Figure(found.consistency_ratio):.4f}"
        return (
            output.table(rows, [_("factor"), _("peso")]) + "\n" + _("Razón de consistencia {ratio}").format(ratio=ratio)
        )

    output.answer(document, json_wanted=json_wanted, text=text)


def check(
    file: Annotated[
        Path | None, typer.Argument(metavar=_("ARCHIVO"), help=_("Reglas; por omisión, las del espacio de trabajo."))
    ] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Check a ruleset and show it."""
    from layers.workspace import Workspace  # noqa: PLC0415  commands load what they use
    from zoning.rules.ahp import WARNED_ABOVE  # noqa: PLC0415  as above
    from zoning.rules.characteristic import QUANTITIES  # noqa: PLC0415  as above
    from zoning.rules.compiled_rules import compile_rules  # noqa: PLC0415  as above
    from zoning.rules.crop_library import load_crops  # noqa: PLC0415  as above
    from zoning.rules.ruleset_file import load_ruleset  # noqa: PLC0415  as above
    from zoning.study.run_job import CROPS_FOLDER  # noqa: PLC0415  as above

    opened = None if file is not None and not (workspace / "territory.toml").exists() else Workspace.open(workspace)
    path = file or (opened.config("ruleset.toml") if opened else Path("ruleset.toml"))
    rules = load_ruleset(path)
    if opened is not None:
        rules.check_territory(opened.territory.id)
    crops = load_crops(own=opened.config(CROPS_FOLDER) if opened else None)
    document = {"file": str(path)} | ruleset_document(compile_rules(rules, crops, available=set(QUANTITIES)))
    ratio = rules.consistency_ratio
    if ratio is not None and ratio > WARNED_ABOVE:
        _warn(ratio)
    output.answer(document, json_wanted=json_wanted, text=lambda: ruleset_text(document))


def schema(
    out: Annotated[Path | None, typer.Option("--out", metavar=_("ARCHIVO"), help=_("Dónde se escribe."))] = None,
    json_wanted: JsonOption = False,
) -> None:
    """Print or write the JSON Schema of a ruleset."""
    from gis.atomic import write_atomically  # noqa: PLC0415  commands load what they use
    from zoning.rules.ruleset_file import schema_text  # noqa: PLC0415  as above

    text = schema_text()
    if out is None:
        typer.echo(text, nl=False)
        return
    write_atomically(out, text)
    output.answer({"file": str(out)}, json_wanted=json_wanted, text=lambda: _("Escrito: {file}").format(file=out))


def _warn(ratio: float) -> None:
    output.note(
        _("Aviso: razón de consistencia {ratio}; conviene revisar los juicios (mejor hasta 0,05)").format(
            ratio=f"{Figure(ratio):.3f}"
        )
    )
