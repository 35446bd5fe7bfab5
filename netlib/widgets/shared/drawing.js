/* The drawing of a small network: layers from left to right, nodes as circles, edges as lines. */

import { html, set, svg } from "./page.js";

const RADIUS = 23;

/**
 * A network with `sizes` nodes in its layers. Everything on it is placed in pixels, so that text
 * keeps its size on a phone. `at(element, place)` puts an HTML element at a place of the drawing.
 */
export function networkDrawing(sizes, height) {
  const lines = svg("g");
  const circles = svg("g");
  const picture = svg("svg", { height, "aria-hidden": "true" }, lines, circles);
  const node = html("div", { class: "drawing" }, picture);
  node.style.height = `${height}px`;
  const placed = []; // [element, place]

  const layers = sizes.map((size, l) =>
    Array.from({ length: size }, (_, n) => {
      const circle = svg("circle", { r: RADIUS });
      circles.append(circle);
      return { l, n, circle };
    })
  );
  const edges = layers.slice(1).flatMap((layer, l) =>
    layers[l].flatMap((from) =>
      layer.map((to) => {
        const line = svg("line");
        lines.append(line);
        return { l: l + 1, i: from.n, n: to.n, from, to, line };
      })
    )
  );

  return {
    node,
    picture,
    layers,
    edges,
    /** Put an element at a place: a function of the drawing's width that gives {x, y}. */
    at(element, place) {
      node.append(element);
      placed.push([element, place]);
    },
    /** A place on an edge: its start at t = 0, its end at t = 1. */
    along: ({ from, to }, t) => () => ({
      x: from.x + t * (to.x - from.x),
      y: from.y + t * (to.y - from.y),
    }),
    /** A place beside a node. */
    beside: (node, dx, dy) => () => ({ x: node.x + dx, y: node.y + dy }),
    /** Lay everything out in the width that there is. */
    layOut(width, margin = 36) {
      set(picture, { width, viewBox: `0 0 ${width} ${height}` });
      const step = (width - 2 * margin) / (layers.length - 1);
      for (const layer of layers) {
        for (const node of layer) {
          node.x = margin + node.l * step;
          node.y = (height * (node.n + 0.5)) / layer.length;
          set(node.circle, { cx: node.x, cy: node.y });
        }
      }
      for (const { from, to, line } of edges) {
        set(line, { x1: from.x, y1: from.y, x2: to.x, y2: to.y });
      }
      for (const [element, place] of placed) {
        const { x, y } = place();
        element.style.left = `${x}px`;
        element.style.top = `${y}px`;
      }
    },
  };
}

/** Edges show their weight's size as width, and its sign as a full or a broken line. */
export function drawWeight(line, weight, largest) {
  const size = Math.min(Math.abs(weight) / largest, 1);
  set(line, {
    "stroke-width": (0.8 + 4 * size).toFixed(2),
    "stroke-dasharray": weight < 0 ? "7 5" : "none",
  });
}
