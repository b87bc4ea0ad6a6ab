/** Numbers that somebody moves: read and written as the page's language does, and the values a slider may rest on. */

export class Numbers {
  readonly #plain: Intl.NumberFormat;
  readonly #grouped: Intl.NumberFormat;
  readonly #decimal: string;

  constructor(locale: string) {
    this.#plain = new Intl.NumberFormat(locale, { useGrouping: false, maximumFractionDigits: 6 });
    this.#grouped = new Intl.NumberFormat(locale, { useGrouping: "always", maximumFractionDigits: 6 } as unknown as Intl.NumberFormatOptions);
    this.#decimal = this.#plain.format(1.5).charAt(1);
  }

  /** As it stands in a box, without grouping. */
  box(value: number): string {
    return this.#plain.format(value);
  }

  /** As it stands in a sentence. */
  text(value: number): string {
    return this.#grouped.format(value);
  }

  /** With its sign, as a difference; what is too small to be told is 0. */
  difference(value: number): string {
    const whole = Math.round(value);
    return whole > 0 ? `+${this.#grouped.format(whole)}` : whole < 0 ? `−${this.#grouped.format(-whole)}` : "0";
  }

  /**
   * Read what somebody wrote, or return null where it is no number.
   *
   * Where a mark may part decimals or thousands (`1.500` in Spanish), the reading that lies between `low` and `high` counts.
   */
  read(text: string, low: number, high: number): number | null {
    const bare = text.trim().replace(/[\s\u00a0\u202f]/g, "").replace("−", "-");
    if (!/^-?[\d.,]*\d$/.test(bare)) return null;
    const other = this.#decimal === "," ? "." : ",";
    const native = Number(bare.replaceAll(other, "").replace(this.#decimal, "."));
    const foreign = Number(bare.replaceAll(this.#decimal, "").replace(other, "."));
    const grouped = new RegExp(`^-?\\d{1,3}(\\${other}\\d{3})+(\\${this.#decimal}\\d*)?$`).test(bare);
    const readings = [bare.includes(other) && !grouped ? foreign : native, foreign].filter(Number.isFinite);
    return readings.find((each) => each >= low && each <= high) ?? readings[0] ?? null;
  }
}

/** Return the values that keep a limit between its neighbours; today's and the present one are always among them. */
export function placesOf(stops: readonly number[], low: number, high: number, ...always: number[]): number[] {
  const inside = stops.filter((each) => each > low && each < high);
  return [...new Set([...inside, ...always])].sort((one, two) => one - two);
}

/** Return the place of the value in `places` that is nearest to another. */
export function nearestPlace(places: readonly number[], value: number): number {
  return places.reduce((best, each, at) => (Math.abs(each - value) < Math.abs((places[best] ?? Infinity) - value) ? at : best), 0);
}
