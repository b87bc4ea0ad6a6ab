/** The panel on a phone: a sheet that rests at three heights, drawn up by hand, by button or by keyboard. */

const RESTS = ["peek", "half", "full"] as const;
export type Rest = (typeof RESTS)[number];

export class BottomSheet {
  readonly #panel: HTMLElement;
  readonly #handle: HTMLButtonElement;
  readonly #labels: Record<Rest, string>;
  #rest: Rest = "half";

  constructor(panel: HTMLElement, handle: HTMLButtonElement, labels: Record<Rest, string>) {
    this.#panel = panel;
    this.#handle = handle;
    this.#labels = labels;
    handle.addEventListener("click", () => this.set(this.#rest === "full" ? "peek" : this.#rest === "peek" ? "half" : "full"));
    handle.addEventListener("keydown", (event) => {
      if (event.key === "ArrowUp") this.#step(1);
      else if (event.key === "ArrowDown") this.#step(-1);
      else return;
      event.preventDefault();
    });
    this.#drag();
    this.set("half");
  }

  set(rest: Rest): void {
    this.#rest = rest;
    this.#panel.dataset.rest = rest;
    this.#handle.setAttribute("aria-label", this.#labels[rest]);
    this.#handle.setAttribute("aria-expanded", rest === "peek" ? "false" : "true");
  }

  #step(by: number): void {
    const next = RESTS[Math.min(RESTS.length - 1, Math.max(0, RESTS.indexOf(this.#rest) + by))];
    if (next) this.set(next);
  }

  #drag(): void {
    let from: number | null = null;
    this.#handle.addEventListener("pointerdown", (event) => {
      from = event.clientY;
      this.#handle.setPointerCapture(event.pointerId);
    });
    this.#handle.addEventListener("pointerup", (event) => {
      const moved = from === null ? 0 : event.clientY - from;
      from = null;
      if (Math.abs(moved) < 24) return;
      this.#step(moved < 0 ? 1 : -1);
      this.#handle.addEventListener("click", (click) => click.stopImmediatePropagation(), { once: true, capture: true });
    });
  }
}
