/** Why a place is in its zone: the sentence first, then the chain of reasoning down to each factor's source. */

import { Refusal, type Api, type Explanation, type Factor, type LandUseType, type Legend } from "./api";
import type { Speak } from "./config";
import { h } from "./dom";
import { inkOn, type Format } from "./format";
import type { ZoneProperties } from "./planner_map";
import { className } from "./summary_table";

const text = (value: unknown): string => (value === null || value === undefined || value === "" ? "" : String(value));

export class ReasonPanel {
  readonly #box: HTMLElement;
  readonly #api: Api;
  readonly #legend: Legend;
  readonly #speak: Speak;
  readonly #format: Format;
  readonly #closed: () => void;
  #asked = 0;

  constructor(box: HTMLElement, api: Api, legend: Legend, speak: Speak, format: Format, closed: () => void) {
    this.#box = box;
    this.#api = api;
    this.#legend = legend;
    this.#speak = speak;
    this.#format = format;
    this.#closed = closed;
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
  }

  get open(): boolean {
    return !this.#box.hidden;
  }

  close(): void {
    this.#box.hidden = true;
    this.#box.replaceChildren();
    this.#closed();
  }

  /** Show the reason of the polygon under a place; `zone` is null outside every zone. */
  show(lon: number, lat: number, zone: ZoneProperties | null): void {
    this.#asked += 1;
    this.#box.hidden = false;
    this.#box.replaceChildren(this.#head(zone), ...(zone ? this.#body(lon, lat, zone) : [h("p", {}, this.#speak("outside"))]));
    this.#box.scrollTop = 0;
    this.#box.querySelector<HTMLElement>("h2")?.focus({ preventScroll: true });
  }

  #head(zone: ZoneProperties | null): HTMLElement {
    const code = text(zone?.zone);
    const entry = this.#legend.zones.find((each) => each.zone === code);
    const badge = h("span", { class: "badge" }, code);
    if (entry) {
      badge.style.setProperty("background-color", entry.colour);
      badge.style.setProperty("color", inkOn(entry.colour));
    }
    return h(
      "header",
      {},
      zone ? badge : null,
      h("h2", { tabindex: "-1" }, zone ? (entry?.name ?? text(zone.zone_name) ?? code) : this.#speak("nothing_here")),
      h("button", { type: "button", class: "close", "aria-label": this.#speak("close"), onclick: () => this.close() }, "×"),
    );
  }

  #body(lon: number, lat: number, zone: ZoneProperties): HTMLElement[] {
    const class_ = text(zone.class);
    const facts = h("dl", { class: "facts" });
    const fact = (name: string, value: string): void => {
      if (value) facts.append(h("div", {}, h("dt", {}, this.#speak(name)), h("dd", {}, value)));
    };
    fact("limiting", text(zone.limiting_title) || text(zone.limiting));
    fact("second_limiting", text(zone.second_limiting));
    fact("runner_up", this.#zoneName(text(zone.runner_up)));
    fact("margin", typeof zone.margin === "number" ? this.#format.value(zone.margin) : "");
    fact("restriction", text(zone.restriction));
    fact("incomplete", text(zone.incomplete));
    if (zone.conflict === true || zone.conflict === 1) fact("conflict", this.#speak("conflict_text"));
    fact("area", typeof zone.area_ha === "number" ? `${this.#format.whole(zone.area_ha)} ha` : "");
    const chain = h("div", { class: "chain", "aria-live": "polite" });
    const more = h(
      "button",
      { type: "button", class: "more", onclick: () => void this.#loadChain(lon, lat, more, chain, zone) },
      this.#speak("whole_chain"),
    );
    const place = text(zone.municipality_name) || text(zone.municipality);
    return [
      h(
        "p",
        { class: "where" },
        class_ ? h("span", { class: `chip class-${class_}` }, h("b", {}, class_), ` ${className(this.#legend, class_, this.#speak)}`) : null,
        place ? h("span", {}, place) : null,
      ),
      h("p", { class: "sentence" }, text(zone.explanation) || this.#speak("no_explanation")),
      facts,
      h("p", { class: "point" }, this.#speak("point", { lon: this.#format.degrees(lon), lat: this.#format.degrees(lat) })),
      more,
      chain,
    ];
  }

  #zoneName(code: string): string {
    const entry = this.#legend.zones.find((each) => each.zone === code);
    return entry ? `${entry.zone} · ${entry.name}` : code;
  }

  async #loadChain(lon: number, lat: number, more: HTMLButtonElement, box: HTMLElement, zone: ZoneProperties): Promise<void> {
    const asked = this.#asked;
    more.disabled = true;
    box.replaceChildren(h("p", { class: "wait" }, this.#speak("loading")));
    try {
      const answer = await this.#api.explain(lon, lat);
      if (asked !== this.#asked) return;
      more.hidden = true;
      box.replaceChildren(...this.#chain(answer, zone));
      box.querySelector<HTMLElement>("h3")?.focus({ preventScroll: true });
    } catch (error) {
      if (asked !== this.#asked) return;
      more.disabled = false;
      const why = error instanceof Refusal ? error.message : this.#speak("no_answer");
      box.replaceChildren(h("p", { class: "refusal", role: "alert" }, why));
    }
  }

  #chain(answer: Explanation, zone: ZoneProperties): HTMLElement[] {
    const differs = answer.zone !== text(zone.zone);
    const order: Record<string, number> = { S1: 0, S2: 1, S3: 2, N: 3, SD: 4 };
    const types = [...answer.land_use_types].sort(
      (one, two) => (order[one.class ?? ""] ?? 9) - (order[two.class ?? ""] ?? 9) || (two.score ?? 0) - (one.score ?? 0),
    );
    return [
      h("h3", { tabindex: "-1" }, this.#speak("chain_title")),
      h("p", { class: "note" }, this.#speak("chain_note")),
      ...(differs ? [h("p", { class: "note" }, this.#speak("cell_differs", { zone: this.#zoneName(answer.zone) }))] : []),
      ...(differs && answer.explanation ? [h("p", { class: "sentence small" }, answer.explanation)] : []),
      ...(types.length === 0 ? [h("p", { class: "note" }, this.#speak("no_types"))] : types.map((type) => this.#type(type))),
    ];
  }

  #type(type: LandUseType): HTMLElement {
    const words = [this.#speak(`water_${type.water}`), type.management ? this.#speak(`management_${type.management}`, {}) : "", windowText(type.window)];
    const title = type.crop_name ?? type.crop;
    return h(
      "details",
      { class: "type" },
      h(
        "summary",
        {},
        h("span", { class: `chip class-${type.class ?? ""}` }, h("b", {}, type.class ?? "–")),
        h("span", { class: "crop" }, title.charAt(0).toUpperCase() + title.slice(1).replaceAll("_", " ")),
        h("span", { class: "variant" }, words.map((word) => word.replace(/^(water|management)_/, "").replaceAll("_", " ")).filter(Boolean).join(" · ")),
        h("span", { class: "score" }, type.score === null ? "" : this.#format.value(type.score)),
      ),
      type.factors.length === 0
        ? h("p", { class: "note" }, this.#speak("no_factors"))
        : h(
            "table",
            { class: "factors" },
            h("thead", {}, h("tr", {}, ...["factor", "value", "limits", "class"].map((name) => h("th", { scope: "col" }, this.#speak(name))))),
            h("tbody", {}, ...type.factors.flatMap((factor) => this.#factor(factor))),
          ),
    );
  }

  #factor(factor: Factor): HTMLElement[] {
    const value = typeof factor.value === "number" ? this.#format.value(factor.value) : (factor.value ?? this.#speak("no_data"));
    const unit = factor.value === null || !factor.unit ? "" : ` ${factor.unit}`;
    return [
      h(
        "tr",
        {},
        h(
          "th",
          { scope: "row" },
          (factor.title ?? factor.name).replaceAll("_", " "),
          factor.source ? h("small", {}, factor.source) : null,
        ),
        h("td", {}, `${value}${unit}`),
        h("td", {}, limitsText(factor.limits, this.#format)),
        h("td", {}, h("span", { class: `chip class-${factor.class ?? ""}` }, factor.class ?? "–")),
      ),
    ];
  }
}

function windowText(value: unknown): string {
  return Array.isArray(value) ? value.join("–") : text(value);
}

/** Class limits as they come: a list of numbers, or a record with one entry per side or class. */
export function limitsText(limits: unknown, format: Format): string {
  if (typeof limits === "number") return format.value(limits);
  if (Array.isArray(limits)) return limits.map((each) => limitsText(each, format)).join(" / ");
  if (limits && typeof limits === "object")
    return Object.entries(limits)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => `${name} ${limitsText(value, format)}`)
      .join("; ");
  return text(limits) || "–";
}
