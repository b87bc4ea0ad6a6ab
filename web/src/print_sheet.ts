/** One A4 landscape sheet: the map drawn anew for the paper, with its legend, its table and its true scale. */

import type { Map as MapLibreMap } from "maplibre-gl";
import { byId, h } from "./dom";

/** Width of the map on the sheet, millimetres; the style sheet says the same. */
const MAP_WIDTH_MM = 168;
const PATIENCE_MS = 6000;

function settled(map: MapLibreMap): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, PATIENCE_MS);
    map.once("idle", () => {
      window.clearTimeout(timer);
      resolve();
    });
    map.triggerRepaint();
  });
}

function picture(map: MapLibreMap): Promise<string> {
  return new Promise((resolve) => {
    map.once("render", () => resolve(map.getCanvas().toDataURL("image/png")));
    map.triggerRepaint();
  });
}

/** Return the denominator of the scale at which `map` comes out on paper. */
export function paperScale(map: MapLibreMap): number {
  const box = map.getCanvas().getBoundingClientRect();
  const middle = box.height / 2;
  const metres = map.unproject([0, middle]).distanceTo(map.unproject([box.width, middle]));
  return metres / (MAP_WIDTH_MM / 1000);
}

/** Print, and wait until the browser is done with the page: some only begin when `print()` has returned. */
function printed(): Promise<unknown> {
  return new Promise((resolve) => {
    for (const sign of ["afterprint", "pointerdown", "keydown"]) window.addEventListener(sign, resolve, { once: true });
    window.print();
  });
}

/** Lay the page out as a sheet, print it, and put everything back. */
export async function printSheet(
  map: MapLibreMap,
  refit: () => void,
  describeScale: (denominator: number) => string,
): Promise<void> {
  const root = document.documentElement;
  const image = h("img", { class: "sheet-map", alt: "" });
  const ratio = map.getPixelRatio();
  root.classList.add("sheet");
  try {
    map.setPixelRatio(Math.max(2, ratio));
    refit();
    await settled(map);
    byId("sheet-scale").textContent = describeScale(paperScale(map));
    image.src = await picture(map);
    await image.decode().catch(() => undefined);
    map.getCanvasContainer().append(image);
    await printed();
  } finally {
    root.classList.remove("sheet");
    map.setPixelRatio(ratio);
    refit();
    image.remove();
  }
}

/** Lay the sheet out for whoever prints with the browser's own command: the map as it stands, not drawn anew. */
export function printAsItStands(map: MapLibreMap | null): void {
  const root = document.documentElement;
  const image = h("img", { class: "sheet-map", alt: "" });
  let mine = false;
  window.addEventListener("beforeprint", () => {
    if (root.classList.contains("sheet")) return;
    mine = true;
    root.classList.add("sheet");
    if (!map) return;
    map.redraw();
    image.src = map.getCanvas().toDataURL("image/png");
    map.getCanvasContainer().append(image);
  });
  window.addEventListener("afterprint", () => {
    if (!mine) return;
    mine = false;
    image.remove();
    root.classList.remove("sheet");
  });
}
