/**
 * Prices by municipality: the last price or the alert of a product on a day, on the map and line by line.
 *
 * Loaded when somebody asks for it. It is handed what it uses of the page's own script: a part that both import
 * would make the browser fetch that script a second time.
 */

import type { SourceSpecification } from "maplibre-gl";
import type { getJson, Territory } from "./api";
import type { PageConfig, Speak } from "./config";
import type { h } from "./dom";
import type { Format } from "./format";
import type { swatch } from "./patterns";
import type { PlannerMap } from "./planner_map";
import { NO_DATA, measureOf, stepsOf, type Measure, type PriceRow, type Step } from "./price_scale";
import { FILL, HATCH, hatch, layersOf } from "./price_symbols";

export interface PriceParts {
  map: PlannerMap | null;
  config: PageConfig;
  territory: Territory;
  speak: Speak;
  format: Format;
  h: typeof h;
  swatch: typeof swatch;
  getJson: typeof getJson;
  /** Fonts of what is written on the map. */
  font: string[];
  /** Where the choices go, and where the legend. */
  choice: HTMLElement;
  legend: HTMLElement;
  tip: HTMLElement;
  trouble: (error: unknown) => void;
}

interface Collection<T> {
  type: "FeatureCollection";
  features: { type: "Feature"; geometry: never; properties: T }[];
}

interface Product {
  id: string;
  name: string;
  local: boolean;
  markets: number;
}

export class PriceView {
  readonly #parts: PriceParts;
  readonly #product: HTMLSelectElement;
  readonly #day: HTMLInputElement;
  #by: "price" | "alert" = "price";
  #shown = false;
  #asked = 0;
  #rows: PriceRow[] = [];

  constructor(parts: PriceParts) {
    this.#parts = parts;
    const { h, speak, config, choice } = parts;
    const again = (): void => void this.#load();
    const last = config.prices?.last ?? "";
    this.#product = h("select", { id: "price-product", onchange: again });
    this.#day = h("input", { id: "price-day", type: "date", min: config.prices?.first, onchange: again });
    const newest = h("button", { type: "button", class: "quiet-button", onclick: () => this.#to(last) }, speak("price_newest", { day: this.#dayName(last) }));
    const pick = (by: "price" | "alert", title: string): HTMLElement =>
      h("label", {}, h("input", { type: "radio", name: "price-by", value: by, checked: by === this.#by, onchange: () => this.#colourBy(by) }), h("span", {}, title));
    choice.replaceChildren(
      h("label", { class: "picker", for: "price-product" }, h("span", {}, speak("price_product")), this.#product),
      h("div", { class: "views" }, pick("price", speak("price_last")), pick("alert", speak("price_alert"))),
      h("label", { class: "until", for: "price-day" }, h("span", {}, speak("price_until")), this.#day, last ? newest : null),
    );
    this.#listen();
  }

  /** Show prices instead of the zones. */
  async show(): Promise<void> {
    this.#shown = true;
    this.#parts.choice.hidden = false;
    try {
      if (this.#product.options.length === 0) await this.#offer();
    } catch (error) {
      this.#parts.trouble(error);
    }
    await this.#load();
  }

  hide(): void {
    this.#shown = false;
    this.#asked += 1;
    this.#parts.choice.hidden = true;
    this.#parts.tip.hidden = true;
  }

  /** Lead from a place on the map to its line. */
  pick(lon: number, lat: number): void {
    const code = this.#codeAt(lon, lat);
    const line = [...this.#parts.legend.querySelectorAll<HTMLElement>("tr[data-code]")].find((each) => each.dataset.code === code);
    for (const each of this.#parts.legend.querySelectorAll("tr.found")) each.classList.remove("found");
    line?.classList.add("found");
    line?.scrollIntoView({ block: "nearest" });
  }

  async #offer(): Promise<void> {
    const { h, config, getJson } = this.#parts;
    const found = await getJson<{ products: Product[] }>(this.#address("/api/v1/prices/products", {}));
    const sold = found.products.filter((each) => each.local || each.markets > 0);
    sold.sort((one, two) => one.name.localeCompare(two.name, config.locale));
    this.#product.replaceChildren(...sold.map((each) => h("option", { value: each.id }, each.name)));
    const most = [...sold].sort((one, two) => Number(two.local) - Number(one.local) || two.markets - one.markets)[0];
    if (most) this.#product.value = most.id;
  }

  #to(day: string): void {
    this.#day.value = day;
    void this.#load();
  }

  #colourBy(by: "price" | "alert"): void {
    this.#by = by;
    if (this.#rows.length > 0) void this.#load();
  }

  async #load(): Promise<void> {
    const { getJson, legend, h, speak } = this.#parts;
    const asked = ++this.#asked;
    const product = this.#product.value;
    if (!product) {
      legend.replaceChildren(h("p", { class: "note gap" }, speak("price_none")));
      return;
    }
    const wanted = { product, limit: "1000", f: "json", ...(this.#day.value ? { datetime: this.#day.value } : {}) };
    try {
      const [places, markets] = await Promise.all([
        getJson<Collection<PriceRow>>(this.#address("/ogc/collections/price_alerts/items", wanted)),
        getJson<Collection<PriceRow>>(this.#address("/ogc/collections/prices/items", wanted)),
      ]);
      if (asked !== this.#asked || !this.#shown) return;
      this.#draw(places, markets);
    } catch (error) {
      if (asked === this.#asked) this.#parts.trouble(error);
    }
  }

  #draw(places: Collection<PriceRow>, markets: Collection<PriceRow>): void {
    this.#rows = places.features.map((each) => each.properties);
    const measure = measureOf(this.#rows);
    const steps = stepsOf(this.#rows.map(measure.value));
    const colour = (row: PriceRow): string => {
      if (this.#by === "alert") return this.#parts.config.prices?.alerts.find((each) => each.value === row.alert)?.colour ?? NO_DATA;
      const value = measure.value(row);
      return value === null ? NO_DATA : (steps.find((each) => value <= each.to)?.colour ?? NO_DATA);
    };
    this.#drawMap(places, markets, colour);
    this.#drawLegend(measure, steps, colour, marketNames(places, markets));
  }

  #drawMap(places: Collection<PriceRow>, markets: Collection<PriceRow>, colour: (row: PriceRow) => string): void {
    const { map, territory, font } = this.#parts;
    if (!map) return;
    if (!map.map.hasImage(HATCH)) map.map.addImage(HATCH, hatch(), { pixelRatio: 2 });
    const marked = places.features.map((each) => ({
      ...each,
      properties: { code: each.properties.municipality, colour: colour(each.properties), stale: each.properties.stale === true, reference: each.properties.kind === "reference" },
    }));
    const seats = territory.municipalities.flatMap((each) => {
      const row = this.#rows.find((one) => one.municipality === each.code);
      return each.seat && row ? [point([each.seat.lon, each.seat.lat], { text: this.#label(row) })] : [];
    });
    const own = new Set(this.#rows.filter((row) => row.kind === "observed").map((row) => row.market));
    const points = markets.features.filter((each) => !own.has(each.properties.market)).map((each) => ({ ...each, properties: { text: `${each.properties.market_name ?? ""}\n${this.#label(each.properties)}` } }));
    const source = (features: unknown[]): SourceSpecification => ({ type: "geojson", data: { type: "FeatureCollection", features } as never });
    map.showInstead({ [FILL]: source(marked), "price-labels": source(seats), "price-markets": source(points) }, layersOf(font, this.#by === "price"));
  }

  #drawLegend(measure: Measure, steps: Step[], colour: (row: PriceRow) => string, names: Map<string, string>): void {
    const { h, speak, config, legend, swatch } = this.#parts;
    const entry = (shade: string, text: string): HTMLElement => h("li", {}, h("div", { class: "entry" }, swatch(shade, 0, false), h("span", { class: "name" }, text)));
    const entries =
      this.#by === "alert"
        ? (config.prices?.alerts ?? []).map((each) => entry(each.colour, each.label))
        : [...steps.map((each) => entry(each.colour, this.#span(each, measure))), entry(NO_DATA, speak("no_data"))];
    const rows = [...this.#rows].sort((one, two) => one.municipality_name.localeCompare(two.municipality_name, config.locale));
    const notes = this.#by === "alert" ? ["price_alert_note"] : ["price_note", rows.some((row) => row.price !== null && measure.value(row) === null) ? "price_other_unit" : ""];
    legend.replaceChildren(
      h("ul", { class: "entries" }, ...entries),
      ...notes.filter(Boolean).map((key) => h("p", { class: "note" }, speak(key))),
      h(
        "table",
        { class: "places" },
        h("thead", {}, h("tr", {}, ...["price_place", this.#by === "alert" ? "price_alert" : "price_last", "price_day"].map((key) => h("th", { scope: "col" }, speak(key))))),
        h("tbody", {}, ...rows.map((row) => this.#line(row, colour(row), names))),
      ),
    );
  }

  #line(row: PriceRow, shade: string, names: Map<string, string>): HTMLElement {
    const { h, speak, config, swatch } = this.#parts;
    const alert = this.#by === "alert";
    const from = alert ? this.#basis(row, names) : [row.kind_name, row.market_name, row.level_name].filter(Boolean).join(" · ");
    const when = alert ? (row.alert_month ?? "") : this.#dayName(row.date ?? "");
    return h(
      "tr",
      { "data-code": row.municipality, class: row.stale ? "stale" : null },
      h("th", { scope: "row" }, swatch(shade, 0, false), h("a", { href: `${config.root}/precios/${row.municipality}${config.language === "es" ? "" : `?lang=${config.language}`}` }, row.municipality_name)),
      h("td", {}, h("b", {}, alert ? row.alert_name : this.#price(row)), h("small", {}, from)),
      h("td", {}, when || speak("no_data"), alert ? "" : h("small", {}, row.age_text ?? "")),
    );
  }

  #basis(row: PriceRow, names: Map<string, string>): string {
    const { speak, format } = this.#parts;
    if (row.alert_value === null || !row.alert_basis) return row.alert_note ?? "";
    const market = row.alert_market ?? "";
    return [`${speak(`basis_${row.alert_basis}`)} ${format.price(row.alert_value)}`, names.get(market) ?? speak("price_national")].join(" · ");
  }

  #price(row: PriceRow): string {
    if (row.price === null) return this.#parts.speak("no_data");
    return `${this.#money(row.price, row.currency ?? "")} / ${row.unit_name ?? ""}`;
  }

  #money(value: number, currency: string): string {
    return `${currency === "BOB" ? "Bs" : currency} ${this.#parts.format.price(value)}`;
  }

  #span(step: Step, measure: Measure): string {
    const { format } = this.#parts;
    const from = this.#money(step.from, measure.currency);
    return `${step.from === step.to ? from : `${from} – ${format.price(step.to)}`} / ${measure.unit}`;
  }

  /** What stands on the map: the figure, and the day it is of. */
  #label(row: PriceRow): string {
    if (this.#by === "alert" && row.alert) return row.alert_name;
    return row.price === null ? this.#parts.speak("no_data") : `${this.#price(row)}\n${this.#dayName(row.date ?? "")}`;
  }

  #dayName(day: string): string {
    const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
    return day ? `${date} ${this.#parts.config.months[month - 1] ?? month} ${year}` : "";
  }

  #codeAt(lon: number, lat: number): string {
    const map = this.#parts.map?.map;
    if (!map?.getLayer(FILL)) return "";
    const found = map.queryRenderedFeatures(map.project([lon, lat]), { layers: [FILL] })[0];
    return String(found?.properties.code ?? "");
  }

  #listen(): void {
    const { map, tip } = this.#parts;
    map?.map.on("mousemove", (event) => {
      if (!this.#shown) return;
      const code = this.#codeAt(event.lngLat.lng, event.lngLat.lat);
      const row = this.#rows.find((each) => each.municipality === code);
      tip.textContent = row ? `${row.municipality_name} · ${this.#label(row).replace("\n", " · ")}` : "";
      tip.hidden = !row;
    });
  }

  #address(path: string, parameters: Record<string, string>): string {
    const { config } = this.#parts;
    const query = new URLSearchParams(parameters);
    if (config.language !== "es") query.set("lang", config.language);
    const text = query.toString();
    return config.root + (text ? `${path}?${text}` : path);
  }
}

function marketNames(...collections: Collection<PriceRow>[]): Map<string, string> {
  const rows = collections.flatMap((each) => each.features.map((one) => one.properties));
  return new Map(rows.flatMap((row) => (row.market && row.market_name ? [[row.market, row.market_name] as const] : [])));
}

function point(coordinates: [number, number], properties: Record<string, string>): unknown {
  return { type: "Feature", geometry: { type: "Point", coordinates }, properties };
}
