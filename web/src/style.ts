/** What is drawn and in which order: paper, relief, zones, context lines, boundaries, names. */

import type {
  ExpressionSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from "maplibre-gl";
import type { Legend, Territory } from "./api";
import { fillColour, fillOpacity } from "./colouring";

export const ZONE_FILL = "zone-fill";
export const ZONE_PATTERN = "zone-pattern";
export const ZONE_SELECTED = "zone-selected";
export const OUTSIDE = "municipality-outside";
export const CHANGES = "changes";

/** Groups of layers a reader may switch, by their switch's name. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  hillshade: ["hillshade"],
  streams: ["streams"],
  roads: ["roads-casing", "roads", "tracks"],
  settlements: ["settlements", "settlement-names"],
  codes: ["zone-codes"],
};

export const FONT = ["Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "sans-serif"];
export const FONT_BOLD = FONT.map((name) => (name === "sans-serif" ? name : `${name} Bold`));

/** Roads wait for a closer look: their overview tiles weigh more than the rest of the first view's lines together. */
const ROADS_FROM = 9;
const INK = "#22302a";
const PAPER = "#f4f1ea";
const WATER = "#4a87ad";
const NONE: ExpressionSpecification = ["==", ["get", "zone_id"], "\u0000"];

function sources(available: ReadonlySet<string>, base: string, territory: Territory): Record<string, SourceSpecification> {
  const made: Record<string, SourceSpecification> = {
    places: {
      type: "geojson",
      data: {
        type: "FeatureCollection",
        features: territory.municipalities.flatMap((each) =>
          each.seat
            ? [
                {
                  type: "Feature" as const,
                  properties: { code: each.code, name: each.name },
                  geometry: { type: "Point" as const, coordinates: [each.seat.lon, each.seat.lat] },
                },
              ]
            : [],
        ),
      },
    },
  };
  if (available.has("zones"))
    made.zones = { type: "vector", url: `pmtiles://${base}/tiles/zones.pmtiles`, promoteId: "zone_id" };
  if (available.has("hillshade"))
    made.hillshade = {
      type: "raster",
      tiles: [`${base}/tiles/hillshade/{z}/{x}/{y}.png`],
      tileSize: 512,
      maxzoom: 12,
      ...(territory.bounds ? { bounds: territory.bounds } : {}),
    };
  for (const name of ["municipalities", "roads", "streams", "settlements"])
    if (available.has(name)) made[name] = { type: "vector", url: `${base}/tiles/${name}/tilejson.json` };
  return made;
}

function zoneLayers(legend: Legend): LayerSpecification[] {
  const zones = { source: "zones", "source-layer": "zones" };
  const patterns = ["match", ["coalesce", ["get", "zone"], ""], ...legend.zones.flatMap((zone) => [zone.zone, `pattern-${zone.zone}`]), ""];
  return [
    {
      id: ZONE_FILL,
      type: "fill",
      ...zones,
      paint: { "fill-color": fillColour(legend, "zone"), "fill-opacity": fillOpacity("zone"), "fill-antialias": false },
    },
    {
      id: ZONE_PATTERN,
      type: "fill",
      ...zones,
      layout: { visibility: "none" },
      paint: { "fill-pattern": patterns as unknown as ExpressionSpecification, "fill-opacity": 0.75 },
    },
    {
      id: "zone-edge",
      type: "line",
      ...zones,
      minzoom: 10,
      paint: { "line-color": "#fffdf8", "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.3, 13, 1.2], "line-opacity": 0.7 },
    },
  ];
}

/** Return where the pieces of land that a comparison changes come from. */
export function changeSource(base: string, comparison: string): SourceSpecification {
  const address = `${base}/tiles/changes/{z}/{x}/{y}.mvt?comparison=${encodeURIComponent(comparison)}`;
  return { type: "vector", tiles: [address], minzoom: 6, maxzoom: 12, promoteId: "change_id" };
}

/** Draw what changes in the colour of the zone that the land passes to, edged so that a change of class shows too. */
export function changeLayers(legend: Legend): LayerSpecification[] {
  const from = { source: CHANGES, "source-layer": CHANGES };
  const pairs = legend.zones.flatMap((zone) => [zone.zone, zone.colour]);
  const colour = ["match", ["coalesce", ["get", "to_zone"], ""], ...pairs, "#cfcabd"] as unknown as ExpressionSpecification;
  return [
    { id: "change-fill", type: "fill", ...from, paint: { "fill-color": colour, "fill-opacity": 0.9, "fill-antialias": false } },
    { id: "change-edge", type: "line", ...from, paint: { "line-color": INK, "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.4, 12, 1.4] } },
  ];
}

function contextLayers(): LayerSpecification[] {
  const major = ["motorway", "trunk", "primary", "secondary", "tertiary"];
  const isMajor: ExpressionSpecification = ["in", ["coalesce", ["get", "road_class"], ""], ["literal", major]];
  const roads = { source: "roads", "source-layer": "roads" };
  const width = (extra: number): ExpressionSpecification => ["interpolate", ["linear"], ["zoom"], 7, 0.8 + extra, 10, 1.6 + extra, 14, 4 + extra];
  const round = { "line-cap": "round" as const, "line-join": "round" as const };
  return [
    {
      id: "streams",
      type: "line",
      source: "streams",
      "source-layer": "streams",
      layout: { "line-cap": "round", "line-join": "round" },
      paint: {
        "line-color": WATER,
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 7, 0.55, 11, 0.9],
        "line-width": [
          "interpolate",
          ["linear"],
          ["zoom"],
          7,
          ["case", ["==", ["get", "stream_class"], "river"], 0.9, 0.25],
          13,
          ["case", ["==", ["get", "stream_class"], "river"], 3, 1.2],
        ],
      },
    },
    {
      id: "tracks",
      type: "line",
      ...roads,
      minzoom: 10.5,
      filter: ["!", isMajor],
      layout: round,
      paint: { "line-color": "#8b7c66", "line-opacity": 0.8, "line-width": ["interpolate", ["linear"], ["zoom"], 10.5, 0.4, 14, 1.8] },
    },
    { id: "roads-casing", type: "line", ...roads, minzoom: ROADS_FROM, filter: isMajor, layout: round, paint: { "line-color": "#ffffff", "line-opacity": 0.75, "line-width": width(1.4) } },
    { id: "roads", type: "line", ...roads, minzoom: ROADS_FROM, filter: isMajor, layout: round, paint: { "line-color": "#7a5a3c", "line-width": width(0) } },
  ];
}

function boundaryLayers(): LayerSpecification[] {
  const from = { source: "municipalities", "source-layer": "municipalities" };
  return [
    {
      id: OUTSIDE,
      type: "fill",
      ...from,
      filter: ["==", ["get", "code"], ""],
      paint: { "fill-color": PAPER, "fill-opacity": 0.72 },
    },
    {
      id: "municipality-halo",
      type: "line",
      ...from,
      layout: { "line-join": "round" },
      paint: { "line-color": "#ffffff", "line-opacity": 0.75, "line-width": ["interpolate", ["linear"], ["zoom"], 7, 2.4, 12, 5] },
    },
    {
      id: "municipality-line",
      type: "line",
      ...from,
      layout: { "line-join": "round" },
      paint: { "line-color": INK, "line-width": ["interpolate", ["linear"], ["zoom"], 7, 0.8, 12, 1.8], "line-dasharray": [5, 1.5, 1, 1.5] },
    },
  ];
}

/** Write the zone's code in polygons of at least so many hectares. */
function codeFrom(hectares: number): ExpressionSpecification {
  return ["case", [">=", ["to-number", ["get", "area_ha"], 0], hectares], ["get", "zone"], ""];
}

function nameLayers(available: ReadonlySet<string>): LayerSpecification[] {
  const text = { "text-color": INK, "text-halo-color": "rgba(255,253,248,0.92)", "text-halo-width": 1.6 };
  const made: LayerSpecification[] = [];
  if (available.has("settlements"))
    made.push(
      {
        id: "settlements",
        type: "circle",
        source: "settlements",
        "source-layer": "settlements",
        minzoom: 10,
        paint: { "circle-radius": 1.8, "circle-color": "#ffffff", "circle-stroke-color": "#5b5145", "circle-stroke-width": 1 },
      },
      {
        id: "settlement-names",
        type: "symbol",
        source: "settlements",
        "source-layer": "settlements",
        minzoom: 10.5,
        layout: {
          "text-field": ["coalesce", ["get", "name"], ""],
          "text-font": FONT,
          "text-size": 11,
          "text-variable-anchor": ["left", "right", "top", "bottom"],
          "text-radial-offset": 0.5,
        },
        paint: { ...text, "text-color": "#4d463c" },
      },
    );
  if (available.has("zones"))
    made.push({
      id: "zone-codes",
      type: "symbol",
      source: "zones",
      "source-layer": "zones",
      minzoom: 9,
      layout: {
        "text-field": ["step", ["zoom"], codeFrom(2000), 10, codeFrom(600), 11, codeFrom(150), 12, codeFrom(0)],
        "text-font": FONT_BOLD,
        "text-size": 11,
        "text-letter-spacing": 0.08,
        "text-padding": 26,
        "symbol-sort-key": ["-", 0, ["to-number", ["get", "area_ha"], 0]],
      },
      paint: { "text-color": "#1c2622", "text-halo-color": "rgba(255,255,255,0.7)", "text-halo-width": 1.2 },
    });
  made.push(
    {
      id: "seats",
      type: "circle",
      source: "places",
      paint: { "circle-radius": 3.6, "circle-color": INK, "circle-stroke-color": "#fffdf8", "circle-stroke-width": 1.6 },
    },
    {
      id: "seat-names",
      type: "symbol",
      source: "places",
      layout: {
        "text-field": ["get", "name"],
        "text-font": FONT_BOLD,
        "text-size": ["interpolate", ["linear"], ["zoom"], 7, 11, 11, 15],
        "text-variable-anchor": ["bottom", "top", "left", "right"],
        "text-radial-offset": 0.65,
        "text-padding": 1,
      },
      paint: { ...text, "text-halo-width": 2 },
    },
  );
  return made;
}

function selectedLayers(): LayerSpecification[] {
  const zones = { source: "zones", "source-layer": "zones", filter: NONE, layout: { "line-join": "round" as const } };
  return [
    { id: `${ZONE_SELECTED}-halo`, type: "line", ...zones, paint: { "line-color": "#ffffff", "line-width": 6 } },
    { id: ZONE_SELECTED, type: "line", ...zones, paint: { "line-color": "#141c18", "line-width": 2.6 } },
  ];
}

/** Make the whole style from what is available; nothing in it comes from another host. */
export function mapStyle(available: ReadonlySet<string>, legend: Legend, territory: Territory, base: string): StyleSpecification {
  const context = contextLayers().filter((layer) => "source" in layer && available.has(layer.source as string));
  const zones = available.has("zones") ? zoneLayers(legend) : [];
  return {
    version: 8,
    sources: sources(available, base, territory),
    layers: [
      { id: "paper", type: "background", paint: { "background-color": PAPER } },
      ...zones.slice(0, 1),
      ...(available.has("hillshade")
        ? [{ id: "hillshade", type: "raster" as const, source: "hillshade", paint: { "raster-opacity": 0.8, "raster-fade-duration": 0 } }]
        : []),
      ...zones.slice(1),
      ...context,
      ...(available.has("municipalities") ? boundaryLayers() : []),
      ...(available.has("zones") ? selectedLayers() : []),
      ...nameLayers(available),
    ],
  };
}
