"""Maps for notebooks: one HTML with everything inside it, nothing from the network."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import folium
import geopandas as gpd

from gis.errors import InputError, MissingError
from gis.messages import translator
from layers.map_layer import FeatureQuery, LayerDescription, LegendEntry, MapLayer
from layers.serving.feature_json import geojson, json_value, property_types
from layers.serving.vector_layer import GEOGRAPHIC, NO_EXTENT
from layers.styles import MISSING, PALETTE

_ = translator("layers")

_EVERY_FEATURE = 10_000_000
_LONGEST_TEXT = 600
_BESIDE_POINTER = "white-space:normal;min-width:14em;max-width:26em;font-size:12px"
_LEGEND_BOX = (
    "position:absolute;z-index:900;right:10px;top:10px;max-width:17em;max-height:90%;overflow:auto;padding:8px 10px;"
    "background:#fffffff0;border-radius:4px;box-shadow:0 1px 4px #0006;font:12px/1.45 sans-serif"
)


def web_map(
    layers: Sequence[MapLayer | gpd.GeoDataFrame] | MapLayer | gpd.GeoDataFrame,
    *,
    colours: dict[str, str] | None = None,
    styled_property: str = "",
    shown: Mapping[str, str] | None = None,
    height: str = "600px",
) -> folium.Map:
    """Return a map of layers that opens without a network, in a notebook or saved as HTML.

    Parameters
    ----------
    layers
        Map layers of features, or frames in any reference system, from bottom to top.
    colours
        Of a frame's ``styled_property``: value to CSS colour. Map layers bring their own legend.
    styled_property
        Column of a frame that ``colours`` speak of.
    shown
        Properties told where a feature is pointed at, each with its name for readers; the others stay out of the page.
        By default all of them.
    height
        CSS height.

    Raises
    ------
    gis.errors.InputError
        A layer has no features to draw, as a raster has none.
    gis.errors.MissingError
        The drawing library has not been built into the program.
    """
    listed: list[Any] = [layers] if isinstance(layers, (gpd.GeoDataFrame, MapLayer)) else list(layers)
    drawn = [
        _frame_layer(each, colours or {}, styled_property) if isinstance(each, gpd.GeoDataFrame) else _map_layer(each)
        for each in listed
    ]
    made = folium.Map(tiles=None, height=height, prefer_canvas=True, control_scale=True, zoom_snap=0.25)
    made.default_js, made.default_css = [], []  # folium's own point to a network; ours stand in the page
    page: Any = made.get_root()
    page.height = height  # a notebook gives the page this height, not a share of its width
    header = page.header
    # The library's code is no template, whatever braces it holds.
    header.add_child(folium.Element(f"<style>{{% raw %}}{_asset('leaflet.css')}{{% endraw %}}</style>"), name="css")
    header.add_child(folium.Element(f"<script>{{% raw %}}{_asset('leaflet.js')}{{% endraw %}}</script>"), name="js")
    for description, features in drawn:
        _draw(made, description, features, shown)
    boxes = [each.extent for each, _features in drawn if each.extent != NO_EXTENT]
    if boxes:
        west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
        east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
        made.fit_bounds([[south, west], [north, east]])
    if len(drawn) > 1:
        folium.LayerControl(position="bottomright", collapsed=False).add_to(made)
    legend = "".join(_legend(description) for description, _features in drawn)
    if legend:
        boxed = f'<div style="{_LEGEND_BOX}">{legend}</div>'
        page.html.add_child(folium.Element(f"{{% raw %}}{boxed}{{% endraw %}}"))
    return made


@cache
def _asset(name: str) -> str:
    asset = files("layers").joinpath("data", "leaflet", name)
    try:
        return asset.read_text(encoding="utf-8").replace("</script", "<\\/script")
    except OSError as error:
        raise MissingError(
            _("Falta la biblioteca de mapas ({name})").format(name=name),
            expected=_("El programa instalado con sus archivos de la web"),
            remedy=_("Instálelo otra vez sin VALLES_SKIP_WEB, o use el mapa de `valles serve`"),
        ) from error


def _map_layer(layer: MapLayer) -> tuple[LayerDescription, list[dict[str, Any]]]:
    description = layer.describe()
    if description.geometry == "raster":
        raise InputError(
            _("La capa «{title}» es un ráster: no tiene elementos que dibujar").format(title=description.title),
            remedy=_("Ábrala en el mapa de `valles serve`, o dibuje su capa de polígonos"),
        )
    page = layer.features(FeatureQuery(limit=_EVERY_FEATURE))
    return description, [dict(each) for each in page.features]


def _frame_layer(
    frame: gpd.GeoDataFrame, colours: dict[str, str], styled_property: str
) -> tuple[LayerDescription, list[dict[str, Any]]]:
    degrees = frame.to_crs(GEOGRAPHIC)
    names = [name for name in degrees.columns if name != degrees.geometry.name]
    features = [
        {
            "type": "Feature",
            "geometry": geojson(geometry),
            "properties": {name: json_value(value) for name, value in zip(names, values, strict=True)},
        }
        for geometry, values in zip(degrees.geometry, degrees[names].itertuples(index=False, name=None), strict=True)
        if geometry is not None and not geometry.is_empty
    ]
    west, south, east, north = (float(value) for value in degrees.total_bounds)
    description = LayerDescription(
        id="frame",
        title=_("Capa"),
        description="",
        geometry="polygon",
        extent=(west, south, east, north),
        styled_property=styled_property,
        legend=tuple(LegendEntry(value=value, label=value, colour=colour) for value, colour in colours.items()),
        properties=property_types(degrees),
    )
    return description, features


def _draw(
    made: folium.Map, description: LayerDescription, features: list[dict[str, Any]], wanted: Mapping[str, str] | None
) -> None:
    colours = {entry.value: entry.colour for entry in description.legend}
    plain = MISSING if colours else PALETTE[0]

    def style(feature: dict[str, Any]) -> dict[str, Any]:
        colour = colours.get(str(feature["properties"].get(description.styled_property)), plain)
        return {"color": colour, "fillColor": colour, "weight": 1, "fillOpacity": 0.6}

    named = {name: name for name in description.properties} if wanted is None else wanted
    told = {name: label for name, label in named.items() if any(name in each["properties"] for each in features[:1])}
    kept = {*told, description.styled_property}
    for each in features:
        each["properties"] = {name: value for name, value in each["properties"].items() if name in kept}
        each["properties"] |= {name: _told(each["properties"].get(name)) for name in told}
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        name=description.title,
        style_function=style,
        marker=folium.CircleMarker(radius=4, weight=1, fill=True),
        tooltip=folium.GeoJsonTooltip(fields=list(told), aliases=list(told.values()), style=_BESIDE_POINTER)
        if told and features
        else None,
    ).add_to(made)


def _told(value: Any) -> Any:  # noqa: ANN401  a property may be anything JSON holds
    if value is None:
        return _("sin dato")
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:_LONGEST_TEXT]}…"
    return value


def _legend(description: LayerDescription) -> str:
    """Return the legend, the attribution and, for synthetic data, the warning, as HTML."""
    lines = "".join(
        f'<div><span style="display:inline-block;width:1em;height:1em;background:{html.escape(entry.colour)}"></span> '
        f"{html.escape(entry.label)}</div>"
        for entry in description.legend
    )
    told = [description.attribution, description.licence, _("datos de demostración") if description.demo else ""]
    source = html.escape(" · ".join(each for each in told if each))
    if not lines and not source:
        return ""
    return (
        '<div style="margin-bottom:.4em">'
        f"<strong>{html.escape(description.title)}</strong>{lines}<small>{source}</small></div>"
    )
