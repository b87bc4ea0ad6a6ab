/**
 * MapLibre in three parts: what page and worker share, the page's own, the worker's own.
 *
 * Its ordinary build makes a worker from a blob: address, its other build carries the shared part twice. Shipped in
 * parts, the shared one travels once, and the content security policy needs neither blob: nor eval.
 */

import { readFileSync } from "node:fs";

export interface LibraryParts {
  shared: string;
  worker: string;
  index: string;
}

const NAMES = ["shared", "worker", "index"] as const;
const END = "\n//\n// Our custom intro";

/** Cut the library's ordinary build at its three `define` calls; another layout is refused. */
export function libraryParts(path: string): LibraryParts {
  const text = readFileSync(path, "utf8");
  const starts = NAMES.map((name) => text.indexOf(`\ndefine("${name}",[`));
  const end = text.indexOf(END);
  if (starts.some((start, index) => start < 0 || start > (starts[index + 1] ?? end)))
    throw new Error(`${path} is not laid out in the parts ${NAMES.join(", ")}: read its head and adapt map_library.ts`);
  const [shared = "", worker = "", index = ""] = starts.map((start, place) => factory(text.slice(start, starts[place + 1] ?? end)));
  return { shared, worker, index };
}

/** Return the function that is the last argument of a `define` call. */
function factory(call: string): string {
  const from = call.indexOf("],") + 2;
  const to = call.lastIndexOf(")");
  const text = call.slice(from, to);
  if (!text.startsWith("(") && !text.startsWith("function")) throw new Error(`Not a function: ${text.slice(0, 40)}`);
  return text;
}
