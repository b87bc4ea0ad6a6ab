/**
 * «Probar un cambio»: a planner moves a rule of the study and the map answers; nothing is saved.
 *
 * Loaded when somebody asks for it. It is handed what it uses of the page's own script: a part that both import
 * would make the browser fetch that script a second time.
 */

import type { h } from "./dom";
import type { swatch } from "./patterns";
import type { TrialStage } from "./trial_door";
import { Draft } from "./what_if_change";
import { Controls } from "./what_if_controls";
import { TrialLayer } from "./what_if_layer";
import { Numbers } from "./what_if_numbers";
import { ResultBox, type Side } from "./what_if_result";
import { TrialRefusal, TrialServer, type Change, type Posted } from "./what_if_server";
import { Voice } from "./what_if_voice";

export interface TrialBoxes {
  /** Where the choices go. */
  controls: HTMLElement;
  /** Shown while there is a trial: its words, its buttons and its table. */
  result: HTMLElement;
  /** Lines that say elsewhere that what is shown is a trial: over the map, in the legend, at the foot of the sheet. */
  marks: HTMLElement[];
  /** Line of the printed sheet that tells what changes. */
  sheet: HTMLElement;
}

export interface TrialParts extends TrialStage {
  h: typeof h;
  swatch: typeof swatch;
  /** Writes a unit as it stands in a sentence. */
  unit: (text: string) => string;
  boxes: TrialBoxes;
}

const SOON_MS = 250;
/** Screens on which what a trial comes to lies over the left of the map, and how wide that is; the style sheet says the same. */
const WIDE = window.matchMedia("(min-width: 1100px)");
const CARD_PX = 356;
/** Parameter of the page's address that names a trial. */
export const TRIAL = "ensayo";

export class WhatIf {
  readonly #parts: TrialParts;
  readonly #server: TrialServer;
  readonly #layer: TrialLayer | null;
  readonly #numbers: Numbers;
  readonly #voice: Voice;
  readonly #result: ResultBox;
  #draft: Draft | null = null;
  #controls: Controls | null = null;
  #municipality = "";
  #posted: Posted | null = null;
  #asked = new AbortController();
  #timer = 0;

  constructor(parts: TrialParts) {
    this.#parts = parts;
    const { boxes, config, h, map, territory, speak } = parts;
    this.#server = new TrialServer(config.root, config.study, config.language);
    this.#numbers = new Numbers(config.locale);
    this.#layer = map ? new TrialLayer(map, location.origin + config.root, territory.bounds) : null;
    this.#voice = new Voice(h, speak, () => this.#posted !== null);
    this.#result = new ResultBox(boxes.result, { ...parts, numbers: this.#numbers }, map !== null, {
      see: (side) => (side === "trial" ? this.#see(side) : void this.#compare()),
      reset: () => this.reset(),
      removed: () => {
        this.#controls?.draw();
        this.#later("now");
      },
      copied: () => this.#voice.say(speak("trial_copied")),
    });
  }

  /** Ask what may be tried and offer it; then draw the trial that the page's address names. */
  async open(): Promise<void> {
    const { boxes, h, speak, unit } = this.#parts;
    if (this.#draft) return;
    const controls = h("div", {}, h("p", { class: "wait" }, speak("loading")));
    const notes = h("div");
    boxes.controls.replaceChildren(controls, ...this.#voice.parts, notes);
    this.#voice.hush();
    try {
      const options = await this.#server.options();
      const draft = (this.#draft = new Draft(options, speak, this.#numbers));
      const told = { changed: (pace: "soon" | "now") => this.#later(pace), refuse: (text: string) => this.#voice.tell(text) };
      this.#controls = new Controls(controls, { h, speak, numbers: this.#numbers, unit, options, draft, ...told });
      const lacks = options.not_applied.length > 0 ? h("p", { class: "note" }, speak("trial_not_applied", { what: options.not_applied.join(", ") })) : "";
      notes.replaceChildren(lacks, this.#openFile());
    } catch (error) {
      controls.replaceChildren();
      this.#voice.tell(error, () => void this.open());
      return;
    }
    const hash = new URL(location.href).searchParams.get(TRIAL);
    if (hash) await this.#restore(hash);
  }

  /** Tell the hectares of another municipality. */
  choose(code: string): void {
    this.#municipality = code;
    if (this.#posted) void this.#weigh(this.#posted, this.#asked.signal);
  }

  /** Step aside while something else than the zones is on the map. */
  aside(away: boolean): void {
    if (this.#posted) this.#layer?.aside(away);
  }

  /** See to it that the trial itself is on the map and has all of it, as before printing. */
  face(): void {
    if (!this.#posted) return;
    this.#see("trial");
    this.#layer?.room(0, false);
  }

  async #restore(hash: string): Promise<void> {
    try {
      this.#take(await this.#server.trial(hash));
    } catch (error) {
      const unknown = error instanceof TrialRefusal && error.status === 404;
      const text = unknown ? this.#parts.speak("trial_unknown", { reason: error.found }) : error;
      this.#voice.tell(text, unknown ? null : () => void this.#restore(hash));
    }
  }

  #take(change: Change): void {
    this.#draft?.replace(change);
    this.#controls?.draw();
    void this.#ask();
  }

  #later(pace: "soon" | "now"): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#ask(), pace === "soon" ? SOON_MS : 0);
  }

  /** Send what changes and show what comes of it; a newer question takes the place of an older one. */
  async #ask(): Promise<void> {
    this.#asked.abort();
    const asked = (this.#asked = new AbortController());
    const draft = this.#draft;
    this.#voice.hush();
    if (!draft) return;
    if (draft.empty) return this.reset();
    this.#voice.say(this.#parts.speak("trial_asking"));
    this.#result.stale = true;
    try {
      const posted = await this.#server.post(draft.content, asked.signal, (error) => this.#voice.wait(error));
      if (asked.signal.aborted) return;
      this.#voice.calm();
      if (posted.ready) await this.#show(posted, asked.signal);
      else this.#voice.needs(this.#lacks(posted), this.#controls?.nearest() ?? []);
    } catch (error) {
      if (asked.signal.aborted) return;
      this.#voice.calm();
      this.#voice.tell(error, () => void this.#ask());
    }
  }

  /** What would have to be read for a value that the stack does not know, and how long that would take. */
  #lacks({ needs }: Posted): string {
    const { config, speak } = this.#parts;
    const names = needs.encode.map((key) => config.characteristics[key.split("@")[0] ?? ""] ?? key);
    const seconds = this.#numbers.text(Math.max(needs.seconds, 0.1));
    return speak("trial_needs", { what: [...new Set(names)].join(", "), layers: needs.layers.join(", ") || "—", seconds });
  }

  async #show(posted: Posted, signal: AbortSignal): Promise<void> {
    const { boxes, began, speak, unit } = this.#parts;
    const first = this.#posted === null;
    this.#posted = posted;
    this.#address(posted.hash);
    if (first) {
      began();
      this.#mark(true);
    }
    this.#layer?.draw(posted.tiles);
    this.#see("trial");
    const told = this.#draft?.entries(unit) ?? [];
    this.#result.tell(told, posted.hash, [this.#server.trialAddress(posted.hash, "toml"), this.#server.trialAddress(posted.hash, "json")]);
    boxes.sheet.textContent = speak("trial_sheet", { changes: told.map((each) => each.text).join("; ") });
    await this.#weigh(posted, signal);
  }

  async #weigh(posted: Posted, signal: AbortSignal): Promise<void> {
    const code = this.#municipality;
    if (!code) {
      this.#voice.say(this.#result.weigh(this.#parts.speak("trial_choose")), true);
      return;
    }
    this.#result.stale = true;
    try {
      const summary = await this.#server.summary(posted, code, signal, (error) => this.#voice.wait(error));
      if (signal.aborted || posted !== this.#posted || code !== this.#municipality) return;
      this.#voice.calm();
      this.#voice.say(this.#result.weigh(summary), true);
    } catch (error) {
      if (signal.aborted || code !== this.#municipality) return;
      this.#voice.calm();
      this.#result.weigh("");
      this.#voice.tell(error, () => void this.#weigh(posted, signal));
    }
  }

  /** Take everything back: the zones of the study stand on the map again. */
  reset(): void {
    this.#asked.abort();
    window.clearTimeout(this.#timer);
    this.#draft?.replace({});
    this.#controls?.draw();
    this.#voice.calm();
    this.#voice.hush();
    this.#address("");
    if (!this.#posted) return;
    this.#posted = null;
    this.#layer?.clear();
    this.#mark(false);
    document.documentElement.classList.remove("trial-study");
    this.#parts.ended();
  }

  /** Say wherever the map is read that it is a trial, or no more. */
  #mark(shown: boolean): void {
    this.#result.shown = shown;
    for (const mark of this.#parts.boxes.marks) mark.hidden = !shown;
    document.documentElement.classList.toggle("trying", shown);
    this.#layer?.room(shown && WIDE.matches ? CARD_PX : 0);
  }

  #see(side: Side): void {
    this.#result.seen = side;
    document.documentElement.classList.toggle("trial-study", side === "study");
    this.#layer?.see(side);
  }

  /** Put the study's own cells on the map, to compare with. */
  async #compare(): Promise<void> {
    try {
      if (this.#layer && !this.#layer.comparable) {
        const posted = await this.#server.post({}, this.#asked.signal, (error) => this.#voice.wait(error));
        this.#voice.calm();
        this.#layer.compareWith(posted.tiles);
      }
      this.#see("study");
    } catch (error) {
      this.#see("trial");
      if (!this.#asked.signal.aborted) this.#voice.tell(error);
    }
  }

  /** A way to open again what was downloaded as JSON. */
  #openFile(): HTMLElement {
    const { h, speak } = this.#parts;
    const input = h("input", { type: "file", id: "trial-file", accept: ".json,application/json", class: "hidden", onchange: () => void read() });
    const read = async (): Promise<void> => {
      const file = input.files?.[0];
      input.value = "";
      if (!file) return;
      try {
        const told = JSON.parse(await file.text()) as { change?: Change };
        if (typeof told.change !== "object" || Array.isArray(told.change)) throw new SyntaxError();
        this.#take(told.change);
      } catch {
        this.#voice.tell(speak("trial_bad_file", { file: file.name }));
      }
    };
    return h("p", { class: "note" }, h("label", { class: "trial-file", for: "trial-file" }, speak("trial_open_file"), input));
  }

  #address(hash: string): void {
    const address = new URL(location.href);
    if (hash) address.searchParams.set(TRIAL, hash);
    else address.searchParams.delete(TRIAL);
    history.replaceState(null, "", address);
  }
}
