/** The planner's map: reads the page's configuration, asks the server, and joins the parts. */

import "maplibre-gl/dist/maplibre-gl.css";
import { Api, Refusal, getJson, type AptitudeRow, type Legend, type Summary, type Territory } from "./api";
import { drawAptitude } from "./aptitude";
import { BottomSheet } from "./bottom_sheet";
import { offerComparisons } from "./comparison";
import { readConfig, speaker, type ChainView } from "./config";
import { byId, h } from "./dom";
import { Format } from "./format";
import { drawBar, drawLegend, type LegendState } from "./legend";
import { swatch } from "./patterns";
import { PlannerMap, canDraw } from "./planner_map";
import type { PriceView } from "./price_view";
import { printAsItStands, printSheet } from "./print_sheet";
import { ReasonPanel } from "./reason";
import { FONT_BOLD } from "./style";
import { drawTable } from "./summary_table";
import { TrialDoor } from "./trial_door";

const config = readConfig();
const speak = speaker(config);
const format = new Format(config.locale);
const api = new Api(config.root, config.study, config.language);

/** Screens on which the panel is a sheet and the reason covers the lower part of the map. */
const SMALL = window.matchMedia("(max-width: 719.98px)");

/** What there is to draw while no study was made. */
const NO_ZONES: Legend = { zones: [], classes: [], scale: 0, cell_m: 0, honest_scale: null, draws: 0, demo: false };

/** Name of the view of prices. */
const PRICES = "prices";

class Planner {
  readonly #territory: Territory;
  readonly #legend: Legend;
  readonly #map: PlannerMap | null;
  readonly #reason: ReasonPanel;
  readonly #state: LegendState = { by: "zone", patterned: false, isolated: null };
  #summary: Summary | null = null;
  #asked = 0;
  #chain: ChainView | null = null;
  #aptitude: AptitudeRow[] | null = null;
  #view = "";
  #prices: PriceView | null = null;
  readonly #trial: TrialDoor;

  constructor(territory: Territory, legend: Legend) {
    this.#territory = territory;
    this.#legend = legend;
    new BottomSheet(byId("panel"), byId<HTMLButtonElement>("handle"), {
      peek: speak("sheet_up"),
      half: speak("sheet_up"),
      full: speak("sheet_down"),
    });
    const parts = { api, config, territory, legend, speak, format };
    this.#reason = new ReasonPanel(byId("reason"), parts, () => this.#map?.select(null));
    this.#map = this.#openMap();
    this.#trial = new TrialDoor({ ...parts, map: this.#map, trouble, began: () => this.#plain(), ended: () => void this.#show(this.#view) });
    this.#fillPicker();
    this.#fillSwitches();
    offerComparisons(this.#map ? config.comparisons : [], speak, format, (comparison) => this.#map?.compare(comparison));
    if (config.zoned) this.#sayScale();
    byId("print").addEventListener("click", () => void this.#print());
    printAsItStands(this.#map?.map ?? null);
    byId("ask-centre").addEventListener("click", () => void this.#map?.ask());
    void this.#choose(config.municipality ?? "");
    if (config.zoned || !config.prices) return;
    if (this.#map) this.#map.map.once("style.load", () => void this.#show(PRICES));
    else void this.#show(PRICES);
  }

  #openMap(): PlannerMap | null {
    if (!canDraw()) {
      byId("no-map").hidden = false;
      document.documentElement.classList.add("without-map");
      return null;
    }
    const tip = byId("tip");
    const worker = byId<HTMLScriptElement>("app").dataset.worker ?? "";
    const base = location.origin + config.root;
    return new PlannerMap(byId("map"), worker, base, new Set(config.layers), this.#legend, this.#territory, speak, {
      picked: (lon, lat, zone) => {
        if (this.#view === PRICES) return this.#prices?.pick(lon, lat);
        if (!config.zoned) return;
        this.#map?.select(zone ? String(zone.zone_id ?? "") : null);
        this.#reason.show(lon, lat, zone);
        if (SMALL.matches) this.#map?.liftUp(lon, lat);
      },
      hovered: (zone, change) => {
        if (change) {
          tip.textContent = [change.change, change.reason_title].filter(Boolean).join(" · ");
          tip.hidden = false;
          return;
        }
        if (this.#view) return;
        const entry = this.#legend.zones.find((each) => each.zone === zone?.zone);
        const name = entry ? [entry.name, zone?.class === "NR" ? "" : zone?.class].filter(Boolean).join(" · ") : "";
        tip.textContent = name && document.documentElement.classList.contains("trying") ? speak("trial_tip", { zone: name }) : name;
        tip.hidden = !entry;
      },
    });
  }

  #fillPicker(): void {
    const picker = byId<HTMLSelectElement>("municipality");
    const sorted = [...this.#territory.municipalities].sort((one, two) => one.name.localeCompare(two.name, config.locale));
    picker.replaceChildren(
      h("option", { value: "" }, speak("whole_territory", { n: sorted.length })),
      ...sorted.map((each) => h("option", { value: each.code }, each.name)),
    );
    picker.value = config.municipality ?? "";
    picker.disabled = false;
    picker.addEventListener("change", () => void this.#choose(picker.value));
  }

  #fillSwitches(): void {
    for (const input of document.querySelectorAll<HTMLInputElement>("input[data-group]")) {
      const group = input.dataset.group ?? "";
      input.addEventListener("change", () => this.#map?.show(group, input.checked));
    }
    for (const input of document.querySelectorAll<HTMLInputElement>("input[data-own]")) {
      const view = config.own.find((each) => each.id === input.dataset.own);
      if (view) input.addEventListener("change", () => this.#map?.showOwn(view, input.checked));
    }
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=view]"))
      input.addEventListener("change", () => void this.#show(input.value));
    const patterns = byId<HTMLInputElement>("patterns");
    patterns.addEventListener("change", () => {
      this.#state.patterned = patterns.checked;
      this.#map?.pattern(patterns.checked && this.#state.by === "zone");
      this.#draw();
    });
    for (const input of document.querySelectorAll<HTMLInputElement>("input[name=by]"))
      input.addEventListener("change", () => {
        this.#state.by = input.value === "class" || input.value === "stability" ? input.value : "zone";
        document.documentElement.classList.toggle("by-class", this.#state.by !== "zone");
        this.#map?.colourBy(this.#state.by);
        this.#map?.pattern(this.#state.patterned && this.#state.by === "zone");
        this.#isolate(null);
      });
  }

  /** Show the zones, prices, or how apt every place is for the chain whose layer this is. */
  async #show(view: string): Promise<void> {
    this.#view = view;
    this.#chain = config.chains.find((each) => each.layer === view) ?? null;
    this.#aptitude = null;
    byId("tip").hidden = true;
    document.documentElement.classList.toggle("not-zones", view !== "");
    this.#prices?.hide();
    const address = `${location.origin}${config.root}/tiles/${view}/{z}/{x}/{y}.png?study=${encodeURIComponent(config.study)}`;
    this.#trial.aside(true);
    if (this.#chain) this.#map?.showChain(view, address);
    else this.#map?.showInstead({}, []);
    if (view === PRICES) return this.#showPrices();
    if (!this.#chain) {
      this.#map?.colourBy(this.#state.by);
      this.#map?.pattern(this.#state.patterned && this.#state.by === "zone");
      this.#trial.aside(false);
    }
    this.#draw();
    await this.#weigh();
  }

  /** Make room for a trial: the zones alone, by zone, compared with nothing. */
  #plain(): void {
    for (const name of ["view", "by"]) {
      const input = document.querySelector<HTMLInputElement>(`input[name=${name}][value="${name === "by" ? "zone" : ""}"]`);
      if (input && !input.checked) input.click();
    }
    const compared = byId<HTMLSelectElement>("compare");
    if (compared.value) compared.value = "";
    compared.dispatchEvent(new Event("change"));
    this.#isolate(null);
  }

  /** Show prices; the part that does is fetched when it is first asked for. */
  async #showPrices(): Promise<void> {
    byId("legend").replaceChildren(h("p", { class: "wait" }, speak("loading")));
    try {
      const { PriceView } = await import("./price_view");
      const boxes = { choice: byId("price-choice"), legend: byId("legend"), tip: byId("tip") };
      const parts = { config, speak, format, h, swatch, getJson, trouble, ...boxes };
      this.#prices ??= new PriceView({ ...parts, map: this.#map, territory: this.#territory, font: FONT_BOLD });
      if (this.#view === PRICES) await this.#prices.show();
    } catch (error) {
      trouble(error);
    }
  }

  /** Ask for the hectares of the chain that is shown. */
  async #weigh(): Promise<void> {
    const chain = this.#chain;
    if (!chain) return;
    const code = byId<HTMLSelectElement>("municipality").value;
    try {
      const rows = await api.aptitude(chain.layer, code);
      if (chain !== this.#chain || code !== byId<HTMLSelectElement>("municipality").value) return;
      this.#aptitude = rows;
    } catch (error) {
      trouble(error);
    }
    this.#draw();
  }

  #sayScale(): void {
    const { scale, cell_m, honest_scale, draws } = this.#legend;
    byId("sheet-stability").textContent = draws > 0 ? speak("draws", { n: format.whole(draws) }) : speak("no_draws");
    byId("scale").textContent = [
      speak("scale", { scale: format.whole(scale) }),
      speak("cell", { cell: format.value(cell_m) }),
      honest_scale && honest_scale > scale ? speak("honest_scale", { scale: format.whole(honest_scale) }) : "",
    ]
      .filter(Boolean)
      .join(" · ");
  }

  async #choose(code: string): Promise<void> {
    const asked = ++this.#asked;
    const address = new URL(location.href);
    if (code) address.searchParams.set("municipio", code);
    else address.searchParams.delete("municipio");
    history.replaceState(null, "", address);
    const prices = byId<HTMLAnchorElement>("prices-here");
    prices.href = `${config.root}/precios${code ? `/${code}` : ""}`;
    this.#map?.showMunicipality(code);
    this.#trial.choose(code);
    if (!config.zoned) {
      byId("place").textContent = this.#territory.municipalities.find((each) => each.code === code)?.name ?? config.name;
      return;
    }
    try {
      const summary = await api.summary(code);
      if (asked !== this.#asked) return;
      this.#summary = summary;
      byId("trouble").hidden = true;
      byId("place").textContent = code ? summary.name : config.name;
      byId("area").textContent = `${format.whole(summary.area_ha)} ha`;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#summary = null;
      trouble(error);
    }
    this.#draw();
    await this.#weigh();
  }

  #isolate(zone: string | null): void {
    this.#state.isolated = zone;
    this.#map?.isolate(zone);
    this.#draw();
  }

  #draw(): void {
    if (this.#view === PRICES || !config.zoned) return;
    if (this.#chain) {
      drawAptitude(byId("legend"), this.#chain, this.#legend, this.#aptitude, speak, format);
      return;
    }
    const focused = document.activeElement?.closest(".entry") ? [...byId("legend").querySelectorAll(".entry")].indexOf(document.activeElement) : -1;
    drawLegend(byId("legend"), this.#legend, this.#summary, this.#state, speak, format, (zone) => this.#isolate(zone));
    if (focused >= 0) byId("legend").querySelectorAll<HTMLElement>(".entry")[focused]?.focus();
    byId("summary").hidden = this.#summary === null;
    if (!this.#summary) return;
    drawBar(byId("shares"), this.#legend, this.#summary, speak, format);
    drawTable(byId("table"), this.#legend, this.#summary, speak, format, this.#state.patterned);
  }

  async #print(): Promise<void> {
    const map = this.#map;
    this.#trial.face();
    if (!map) window.print();
    else await printSheet(map.map, () => map.refit(), (scale) => speak("paper_scale", { scale: format.whole(Math.round(scale / 1000) * 1000) }));
  }
}

function trouble(error: unknown): void {
  const box = byId("trouble");
  box.textContent = error instanceof Refusal ? error.message : speak("no_answer");
  box.hidden = false;
}

async function start(): Promise<void> {
  try {
    const [territory, legend] = await Promise.all([api.territory(), config.zoned ? api.legend() : NO_ZONES]);
    new Planner(territory, legend);
  } catch (error) {
    trouble(error);
    throw error;
  } finally {
    document.documentElement.classList.remove("starting");
  }
}

void start();
