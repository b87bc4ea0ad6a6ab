/** The door to «Probar un cambio»: what it needs is fetched when the panel is opened, or a link names a trial. */

import type { Legend, Territory } from "./api";
import { unitText, type PageConfig, type Speak } from "./config";
import { byId, h } from "./dom";
import type { Format } from "./format";
import { swatch } from "./patterns";
import type { PlannerMap } from "./planner_map";
import type { WhatIf } from "./what_if";

/** What the panel needs of the page, whether it is open yet or not. */
export interface TrialStage {
  map: PlannerMap | null;
  config: PageConfig;
  territory: Territory;
  legend: Legend;
  speak: Speak;
  format: Format;
  /** Called when a trial is first drawn, and when the zones are to be shown again. */
  began: () => void;
  ended: () => void;
}

export interface DoorParts extends TrialStage {
  trouble: (error: unknown) => void;
}

export class TrialDoor {
  readonly #parts: DoorParts;
  #inside: Promise<WhatIf> | null = null;
  #what: WhatIf | null = null;
  #municipality = "";
  /** Nothing can be put on the map before its own layers are. */
  readonly #styled: Promise<unknown>;

  constructor(parts: DoorParts) {
    this.#parts = parts;
    this.#styled = new Promise((resolve) => (parts.map ? parts.map.map.once("style.load", resolve) : resolve(null)));
    if (!parts.config.zoned) return;
    const box = byId<HTMLDetailsElement>("trial");
    box.addEventListener("toggle", () => {
      if (!box.open) return;
      box.scrollIntoView({ block: window.innerWidth < 720 ? "start" : "nearest" });
      void this.#open();
    });
    if (new URL(location.href).searchParams.has("ensayo")) box.open = true;
  }

  choose(code: string): void {
    this.#municipality = code;
    this.#what?.choose(code);
  }

  aside(away: boolean): void {
    this.#what?.aside(away);
  }

  /** See to it that the trial, not what it is compared with, is on the map that is printed. */
  face(): void {
    this.#what?.face();
  }

  async #open(): Promise<void> {
    const { map, trouble, ...parts } = this.#parts;
    const marks = [byId("trial-mark"), byId("trial-legend"), byId("sheet-trial")];
    const boxes = { controls: byId("trial-controls"), result: byId("trial-result"), marks, sheet: byId("sheet-trial") };
    try {
      this.#inside ??= import("./what_if").then(({ WhatIf }) => new WhatIf({ ...parts, map, h, swatch, unit: unitText, boxes }));
      this.#what = await this.#inside;
      this.#what.choose(this.#municipality);
      await this.#styled;
      await this.#what.open();
    } catch (error) {
      this.#inside = null;
      trouble(error);
    }
  }
}
