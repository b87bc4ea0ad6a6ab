/** Hectares by zone and class, with totals and shares: the table a council prints. */

import type { Legend, Summary, SummaryRow } from "./api";
import type { Speak } from "./config";
import { h } from "./dom";
import type { Format } from "./format";
import { swatch } from "./patterns";

const ORDER = ["S1", "S2", "S3", "N", "SD"];

export function drawTable(box: HTMLElement, legend: Legend, summary: Summary, speak: Speak, format: Format, patterned: boolean): void {
  const classOf = (row: SummaryRow): string => (row.class && row.class !== "NR" ? row.class : "");
  const cells = new Map<string, number>();
  const add = (key: string, area: number): void => void cells.set(key, (cells.get(key) ?? 0) + area);
  for (const row of summary.rows) {
    add(`${row.zone}|${classOf(row)}`, row.area_ha);
    add(`${row.zone}|*`, row.area_ha);
    add(`*|${classOf(row)}`, row.area_ha);
    add("*|*", row.area_ha);
  }
  const present = new Set(summary.rows.map(classOf));
  const rank = (name: string): number => (ORDER.indexOf(name) + 1 || (name ? 8 : 9));
  const classes = [...present].sort((one, two) => rank(one) - rank(two));
  const total = cells.get("*|*") ?? 0;
  const number = (key: string, kind = ""): HTMLTableCellElement => {
    const area = cells.get(key);
    return h("td", kind ? { class: kind } : {}, area === undefined ? "–" : format.whole(area));
  };
  const share = (key: string): HTMLTableCellElement => h("td", { class: "share" }, total > 0 ? format.percent((cells.get(key) ?? 0) / total) : "–");
  const rows = legend.zones
    .map((zone, index) => ({ zone, index }))
    .filter(({ zone }) => cells.has(`${zone.zone}|*`))
    .map(({ zone, index }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row", title: zone.name }, swatch(zone.colour, index, patterned), h("abbr", { title: zone.name }, zone.zone)),
        ...classes.map((name) => number(`${zone.zone}|${name}`)),
        number(`${zone.zone}|*`, "total"),
        share(`${zone.zone}|*`),
      ),
    );
  box.replaceChildren(
    h(
      "table",
      { class: "areas" },
      h("caption", {}, speak("table_caption", { name: summary.name })),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, speak("zone")),
          ...classes.map((name) => h("th", { scope: "col", title: className(legend, name, speak) }, name || speak("no_class"))),
          h("th", { scope: "col" }, speak("total")),
          h("th", { scope: "col" }, "%"),
        ),
      ),
      h("tbody", {}, ...rows),
      h(
        "tfoot",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "row" }, speak("total")),
          ...classes.map((name) => number(`*|${name}`)),
          number("*|*", "total"),
          share("*|*"),
        ),
      ),
    ),
  );
}

export function className(legend: Legend, name: string | null | undefined, speak: Speak): string {
  if (!name || name === "NR") return speak("no_class_long");
  return legend.classes.find((entry) => entry.class === name)?.name ?? name;
}
