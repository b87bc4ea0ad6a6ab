"""The vector and table themes of the catalogue: limits, nature, networks and people."""

from __future__ import annotations

from gis.messages import translator
from layers.catalogue.theme_records import Column, Theme

_ = translator("layers")

_NAME = Column(name="name", aliases=("nombre", "NAME", "comunidad", "localidad", "municipio"))
_CLASS = ("clase", "class", "fclass")


def boundary_themes() -> tuple[Theme, ...]:
    """Return the themes of municipal limits, prepared before all others."""
    return _frame()


def vector_themes() -> tuple[Theme, ...]:
    """Return the other vector and table themes, in the order in which they are prepared."""
    return (*_nature(), *_network(), *_people())


def _frame() -> tuple[Theme, ...]:
    return (
        Theme(
            id="boundaries",
            title=_("Límites municipales"),
            kind="vector",
            requirement="required",
            prepared="municipalities",
            tiled=True,
        ),
        Theme(
            id="boundaries_context",
            title=_("Municipios vecinos"),
            kind="vector",
            requirement="context",
            prepared="neighbours",
            columns=(
                Column(name="code", aliases=("cod_ine", "codigo", "codigo_ine")),
                Column(name="name", aliases=("municipio", "nombre")),
            ),
        ),
    )


def _nature() -> tuple[Theme, ...]:
    return (
        Theme(
            id="protected_areas",
            title=_("Áreas protegidas"),
            kind="vector",
            requirement="optional",
            prepared="protected_areas",
            tiled=True,
            columns=(
                _NAME,
                Column(name="designation", aliases=("categoria", "DESIG_ENG", "DESIG", "categoría")),
                Column(name="category"),
                Column(name="iucn", aliases=("IUCN_CAT", "categoria_uicn")),
            ),
        ),
        Theme(
            id="protected_areas_other",
            title=_("Áreas protegidas departamentales y municipales"),
            kind="vector",
            requirement="optional",
        ),
        Theme(
            id="ecoregions",
            title=_("Ecorregiones"),
            kind="vector",
            requirement="context",
            prepared="ecoregions",
            columns=(Column(name="code", aliases=("codigo",)), Column(name="name", aliases=("descripcion",))),
        ),
        Theme(
            id="water",
            title=_("Cuerpos de agua"),
            kind="vector",
            requirement="optional",
            prepared="water",
            columns=(Column(name="water_class", aliases=_CLASS),),
        ),
        Theme(
            id="cover",
            title=_("Cobertura cartografiada"),
            kind="vector",
            requirement="optional",
            prepared="cover",
            columns=(
                Column(name="cover_class", aliases=_CLASS),
                Column(name="subclass", aliases=("subclase", "subclass")),
            ),
        ),
        Theme(
            id="land_use",
            title=_("Uso urbano"),
            kind="vector",
            requirement="optional",
            prepared="land_use",
            columns=(Column(name="use", aliases=_CLASS),),
        ),
    )


def _network() -> tuple[Theme, ...]:
    return (
        Theme(
            id="roads",
            title=_("Caminos"),
            kind="vector",
            requirement="optional",
            prepared="roads",
            tiled=True,
            columns=(
                Column(name="road_class", aliases=("clase", "class", "highway")),
                Column(name="name", aliases=("nombre",)),
                Column(name="route", aliases=("referencia", "ref", "ruta")),
                Column(name="surface", aliases=("rodadura", "superficie")),
            ),
        ),
        Theme(
            id="streams",
            title=_("Ríos y quebradas"),
            kind="vector",
            requirement="optional",
            prepared="streams",
            tiled=True,
            columns=(
                Column(name="stream_class", aliases=("clase", "class", "waterway")),
                Column(name="permanent", kind="boolean", aliases=("permanente",)),
                Column(name="permanent", kind="boolean", aliases=("intermitente", "intermittent"), inverted=True),
                Column(name="name", aliases=("nombre",)),
                Column(name="stream_order", kind="number"),
                Column(name="discharge_m3_s", kind="number"),
            ),
        ),
    )


def _people() -> tuple[Theme, ...]:
    return (
        Theme(
            id="settlements",
            title=_("Comunidades y pueblos"),
            kind="vector",
            requirement="optional",
            prepared="settlements",
            tiled=True,
            columns=(
                Column(name="code", aliases=("codigo_ine", "codigo")),
                Column(name="name", aliases=("comunidad", "nombre", "localidad")),
                Column(name="population", kind="number", aliases=("poblacion", "personas", "habitantes_2001")),
                Column(name="municipality", kind="municipality", aliases=("municipio", "cod_ine")),
            ),
        ),
        Theme(
            id="settlements_check",
            title=_("Comunidades de comprobación"),
            kind="vector",
            requirement="context",
        ),
        Theme(
            id="places",
            title=_("Lugares"),
            kind="vector",
            requirement="optional",
            prepared="places",
            columns=(Column(name="rank", aliases=_CLASS), Column(name="name", aliases=("nombre",))),
        ),
        Theme(
            id="points_of_interest",
            title=_("Puntos de interés"),
            kind="vector",
            requirement="optional",
            prepared="points_of_interest",
            columns=(
                Column(name="poi_class", aliases=_CLASS),
                Column(name="subclass", aliases=("subclase",)),
                Column(name="name", aliases=("nombre",)),
            ),
        ),
        *_visited(),
        Theme(
            id="farm_survey",
            title=_("Superficie por cultivo, encuesta agropecuaria"),
            kind="table",
            requirement="context",
            prepared="surveyed_crops",
        ),
        Theme(
            id="municipal_indicators",
            title=_("Indicadores municipales"),
            kind="table",
            requirement="context",
            prepared="municipal_indicators",
        ),
    )


def _visited() -> tuple[Theme, ...]:
    return (
        Theme(
            id="tourism_sites",
            title=_("Sitios turísticos propios"),
            kind="vector",
            requirement="optional",
            prepared="tourism_sites",
            columns=(
                Column(name="site_class", aliases=(*_CLASS, "tipo")),
                Column(name="name", aliases=("nombre", "sitio")),
            ),
        ),
        Theme(
            id="artisan_communities",
            title=_("Comunidades con artesanos"),
            kind="vector",
            requirement="optional",
            prepared="artisan_communities",
            columns=(
                Column(name="name", aliases=("comunidad", "nombre", "localidad")),
                Column(name="craft", aliases=("rubro", "artesania", "oficio")),
                Column(name="artisans", kind="number", aliases=("artesanos",)),
            ),
        ),
    )
