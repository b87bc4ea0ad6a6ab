/** The whole chain of reasoning of one cell: every land-use type, every factor, its limits and its source. */

import type { Explanation, Factor, LandUseType, OverlayReason, Side } from "./api";
import { characteristicTitle, unitText, windowTitle, type PageConfig, type Speak } from "./config";
import { h } from "./dom";
import type { Format } from "./format";

export interface ChainWords {
  config: PageConfig;
  speak: Speak;
  format: Format;
}

export function drawChain(answer: Explanation, words: ChainWords): HTMLElement[] {
  const { speak } = words;
  const types = answer.land_use_types;
  return [
    h("h3", { tabindex: "-1" }, speak("chain_title")),
    h("p", { class: "note" }, types.length === 0 ? speak("no_types") : speak("chain_note")),
    ...types.map((type) => drawType(type, words)),
    ...drawOverlays(answer.overlays ?? [], words),
  ];
}

function drawOverlays(overlays: OverlayReason[], words: ChainWords): HTMLElement[] {
  const { speak } = words;
  if (overlays.length === 0) return [];
  return [
    h("h3", {}, speak("overlays_title")),
    h("p", { class: "note" }, speak("overlays_note")),
    ...overlays.map((overlay) =>
      drawRated(overlay.name, overlay.class, overlay.score, overlay.incomplete.length > 0 ? speak("chain_incomplete", { what: overlay.incomplete.join(", ") }) : "", {
        kind: "type overlay",
        factors: overlay.factors,
        limits: (factor) => factor.name === overlay.limiting,
        words,
      }),
    ),
  ];
}

interface Rated {
  kind: string;
  factors: Factor[];
  limits: (factor: Factor) => boolean;
  words: ChainWords;
}

function drawType(type: LandUseType, words: ChainWords): HTMLElement {
  const { config, speak } = words;
  const variant = [speak(`water_${type.water}`), speak(`management_${type.management}`), windowTitle(config, type.window), type.open ? "" : speak("closed")];
  return drawRated(type.crop_name.charAt(0).toUpperCase() + type.crop_name.slice(1), type.class, type.score, variant.filter(Boolean).join(" · "), {
    kind: type.open ? "type" : "type shut",
    factors: type.factors,
    limits: (factor) => factor.characteristic === type.limiting,
    words,
  });
}

function drawRated(name: string, cls: string, score: number | null, variant: string, { kind, factors, limits, words }: Rated): HTMLElement {
  const { speak, format } = words;
  const head = ["factor", "value", "limits", "class"].map((column) => h("th", { scope: "col" }, speak(column)));
  return h(
    "details",
    { class: kind },
    h(
      "summary",
      {},
      h("span", { class: `chip class-${cls}` }, h("b", {}, cls)),
      h("span", { class: "crop" }, name),
      h("span", { class: "variant" }, variant),
      h("span", { class: "score" }, score === null ? "" : format.value(score)),
    ),
    factors.length === 0
      ? h("p", { class: "note" }, speak("no_factors"))
      : h(
          "table",
          { class: "factors" },
          h("thead", {}, h("tr", {}, ...head)),
          h("tbody", {}, ...factors.flatMap((factor) => drawFactor(factor, limits(factor), words))),
        ),
  );
}

function drawFactor(factor: Factor, limiting: boolean, words: ChainWords): HTMLElement[] {
  const { config, speak, format } = words;
  const value = factor.value === null ? speak("no_data") : `${format.value(factor.value)} ${unitText(factor.unit)}`.trim();
  const { low, high } = factor.limits;
  const sides = [low ? sideText("≥", low, format) : "", high ? sideText("≤", high, format) : ""].filter(Boolean);
  const kind = limiting ? "limiting" : null;
  return [
    h(
      "tr",
      { class: kind },
      h("th", { scope: "row" }, characteristicTitle(config, factor.characteristic)),
      h("td", {}, value),
      h("td", {}, ...sides.map((side) => h("span", { class: "side" }, side))),
      h("td", {}, h("span", { class: `chip class-${factor.class}` }, factor.class)),
    ),
    h(
      "tr",
      { class: limiting ? "source limiting" : "source" },
      h("td", { colspan: 4 }, h("small", {}, [factor.flagged ? speak("no_weight") : "", factor.source].filter(Boolean).join(" · "))),
    ),
  ];
}

/** Write the limits of one side, the best class first: `≥ 20 / 18 / 15`. */
export function sideText(sign: string, side: Side, format: Format): string {
  return `${sign} ${[side.s1, side.s2, side.s3].map((limit) => (limit === null ? "–" : format.value(limit))).join(" / ")}`;
}
