/** What the server says of changes that are tried: what may be tried, what a change needs, and its hectares. */

export interface LimitOption {
  /** `low.s1` of a crop, `at_most` or `at_least` of a gate. */
  limit: string;
  /** Today. */
  value: number;
  /** Which of `stops` holds the values that need no layer. */
  stops: number;
}

export interface FactorOption {
  factor: string;
  title: string;
  unit: string;
  limits: LimitOption[];
}

export interface Options {
  study: string;
  zones: { zone: string; name: string; minimum: string | null }[];
  order: string[];
  crops: { crop: string; name: string; zones: string[]; factors: FactorOption[] }[];
  gates: { gate: string; title: string; zones: string[]; conditions: (LimitOption & { characteristic: string; title: string; unit: string })[] }[];
  protected: { category: string; title: string; makes: string }[];
  /** What a protected area makes where it restricts and decides no zone. */
  restriction: string;
  legal_forest_slope: (LimitOption & { unit: string }) | null;
  /** Characteristics that the rules name and that decide nothing here. */
  not_applied: string[];
  stops: number[][];
}

/** What changes, as the server reads it; a part that is not there changes nothing. */
export interface Change {
  order?: string[];
  minimum?: Record<string, string>;
  gates?: Record<string, Record<string, number>>;
  ungated?: string[];
  weights?: Record<string, number>;
  limits?: Record<string, Record<string, Record<string, number>>>;
  protected?: Record<string, string>;
  legal_forest_slope?: number;
}

export interface Posted {
  hash: string;
  study: string;
  ready: boolean;
  tiles: string;
  summary: string;
  /** What would have to be coded anew, and from which layers; both empty where it is ready. */
  needs: { encode: string[]; layers: string[]; seconds: number };
}

export interface TrialSummary {
  municipality: string;
  name: string;
  moved_ha: number;
  before_merge: boolean;
  rows: { zone: string; zone_name: string; class: string; area_ha: number; base_ha: number; change_ha: number }[];
}

interface Problem {
  kind?: string;
  title?: string;
  detail?: string;
  expected?: string;
  remedy?: string;
}

/** A refusal in the server's own words. */
export class TrialRefusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    /** Seconds after which to ask again; 0 where that is of no use. */
    readonly again: number,
    /** What was found, without what to do about it. */
    readonly found: string,
  ) {
    super(message);
  }
}

/** States that pass by themselves: too many questions, and a study that is being prepared. */
const PASSING = new Set([429, 503]);
const AGAIN_S = 5;
const MOST_WAIT_S = 30;
const MOST_TRIES = 200;

export class TrialServer {
  readonly #root: string;
  readonly #study: string;
  readonly #language: string;

  constructor(root: string, study: string, language: string) {
    this.#root = root;
    this.#study = study;
    this.#language = language;
  }

  options(): Promise<Options> {
    return this.#ask<Options>(this.#of("/api/v1/zoning/options", { study: this.#study }));
  }

  /** The change that somebody sent under this hash. */
  async trial(hash: string): Promise<Change> {
    return (await this.#ask<{ change: Change }>(this.trialAddress(hash, "json"))).change;
  }

  /** Where a change can be had as a file. */
  trialAddress(hash: string, format: "json" | "toml"): string {
    return this.#of("/api/v1/zoning/trial", { table: hash, study: this.#study, f: format });
  }

  /** Send a change; while its study is being prepared wait as long as the server asks, and tell how far it is. */
  post(change: Change, signal: AbortSignal, waiting: (error: TrialRefusal) => void): Promise<Posted> {
    const sent: RequestInit = { method: "POST", signal, body: JSON.stringify(change), headers: { "Content-Type": "application/json" } };
    return this.#patiently<Posted>(this.#of("/zoning/preview", { study: this.#study }), sent, waiting);
  }

  summary(posted: Posted, municipality: string, signal: AbortSignal, waiting: (error: TrialRefusal) => void): Promise<TrialSummary> {
    const asked = { table: posted.hash, municipality };
    return this.#patiently<TrialSummary>(this.#of("/zoning/preview/summary", asked), { signal }, waiting);
  }

  async #patiently<T>(address: string, init: RequestInit, waiting: (error: TrialRefusal) => void): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#ask<T>(address, init);
      } catch (error) {
        if (!(error instanceof TrialRefusal) || !error.again || init.signal?.aborted || tries >= MOST_TRIES) throw error;
        waiting(error);
        await pause(error.again, init.signal ?? null);
      }
    }
  }

  async #ask<T>(address: string, init: RequestInit = {}): Promise<T> {
    const headers = { Accept: "application/json, application/problem+json", ...(init.headers as Record<string, string> | undefined) };
    const answer = await fetch(address, { ...init, headers });
    if (answer.ok) return (await answer.json()) as T;
    const problem = (await answer.json().catch(() => ({}))) as Problem;
    const told = Number(answer.headers.get("Retry-After"));
    const again = PASSING.has(answer.status) ? Math.min(told > 0 ? told : AGAIN_S, MOST_WAIT_S) : 0;
    // What passes by itself is asked again by the panel: nobody needs to be told to.
    const found = problem.detail ?? problem.title ?? `${answer.status} ${answer.statusText}`;
    const words = [problem.kind === "ChangeError" ? withoutPath(found) : found, problem.expected, again ? "" : problem.remedy];
    throw new TrialRefusal(words.filter(Boolean).map((each) => String(each).replace(/[.\s]*$/, "").replace(/[^?]$/, "$&.")).join(" "), answer.status, again, words[0] ?? "");
  }

  #of(path: string, parameters: Record<string, string>): string {
    const query = new URLSearchParams(parameters);
    if (this.#language !== "es") query.set("lang", this.#language);
    return `${this.#root}${path}?${query.toString()}`;
  }
}

/** Leave out where in the change it stands: the panel shows the number that was just moved. */
function withoutPath(found: string): string {
  const told = found.slice(found.indexOf(": ") + 2);
  return told.charAt(0).toUpperCase() + told.slice(1);
}

function pause(seconds: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = window.setTimeout(resolve, 1000 * seconds);
    signal?.addEventListener("abort", () => {
      window.clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
