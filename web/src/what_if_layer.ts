/** A trial on the map: tiles of the changed rule in place of the zones, and those of the study's own to compare with. */

import type { RasterLayerSpecification, RasterSourceSpecification, RasterTileSource } from "maplibre-gl";
import type { Bounds } from "./api";
import type { PlannerMap } from "./planner_map";

type Side = "trial" | "study";

interface Sheet {
  name: string;
  source: RasterSourceSpecification;
  layer: RasterLayerSpecification;
}

const AGAIN_MS = 5000;
/** How long an earlier trial stays under a new one whose tiles are on their way. */
const UNDER_MS = 4000;
const MOST_RETRIES = 40;
/** As strongly as the study's best land is drawn. */
const STRENGTH = 0.9;

export class TrialLayer {
  readonly #map: PlannerMap;
  readonly #base: string;
  readonly #bounds: Bounds | null;
  #sheets: Record<Side, Sheet | null> = { trial: null, study: null };
  #before: Sheet | null = null;
  #count = 0;
  #seen: Side = "trial";
  #aside = false;
  #retries = 0;
  #timer = 0;

  constructor(map: PlannerMap, base: string, bounds: Bounds | null) {
    this.#map = map;
    this.#base = base;
    this.#bounds = bounds;
    map.map.on("error", (event) => this.#failed(event as { error?: { status?: number }; sourceId?: string }));
  }

  /** Draw a trial; the one before it stays underneath until this one is there. */
  draw(tiles: string): void {
    const same = this.#sheets.trial?.source.tiles?.[0] === this.#base + tiles;
    if (!same) {
      this.#before = this.#sheets.trial;
      this.#sheets.trial = this.#sheet(tiles);
      this.#retries = 0;
    }
    this.#lay();
    const now = this.#sheets.trial;
    const settled = (): void => {
      if (now !== this.#sheets.trial || !this.#before) return;
      this.#before = null;
      this.#lay();
    };
    this.#map.map.once("idle", settled);
    window.setTimeout(settled, UNDER_MS);
  }

  /** Give the tiles of the study's own rules, drawn cell by cell as a trial is. */
  compareWith(tiles: string): void {
    this.#sheets.study ??= this.#sheet(tiles);
  }

  get comparable(): boolean {
    return this.#sheets.study !== null;
  }

  see(side: Side): void {
    this.#seen = side;
    this.#lay();
  }

  /** Step aside while something else than the zones is shown. */
  aside(away: boolean): void {
    this.#aside = away;
    if (!away) this.#lay();
  }

  /** Leave so many pixels at the left to what lies over the map there. */
  room(left: number, animate = true): void {
    const still = !animate || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#map.map.easeTo({ padding: { left, top: 0, right: 0, bottom: 0 }, duration: still ? 0 : 300 });
  }

  clear(): void {
    this.#sheets = { trial: null, study: this.#sheets.study };
    this.#before = null;
    this.#seen = "trial";
    window.clearTimeout(this.#timer);
  }

  #lay(): void {
    if (this.#aside || !this.#sheets.trial) return;
    const { trial, study } = this.#sheets;
    const shown = [this.#seen === "study" ? null : this.#before, this.#seen === "study" ? null : trial, this.#seen === "study" ? study : null];
    const kept = [study, this.#before, trial].filter((each) => each !== null);
    const wanted = kept.filter((each) => shown.includes(each) || each === trial || this.#map.map.getLayer(each.name));
    this.#map.showInstead(
      Object.fromEntries(wanted.map((each) => [each.name, each.source])),
      wanted.map((each) => each.layer),
    );
    for (const each of wanted) this.#map.map.setPaintProperty(each.name, "raster-opacity", shown.includes(each) ? STRENGTH : 0);
  }

  #sheet(tiles: string): Sheet {
    const name = `trial-${++this.#count}`;
    const source: RasterSourceSpecification = { type: "raster", tiles: [this.#base + tiles], tileSize: 256, minzoom: 4, maxzoom: 13 };
    if (this.#bounds) source.bounds = this.#bounds;
    return { name, source, layer: { id: name, type: "raster", source: name, paint: { "raster-resampling": "nearest", "raster-fade-duration": 0 } } };
  }

  /** Ask again for tiles that a process refused because it is still opening the study. */
  #failed(event: { error?: { status?: number }; sourceId?: string }): void {
    const mine = Object.values(this.#sheets).find((each) => each?.name === event.sourceId);
    if (!event.sourceId?.startsWith("trial-")) return console.error(event.error);
    if (!mine || event.error?.status !== 503 || this.#retries >= MOST_RETRIES) return;
    this.#retries += 1;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#map.map.getSource<RasterTileSource>(mine.name)?.setTiles(mine.source.tiles ?? []), AGAIN_MS);
  }
}
