/** Numbers as a reader of the page's language writes them. */

export class Format {
  readonly #whole: Intl.NumberFormat;
  readonly #one: Intl.NumberFormat;
  readonly #two: Intl.NumberFormat;
  readonly #three: Intl.NumberFormat;

  constructor(locale: string) {
    const options = { useGrouping: "always" } as unknown as Intl.NumberFormatOptions;
    this.#whole = new Intl.NumberFormat(locale, { ...options, maximumFractionDigits: 0 });
    this.#one = new Intl.NumberFormat(locale, { ...options, minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.#two = new Intl.NumberFormat(locale, { ...options, minimumFractionDigits: 2, maximumFractionDigits: 2 });
    this.#three = new Intl.NumberFormat(locale, { ...options, maximumSignificantDigits: 3 });
  }

  /** A count or an area in whole hectares; what is smaller than one is not shown as zero. */
  whole(value: number): string {
    return value > 0 && value < 0.5 ? "<1" : this.#whole.format(value);
  }

  /** A share of 1 as per cent with one decimal. */
  percent(share: number): string {
    if (share > 0 && share < 0.0005) return `<${this.#one.format(0.1)} %`;
    return `${this.#one.format(share * 100)} %`;
  }

  /** A measured value: whole from 1000 on, else three significant digits. */
  value(value: number): string {
    return Math.abs(value) >= 1000 ? this.#whole.format(value) : this.#three.format(value);
  }

  /** A price or an index: always two decimals. */
  price(value: number): string {
    return this.#two.format(value);
  }

  degrees(value: number): string {
    return value.toFixed(4);
  }
}

/** Return the text colour, dark or light, that reads better on a hexadecimal colour (WCAG relative luminance). */
export function inkOn(colour: string): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red = 1, green = 1, blue = 1] = channels.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.19 ? "#16201b" : "#ffffff";
}
