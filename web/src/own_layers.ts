/** Layers that users brought themselves: drawn in the colours of their legend, above the zones, when switched on. */

import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from "maplibre-gl";
import { FONT } from "./style";

export interface OwnView {
  /** Name of the map layer. */
  id: string;
  geometry: "point" | "line" | "polygon" | "raster";
  /** Property that the legend's values belong to; empty where all features look alike. */
  property: string;
  /** Value and colour of each line of the legend. */
  colours: [string, string][];
}

const ALL = "#8a2f5c";
const OTHERS = "#9a958a";

export function ownSource(base: string, view: OwnView): SourceSpecification {
  if (view.geometry === "raster") return { type: "raster", tiles: [`${base}/tiles/${view.id}/{z}/{x}/{y}.png`], tileSize: 256, minzoom: 6, maxzoom: 13 };
  return { type: "vector", url: `${base}/tiles/${view.id}/tilejson.json` };
}

/** Return what draws a layer; the first one's name is the source's. */
export function ownLayers(view: OwnView): LayerSpecification[] {
  const id = `own-${view.id}`;
  if (view.geometry === "raster") return [{ id, type: "raster", source: id, paint: { "raster-opacity": 0.8, "raster-resampling": "nearest" } }];
  const from = { source: id, "source-layer": view.id };
  const colour = colourOf(view);
  if (view.geometry === "line") return [{ id, type: "line", ...from, paint: { "line-color": colour, "line-width": 2.4 } }];
  if (view.geometry === "polygon")
    return [
      { id, type: "fill", ...from, paint: { "fill-color": colour, "fill-opacity": 0.9 } },
      { id: `${id}-edge`, type: "line", ...from, paint: { "line-color": "#3b3229", "line-width": 0.8 } },
    ];
  const name: ExpressionSpecification = ["to-string", ["coalesce", ["get", "nombre"], ["get", "name"], ""]];
  return [
    {
      id,
      type: "circle",
      ...from,
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 7, 4.5, 12, 7.5],
        "circle-color": colour,
        "circle-stroke-color": "#fffdf8",
        "circle-stroke-width": 1.6,
      },
    },
    {
      id: `${id}-names`,
      type: "symbol",
      ...from,
      minzoom: 9.5,
      layout: { "text-field": name, "text-font": FONT, "text-size": 12, "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 0.8 },
      paint: { "text-color": "#22302a", "text-halo-color": "rgba(255,253,248,0.92)", "text-halo-width": 1.6 },
    },
  ];
}

function colourOf(view: OwnView): ExpressionSpecification | string {
  if (!view.property || !view.colours.length) return ALL;
  const value = ["to-string", ["coalesce", ["get", view.property], ""]];
  return ["match", value, ...view.colours.flat(), OTHERS] as unknown as ExpressionSpecification;
}
