/** The legend: what each colour means, how much of it there is, and a way to see one zone alone. */

import type { Legend, Summary } from "./api";
import type { Speak } from "./config";
import { h } from "./dom";
import { inkOn, type Format } from "./format";
import { swatch } from "./patterns";
import { STABILITY, type By } from "./colouring";

export interface LegendState {
  by: By;
  patterned: boolean;
  isolated: string | null;
}

interface Entry {
  key: string;
  code: string;
  name: string;
  colour: string;
  index: number;
  area: number;
}

function entries(legend: Legend, summary: Summary | null, by: LegendState["by"]): Entry[] {
  const area = new Map<string, number>();
  for (const row of summary?.rows ?? []) {
    const key = by === "zone" ? row.zone : (row.class ?? "");
    area.set(key, (area.get(key) ?? 0) + row.area_ha);
  }
  const all =
    by === "zone"
      ? legend.zones.map((zone, index) => ({ key: zone.zone, name: zone.name, colour: zone.colour, index }))
      : legend.classes.map((entry, index) => ({ key: entry.class, name: entry.name, colour: entry.colour, index }));
  return all
    .map((entry) => ({ ...entry, code: entry.key, area: area.get(entry.key) ?? 0 }))
    .filter((entry) => summary === null || entry.area > 0);
}

/** Fill `box` with one line per zone or class that occurs here. */
export function drawLegend(
  box: HTMLElement,
  legend: Legend,
  summary: Summary | null,
  state: LegendState,
  speak: Speak,
  format: Format,
  isolate: (zone: string | null) => void,
): void {
  if (state.by === "stability") {
    const steps = STABILITY.map(([, colour], index) =>
      h("li", {}, h("div", { class: "entry" }, swatch(colour, index, false), h("span", { class: "name" }, speak(`stability_${index}`)))),
    );
    const note = legend.draws > 0 ? speak("draws", { n: format.whole(legend.draws) }) : speak("no_draws");
    box.replaceChildren(h("ul", { class: "entries" }, ...steps), h("p", { class: "note" }, note));
    return;
  }
  const total = summary?.area_ha ?? 0;
  const items = entries(legend, summary, state.by).map((entry) => {
    const content = [
      swatch(entry.colour, entry.index, state.patterned && state.by === "zone"),
      h("span", { class: "code" }, entry.code),
      h("span", { class: "name" }, entry.name),
      h("span", { class: "amount" }, total > 0 ? format.percent(entry.area / total) : ""),
    ];
    if (state.by === "class") return h("li", {}, h("div", { class: "entry" }, ...content));
    const pressed = state.isolated === entry.key;
    return h(
      "li",
      {},
      h(
        "button",
        {
          class: "entry",
          type: "button",
          "aria-pressed": pressed ? "true" : "false",
          title: pressed ? speak("show_all") : speak("show_only", { zone: entry.name }),
          onclick: () => isolate(pressed ? null : entry.key),
        },
        ...content,
      ),
    );
  });
  box.replaceChildren(h("ul", { class: state.isolated ? "entries isolating" : "entries" }, ...items));
}

/** Fill `box` with one bar whose parts are the zones' shares. */
export function drawBar(box: HTMLElement, legend: Legend, summary: Summary, speak: Speak, format: Format): void {
  const parts = entries(legend, summary, "zone").map((entry) => {
    const share = entry.area / summary.area_ha;
    const part = h("span", { title: `${entry.name}: ${format.percent(share)}` }, share > 0.09 ? entry.code : "");
    part.style.setProperty("flex-grow", share.toFixed(5));
    part.style.setProperty("background-color", entry.colour);
    part.style.setProperty("color", inkOn(entry.colour));
    return part;
  });
  box.replaceChildren(...parts);
  box.setAttribute("role", "img");
  box.setAttribute(
    "aria-label",
    `${speak("shares")}: ${entries(legend, summary, "zone")
      .map((entry) => `${entry.name} ${format.percent(entry.area / summary.area_ha)}`)
      .join(", ")}`,
  );
}
