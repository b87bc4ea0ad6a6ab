/** What polygons are coloured by: their zone, their class, or how sure they are. */

import type { ExpressionSpecification } from "maplibre-gl";
import type { Legend } from "./api";

/** Say how strongly each class is drawn: the better the land, the fuller the colour of its zone. */
export const CLASS_STRENGTH: Readonly<Record<string, number>> = { S1: 0.92, S2: 0.74, S3: 0.5 };

const byClass: ExpressionSpecification = [
  "match",
  ["coalesce", ["get", "class"], ""],
  ...Object.entries(CLASS_STRENGTH).flat(),
  0.62,
] as unknown as ExpressionSpecification;

/** What a map is coloured by. */
export type By = "zone" | "class" | "stability";

/** Stability from the least to the most, each with the share of the draws it begins at; the last is its absence. */
export const STABILITY: readonly (readonly [number, string])[] = [
  [0, "#d1495b"],
  [0.4, "#edae49"],
  [0.6, "#a9c6b4"],
  [0.8, "#2f6f5e"],
  [-1, "#d9d9d9"],
];

const byStability: ExpressionSpecification = [
  "step",
  ["to-number", ["get", "stability"], -1],
  "#d9d9d9",
  ...STABILITY.filter(([from]) => from >= 0).flat(),
] as unknown as ExpressionSpecification;

/** Colour polygons by their zone, their class, or how sure they are. */
export function fillColour(legend: Legend, by: By): ExpressionSpecification {
  if (by === "stability") return byStability;
  const pairs =
    by === "zone"
      ? legend.zones.flatMap((zone) => [zone.zone, zone.colour])
      : legend.classes.flatMap((entry) => [entry.class, entry.colour]);
  const key: ExpressionSpecification = ["coalesce", ["get", by === "zone" ? "zone" : "class"], ""];
  return pairs.length === 0
    ? (["literal", "#cfcabd"] as unknown as ExpressionSpecification)
    : (["match", key, ...pairs, "#cfcabd"] as unknown as ExpressionSpecification);
}

export function fillOpacity(by: By): ExpressionSpecification | number {
  return by === "zone" ? byClass : 0.78;
}
