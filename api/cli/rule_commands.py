"""``valles ruleset check`` and ``valles ahp``: whether the rules can be used, and weights from judgements."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from gis.errors import VallesError
from gis.messages import translator

if TYPE_CHECKING:
    from zoning.rules.ruleset import Ruleset
    from zoning.rules.zone_rules import Zone

_ = translator("api")


def register(app: typer.Typer, ruleset: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    app.command("ahp", cls=look, help=_("Pesos de una matriz de juicios, y si los juicios se contradicen."))(ahp)
    ruleset.command("check", cls=look, help=_("Revisa las reglas y las muestra como tabla."))(check)


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
        output.note(
            _("Aviso: razón de consistencia {ratio}; conviene revisar los juicios (mejor hasta 0,05)").format(
                ratio=f"{found.consistency_ratio:.3f}".replace(".", ",")
            )
        )

    def text() -> str:
        rows = [(name, f"{weight:.4f}".replace(".", ",")) for name, weight in found.by_name.items()]
        ratio = f"{found.consistency_ratio:.4f}".replace(".", ",")
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
    from zoning.rules.characteristic import QUANTITIES  # noqa: PLC0415  as above
    from zoning.rules.compiled_rules import compile_rules  # noqa: PLC0415  as above
    from zoning.rules.crop_library import load_crops  # noqa: PLC0415  as above
    from zoning.rules.ruleset_file import load_ruleset  # noqa: PLC0415  as above

    opened = None if file is not None and not (workspace / "territory.toml").exists() else Workspace.open(workspace)
    path = file or (opened.config("ruleset.toml") if opened else Path("ruleset.toml"))
    rules = load_ruleset(path)
    if opened is not None:
        rules.check_territory(opened.territory.id)
    ready = compile_rules(rules, load_crops(), available=set(QUANTITIES))
    document = {
        "file": str(path),
        "title": rules.title,
        "hash": rules.hash,
        "zones": [_zone_row(rules, zone) for zone in rules.zones_by_order],
        "gates": {gate.name: gate.title for gate in rules.gates},
        "land_use_types": len(ready.land_use_types),
        "assumptions": list(rules.assumptions),
    }
    output.answer(document, json_wanted=json_wanted, text=lambda: _rules_text(document))


def _zone_row(rules: Ruleset, zone: Zone) -> dict[str, Any]:
    from zoning.rules.limits import CLASS_NAMES  # noqa: PLC0415  commands load what they use

    place = rules.order.index(zone.code) + 1 if zone.code in rules.order else None
    return {
        "zone": zone.code,
        "name": zone.name,
        "chain": zone.chain or None,
        "role": zone.role,
        "order": place,
        "basket": [list(group) for group in zone.basket],
        "minimum_class": CLASS_NAMES[zone.minimum] if zone.rated else None,
        "gates": [*zone.gates, *zone.competition_gates],
        "source": zone.source,
    }


def _rules_text(document: dict[str, Any]) -> str:
    roles = {
        "before": _("antes"),
        "competes": _("compite"),
        "residual": _("lo que queda"),
        "decided": _("por ley o cobertura"),
    }
    rows = [
        (
            one["zone"],
            one["name"],
            roles.get(one["role"], one["role"]),
            one["order"] or "",
            one["minimum_class"] or "",
            ", ".join("/".join(group) for group in one["basket"]),
            ", ".join(one["gates"]),
        )
        for one in document["zones"]
    ]
    heads = ["", _("zona"), _("cómo"), _("turno"), _("clase mínima"), _("canasta"), _("condiciones")]
    count = len(document["assumptions"])
    return "\n".join(
        (
            _("{title}: válido ({hash})").format(title=document["title"], hash=document["hash"][:12]),
            output.table(rows, heads),
            _("{count} reglas sin fuente (supuesto):").format(count=count),
            *(f"  {line}" for line in document["assumptions"]),
        )
    )
