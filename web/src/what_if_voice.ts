/** What the panel «Probar un cambio» says of its work: that it waits, how far the server is, and what went wrong. */

import type { Speak } from "./config";
import type { h } from "./dom";
import { TrialRefusal } from "./what_if_server";

export class Voice {
  readonly #h: typeof h;
  readonly #speak: Speak;
  readonly #said: HTMLElement;
  readonly #trouble: HTMLElement;
  readonly #progress: HTMLProgressElement;
  /** Whether a trial is still on the map, whatever goes wrong with the next. */
  readonly #drawn: () => boolean;

  constructor(make: typeof h, speak: Speak, drawn: () => boolean) {
    this.#h = make;
    this.#speak = speak;
    this.#drawn = drawn;
    this.#said = make("p", { class: "trial-said", role: "status" });
    this.#trouble = make("div", { class: "refusal", role: "alert", hidden: true });
    this.#progress = make("progress", { max: 100, hidden: true, "aria-label": speak("trial_asking") });
  }

  get parts(): HTMLElement[] {
    return [this.#progress, this.#said, this.#trouble];
  }

  /** Say how it stands; `twice` where a wide screen shows the same words elsewhere. */
  say(text: string, twice = false): void {
    this.#said.textContent = text;
    this.#said.classList.toggle("twice", twice);
  }

  /** Show how far the server is with what it asked to wait for. */
  wait(error: TrialRefusal): void {
    const share = /(\d+)\s*%/.exec(error.message);
    this.say(error.message);
    this.#progress.hidden = false;
    if (share) this.#progress.value = Number(share[1]);
    else this.#progress.removeAttribute("value");
  }

  calm(): void {
    this.#progress.hidden = true;
    this.say("");
  }

  hush(): void {
    this.#trouble.hidden = true;
    this.#trouble.replaceChildren();
  }

  /** Say what went wrong; the panel stays usable. */
  tell(problem: unknown, again: (() => void) | null = null): void {
    const text = typeof problem === "string" ? problem : problem instanceof TrialRefusal ? problem.message : this.#speak("no_answer");
    this.#show(
      this.#h("p", {}, text, this.#drawn() ? ` ${this.#speak("trial_stale")}` : ""),
      again ? this.#h("button", { type: "button", class: "quiet-button", onclick: again }, this.#speak("trial_retry")) : "",
    );
  }

  /** Say which layers would have to be read, and offer the values beside that need none. */
  needs(what: string, near: { text: string; take: () => void }[]): void {
    const [make, speak] = [this.#h, this.#speak];
    this.#show(
      make("p", {}, what),
      make("p", {}, speak("trial_exact"), near.length > 0 ? ` ${speak("trial_nearest")}` : ""),
      make("p", { class: "trial-buttons" }, ...near.map(({ text, take }) => make("button", { type: "button", class: "quiet-button", onclick: take }, speak("trial_use", { value: text })))),
      this.#drawn() ? make("p", {}, speak("trial_stale")) : "",
    );
  }

  #show(...parts: (HTMLElement | string)[]): void {
    this.#trouble.replaceChildren(...parts);
    this.#trouble.hidden = false;
    this.#trouble.scrollIntoView({ block: "nearest" }); // a phone shows little of the panel: no answer must stay unseen
  }
}
