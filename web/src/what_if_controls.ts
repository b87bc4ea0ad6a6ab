/** The controls of the panel «Probar un cambio»: what is moved, by slider or number, and where it stands today. */

import type { Speak } from "./config";
import type { h } from "./dom";
import type { Draft, LimitKey } from "./what_if_change";
import { nearestPlace, placesOf, type Numbers } from "./what_if_numbers";
import type { LimitOption, Options } from "./what_if_server";

export interface ControlParts {
  h: typeof h;
  speak: Speak;
  numbers: Numbers;
  unit: (text: string) => string;
  options: Options;
  draft: Draft;
  /** Told of every change; `soon` while a slider may still be moving. */
  changed: (pace: "soon" | "now") => void;
  /** Shown where a number cannot be taken. */
  refuse: (text: string) => void;
}

/** One number that can be moved. */
interface Mover {
  label: string;
  unit: string;
  option: LimitOption;
  room: [number, number];
  value: () => number;
  set: (value: number) => void;
  /** Told of every value that is shown. */
  shown?: (text: string) => void;
}

const KINDS = ["limit", "gate", "minimum", "order", "protected", "slope"] as const;
type Kind = (typeof KINDS)[number];
const CLASSES = ["S1", "S2", "S3"];

export class Controls {
  readonly #box: HTMLElement;
  readonly #parts: ControlParts;
  readonly #body: HTMLElement;
  readonly #kind: HTMLSelectElement;
  #crop: string;
  #factor = "";
  #limit = "";
  #gate: string;
  #condition = "";
  #zone: string;
  #mover: Mover | null = null;

  constructor(box: HTMLElement, parts: ControlParts) {
    this.#box = box;
    this.#parts = parts;
    const { h, speak, options } = parts;
    this.#crop = decisive(options);
    this.#gate = options.gates[0]?.gate ?? "";
    this.#zone = options.zones.find((each) => each.minimum)?.zone ?? "";
    this.#body = h("div", { class: "trial-body" });
    const kinds = KINDS.filter((kind) => this.#offers(kind));
    this.#kind = this.#select("kind", kinds.map((kind) => [kind, speak(`trial_kind_${kind}`)]), kinds[0] ?? "", () => this.draw());
    this.draw();
  }

  /** Draw everything anew from what changes. */
  draw(): void {
    const { speak } = this.#parts;
    this.#mover = null;
    const kind = this.#kind.value as Kind;
    const made = { limit: () => this.#limits(), gate: () => this.#gates(), minimum: () => this.#minimum(), order: () => this.#order(), protected: () => this.#protected(), slope: () => this.#slope() };
    this.#body.replaceChildren(...(made[kind]?.() ?? []));
    if (!this.#body.isConnected) this.#box.replaceChildren(this.#labelled(speak("trial_kind"), this.#kind), this.#body);
  }

  /** The values just below and above the number that was moved last, at which no layer is needed. */
  nearest(): { text: string; take: () => void }[] {
    const mover = this.#mover;
    if (!mover) return [];
    const [low, high] = mover.room;
    const free = placesOf(this.#parts.options.stops[mover.option.stops] ?? [], low, high);
    const value = mover.value();
    const below = free.filter((each) => each < value).at(-1);
    const above = free.find((each) => each > value);
    return [below, above].flatMap((each) =>
      each === undefined
        ? []
        : [{ text: this.#measure(each, mover.unit), take: () => this.#take(mover, each) }],
    );
  }

  #take(mover: Mover, value: number): void {
    mover.set(value);
    this.draw();
    this.#body.querySelector<HTMLInputElement>("input[type=range]")?.focus();
    this.#parts.changed("now");
  }

  #offers(kind: Kind): boolean {
    const { crops, gates, zones, order, protected: areas, legal_forest_slope: slope } = this.#parts.options;
    return { limit: crops.length > 0, gate: gates.length > 0, minimum: zones.some((each) => each.minimum), order: order.length > 1, protected: areas.length > 0, slope: slope !== null }[kind];
  }

  #limits(): HTMLElement[] {
    const { options, draft, speak } = this.#parts;
    const crop = options.crops.find((each) => each.crop === this.#crop) ?? options.crops[0];
    const factor = crop?.factors.find((each) => each.factor === this.#factor) ?? crop?.factors[0];
    const option = factor?.limits.find((each) => each.limit === this.#limit) ?? factor?.limits[0];
    if (!crop || !factor || !option) return [];
    [this.#factor, this.#limit] = [factor.factor, option.limit];
    const key: LimitKey = { crop: crop.crop, factor: factor.factor, limit: option.limit };
    const told = factor.limits.map(({ limit }) => [limit, `${draft.limitName(limit)}: ${this.#measure(draft.limit({ ...key, limit }), factor.unit)}`] as const);
    const limits = this.#select("limit", told, option.limit, (value) => this.#choose(() => (this.#limit = value)));
    return [
      this.#labelled(speak("trial_crop"), this.#select("crop", options.crops.map((each) => [each.crop, each.name]), crop.crop, (value) => this.#choose(() => (this.#crop = value)))),
      this.#labelled(speak("trial_factor"), this.#select("factor", crop.factors.map((each) => [each.factor, each.title]), factor.factor, (value) => this.#choose(() => (this.#factor = value)))),
      this.#labelled(speak("trial_limit"), limits),
      this.#moverBox({
        label: draft.limitName(option.limit),
        unit: factor.unit,
        option,
        room: draft.room(key),
        value: () => draft.limit(key),
        set: (value) => draft.setLimit(key, value),
        shown: (text) => limits.selectedOptions[0]?.replaceChildren(`${draft.limitName(option.limit)}: ${text}`),
      }),
    ];
  }

  #gates(): HTMLElement[] {
    const { h, options, draft, speak } = this.#parts;
    const gate = options.gates.find((each) => each.gate === this.#gate) ?? options.gates[0];
    if (!gate) return [];
    const condition = gate.conditions.find((each) => each.characteristic === this.#condition) ?? gate.conditions[0];
    const parts = [this.#labelled(speak("trial_gate"), this.#select("gate", options.gates.map((each) => [each.gate, each.title]), gate.gate, (value) => this.#choose(() => (this.#gate = value))))];
    if (condition) {
      const name = condition.characteristic;
      if (gate.conditions.length > 1)
        parts.push(this.#labelled(speak("trial_condition"), this.#select("condition", gate.conditions.map((each) => [each.characteristic, each.title]), name, (value) => this.#choose(() => (this.#condition = value)))));
      parts.push(
        this.#moverBox({
          label: `${condition.title}, ${draft.limitName(condition.limit)}`,
          unit: condition.unit,
          option: condition,
          room: [-Infinity, Infinity],
          value: () => draft.gate(gate.gate, name),
          set: (value) => draft.setGate(gate.gate, name, value),
        }),
      );
    }
    if (gate.zones.length > 0) {
      const off = h("input", { type: "checkbox", id: "trial-ungate", onchange: () => (draft.setUngated(gate.gate, off.checked), this.#parts.changed("now")) });
      off.checked = draft.ungated(gate.gate);
      parts.push(h("label", { class: "trial-check", for: "trial-ungate" }, off, speak("trial_ungate", { zones: gate.zones.join(", ") })));
    }
    return parts;
  }

  #minimum(): HTMLElement[] {
    const { h, options, draft, speak, changed } = this.#parts;
    const rated = options.zones.filter((each) => each.minimum);
    const zone = rated.find((each) => each.zone === this.#zone) ?? rated[0];
    if (!zone) return [];
    const picks = CLASSES.map((name) => {
      const input = h("input", { type: "radio", name: "trial-minimum", value: name, onchange: () => (draft.setMinimum(zone.zone, name), changed("now")) });
      input.checked = draft.minimum(zone.zone) === name;
      return h("label", {}, input, h("span", {}, name));
    });
    return [
      this.#labelled(speak("zone"), this.#select("zone", rated.map((each) => [each.zone, `${each.zone} · ${each.name}`]), zone.zone, (value) => this.#choose(() => (this.#zone = value)))),
      h("fieldset", { class: "segmented trial-segmented" }, h("legend", {}, speak("trial_minimum")), ...picks),
      h("p", { class: "note" }, speak("trial_today", { value: zone.minimum ?? "" })),
    ];
  }

  #order(): HTMLElement[] {
    const { h, draft, speak, changed } = this.#parts;
    const order = draft.order;
    const swap = (at: number, by: number): void => {
      const next = [...order];
      [next[at], next[at + by]] = [next[at + by] ?? "", next[at] ?? ""];
      draft.setOrder(next);
      this.draw();
      const row = this.#body.querySelectorAll("li")[at + by];
      (row?.querySelector<HTMLButtonElement>(`button[data-by="${by}"]:not(:disabled)`) ?? row?.querySelector<HTMLButtonElement>("button:not(:disabled)"))?.focus();
      changed("now");
    };
    const button = (at: number, by: number): HTMLElement => {
      const zone = draft.zoneName(order[at] ?? "");
      const end = order[at + by] === undefined;
      return h("button", { type: "button", class: "quiet-button", "data-by": by, disabled: end, "aria-label": by < 0 ? speak("trial_up", { zone }) : speak("trial_down", { zone }), onclick: () => swap(at, by) }, by < 0 ? "↑" : "↓");
    };
    const rows = order.map((zone, at) => h("li", {}, h("b", {}, zone), h("span", { class: "name" }, draft.zoneName(zone)), button(at, -1), button(at, 1)));
    return [h("ol", { class: "trial-order", "aria-label": speak("trial_kind_order") }, ...rows), h("p", { class: "note" }, speak("trial_order_note"))];
  }

  #protected(): HTMLElement[] {
    const { options, draft, changed } = this.#parts;
    const choices = ["", options.restriction, ...new Set([...options.protected.map((each) => each.makes), ...options.zones.map((each) => each.zone)])].filter((each, at, all) => all.indexOf(each) === at);
    return options.protected.map(({ category, title }) =>
      this.#labelled(title, this.#select(`area-${category}`, choices.map((each) => [each, draft.madeName(each)]), draft.makes(category), (value) => (draft.setMakes(category, value), changed("now")))),
    );
  }

  #slope(): HTMLElement[] {
    const { options, draft, speak } = this.#parts;
    const option = options.legal_forest_slope;
    if (!option) return [];
    return [this.#moverBox({ label: speak("trial_slope"), unit: option.unit, option, room: [-Infinity, Infinity], value: () => draft.slope, set: (value) => draft.setSlope(value) })];
  }

  #choose(set: () => void): void {
    const focused = document.activeElement?.id ?? "";
    set();
    this.draw();
    if (focused) document.getElementById(focused)?.focus();
    this.#body.querySelector(".trial-move")?.scrollIntoView({ block: "nearest" });
  }

  #moverBox(mover: Mover): HTMLElement {
    const { h, speak, numbers, options, changed, refuse } = this.#parts;
    this.#mover = mover;
    const [low, high] = mover.room;
    const places = placesOf(options.stops[mover.option.stops] ?? [], low, high, mover.option.value, mover.value());
    const say = (value: number): void => {
      box.value = numbers.box(value);
      slider.value = String(nearestPlace(places, value));
      slider.setAttribute("aria-valuetext", this.#measure(value, mover.unit));
      mover.shown?.(this.#measure(value, mover.unit));
    };
    const move = (): void => {
      const value = places[Number(slider.value)] ?? mover.value();
      mover.set(value);
      say(value);
      changed("soon");
    };
    const write = (): void => {
      const value = numbers.read(box.value, places[0] ?? -Infinity, places.at(-1) ?? Infinity);
      if (value === null) return refuse(speak("trial_bad_number", { text: box.value }));
      mover.set(value);
      say(value);
      changed("now");
    };
    const slider = h("input", { type: "range", id: "trial-slider", min: 0, max: Math.max(places.length - 1, 1), step: 1, "aria-label": mover.label, "aria-describedby": "trial-today", oninput: move });
    const box = h("input", { type: "text", id: "trial-value", inputmode: "decimal", autocomplete: "off", "aria-describedby": "trial-today", onchange: write });
    slider.disabled = places.length < 2;
    say(mover.value());
    return h(
      "div",
      { class: "trial-move" },
      h("label", { for: "trial-value" }, mover.label),
      h("div", { class: "trial-row" }, slider, box, h("span", { class: "unit" }, this.#parts.unit(mover.unit))),
      h("p", { class: "note", id: "trial-today" }, speak("trial_today", { value: this.#measure(mover.option.value, mover.unit) })),
    );
  }

  #measure(value: number, unit: string): string {
    return `${this.#parts.numbers.text(value)} ${this.#parts.unit(unit)}`.trim();
  }

  #select(name: string, choices: (readonly [string, string])[], chosen: string, pick: (value: string) => void): HTMLSelectElement {
    const { h } = this.#parts;
    const made = h("select", { id: `trial-${name}`, autocomplete: "off", onchange: () => pick(made.value) }, ...choices.map(([value, text]) => h("option", { value }, text)));
    made.value = chosen;
    return made;
  }

  #labelled(text: string, control: HTMLElement): HTMLElement {
    const { h } = this.#parts;
    return h("label", { class: "picker trial-pick", for: control.id }, h("span", {}, text), control);
  }
}

/** Return the crop to begin with: one of the competing zone that the fewest crops speak for, where a limit shows most. */
function decisive({ crops, order }: Options): string {
  const speakers = (zone: string): typeof crops => crops.filter((each) => each.zones.includes(zone));
  const [zone = ""] = order.filter((each) => speakers(each).length > 0).sort((one, two) => speakers(one).length - speakers(two).length);
  return (speakers(zone)[0] ?? crops[0])?.crop ?? "";
}
