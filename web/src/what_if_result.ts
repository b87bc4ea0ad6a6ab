/** What a trial comes to: that it is one, what it changes, and the hectares of a municipality before and after. */

import type { Legend } from "./api";
import type { Speak } from "./config";
import type { h } from "./dom";
import type { Format } from "./format";
import type { swatch } from "./patterns";
import type { Entry } from "./what_if_change";
import type { Numbers } from "./what_if_numbers";
import type { TrialSummary } from "./what_if_server";

export interface ResultWords {
  h: typeof h;
  swatch: typeof swatch;
  speak: Speak;
  format: Format;
  numbers: Numbers;
  legend: Legend;
}

export type Side = "trial" | "study";

export interface ResultEvents {
  see: (side: Side) => void;
  reset: () => void;
  /** A line was taken back. */
  removed: () => void;
  copied: () => void;
}

/** What is shown while there is a trial: its changes, its buttons and its table. */
export class ResultBox {
  readonly #box: HTMLElement;
  readonly #words: ResultWords;
  readonly #events: ResultEvents;
  readonly #seen: HTMLInputElement[];
  readonly #entries: HTMLElement;
  readonly #moved: HTMLElement;
  readonly #table: HTMLElement;
  readonly #link: HTMLInputElement;
  readonly #files: HTMLAnchorElement[];

  constructor(box: HTMLElement, words: ResultWords, withMap: boolean, events: ResultEvents) {
    this.#box = box;
    this.#words = words;
    this.#events = events;
    const { h, speak } = words;
    const pick = (side: Side): HTMLInputElement => h("input", { type: "radio", name: "trial-seen", value: side, autocomplete: "off", onchange: () => events.see(side) });
    const button = (key: string, click: () => void): HTMLElement => h("button", { type: "button", class: "quiet-button", onclick: click }, speak(key));
    this.#seen = [pick("trial"), pick("study")];
    this.#entries = h("ul", { class: "trial-entries", "aria-label": speak("trial_changes") });
    this.#moved = h("p", { class: "trial-moved" });
    this.#table = h("div", { class: "scroll" });
    this.#link = h("input", { type: "text", readonly: true, class: "trial-link", "aria-label": speak("trial_link"), hidden: true });
    this.#files = ["toml", "json"].map((format) => h("a", { class: "quiet-button", "aria-label": speak(`trial_${format}_long`), title: speak(`trial_${format}_long`) }, speak(`trial_${format}`)));
    const sides = this.#seen.map((input) => h("label", {}, input, h("span", {}, speak(`trial_seen_${input.value}`))));
    box.append(
      this.#entries,
      h("div", { class: "trial-buttons" }, withMap ? h("fieldset", { class: "segmented" }, h("legend", { class: "hidden" }, speak("trial_see")), ...sides) : "", button("trial_reset", events.reset)),
      this.#moved,
      this.#table,
      h("div", { class: "trial-buttons" }, button("trial_copy", () => void this.#copy()), ...this.#files),
      this.#link,
    );
  }

  set shown(shown: boolean) {
    this.#box.hidden = !shown;
  }

  /** Whether the figures are of a trial that has since been changed. */
  set stale(stale: boolean) {
    this.#box.classList.toggle("stale", stale);
  }

  set seen(side: Side) {
    for (const input of this.#seen) input.checked = input.value === side;
  }

  /** List what changes, each with a way to take it back, and where the change can be had as a file. */
  tell(entries: Entry[], hash: string, files: [string, string]): void {
    const { h, speak } = this.#words;
    const take = (entry: Entry): void => {
      entry.remove();
      this.#events.removed();
    };
    this.#entries.replaceChildren(
      ...entries.map((entry) => {
        const title = speak("trial_remove", { what: entry.text });
        return h("li", {}, h("span", {}, entry.text), h("button", { type: "button", class: "trial-remove", "aria-label": title, title, onclick: () => take(entry) }, "×"));
      }),
    );
    for (const [at, link] of this.#files.entries()) {
      link.href = files[at] ?? "";
      link.download = `ensayo-${hash.slice(0, 8)}.${at === 0 ? "toml" : "json"}`;
    }
    this.#link.hidden = true;
  }

  /** Show the hectares of a municipality, or where there are none to show, why; return what it comes to. */
  weigh(summary: TrialSummary | string): string {
    this.stale = false;
    if (typeof summary === "string") this.#table.replaceChildren();
    else drawTrialTable(this.#table, summary, this.#words);
    const said = typeof summary === "string" ? summary : this.#comesTo(summary);
    this.#moved.textContent = said;
    return said;
  }

  #comesTo({ name, moved_ha: moved }: TrialSummary): string {
    const { speak, format } = this.#words;
    return moved > 0 ? speak("trial_moved", { area: format.whole(moved), name }) : speak("trial_nothing_moves", { name });
  }

  async #copy(): Promise<void> {
    this.#link.value = location.href;
    this.#link.hidden = false;
    this.#link.select();
    try {
      await navigator.clipboard.writeText(this.#link.value);
      this.#events.copied();
    } catch {
      this.#link.focus(); // a page without https may not write: the link is selected to be copied by hand
    }
  }
}

/** Return the hectares of each zone before, after and their difference, the classes of a zone taken together. */
export function byZone(summary: TrialSummary): Map<string, { before: number; after: number }> {
  const found = new Map<string, { before: number; after: number }>();
  for (const row of summary.rows) {
    const zone = found.get(row.zone) ?? { before: 0, after: 0 };
    found.set(row.zone, { before: zone.before + row.base_ha, after: zone.after + row.area_ha });
  }
  return found;
}

/** Fill `box` with the table of a municipality. */
export function drawTrialTable(box: HTMLElement, summary: TrialSummary, words: ResultWords): void {
  const { h, swatch, speak, format, numbers, legend } = words;
  const zones = byZone(summary);
  const total = [...zones.values()].reduce((sum, each) => ({ before: sum.before + each.before, after: sum.after + each.after }), { before: 0, after: 0 });
  const rows = legend.zones.flatMap((zone, index) => {
    const area = zones.get(zone.zone);
    if (!area) return [];
    const change = area.after - area.before;
    return [
      h(
        "tr",
        { "data-zone": zone.zone, class: Math.round(change) === 0 ? null : "moved" },
        h("th", { scope: "row", title: zone.name }, swatch(zone.colour, index, false), h("abbr", { title: zone.name }, zone.zone)),
        h("td", {}, format.whole(area.before)),
        h("td", {}, format.whole(area.after)),
        h("td", { class: "change" }, numbers.difference(change)),
      ),
    ];
  });
  const head = ["zone", "trial_before", "trial_after", "trial_change"].map((key) => h("th", { scope: "col" }, speak(key)));
  box.replaceChildren(
    h(
      "table",
      { class: "areas" },
      h("caption", {}, speak("trial_caption", { name: summary.name }), summary.before_merge ? ` ${speak("trial_cells")}` : ""),
      h("thead", {}, h("tr", {}, ...head)),
      h("tbody", {}, ...rows),
      h("tfoot", {}, h("tr", {}, h("th", { scope: "row" }, speak("total")), h("td", {}, format.whole(total.before)), h("td", {}, format.whole(total.after)), h("td", {}, ""))),
    ),
  );
}
