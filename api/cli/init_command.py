"""``valles init``: a new workspace with its territory and starter settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import output, spanish_help
from api.cli.options import JsonOption
from api.cli.usage_error import UsageError
from gis.messages import translator

if TYPE_CHECKING:
    from layers.new_territory import NewTerritory
    from layers.workspace import Workspace

_ = translator("api")


_Only = Annotated[
    str,
    typer.Option(
        "--only", metavar="CODES", help=_("Solo estos municipios: códigos o sus comienzos, separados por comas.")
    ),
]
_Names = Annotated[
    Path | None,
    typer.Option(
        "--names", metavar="FILE", help=_("Tabla de nombres por código: JSON o CSV, si los límites no los traen.")
    ),
]
_Layer = Annotated[
    str, typer.Option("--layer", metavar="NAME", help=_("Capa del archivo de límites, si tiene varias."))
]
_Crs = Annotated[
    str, typer.Option("--crs", metavar="EPSG:N", help=_("Sistema de coordenadas de los límites que no lo dicen."))
]
_Title = Annotated[
    str, typer.Option("--title", metavar="TEXT", help=_("Nombre del territorio; si no, el del archivo."))
]
_Country = Annotated[
    str,
    typer.Option("--country", metavar="TEXT", help=_("País del territorio: con él se eligen los archivos abiertos.")),
]
_Cell = Annotated[
    float | None,
    typer.Option("--cell", metavar="M", min=1.0, max=10_000.0, help=_("Lado de la celda en metros; si no, se elige.")),
]


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
    only: _Only = "",
    names: _Names = None,
    layer: _Layer = "",
    crs: _Crs = "",
    title: _Title = "",
    country: _Country = "",
    cell: _Cell = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help=_("Otro espacio de trabajo: copia su territorio y sus ajustes.")),
    ] = None,
    json_wanted: JsonOption = False,
) -> None:
    """Make a workspace."""
    _refuse_orphans(
        boundaries,
        {"--code": code, "--name": name, "--only": only, "--names": names, "--layer": layer, "--crs": crs}
        | {"--title": title, "--country": country, "--cell": cell},
    )
    new = None
    if boundaries is not None and not territory and source is None:
        from layers.new_territory import BoundaryRequest, territory_from_boundaries  # noqa: PLC0415  as below

        wanted = tuple(part.strip() for part in only.split(",") if part.strip())
        request = BoundaryRequest(path=boundaries, code=code, name=name, layer=layer, crs=crs, only=wanted, names=names)
        new = territory_from_boundaries(request, title=title, country=country, cell_m=cell)
    made = make(folder, territory=territory, new=new, boundaries=boundaries, source=source)
    output.answer(_document(made, new), json_wanted=json_wanted, text=lambda: _text(made, new))


def make(
    folder: Path,
    *,
    territory: str = "",
    new: NewTerritory | None = None,
    boundaries: Path | None = None,
    source: Path | None = None,
) -> Workspace:
    """Make a workspace from a built-in territory, a new one or another workspace.

    Raises
    ------
    UsageError
        If not exactly one origin is named.
    InputError
        If the folder is a workspace already.
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
    if source is not None:
        return Workspace.init_from(folder, Workspace.open(source))
    if new is not None:
        return init_from_boundaries(folder, new, files=starter_files("-", northern=new.northern))
    return Workspace.init(folder, builtin_territory(territory), files=starter_files())


def _refuse_orphans(boundaries: Path | None, given: dict[str, object]) -> None:
    """Refuse options that speak of a boundary file where there is none."""
    orphans = [option for option, value in given.items() if value]
    if orphans and boundaries is None:
        raise UsageError(
            _("{options} hablan de un archivo de límites").format(options=", ".join(orphans)),
            expected=_("--boundaries FILE junto a ellas"),
        )


def _document(made: Workspace, new: NewTerritory | None) -> dict[str, Any]:
    document: dict[str, Any] = {
        "workspace": str(made.root),
        "territory": made.territory.id,
        "name": made.territory.name,
        "municipalities": [{"code": one.code, "name": one.name} for one in made.territory.municipalities],
        "crs": made.territory.crs,
        "cell_m": made.territory.cell_m,
        "files": sorted(path.name for path in made.root.glob("*.toml")),
    }
    if new is None:
        return document
    return document | {
        "code_column": new.code_column,
        "name_column": new.name_column,
        "projection": {
            "kind": new.projection.kind.value,
            "distortion": round(new.projection.distortion, 6),
            "utm_zones": list(new.projection.utm_zones),
        },
        "hemisphere": "north" if new.northern else "south",
        "remarks": list(new.remarks),
        "to_fill_in": list(_to_fill_in(new)),
    }


def _to_fill_in(new: NewTerritory) -> tuple[str, ...]:
    from zoning.rules.starter import starter_remarks  # noqa: PLC0415  commands load what they use

    return (*new.to_fill_in, *starter_remarks(new.territory.codes, northern=new.northern))


def starter_files(territory: str = "", *, northern: bool = False) -> dict[str, str]:
    """Return the commented settings that a new workspace begins with: rules of the zoning, vocabulary of prices.

    The rules are those for ``territory``, by default for those that come with the program; any other id will do for a
    territory whose own is not known yet. North of the equator their months are those of the other half of the year.
    """
    from market_prices.book import starter_files as price_files  # noqa: PLC0415  commands load what they use
    from zoning.rules.starter import starter_text  # noqa: PLC0415  as above

    return {"ruleset.toml": starter_text(territory, northern=northern), **price_files()}


def _text(made: Workspace, new: NewTerritory | None) -> str:
    lines = [
        _("Espacio de trabajo {folder}: {name}, {count} municipios").format(
            folder=made.root, name=made.territory.name, count=len(made.territory.municipalities)
        )
    ]
    if new is not None:
        columns = [part for part in (new.code_column, new.name_column) if part]
        lines.append(_("Columnas leídas: {names}").format(names=", ".join(dict.fromkeys(columns))))
        lines += [f"· {remark}" for remark in new.remarks]
        lines += ["", _("Complete:"), *(f"  – {each}" for each in _to_fill_in(new)), ""]
    lines.append(_("Sigue: valles layers fetch -w {folder}").format(folder=made.root))
    return "\n".join(lines)
