/** What the server wrote into the page: addresses, available layers, language and every word a person reads. */

import type { OwnView } from "./own_layers";

/** One value chain that may be shown by its aptitude. */
export interface ChainView {
  /** Name of its map layer. */
  layer: string;
  title: string;
  /** Zones and overlays it is made of. */
  members: string[];
  /** What it was rated without. */
  incomplete: string[];
}

export interface Comparison {
  comparison: string;
  to: string;
  changed_ha: number;
  changed_share: number;
}

/** What there is to know of prices before any is asked for. */
export interface PriceDays {
  /** First and last day with a price, ISO. */
  first: string | null;
  last: string | null;
  /** Levels of alert, the usual first, the unknown last. */
  alerts: { value: string; label: string; colour: string }[];
}

export interface PageConfig {
  /** Path under which the application is mounted, without a final slash. */
  root: string;
  language: string;
  locale: string;
  study: string;
  /** Whether there is a study to show. */
  zoned: boolean;
  /** Name of the territory, as a title. */
  name: string;
  demo: boolean;
  /** Identifiers of the layers that can be drawn. */
  layers: string[];
  /** Layers that users brought themselves. */
  own: OwnView[];
  chains: ChainView[];
  /** Null where no price can be drawn. */
  prices: PriceDays | null;
  municipality: string | null;
  /** Kept comparisons that begin with the study shown. */
  comparisons: Comparison[];
  messages: Record<string, string>;
  /** What a reader calls each land characteristic, by its key without months. */
  characteristics: Record<string, string>;
  /** The twelve months, shortened. */
  months: string[];
}

export function readConfig(): PageConfig {
  const element = document.getElementById("valles-config");
  if (!element?.textContent) throw new Error("The page carries no configuration");
  return JSON.parse(element.textContent) as PageConfig;
}

/** Return the function that looks up a message and fills its `{places}`. */
export function speaker(config: PageConfig): (key: string, values?: Record<string, string | number>) => string {
  return (key, values = {}) =>
    (config.messages[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export type Speak = ReturnType<typeof speaker>;

/** Return the title of a characteristic's key: `temp_mean@10-03` is its name and the months it is taken over. */
export function characteristicTitle(config: PageConfig, key: string): string {
  const [name = "", window = ""] = key.split("@");
  const title = config.characteristics[name] ?? name.replaceAll("_", " ");
  return window ? `${title} (${windowTitle(config, window)})` : title;
}

/** Return a window of months by their names: `10-03` is `oct–mar`. */
export function windowTitle(config: PageConfig, window: string): string {
  return window
    .split("-")
    .map((month) => config.months[Number(month) - 1] ?? month)
    .join("–");
}

/** Return a unit as it is written in a sentence. */
export function unitText(unit: string): string {
  return unit.replace("degC", "°C");
}
