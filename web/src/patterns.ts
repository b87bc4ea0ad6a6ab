/** Line patterns that tell zones apart without colour, the same on the map, in the legend and on paper. */

type Draw = (context: CanvasRenderingContext2D, size: number) => void;

const line =
  (...points: [number, number][]): Draw =>
  (context, size) => {
    context.beginPath();
    points.forEach(([x, y], index) =>
      index % 2 === 0 ? context.moveTo(x * size, y * size) : context.lineTo(x * size, y * size),
    );
    context.stroke();
  };

const dots =
  (radius: number, filled: boolean): Draw =>
  (context, size) => {
    for (const [x, y] of [
      [0.25, 0.25],
      [0.75, 0.75],
    ] as const) {
      context.beginPath();
      context.arc(x * size, y * size, radius * size, 0, 2 * Math.PI);
      if (filled) context.fill();
      else context.stroke();
    }
  };

const PATTERNS: readonly Draw[] = [
  line([0, 0.5], [1, 0.5]),
  dots(0.11, true),
  line([-0.25, 0.25], [0.25, -0.25], [0, 1], [1, 0], [0.75, 1.25], [1.25, 0.75]),
  line([0.5, 0], [0.5, 1]),
  line([-0.25, 0.75], [0.25, 1.25], [0, 0], [1, 1], [0.75, -0.25], [1.25, 0.25]),
  dots(0.14, false),
  line([0, 0.5], [1, 0.5], [0.5, 0], [0.5, 1]),
  line([0, 0], [1, 1], [1, 0], [0, 1]),
  line([0.25, 0.5], [0.75, 0.5]),
  line([0, 0.25], [0.5, 0.75], [0.5, 0.75], [1, 0.25]),
  line([0.5, 0.3], [0.5, 0.7], [0.3, 0.5], [0.7, 0.5]),
  line([0, 0.3], [1, 0.3], [0, 0.7], [1, 0.7]),
];

const INK = "rgba(20, 28, 24, 0.62)";

function draw(context: CanvasRenderingContext2D, index: number, size: number, weight: number): void {
  context.strokeStyle = INK;
  context.fillStyle = INK;
  context.lineWidth = weight;
  PATTERNS[index % PATTERNS.length]?.(context, size);
}

function canvas(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D | null] {
  const element = document.createElement("canvas");
  element.width = width;
  element.height = height;
  return [element, element.getContext("2d")];
}

/** Return the repeating image of the pattern with this index, for a pixel ratio of 2. */
export function patternImage(index: number): ImageData | null {
  const size = 24;
  const [, context] = canvas(size, size);
  if (!context) return null;
  draw(context, index, size, 2);
  return context.getImageData(0, 0, size, size);
}

/** Return a legend swatch: the colour, with the pattern over it when `patterned`. */
export function swatch(colour: string, index: number, patterned: boolean): HTMLCanvasElement {
  const [element, context] = canvas(56, 36);
  element.className = "swatch";
  element.setAttribute("aria-hidden", "true");
  if (!context) return element;
  context.fillStyle = colour;
  context.fillRect(0, 0, 56, 36);
  if (patterned) {
    const [tile, brush] = canvas(24, 24);
    if (brush) draw(brush, index, 24, 2);
    const fill = context.createPattern(tile, "repeat");
    if (fill) {
      context.fillStyle = fill;
      context.fillRect(0, 0, 56, 36);
    }
  }
  return element;
}
