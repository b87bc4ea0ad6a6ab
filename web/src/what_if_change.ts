/** The change that is being put together: every number that moved, in words, and how to take it back. */

import type { Speak } from "./config";
import type { Numbers } from "./what_if_numbers";
import type { Change, LimitOption, Options } from "./what_if_server";

/** One thing that is no longer as in the study. */
export interface Entry {
  text: string;
  remove: () => void;
}

export interface LimitKey {
  crop: string;
  factor: string;
  limit: string;
}

export class Draft {
  readonly #options: Options;
  readonly #speak: Speak;
  readonly #numbers: Numbers;
  #change: Change;

  constructor(options: Options, speak: Speak, numbers: Numbers) {
    this.#options = options;
    this.#speak = speak;
    this.#numbers = numbers;
    this.#change = {};
  }

  /** What changes, without parts that change nothing. */
  get content(): Change {
    return structuredClone(this.#change);
  }

  get empty(): boolean {
    return Object.keys(this.#change).length === 0;
  }

  replace(change: Change): void {
    this.#change = structuredClone(change);
    this.#tidy();
  }

  limit({ crop, factor, limit }: LimitKey): number {
    return this.#change.limits?.[crop]?.[factor]?.[limit] ?? this.limitToday({ crop, factor, limit })?.value ?? NaN;
  }

  limitToday({ crop, factor, limit }: LimitKey): LimitOption | undefined {
    const factors = this.#options.crops.find((each) => each.crop === crop)?.factors;
    return factors?.find((each) => each.factor === factor)?.limits.find((each) => each.limit === limit);
  }

  setLimit(key: LimitKey, value: number): void {
    const crop = ((this.#change.limits ??= {})[key.crop] ??= {});
    const places = (crop[key.factor] ??= {});
    if (value === this.limitToday(key)?.value) delete places[key.limit];
    else places[key.limit] = value;
    this.#tidy();
  }

  /** Between what a limit of a crop may move without passing its neighbours. */
  room({ crop, factor, limit }: LimitKey): [number, number] {
    const [side = "", place = ""] = limit.split(".");
    const way = side === "low" ? 1 : -1;
    const of = (name: string): number | null => {
      const key = { crop, factor, limit: name };
      return this.limitToday(key) ? this.limit(key) : null;
    };
    const worse = place === "s1" ? [of(`${side}.s2`), of(`${side}.s3`)] : place === "s2" ? [of(`${side}.s3`)] : [];
    const better = place === "s1" ? [] : place === "s2" ? [of(`${side}.s1`)] : [of(`${side}.s2`), of(`${side}.s1`)];
    const told = (all: (number | null)[]): number[] => all.filter((each) => each !== null);
    const [least, most] = way > 0 ? [told(worse), told(better)] : [told(better), told(worse)];
    let [low, high] = [Math.max(-Infinity, ...least), Math.min(Infinity, ...most)];
    const facing = place === "s1" ? of(`${side === "low" ? "high" : "low"}.s1`) : null;
    // The two S1 limits may meet, so that the end itself is allowed.
    if (facing !== null && side === "low") high = Math.min(high, facing + Math.abs(facing) * 1e-9);
    if (facing !== null && side === "high") low = Math.max(low, facing - Math.abs(facing) * 1e-9);
    return [low, high];
  }

  gate(gate: string, characteristic: string): number {
    return this.#change.gates?.[gate]?.[characteristic] ?? this.#condition(gate, characteristic)?.value ?? NaN;
  }

  setGate(gate: string, characteristic: string, value: number): void {
    const limits = ((this.#change.gates ??= {})[gate] ??= {});
    if (value === this.#condition(gate, characteristic)?.value) delete limits[characteristic];
    else limits[characteristic] = value;
    this.#tidy();
  }

  ungated(gate: string): boolean {
    return this.#change.ungated?.includes(gate) ?? false;
  }

  setUngated(gate: string, off: boolean): void {
    const others = (this.#change.ungated ?? []).filter((each) => each !== gate);
    this.#change.ungated = off ? [...others, gate].sort() : others;
    this.#tidy();
  }

  minimum(zone: string): string {
    return this.#change.minimum?.[zone] ?? this.#zone(zone)?.minimum ?? "";
  }

  setMinimum(zone: string, name: string): void {
    const minimum = (this.#change.minimum ??= {});
    if (name === this.#zone(zone)?.minimum) delete minimum[zone];
    else minimum[zone] = name;
    this.#tidy();
  }

  get order(): string[] {
    return [...(this.#change.order ?? this.#options.order)];
  }

  setOrder(order: string[]): void {
    this.#change.order = order.join() === this.#options.order.join() ? [] : order;
    this.#tidy();
  }

  makes(category: string): string {
    return this.#change.protected?.[category] ?? this.#category(category)?.makes ?? "";
  }

  setMakes(category: string, makes: string): void {
    const all = (this.#change.protected ??= {});
    if (makes === this.#category(category)?.makes) delete all[category];
    else all[category] = makes;
    this.#tidy();
  }

  get slope(): number {
    return this.#change.legal_forest_slope ?? this.#options.legal_forest_slope?.value ?? NaN;
  }

  setSlope(value: number): void {
    if (value === this.#options.legal_forest_slope?.value) delete this.#change.legal_forest_slope;
    else this.#change.legal_forest_slope = value;
  }

  /** What a limit of a crop or gate is called: «S1 desde», «a lo sumo». */
  limitName(limit: string): string {
    return this.#speak(`trial_${limit.replace(".", "_")}`);
  }

  zoneName(zone: string): string {
    return this.#zone(zone)?.name ?? zone;
  }

  madeName(makes: string): string {
    if (!makes) return this.#speak("trial_makes_nothing");
    return makes === this.#options.restriction ? this.#speak("trial_makes_restriction") : this.zoneName(makes);
  }

  /** Everything that changes, in words. */
  entries(unit: (text: string) => string): Entry[] {
    const { order, minimum = {}, gates = {}, ungated = [], weights = {}, limits = {}, legal_forest_slope: slope } = this.#change;
    const speak = this.#speak;
    const moved = (what: string, from: number | undefined, to: number, of: string): string =>
      `${what}: ${from === undefined ? "" : `${this.#numbers.text(from)} → `}${this.#numbers.text(to)} ${unit(of)}`.trim();
    const entries: Entry[] = [];
    for (const [crop, factors] of Object.entries(limits))
      for (const [factor, places] of Object.entries(factors))
        for (const [limit, value] of Object.entries(places)) {
          const key = { crop, factor, limit };
          const known = this.#options.crops.find((each) => each.crop === crop);
          const told = known?.factors.find((each) => each.factor === factor);
          const what = [known?.name ?? crop, told?.title ?? factor, this.limitName(limit)].join(" · ");
          const today = this.limitToday(key)?.value;
          entries.push({ text: moved(what, today, value, told?.unit ?? ""), remove: () => this.#drop(() => delete this.#change.limits?.[crop]?.[factor]?.[limit]) });
        }
    for (const [gate, conditions] of Object.entries(gates))
      for (const [name, value] of Object.entries(conditions)) {
        const known = this.#condition(gate, name);
        const what = [this.#gateName(gate), known?.title ?? name].join(" · ");
        entries.push({ text: moved(what, known?.value, value, known?.unit ?? ""), remove: () => this.#drop(() => delete this.#change.gates?.[gate]?.[name]) });
      }
    for (const gate of ungated) entries.push({ text: `${this.#gateName(gate)}: ${speak("trial_ungated")}`, remove: () => this.setUngated(gate, false) });
    for (const [zone, name] of Object.entries(minimum)) {
      const text = `${this.zoneName(zone)} · ${speak("trial_minimum")}: ${this.#zone(zone)?.minimum ?? ""} → ${name}`;
      entries.push({ text, remove: () => this.#drop(() => delete this.#change.minimum?.[zone]) });
    }
    if (order) entries.push({ text: `${speak("trial_kind_order")}: ${order.join(", ")}`, remove: () => this.#drop(() => delete this.#change.order) });
    for (const [category, makes] of Object.entries(this.#change.protected ?? {})) {
      const text = `${this.#category(category)?.title ?? category}: ${this.madeName(this.#category(category)?.makes ?? "")} → ${this.madeName(makes)}`;
      entries.push({ text, remove: () => this.#drop(() => delete this.#change.protected?.[category]) });
    }
    for (const [factor, weight] of Object.entries(weights))
      entries.push({ text: `${speak("trial_weight")} · ${factor}: ${this.#numbers.text(weight)}`, remove: () => this.#drop(() => delete this.#change.weights?.[factor]) });
    if (slope !== undefined)
      entries.push({ text: moved(speak("trial_kind_slope"), this.#options.legal_forest_slope?.value, slope, "%"), remove: () => this.#drop(() => delete this.#change.legal_forest_slope) });
    return entries;
  }

  #drop(away: () => void): void {
    away();
    this.#tidy();
  }

  #zone(zone: string): Options["zones"][number] | undefined {
    return this.#options.zones.find((each) => each.zone === zone);
  }

  #category(category: string): Options["protected"][number] | undefined {
    return this.#options.protected.find((each) => each.category === category);
  }

  #gateName(gate: string): string {
    return this.#options.gates.find((each) => each.gate === gate)?.title ?? gate;
  }

  #condition(gate: string, characteristic: string): Options["gates"][number]["conditions"][number] | undefined {
    return this.#options.gates.find((each) => each.gate === gate)?.conditions.find((each) => each.characteristic === characteristic);
  }

  #tidy(): void {
    this.#change = (pruned(this.#change) as Change | undefined) ?? {};
  }
}

/** Return a value without its empty parts, or nothing where nothing is left; an empty text is a value. */
function pruned(value: unknown): unknown {
  if (Array.isArray(value)) return value.length > 0 ? value : undefined;
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).flatMap(([name, each]) => {
    const left = pruned(each);
    return left === undefined ? [] : [[name, left] as const];
  });
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}
