/** How apt every place is for one value chain, whoever won it: pictures on the map, classes and hectares in the legend. */

import type { RasterLayerSpecification, RasterSourceSpecification } from "maplibre-gl";
import type { AptitudeRow, Bounds, Legend } from "./api";
import type { ChainView, Speak } from "./config";
import { h } from "./dom";
import type { Format } from "./format";
import { swatch } from "./patterns";

/** The layer that lies above the pictures of a chain. */
export const CHAIN_BELOW = "hillshade";

/** Where the pictures of a chain come from: cells of 30 m need no closer zoom than 12. */
export function chainSource(address: string, bounds: Bounds): RasterSourceSpecification {
  return { type: "raster", tiles: [address], tileSize: 256, minzoom: 6, maxzoom: 13, bounds };
}

export function chainLayer(layer: string): RasterLayerSpecification {
  return { id: layer, type: "raster", source: layer, paint: { "raster-opacity": 0.85, "raster-resampling": "nearest", "raster-fade-duration": 0 } };
}

/** Fill `box` with one line per class of a chain, and say what the chain was rated without. */
export function drawAptitude(box: HTMLElement, chain: ChainView, legend: Legend, rows: AptitudeRow[] | null, speak: Speak, format: Format): void {
  const area = new Map<string, number>();
  for (const row of rows ?? []) area.set(row.class, (area.get(row.class) ?? 0) + row.area_ha);
  const total = [...area.values()].reduce((sum, each) => sum + each, 0);
  const items = legend.classes.map((entry, index) =>
    h(
      "li",
      {},
      h(
        "div",
        { class: "entry" },
        swatch(entry.colour, index, false),
        h("span", { class: "code" }, entry.class),
        h("span", { class: "name" }, entry.name),
        h("span", { class: "amount" }, total > 0 ? `${format.whole(area.get(entry.class) ?? 0)} ha · ${format.percent((area.get(entry.class) ?? 0) / total)}` : ""),
      ),
    ),
  );
  box.replaceChildren(
    h("ul", { class: "entries" }, ...items),
    h("p", { class: "note" }, speak("chain_of", { chain: chain.title, members: chain.members.join(", ") })),
    chain.incomplete.length > 0 ? h("p", { class: "note gap" }, speak("chain_incomplete", { what: chain.incomplete.join(", ") })) : "",
  );
}
