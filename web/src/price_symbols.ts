/** How prices are drawn: municipalities filled, hatched where the price is of another market, and figures on top. */

import type { LayerSpecification } from "maplibre-gl";

export const FILL = "price-fill";
export const HATCH = "price-hatch";
const INK = "#22302a";
const HALO = { "text-color": INK, "text-halo-color": "rgba(255,253,248,0.95)", "text-halo-width": 1.8 };

/** Return white strokes on nothing, to lie over a colour. */
export function hatch(): ImageData {
  const size = 16;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  if (!context) return new ImageData(size, size);
  context.strokeStyle = "rgba(255, 253, 248, 0.75)";
  context.lineWidth = 3;
  context.beginPath();
  for (const from of [-size, 0, size]) {
    context.moveTo(from - 2, size + 2);
    context.lineTo(from + size + 2, -2);
  }
  context.stroke();
  return context.getImageData(0, 0, size, size);
}

/** Return the layers of the sources `price-fill`, `price-labels` and `price-markets`, which carry their own colours and words. */
export function layersOf(font: string[], withMarkets: boolean): LayerSpecification[] {
  const faded: LayerSpecification = {
    id: FILL,
    type: "fill",
    source: FILL,
    filter: ["==", ["geometry-type"], "Polygon"],
    paint: { "fill-color": ["get", "colour"], "fill-opacity": ["case", ["get", "stale"], 0.5, 0.9] },
  };
  const strokes: LayerSpecification = {
    id: HATCH,
    type: "fill",
    source: FILL,
    filter: ["all", ["==", ["geometry-type"], "Polygon"], ["get", "reference"]],
    paint: { "fill-pattern": HATCH },
  };
  const without: LayerSpecification = {
    id: "price-points",
    type: "circle",
    source: FILL,
    filter: ["==", ["geometry-type"], "Point"],
    paint: { "circle-radius": 12, "circle-color": ["get", "colour"], "circle-stroke-color": INK, "circle-stroke-width": 1 },
  };
  const figures: LayerSpecification = {
    id: "price-labels",
    type: "symbol",
    source: "price-labels",
    layout: { "text-field": ["get", "text"], "text-font": font, "text-size": ["interpolate", ["linear"], ["zoom"], 7, 10, 10, 13], "text-anchor": "top", "text-offset": [0, 0.5], "text-padding": 0 },
    paint: HALO,
  };
  const markets: LayerSpecification[] = [
    { id: "price-markets", type: "circle", source: "price-markets", paint: { "circle-radius": 4.5, "circle-color": "#fffdf8", "circle-stroke-color": "#5a64a8", "circle-stroke-width": 2.5 } },
    {
      id: "price-market-names",
      type: "symbol",
      source: "price-markets",
      layout: { "text-field": ["get", "text"], "text-font": font, "text-size": 11, "text-variable-anchor": ["left", "right", "bottom", "top"], "text-radial-offset": 0.7, "text-justify": "auto" },
      paint: { ...HALO, "text-color": "#33397b" },
    },
  ];
  return [faded, strokes, without, ...(withMarkets ? markets : []), figures];
}
