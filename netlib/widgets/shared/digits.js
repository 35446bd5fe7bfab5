/* The digits of a state, and pictures of them. */

import { array, numbers } from "./frame.js";
import { html } from "./page.js";

export const SIDE = 28; // pixels
export const PIXELS = SIDE * SIDE;

/** The held-out digits of the state: for each its label and its pixels from 0 to 1. */
export function digitsOf(model) {
  const labels = numbers(model, "labels", [null]);
  const bytes = array(model, "digits", Uint8Array, PIXELS * labels.length);
  return labels.map((label, d) => ({
    label,
    x: Float64Array.from(bytes.subarray(d * PIXELS, (d + 1) * PIXELS), (byte) => byte / 255),
  }));
}

/** 28×28 pixels of ink, on whatever is below. */
export function picture() {
  const node = html("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  const context = node.getContext("2d");
  return {
    node,
    draw(x) {
      const image = context.createImageData(SIDE, SIDE);
      x.forEach((x_i, i) => (image.data[4 * i + 3] = 255 * x_i));
      context.putImageData(image, 0, 0);
    },
  };
}
