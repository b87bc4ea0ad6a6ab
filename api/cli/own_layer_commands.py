"""``valles layers add|remove``: a layer of one's own beside those of the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import output, spanish_help
from api.cli.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from api.cli.usage_error import UsageError
from gis.messages import translator

if TYPE_CHECKING:
    from layers.provenance import LayerRecord
    from layers.workspace import Workspace

_ = translator("api")

FileArgument = Annotated[
    Path,
    typer.Argument(
        metavar=_("ARCHIVO"),
        help=_("Ráster, capa vectorial, o CSV con lon y lat, con este y norte (UTM), o con el código del municipio."),
    ),
]
ThemeOption = Annotated[
    str,
    typer.Option("--theme", metavar=_("TEMA"), help=_("Tema del catálogo que el archivo da, como protected_areas.")),
]
IdOption = Annotated[
    str, typer.Option("--id", metavar="ID", help=_("Nombre corto de la capa; por omisión, el del archivo."))
]
TitleOption = Annotated[str, typer.Option("--title", metavar=_("TEXTO"), help=_("Título que se muestra."))]
UnitOption = Annotated[str, typer.Option("--unit", metavar=_("UNIDAD"), help=_("Unidad de los valores."))]
LicenceOption = Annotated[str, typer.Option("--licence", metavar=_("TEXTO"), help=_("Licencia de los datos."))]
AttributionOption = Annotated[
    str, typer.Option("--attribution", metavar=_("TEXTO"), help=_("Quién hizo los datos: se cita donde se muestran."))
]
DateOption = Annotated[
    str, typer.Option("--date", metavar=_("FECHA"), help=_("Fecha de los datos; por omisión, las que traigan."))
]
ColumnOption = Annotated[
    str, typer.Option("--column", metavar=_("COLUMNA"), help=_("Columna que muestra la leyenda, como cadena."))
]
LayerOption = Annotated[str, typer.Option("--layer", metavar=_("NOMBRE"), help=_("Capa del archivo, si tiene varias."))]
BandOption = Annotated[
    int | None, typer.Option("--band", metavar="N", min=1, help=_("Banda del ráster, si tiene varias."))
]
CrsOption = Annotated[
    str,
    typer.Option("--crs", metavar="EPSG:N", help=_("Sistema de las columnas en metros; por omisión, la zona UTM.")),
]
InsideOption = Annotated[
    bool, typer.Option("--only-inside", help=_("Deja fuera las filas de otros lugares en vez de rechazar el archivo."))
]


def register(layers: typer.Typer) -> None:
    """Add the commands."""
    look = spanish_help.Command
    layers.command("add", cls=look, help=_("Agrega una capa propia, o cambia la de ese nombre."))(add)
    layers.command("remove", cls=look, help=_("Quita una capa propia."))(remove)


def add(
    file: FileArgument,
    *,
    theme: ThemeOption = "",
    identity: IdOption = "",
    title: TitleOption = "",
    unit: UnitOption = "",
    licence: LicenceOption = "",
    attribution: AttributionOption = "",
    date: DateOption = "",
    column: ColumnOption = "",
    layer: LayerOption = "",
    band: BandOption = None,
    crs: CrsOption = "",
    only_inside: InsideOption = False,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Read a file, check it, and put it among the layers of the workspace."""
    from layers.own.own_layers import add_layer  # noqa: PLC0415  commands load what they use
    from layers.own.own_request import OwnRequest  # noqa: PLC0415  as above
    from layers.own.own_theme import add_theme  # noqa: PLC0415  as above
    from layers.workspace import Workspace  # noqa: PLC0415  as above

    if theme and identity:
        raise UsageError(
            _("--theme y --id no van juntas"),
            remedy=_("--theme da una capa del catálogo; --id nombra una que no está en él"),
        )
    opened = Workspace.open(workspace)
    request = OwnRequest(
        file=file,
        id=identity,
        title=title,
        unit=unit,
        licence=licence,
        attribution=attribution,
        date=date,
        column=column,
        layer=layer,
        band=band,
        crs=crs,
        only_inside=only_inside,
    )
    with output.progress_bar(_("Capa")) as progress:
        if theme:
            record = add_theme(opened, theme, request, progress=progress)
        else:
            record = add_layer(opened, request, taken=_served(opened), progress=progress)
    _answer(record, opened, json_wanted=json_wanted)


def _served(workspace: Workspace) -> list[str]:
    """Return the names of the layers that studies, comparisons and prices serve."""
    from zoning.comparison.comparison_layers import comparison_map_layers  # noqa: PLC0415  commands load what they use
    from zoning.study.zone_layers import zone_map_layers  # noqa: PLC0415  as above

    return [each.id for each in (*zone_map_layers(workspace), *comparison_map_layers(workspace))]


def _answer(record: LayerRecord, workspace: Workspace, *, json_wanted: bool) -> None:
    told = record.to_dict()

    def text() -> str:
        own = record.own
        lines = [_("Capa «{title}» ({id}) agregada").format(title=own.title if own else record.name, id=record.name)]
        lines += [f"  {step}" for step in record.steps]
        if own is not None and own.legend:
            lines.append(_("  leyenda: {labels}").format(labels=", ".join(label for _v, label, _c in own.legend)))
        lines.append(_("  en {file}").format(file=workspace.layers_dir / record.file))
        return "\n".join(lines)

    output.answer({"layer": told}, json_wanted=json_wanted, text=text)
    for absent, words in ((record.licence, "--licence"), (record.attribution, "--attribution")):
        if not absent:
            output.note(_("Falta {option}: lo que se publica debe decirlo").format(option=words))


def remove(
    identity: Annotated[str, typer.Argument(metavar="ID", help=_("Nombre de la capa."))],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    json_wanted: JsonOption = False,
) -> None:
    """Take a layer of one's own away."""
    from layers.own.own_layers import remove_layer  # noqa: PLC0415  commands load what they use
    from layers.workspace import Workspace  # noqa: PLC0415  as above

    record = remove_layer(Workspace.open(workspace), identity)
    output.answer(
        {"removed": record.name}, json_wanted=json_wanted, text=lambda: _("Capa «{id}» quitada").format(id=record.name)
    )
