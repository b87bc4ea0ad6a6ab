/** Why a place is in its zone: the sentence first, then what decided it, then the whole chain on request. */

import { Refusal, type Api, type Explanation, type Legend, type Territory } from "./api";
import { drawChain } from "./chain";
import { characteristicTitle, type PageConfig, type Speak } from "./config";
import { h } from "./dom";
import { inkOn, type Format } from "./format";
import type { ZoneProperties } from "./planner_map";
import { className } from "./summary_table";

const text = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

export interface ReasonParts {
  api: Api;
  config: PageConfig;
  territory: Territory;
  legend: Legend;
  speak: Speak;
  format: Format;
}

export class ReasonPanel {
  readonly #box: HTMLElement;
  readonly #parts: ReasonParts;
  readonly #closed: () => void;
  #asked = 0;

  constructor(box: HTMLElement, parts: ReasonParts, closed: () => void) {
    this.#box = box;
    this.#parts = parts;
    this.#closed = closed;
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  close(): void {
    this.#asked += 1;
    this.#box.hidden = true;
    this.#box.replaceChildren();
    this.#closed();
  }

  /** Show the reason of the polygon under a place; `zone` is null outside every zone. */
  show(lon: number, lat: number, zone: ZoneProperties | null): void {
    this.#asked += 1;
    this.#box.hidden = false;
    const outside = h("p", {}, this.#parts.speak("outside"));
    const trying = document.documentElement.classList.contains("trying");
    const note = trying ? h("p", { class: "note gap" }, this.#parts.speak("trial_reason")) : "";
    this.#box.replaceChildren(this.#head(zone), note, ...(zone ? this.#body(lon, lat, zone) : [outside]));
    this.#box.scrollTop = 0;
    this.#box.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  }

  #head(zone: ZoneProperties | null): HTMLElement {
    const { legend, speak } = this.#parts;
    const code = text(zone?.zone);
    const entry = legend.zones.find((each) => each.zone === code);
    const badge = h("span", { class: "badge" }, code);
    if (entry) {
      badge.style.setProperty("background-color", entry.colour);
      badge.style.setProperty("color", inkOn(entry.colour));
    }
    return h(
      "header",
      {},
      zone ? badge : null,
      h("h2", { tabindex: "-1" }, zone ? (entry?.name ?? (text(zone.zone_name) || code)) : speak("nothing_here")),
      h("button", { type: "button", class: "close", "aria-label": speak("close"), onclick: () => this.close() }, "×"),
    );
  }

  #body(lon: number, lat: number, zone: ZoneProperties): HTMLElement[] {
    const { legend, territory, speak, format } = this.#parts;
    const facts = h("dl", { class: "facts" });
    this.#fill(facts, zone);
    const chain = h("div", { class: "chain", "aria-live": "polite" });
    const more = h(
      "button",
      { type: "button", class: "more", onclick: () => void this.#load(lon, lat, more, chain, facts, zone) },
      speak("whole_chain"),
    );
    const rated = className(legend, text(zone.class), speak);
    const code = text(zone.municipality);
    const place = territory.municipalities.find((each) => each.code === code)?.name ?? code;
    const isRated = legend.classes.some((entry) => entry.class === zone.class);
    return [
      h(
        "p",
        { class: "where" },
        isRated ? h("span", { class: `chip class-${text(zone.class)}` }, h("b", {}, text(zone.class)), ` ${rated}`) : null,
        h("span", {}, place),
      ),
      h("p", { class: "sentence" }, text(zone.explanation) || speak("no_explanation")),
      facts,
      h("p", { class: "point" }, speak("point", { lon: format.degrees(lon), lat: format.degrees(lat) })),
      more,
      chain,
    ];
  }

  /** Fill the facts from what is known: the tile's few fields at first, the study's own once the chain was asked for. */
  #fill(box: HTMLElement, known: ZoneProperties | Explanation): void {
    const { config, speak, format } = this.#parts;
    const fields = known as ZoneProperties;
    const rows: [string, string][] = [
      ["limiting", characteristicTitle(config, text(fields.limiting))],
      ["second_limiting", characteristicTitle(config, text(fields.second_limiting))],
      ["runner_up", this.#zoneName(text(fields.runner_up))],
      ["margin", typeof fields.margin === "number" && fields.runner_up ? format.value(fields.margin) : ""],
      ["conflict", fields.conflict === true || fields.conflict === 1 ? speak("conflict_text") : ""],
      ["restriction", text(fields.restriction)],
      ["use_conflict", text(fields.use_conflict)],
      ["incomplete", text(fields.incomplete).replace(/^incompleto: /, "")],
      ["stability", this.#stability(fields)],
      ["area", typeof fields.area_ha === "number" ? `${format.whole(fields.area_ha)} ha` : ""],
    ];
    box.replaceChildren(
      ...rows.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, speak(name)), h("dd", {}, value))),
    );
  }

  /** Say how sure the zone is, and what changes it once that was asked for; never leave it out. */
  #stability(fields: ZoneProperties): string {
    const { config, speak, format } = this.#parts;
    if (typeof fields.stability !== "number") return speak("stability_unknown");
    const share = speak("stability_of_draws", { share: format.percent(fields.stability) });
    return [share, characteristicTitle(config, text(fields.flip_factor))].filter(Boolean).join(" · ");
  }

  #zoneName(code: string): string {
    const entry = this.#parts.legend.zones.find((each) => each.zone === code);
    return entry ? `${entry.zone} · ${entry.name}` : code;
  }

  async #load(
    lon: number,
    lat: number,
    more: HTMLButtonElement,
    box: HTMLElement,
    facts: HTMLElement,
    zone: ZoneProperties,
  ): Promise<void> {
    const { api, speak } = this.#parts;
    const asked = this.#asked;
    more.disabled = true;
    box.replaceChildren(h("p", { class: "wait" }, speak("loading")));
    try {
      const answer = await api.explain(lon, lat);
      if (asked !== this.#asked) return;
      more.hidden = true;
      if (answer.zone === text(zone.zone)) this.#fill(facts, answer);
      box.replaceChildren(...drawChain(answer, this.#parts));
      box.querySelector<HTMLElement>("h3")?.focus({ preventScroll: true });
    } catch (error) {
      if (asked !== this.#asked) return;
      more.disabled = false;
      const why = error instanceof Refusal ? error.message : speak("no_answer");
      box.replaceChildren(h("p", { class: "refusal", role: "alert" }, why));
    }
  }
}
