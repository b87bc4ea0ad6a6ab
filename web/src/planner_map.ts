/** The map itself: opened, filled, filtered and asked. */

import {
  Map as MapLibreMap,
  NavigationControl,
  ScaleControl,
  addProtocol,
  setWorkerUrl,
  type FilterSpecification,
  type LayerSpecification,
  type MapGeoJSONFeature,
  type SourceSpecification,
} from "maplibre-gl";
import { Protocol } from "pmtiles";
import type { Bounds, Legend, Territory } from "./api";
import { CHAIN_BELOW, chainLayer, chainSource } from "./aptitude";
import { fillColour, fillOpacity, type By } from "./colouring";
import type { Speak } from "./config";
import { ownLayers, ownSource, type OwnView } from "./own_layers";
import { patternImage } from "./patterns";
import {
  CHANGES,
  GROUPS,
  OUTSIDE,
  ZONE_FILL,
  ZONE_PATTERN,
  ZONE_SELECTED,
  changeLayers,
  changeSource,
  mapStyle,
} from "./style";

export type ZoneProperties = Record<string, string | number | boolean | null | undefined>;

interface Pixel {
  x: number;
  y: number;
}

export interface MapListener {
  picked(lon: number, lat: number, zone: ZoneProperties | null): void;
  hovered(zone: ZoneProperties | null, change: ZoneProperties | null): void;
}

/** Tell whether this browser can draw the map at all. */
export function canDraw(): boolean {
  try {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") ?? canvas.getContext("webgl"));
  } catch {
    return false;
  }
}

/** Degrees from which on a territory does not fit a window at zoom 6; its tiles begin at 4. */
const WIDE_DEG = 5;

const calm = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export class PlannerMap {
  readonly map: MapLibreMap;
  readonly #listener: MapListener;
  readonly #legend: Legend;
  readonly #territory: Territory;
  readonly #whole: Bounds;
  readonly #base: string;
  #by: By = "zone";
  #municipality = "";
  #zone: string | null = null;
  #instead: { sources: Record<string, SourceSpecification>; layers: string[] } = { sources: {}, layers: [] };

  constructor(
    container: HTMLElement,
    worker: string,
    base: string,
    available: ReadonlySet<string>,
    legend: Legend,
    territory: Territory,
    speak: Speak,
    listener: MapListener,
  ) {
    this.#listener = listener;
    this.#base = base;
    this.#legend = legend;
    this.#territory = territory;
    setWorkerUrl(worker);
    addProtocol("pmtiles", new Protocol().tile);
    this.#whole = territory.bounds ?? [-180, -60, 180, 75];
    const [west, south, east, north] = this.#whole;
    const span = Math.max(east - west, north - south);
    // The view may not leave these bounds, and the panel covers a part of it.
    const margin = span > WIDE_DEG ? 0.6 * span : 1.5;
    this.map = new MapLibreMap({
      container,
      style: mapStyle(available, legend, territory, base),
      bounds: this.#whole,
      fitBoundsOptions: { padding: this.#padding() },
      maxBounds: [west - margin, south - margin, east + margin, north + margin],
      minZoom: span > WIDE_DEG ? 4 : 6,
      maxZoom: 15,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 0,
      locale: {
        "Map.Title": speak("map_label"),
        "NavigationControl.ZoomIn": speak("zoom_in"),
        "NavigationControl.ZoomOut": speak("zoom_out"),
      },
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.keyboard.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    this.map.addControl(new ScaleControl({ unit: "metric", maxWidth: 140 }), "bottom-left");
    this.map.on("styleimagemissing", ({ id }) => this.#addPattern(id));
    this.map.once("idle", () => (container.dataset.drawn = "yes"));
    this.map.once("style.load", () => this.#listen());
  }

  /** Zoom to a municipality, or to the whole territory when `code` is empty, and veil the others. */
  showMunicipality(code: string): void {
    this.#municipality = code;
    const chosen = this.#territory.municipalities.find((each) => each.code === code);
    this.fit(chosen?.bounds ?? this.#whole);
    if (this.map.getLayer(OUTSIDE))
      this.map.setFilter(OUTSIDE, code ? ["!=", ["get", "code"], code] : ["==", ["get", "code"], ""]);
  }

  fit(bounds: Bounds, animate = true): void {
    this.map.fitBounds(bounds, { padding: this.#padding(), animate: animate && !calm(), duration: 700 });
  }

  /** Move a place into the upper part of the map, above what covers the lower. */
  liftUp(lon: number, lat: number): void {
    const offset: [number, number] = [0, -this.map.getContainer().clientHeight / 4];
    this.map.easeTo({ center: [lon, lat], offset, animate: !calm() });
  }

  /** Fit what is shown again, at once, after the map's box changed. */
  refit(): void {
    this.map.resize();
    const chosen = this.#territory.municipalities.find((each) => each.code === this.#municipality);
    this.fit(chosen?.bounds ?? this.#whole, false);
  }

  /** Draw one zone alone, or all of them when `zone` is null. */
  isolate(zone: string | null): void {
    this.#zone = zone;
    const filter: FilterSpecification | null = zone ? ["==", ["get", "zone"], zone] : null;
    for (const layer of [ZONE_FILL, ZONE_PATTERN, "zone-edge", "zone-codes"])
      if (this.map.getLayer(layer)) this.map.setFilter(layer, filter);
  }

  get isolated(): string | null {
    return this.#zone;
  }

  colourBy(by: By): void {
    this.#by = by;
    if (!this.map.getLayer(ZONE_FILL)) return;
    this.map.setPaintProperty(ZONE_FILL, "fill-color", fillColour(this.#legend, by));
    this.#fade();
  }

  /** Draw what a comparison changes over the faded zones, or nothing when it is null. */
  compare(comparison: string | null): void {
    for (const layer of changeLayers(this.#legend)) if (this.map.getLayer(layer.id)) this.map.removeLayer(layer.id);
    if (this.map.getSource(CHANGES)) this.map.removeSource(CHANGES);
    if (comparison) {
      this.map.addSource(CHANGES, changeSource(this.#base, comparison));
      const above = this.map.getLayer(OUTSIDE) ? OUTSIDE : undefined;
      for (const layer of changeLayers(this.#legend)) this.map.addLayer(layer, above);
    }
    this.#fade();
  }

  /** Let the zones step back while a comparison is drawn, and out of sight while something is drawn instead of them. */
  #fade(): void {
    if (!this.map.getLayer(ZONE_FILL)) return;
    const stepped = this.map.getSource(CHANGES) ? 0.25 : fillOpacity(this.#by);
    this.map.setPaintProperty(ZONE_FILL, "fill-opacity", this.#instead.layers.length ? 0 : stepped);
  }

  /** Show how apt every place is for a chain instead of the zones. */
  showChain(layer: string, address: string): void {
    this.showInstead({ [layer]: chainSource(address, this.#whole) }, [chainLayer(layer)]);
  }

  /** Show other layers instead of the zones; with none of them, the zones again. The same source as before stays. */
  showInstead(sources: Record<string, SourceSpecification>, layers: LayerSpecification[]): void {
    const before = this.#instead;
    const stays = layers.filter((each) => "source" in each && sources[String(each.source)] === before.sources[String(each.source)]).map((each) => each.id);
    for (const name of before.layers) if (!stays.includes(name)) this.map.removeLayer(name);
    for (const [name, source] of Object.entries(before.sources)) if (sources[name] !== source) this.map.removeSource(name);
    this.#instead = { sources, layers: layers.map((each) => each.id) };
    for (const name of ["zone-edge", "zone-codes"])
      if (this.map.getLayer(name)) this.map.setLayoutProperty(name, "visibility", layers.length > 0 ? "none" : "visible");
    if (layers.length === 0) return;
    this.pattern(false);
    this.select(null);
    // The zones stay, clear, so that a click still asks about the place.
    if (this.map.getLayer(ZONE_FILL)) this.map.setPaintProperty(ZONE_FILL, "fill-opacity", 0);
    for (const [name, source] of Object.entries(sources)) if (!this.map.getSource(name)) this.map.addSource(name, source);
    const under = [CHAIN_BELOW, "streams", OUTSIDE].find((name) => this.map.getLayer(name));
    for (const layer of layers) if (!stays.includes(layer.id)) this.map.addLayer(layer, layer.type === "fill" || layer.type === "raster" ? under : undefined);
  }

  pattern(shown: boolean): void {
    if (this.map.getLayer(ZONE_PATTERN)) this.map.setLayoutProperty(ZONE_PATTERN, "visibility", shown ? "visible" : "none");
  }

  /** Draw a layer that users brought, or take it off; it is asked for when it is first wanted. */
  showOwn(view: OwnView, shown: boolean): void {
    const layers = ownLayers(view);
    const source = `own-${view.id}`;
    if (shown && !this.map.getSource(source)) {
      this.map.addSource(source, ownSource(this.#base, view));
      const under = ["municipality-halo", "seats"].find((name) => this.map.getLayer(name));
      for (const layer of layers) this.map.addLayer(layer, layer.type === "fill" || layer.type === "raster" ? under : undefined);
    }
    for (const { id } of layers) if (this.map.getLayer(id)) this.map.setLayoutProperty(id, "visibility", shown ? "visible" : "none");
  }

  show(group: string, shown: boolean): void {
    for (const layer of GROUPS[group] ?? [])
      if (this.map.getLayer(layer)) this.map.setLayoutProperty(layer, "visibility", shown ? "visible" : "none");
  }

  select(zoneId: string | null): void {
    for (const layer of [ZONE_SELECTED, `${ZONE_SELECTED}-halo`])
      if (this.map.getLayer(layer)) this.map.setFilter(layer, ["==", ["get", "zone_id"], zoneId ?? "\u0000"]);
  }

  /** Ask what lies under a point of the map's box, or under its middle; tiles still on their way are waited for. */
  async ask(point?: Pixel): Promise<void> {
    const { clientWidth, clientHeight } = this.map.getContainer();
    const place = this.map.unproject(point ? [point.x, point.y] : [clientWidth / 2, clientHeight / 2]);
    let zone = this.#zoneAt(this.map.project(place));
    if (!zone && !this.map.areTilesLoaded()) {
      await new Promise((resolve) => this.map.once("idle", resolve));
      zone = this.#zoneAt(this.map.project(place));
    }
    this.#listener.picked(place.lng, place.lat, zone);
  }

  #zoneAt(pixel: Pixel): ZoneProperties | null {
    if (!this.map.getLayer(ZONE_FILL)) return null;
    const found: MapGeoJSONFeature | undefined = this.map.queryRenderedFeatures([pixel.x, pixel.y], { layers: [ZONE_FILL] })[0];
    return found ? (found.properties as ZoneProperties) : null;
  }

  #changeAt(pixel: Pixel): ZoneProperties | null {
    if (!this.map.getLayer("change-fill")) return null;
    const found = this.map.queryRenderedFeatures([pixel.x, pixel.y], { layers: ["change-fill"] })[0];
    return found ? (found.properties as ZoneProperties) : null;
  }

  #listen(): void {
    const canvas = this.map.getCanvas();
    this.map.on("click", ({ point }) => void this.ask(point));
    this.map.on("mousemove", ({ point }) => {
      const zone = this.#zoneAt(point);
      canvas.style.cursor = zone ? "pointer" : "";
      this.#listener.hovered(zone, this.#changeAt(point));
    });
    this.map.on("mouseout", () => this.#listener.hovered(null, null));
    canvas.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      void this.ask();
    });
  }

  #addPattern(id: string): void {
    const index = this.#legend.zones.findIndex((zone) => `pattern-${zone.zone}` === id);
    const image = index < 0 ? null : patternImage(index);
    if (image && !this.map.hasImage(id)) this.map.addImage(id, image, { pixelRatio: 2 });
  }

  #padding(): { top: number; bottom: number; left: number; right: number } {
    return window.innerWidth < 720 ? { top: 16, bottom: 32, left: 12, right: 12 } : { top: 36, bottom: 44, left: 36, right: 56 };
  }
}
