/* A drawing made into an image as MNIST's are. handwriting.py computes the same, and says how. */

import { PIXELS, SIDE } from "./shared/digits.js";

const BOX = 20; // pixels: the longer side of a digit
const PEN = 2.4; // pixels: with it a drawing has as much ink as a digit of MNIST
const SMALLEST = 0.1; // of the pad: what is smaller, such as a dot, does not fill the box

/** Strokes of a pen, lists of [x, y] in the unit square, to 784 pixels from 0 to 1. */
export function asMnist(strokes) {
  if (strokes.length === 0) return new Float64Array(PIXELS);
  const onPad = (value) => Math.min(Math.max(value, 0), 1);
  const lines = strokes.map((stroke) => stroke.map((point) => point.map(onPad)));
  const [low, high] = bounds(lines);
  const scale = (BOX - PEN) / Math.max(high[0] - low[0], high[1] - low[1], SMALLEST);
  const inBox = moved(lines, (value, k) => (value - (low[k] + high[k]) / 2) * scale + SIDE / 2);
  const centre = centreOfMass(ink(inBox));
  return ink(moved(inBox, (value, k) => value + SIDE / 2 - centre[k]));
}

/** All lines with each point's x and y changed: `change` gets the value, and 0 for x or 1 for y. */
function moved(lines, change) {
  return lines.map((line) => line.map((point) => point.map(change)));
}

/** The smallest and the largest x and y: [[x, y], [x, y]]. */
function bounds(lines) {
  const low = [1, 1];
  const high = [0, 0];
  for (const point of lines.flat()) {
    for (const k of [0, 1]) {
      low[k] = Math.min(low[k], point[k]);
      high[k] = Math.max(high[k], point[k]);
    }
  }
  return [low, high];
}

function centreOfMass(pixels) {
  let [x, y, sum] = [0, 0, 0];
  pixels.forEach((value, i) => {
    x += value * (i % SIDE);
    y += value * Math.floor(i / SIDE);
    sum += value;
  });
  return [x / sum, y / sum];
}

/** The pixels that a pen makes along these lines: clip(PEN / 2 + ½ − d, 0, 1), d in pixels. */
function ink(lines) {
  const nearest = new Float64Array(PIXELS).fill(Infinity); // the square of d
  for (const line of lines) {
    line.forEach((start, i) => approach(nearest, start, line[i + 1] ?? start));
  }
  return nearest.map((square) => Math.min(Math.max(PEN / 2 + 0.5 - Math.sqrt(square), 0), 1));
}

/** Lower `nearest` where the piece from one point to the next is nearer. Far pixels get no ink. */
function approach(nearest, [x0, y0], [x1, y1]) {
  const reach = PEN / 2 + 0.5;
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy; // its square
  const first = (a, b) => Math.max(Math.ceil(Math.min(a, b) - reach), 0);
  const last = (a, b) => Math.min(Math.floor(Math.max(a, b) + reach), SIDE - 1);
  for (let y = first(y0, y1); y <= last(y0, y1); y++) {
    for (let x = first(x0, x1); x <= last(x0, x1); x++) {
      const t = Math.min(Math.max(((x - x0) * dx + (y - y0) * dy) / (length || 1), 0), 1);
      const square = (x0 + t * dx - x) ** 2 + (y0 + t * dy - y) ** 2;
      if (square < nearest[y * SIDE + x]) nearest[y * SIDE + x] = square;
    }
  }
}
