"""``valles init``: a new workspace with its territory and starter settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, spanish_help
from api.cli.options import JsonOption
from api.cli.usage_error import UsageError
from gis.messages import translator

if TYPE_CHECKING:
    from layers.workspace import Workspace

_ = translator("api")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init", cls=spanish_help.Command, help=_("Crea un espacio de trabajo para un territorio."))(init)


def init(  # noqa: PLR0917  a command's options are positional to Python only
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("Carpeta nueva o vacía."))],
    territory: Annotated[
        str, typer.Option("--territory", metavar="ID", help=_("Territorio que viene con el programa: valles_crucenos."))
    ] = "",
    boundaries: Annotated[
        Path | None,
        typer.Option("--boundaries", metavar="FILE", help=_("Límites municipales de cualquier otro territorio.")),
    ] = None,
    code: Annotated[
        str, typer.Option("--code", metavar="COLUMN", help=_("Columna de códigos de los límites; si no, se adivina."))
    ] = "",
    name: Annotated[
        str, typer.Option("--name", metavar="COLUMN", help=_("Columna de nombres de los límites; si no, se adivina."))
    ] = "",
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help=_("Otro espacio de trabajo: copia su territorio y sus ajustes.")),
    ] = None,
    json_wanted: JsonOption = False,
) -> None:
    """Make a workspace."""
    made = make(folder, territory=territory, boundaries=boundaries, columns=(code, name), source=source)
    document = {
        "workspace": str(made.root),
        "territory": made.territory.id,
        "name": made.territory.name,
        "municipalities": [{"code": one.code, "name": one.name} for one in made.territory.municipalities],
        "crs": made.territory.crs,
        "cell_m": made.territory.cell_m,
        "files": sorted(path.name for path in made.root.glob("*.toml")),
    }
    output.answer(document, json_wanted=json_wanted, text=lambda: _text(made))


def make(
    folder: Path, *, territory: str, boundaries: Path | None, columns: tuple[str, str], source: Path | None
) -> Workspace:
    """Make a workspace from a built-in territory, a boundary file or another workspace.

    Raises
    ------
    UsageError
        If not exactly one origin is named, or columns are named without a boundary file.
    InputError
        If the folder is a workspace already, or the boundary file cannot be used.
    """
    from layers.new_territory import init_from_boundaries  # noqa: PLC0415  commands load what they use
    from layers.territory import builtin_territories, builtin_territory  # noqa: PLC0415  as above
    from layers.workspace import Workspace  # noqa: PLC0415  as above

    if sum((bool(territory), boundaries is not None, source is not None)) != 1:
        raise UsageError(
            _("init necesita saber de qué territorio se trata"),
            expected=_("--territory ID, --boundaries FILE o --from DIR, uno de los tres"),
            remedy=_("Territorios que vienen con el programa: {names}").format(names=", ".join(builtin_territories())),
        )
    if any(columns) and boundaries is None:
        raise UsageError(
            _("--code y --name nombran columnas de un archivo de límites"),
            expected=_("--boundaries FILE junto a ellas"),
        )
    if source is not None:
        return Workspace.init_from(folder, Workspace.open(source))
    if boundaries is not None:
        code, name = columns
        return init_from_boundaries(folder, boundaries, code=code or None, name=name or None, files=starter_files("-"))[
            0
        ]
    return Workspace.init(folder, builtin_territory(territory), files=starter_files())


def starter_files(territory: str = "") -> dict[str, str]:
    """Return the commented settings that a new workspace begins with: rules of the zoning, vocabulary of prices.

    The rules are those for ``territory``, by default for those that come with the program; any other id will do for a
    territory whose own is not known yet.
    """
    from market_prices.book import starter_files as price_files  # noqa: PLC0415  commands load what they use
    from zoning.rules.ruleset_file import starter_text  # noqa: PLC0415  as above

    return {"ruleset.toml": starter_text(territory), **price_files()}


def _text(made: Workspace) -> str:
    own = made.territory.boundaries
    return "\n".join(
        (
            _("Espacio de trabajo {folder}: {name}, {count} municipios").format(
                folder=made.root, name=made.territory.name, count=len(made.territory.municipalities)
            ),
            *((_("Complete territory.toml: provincias, sedes y mercados de referencia"),) if own else ()),
            _("Sigue: valles layers fetch --mirror CARPETA -w {folder}").format(folder=made.root),
        )
    )
