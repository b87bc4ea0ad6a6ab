/** What the prices of a product are compared in, and the steps in which they are coloured. */

export interface PriceRow {
  municipality: string;
  municipality_name: string;
  market: string | null;
  market_name: string | null;
  kind: string | null;
  kind_name: string | null;
  price: number | null;
  currency: string | null;
  unit_name: string | null;
  price_per_kg: number | null;
  level_name: string | null;
  date: string | null;
  age_text: string | null;
  stale: boolean | null;
  alert: string;
  alert_name: string;
  alert_basis: string | null;
  alert_value: number | null;
  alert_month: string | null;
  alert_market: string | null;
  alert_note: string | null;
}

/** What makes prices of several places comparable: a kilogram, or the unit that most of them are told in. */
export interface Measure {
  unit: string;
  currency: string;
  value: (row: PriceRow) => number | null;
}

export interface Step {
  from: number;
  to: number;
  colour: string;
}

const RAMP = ["#dfe3f2", "#b6bee0", "#8791c6", "#5a64a8", "#33397b"];
export const NO_DATA = "#c9c9c4";

/** Choose what the prices of a product are compared in. */
export function measureOf(rows: readonly PriceRow[]): Measure {
  const priced = rows.filter((row) => row.price !== null);
  const unit = (row: PriceRow): string => `${row.currency ?? ""}/${row.unit_name ?? ""}`;
  const currency = priced[0]?.currency ?? "";
  if (priced.every((row) => row.price_per_kg !== null && row.currency === currency)) return { unit: "kg", currency, value: (row) => row.price_per_kg };
  const count = new Map<string, number>();
  for (const row of priced) count.set(unit(row), (count.get(unit(row)) ?? 0) + 1);
  const [most = ""] = [...count].sort((one, two) => two[1] - one[1])[0] ?? [];
  const first = priced.find((row) => unit(row) === most);
  return { unit: first?.unit_name ?? "", currency: first?.currency ?? "", value: (row) => (unit(row) === most ? row.price : null) };
}

/** Cut values into at most five steps that hold about as many different values each. */
export function stepsOf(values: readonly (number | null)[]): Step[] {
  const told = [...new Set(values.filter((each) => each !== null))].sort((one, two) => one - two);
  const count = Math.min(RAMP.length, told.length);
  return Array.from({ length: count }, (_, step) => {
    const inside = told.slice(Math.floor((step * told.length) / count), Math.floor(((step + 1) * told.length) / count));
    const shade = count === 1 ? 2 : Math.round((step * (RAMP.length - 1)) / (count - 1));
    return { from: inside[0] ?? 0, to: inside.at(-1) ?? 0, colour: RAMP[shade] ?? NO_DATA };
  });
}
