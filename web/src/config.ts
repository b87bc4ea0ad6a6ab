/** What the server wrote into the page: addresses, available layers, language and every word a person reads. */

export interface PageConfig {
  /** Path under which the application is mounted, without a final slash. */
  root: string;
  language: string;
  locale: string;
  study: string;
  /** Name of the territory, as a title. */
  name: string;
  demo: boolean;
  /** Identifiers of the layers that can be drawn. */
  layers: string[];
  municipality: string | null;
  /** Attributions of what is drawn. */
  credits: string[];
  messages: Record<string, string>;
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
