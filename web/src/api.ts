/** What the server answers, and how it refuses. */

export type Bounds = [number, number, number, number];

export interface Municipality {
  code: string;
  name: string;
  province: string;
  /** West, south, east, north in degrees; null while no outline is prepared. */
  bounds: Bounds | null;
  area_ha: number | null;
  seat: { name: string; lon: number; lat: number } | null;
}

export interface Territory {
  id: string;
  name: string;
  demo: boolean;
  notice: string;
  bounds: Bounds | null;
  study: string | null;
  municipalities: Municipality[];
}

export interface LegendZone {
  zone: string;
  name: string;
  chain?: string | null;
  colour: string;
}

export interface LegendClass {
  class: string;
  name: string;
  colour: string;
}

export interface Legend {
  zones: LegendZone[];
  classes: LegendClass[];
  scale: number;
  cell_m: number;
  honest_scale: number | null;
  /** Draws of the uncertainty; 0 where the stability is not known. */
  draws: number;
  demo: boolean;
}

export interface SummaryRow {
  zone: string;
  zone_name?: string;
  class: string | null;
  area_ha: number;
}

export interface Summary {
  municipality: string | null;
  name: string;
  area_ha: number;
  rows: SummaryRow[];
}

export interface AptitudeRow {
  municipality: string;
  code: string;
  class: string;
  area_ha: number;
}

export interface Side {
  s3: number | null;
  s2: number | null;
  s1: number | null;
}

export interface Factor {
  name: string;
  characteristic: string;
  value: number | null;
  unit: string;
  limits: { low?: Side; high?: Side };
  class: string;
  score: number | null;
  source: string;
  flagged: boolean;
}

export interface LandUseType {
  crop: string;
  crop_name: string;
  water: string;
  management: string;
  window: string;
  class: string;
  score: number | null;
  limiting: string | null;
  /** Whether every gate it needs is open here. */
  open: boolean;
  factors: Factor[];
}

/** One overlay at a place: rated like a crop, competing with no zone. */
export interface OverlayReason {
  overlay: string;
  name: string;
  class: string;
  score: number | null;
  limiting: string | null;
  incomplete: string[];
  factors: Factor[];
}

/** The polygon's fields, then every land-use type of the cell, the best first. */
export interface Explanation {
  zone: string;
  class: string;
  limiting: string | null;
  second_limiting: string | null;
  runner_up: string | null;
  margin: number | null;
  use_conflict: string | null;
  incomplete: string | null;
  stability: number | null;
  explanation: string;
  land_use_types: LandUseType[];
  overlays?: OverlayReason[];
}

/** A refusal of the server in words for a person. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

interface Problem {
  title?: string;
  detail?: string;
}

export async function getJson<T>(address: string): Promise<T> {
  const answer = await fetch(address, { headers: { Accept: "application/json, application/problem+json" } });
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => ({}))) as Problem;
    throw new Refusal(problem.detail ?? problem.title ?? `${answer.status} ${answer.statusText}`, answer.status);
  }
  return (await answer.json()) as T;
}

export class Api {
  constructor(
    readonly root: string,
    readonly study: string,
    readonly language: string,
  ) {}

  territory(): Promise<Territory> {
    return getJson(this.#address("/api/v1/territory", {}));
  }

  legend(): Promise<Legend> {
    return getJson(this.#zoning("legend", {}));
  }

  summary(municipality: string): Promise<Summary> {
    return getJson(this.#zoning("summary", municipality ? { municipality } : {}));
  }

  /** Hectares by class of one chain, of one municipality or of all. */
  async aptitude(code: string, municipality: string): Promise<AptitudeRow[]> {
    const asked = this.#zoning("aptitude", municipality ? { code, municipality } : { code });
    return (await getJson<{ rows: AptitudeRow[] }>(asked)).rows;
  }

  explain(lon: number, lat: number): Promise<Explanation> {
    return getJson(this.#zoning("explain", { lon: lon.toFixed(6), lat: lat.toFixed(6) }));
  }

  #zoning(what: string, parameters: Record<string, string>): string {
    return this.#address(`/api/v1/zoning/${encodeURIComponent(this.study)}/${what}`, parameters);
  }

  #address(path: string, parameters: Record<string, string>): string {
    const query = new URLSearchParams(parameters);
    if (this.language !== "es") query.set("lang", this.language);
    const text = query.toString();
    return this.root + (text ? `${path}?${text}` : path);
  }
}
