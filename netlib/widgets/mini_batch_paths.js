/* MiniBatchPaths: descent with all examples, with batches and with single examples, side by side. */

import { count, format, html, show, table } from "./shared/page.js";
import { button, slider, whileDragged } from "./shared/controls.js";
import { array, figure, number, whole } from "./shared/frame.js";
import { ACTIVATIONS } from "./shared/network.js";
import { playButton } from "./shared/player.js";
import { plot } from "./shared/plot.js";
import { surface } from "./shared/surface.js";

const [EXAMPLES, EPOCHS, SEEDS] = [200, 10, 4];
const END = EPOCHS * EXAMPLES;
const W = [-3, 8]; // what the plot shows
const B = [-4, 4];
const LEVELS = [0.3, 0.5, 0.7, 1, 1.5, 2, 3]; // of the contour lines
const SIZES = [1, 2, 5, 10, 20, 50, 100, 200]; // of batches
const SCALES = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]; // of the arrows
const ALL = Uint8Array.from({ length: EXAMPLES }, (_, i) => i);
const LOOKS = [
  { kind: "ink", shape: "square", sign: "─■─" },
  { kind: "gradient", shape: "circle", sign: "╌●╌", dashed: true },
  { kind: "activation", shape: "triangle", sign: "─▲─" },
];

const length = ([w, b]) => Math.hypot(w, b);
const within = ([w, b]) => w >= W[0] && w <= W[1] && b >= B[0] && b <= B[1];

/** The state, checked. `orders` has those of all seeds, one epoch after the other. */
function read(model) {
  const examples = {
    x: array(model, "x", Float64Array, EXAMPLES),
    y: array(model, "y", Uint8Array, EXAMPLES),
  };
  const orders = array(model, "orders", Uint8Array, SEEDS * END);
  if (!examples.x.every(Number.isFinite) || !orders.every((i) => i < EXAMPLES)) {
    throw new Error("its examples are damaged");
  }
  return {
    examples,
    orders,
    start: [number(model, "w", ...W), number(model, "b", ...B)],
    learning_rate: number(model, "learning_rate", 0.1, 10),
    batch_size: whole(model, "batch_size", 1, EXAMPLES),
    seed: whole(model, "seed", 0, SEEDS - 1),
    seen: whole(model, "seen", 0, END),
  };
}

/** C, the mean over all examples. Written with z, it stays exact where a rounds to 0 or 1. */
function loss([w, b], { x, y }) {
  let sum = 0;
  for (const i of ALL) {
    const z = w * x[i] + b;
    sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y[i] * z;
  }
  return sum / EXAMPLES;
}

/** ∇C = [∂C/∂w, ∂C/∂b], the mean over a batch. Through the sigmoid ∂C/∂z is a − y. */
function gradient([w, b], batch, { x, y }) {
  let [dw, db] = [0, 0];
  for (const i of batch) {
    const dz = ACTIVATIONS.sigmoid.forward(w * x[i] + b) - y[i];
    dw += dz * x[i];
    db += dz;
  }
  return [dw / batch.length, db / batch.length];
}

/** θ ← θ − learning_rate · ∇C */
function step([w, b], batch, learning_rate, examples) {
  const [dw, db] = gradient([w, b], batch, examples);
  return [w - learning_rate * dw, b - learning_rate * db];
}

/** Each [w, b] from the start on, until the examples of the state are used. */
function walk({ start, learning_rate, seed, seen, orders, examples }, batch_size) {
  const path = [start];
  const order = orders.subarray(seed * END);
  for (let epoch = 0; epoch < seen; epoch += EXAMPLES) {
    for (let first = 0; first < EXAMPLES; first += batch_size) {
      const last = Math.min(first + batch_size, EXAMPLES);
      if (epoch + last > seen) return path;
      const batch = order.subarray(epoch + first, epoch + last);
      path.push(step(path.at(-1), batch, learning_rate, examples));
    }
  }
  return path;
}

/** The three walks: each with its path, its steps in an epoch, and the loss that it came to. */
function descend(state) {
  const sizes = [EXAMPLES, state.batch_size, 1];
  const names = ["all 200", `batch of ${state.batch_size}`, "one"];
  return LOOKS.map((look, k) => {
    const path = walk(state, sizes[k]);
    const C = loss(path.at(-1), state.examples);
    return { ...look, name: names[k], path, steps: Math.ceil(EXAMPLES / sizes[k]), C };
  });
}

/**
 * ∇C of all examples, of the first batch in each order, and how far these are off: the root of
 * the mean square.
 */
function gradients(theta, { batch_size, orders, examples }) {
  const full = gradient(theta, ALL, examples);
  const batches = Array.from({ length: SEEDS * EPOCHS }, (_, k) => {
    const batch = orders.subarray(k * EXAMPLES, k * EXAMPLES + batch_size);
    return gradient(theta, batch, examples);
  });
  const squares = batches.map((g) => length([g[0] - full[0], g[1] - full[1]]) ** 2);
  const mean = squares.reduce((sum, square) => sum + square) / squares.length;
  return { full, batches, spread: Math.sqrt(mean) };
}

/** What the examples alone decide: the lowest point, and the surface as shades and parts of a plot. */
function ground(examples) {
  const shape = surface((w, b) => loss([w, b], examples), W, B, 4);
  let lowest = [0, 0];
  for (let k = 0; k < 1000; k++) lowest = step(lowest, ALL, 8, examples);

  /** The number of a contour line, on the way from the lowest point to the lower left corner. */
  function label(level) {
    for (let t = 0; t < 0.97; t += 0.005) {
      const at = [lowest[0] + t * (W[0] - lowest[0]), lowest[1] + t * (B[0] - lowest[1])];
      if (loss(at, examples) > level) return [{ at, text: format(level, 1), kind: "level" }];
    }
    return [];
  }

  return {
    lowest: loss(lowest, examples),
    shades: shape.shades((C) => [90, 120, 150, 40 * Math.min(C, 4)]),
    parts: [
      ...LEVELS.map((level) => ({ lines: shape.contour(level), kind: "contour" })),
      ...LEVELS.flatMap(label),
    ],
    cross: { at: lowest, text: "×", kind: "lowest" },
  };
}

const rounded = (value, [low, high]) => Number(Math.min(Math.max(value, low), high).toFixed(1));

/** The plot of w and b with the paths, and their start, which can be dragged. */
function landscape(change) {
  const picture = plot((width) => 44 + ((width - 62) * 8) / 11, "w", "b"); // a unit is square
  const shades = html("div", { class: "shades" });
  const handle = html("span", { class: "handle", "aria-hidden": "true" });
  let start;
  whileDragged(handle, (press) => {
    const [from, grabbed] = [start, picture.value(press)];
    return (event) => {
      const [w, b] = picture.value(event).map((value, k) => from[k] + value - grabbed[k]);
      change({ w: rounded(w, W), b: rounded(b, B) });
    };
  });
  return {
    node: html("div", { class: "landscape" }, shades, picture.node, handle),
    draw(width, land, theta, descents) {
      start = theta;
      const parts = descents.toReversed().flatMap(({ kind, shape, dashed, path, steps }) => [
        { line: path, kind: `${kind} path`, dashed },
        ...path.filter((_, k) => k > 0 && k % steps === 0).filter(within)
          .map((dot) => ({ dot, kind, shape, size: 3 })),
        ...[path.at(-1)].filter(within).map((dot) => ({ dot, kind, shape, size: 7 })),
      ]);
      picture.draw(width, W, B, [...land.parts, ...parts, land.cross]);
      const [corner, opposite] = [picture.place([W[0], B[1]]), picture.place([W[1], B[0]])];
      shades.replaceChildren(land.shades);
      move(shades, corner);
      shades.style.width = `${opposite.x - corner.x}px`;
      shades.style.height = `${opposite.y - corner.y}px`;
      move(handle, picture.place(start));
    },
  };
}

/** Put an element at a place of the plot. */
function move(element, { x, y }) {
  element.style.left = `${x}px`;
  element.style.top = `${y}px`;
}

/** The arrow −g, as lines: its shaft, and its head. */
function arrow(g, largest) {
  const [x, y] = [-g[0], -g[1]];
  const head = Math.min(largest / length(g), 0.5);
  const [u, v] = [head * x, head * y];
  return [
    [[0, 0], [x, y]],
    [[x - u - v / 2, y - v + u / 2], [x, y], [x - u + v / 2, y - v - u / 2]],
  ];
}

/** Where the next step may go: an arrow −∇C for all examples, and one for each of many batches. */
function fan() {
  const picture = plot((width) => Math.max(width - 18, 0), "−∂C/∂w", "−∂C/∂b");
  const numbers = ["full", "spread"].map((kind) => html("strong", { class: kind }));
  const batch = html("span");
  return {
    node: html(
      "div",
      { class: "fan" },
      html("div", { class: "title" }, "Ways down from ", html("span", { class: "gradient" }, "●")),
      picture.node,
      html("div", {}, "thick: all 200, length ", numbers[0]),
      html("div", {}, batch, numbers[1]),
    ),
    draw(width, batch_size, { full, batches, spread }) {
      const longest = Math.max(...[full, ...batches].flat().map(Math.abs));
      const far = SCALES.find((scale) => scale > 1.05 * longest);
      picture.draw(width, [-far, far], [-far, far], [
        { lines: batches.flatMap((g) => arrow(g, far / 16)), kind: "gradient thin" },
        { lines: arrow(full, far / 8), kind: "ink thick" },
      ]);
      show(numbers[0], length(full), 3);
      show(numbers[1], spread, 3);
      batch.textContent = `thin: 40 batches of ${batch_size}, typically off by `;
    },
  };
}

/** The descents in numbers, one in each column, with their looks: the legend of the plot. */
function legend() {
  const names = LOOKS.map(() => html("span"));
  const heads = LOOKS.map(({ kind, sign }, k) => {
    const look = html("span", { class: `look ${kind}`, "aria-hidden": "true" }, sign);
    return html("span", {}, look, names[k]);
  });
  const rows = ["steps", "loss", "w", "b"].map((kind) => {
    const cells = LOOKS.map(() => html("td", { class: kind }));
    return { node: html("tr", {}, html("th", { scope: "row" }, kind), ...cells), cells };
  });
  return {
    node: table(
      "How far each descent has come",
      ["descent", ...heads],
      rows.map(({ node }) => node),
    ),
    draw(descents) {
      descents.forEach(({ name, path, C }, k) => {
        const [steps, loss, w, b] = rows.map(({ cells }) => cells[k]);
        names[k].textContent = name;
        show(steps, path.length - 1, 0);
        show(loss, C, 3);
        show(w, path.at(-1)[0]);
        show(b, path.at(-1)[1]);
      });
    },
  };
}

/** Buttons to go on by themselves, by one batch, and back. */
function playing(model, change) {
  function begin() {
    if (model.get("seen") === END) change({ seen: 0 });
  }
  function goOn() {
    const seen = Math.min(model.get("seen") + 10, END);
    change({ seen });
    if (seen === END) play.stop();
  }
  const play = playButton(60, begin, goOn);
  const one = button("One batch more", () => {
    play.stop();
    const [seen, batch_size] = [model.get("seen"), model.get("batch_size")];
    const inEpoch = seen % EXAMPLES;
    const next = Math.min(inEpoch - (inEpoch % batch_size) + batch_size, EXAMPLES);
    change({ seen: Math.min(seen - inEpoch + next, END) });
  });
  const back = button("To the start", () => {
    play.stop();
    change({ seen: 0 });
  });
  return [play.node, one, back];
}

/** All sliders. `draw` moves them to where the state is. */
function sliders(change) {
  const of = (name, min, max, step, onMove) => slider({ name, min, max, step, onMove });
  const seen = of("examples used", 0, END, 10, (seen) => change({ seen }));
  const size = of("batch size", 0, SIZES.length - 1, 1, (k) => change({ batch_size: SIZES[k] }));
  const rate = of(
    "learning rate",
    -1,
    1,
    0.1,
    (power) => change({ learning_rate: Number((10 ** power).toFixed(2)) }),
  );
  const w = of("start: w", ...W, 0.1, (w) => change({ w }));
  const b = of("start: b", ...B, 0.1, (b) => change({ b }));
  return {
    nodes: [seen, size, rate, w, b].map(({ node }) => node),
    draw(state) {
      seen.show(state.seen, `${state.seen} (${format(state.seen / EXAMPLES, 1)} epochs)`);
      size.show(SIZES.findLastIndex((B) => B <= state.batch_size), `${state.batch_size}`);
      rate.show(Math.log10(state.learning_rate), format(state.learning_rate));
      w.show(state.start[0], format(state.start[0], 1));
      b.show(state.start[1], format(state.start[1], 1));
    },
  };
}

/** The figure in words. */
function sentence({ start, learning_rate, batch_size, seed, seen }, descents, slopes, lowest) {
  const [all, some, one] = descents.map(({ path, C }) =>
    `${count(path.length - 1, "step")}, loss ${format(C, 3)}`
  );
  return `From w = ${format(start[0], 1)} and b = ${format(start[1], 1)} with the learning rate ` +
    `${format(learning_rate)}, each descent has used ${seen} examples, in the order of ` +
    `rng=${seed}. All 200 at once: ${all}. Batches of ${batch_size}: ${some}. One at a time: ` +
    `${one}. The lowest loss is ${format(lowest, 3)}. Where the batches are now, the true ` +
    `gradient has the length ${format(length(slopes.full), 3)}, and that of a batch of ` +
    `${batch_size} is typically ${format(slopes.spread, 3)} away from it.`;
}

export default {
  render({ model, el }) {
    const keys = ["w", "b", "learning_rate", "batch_size", "seed", "seen", "x", "y", "orders"];
    return figure({ model, el }, "Paths of descent", keys, (frame) => {
      const map = landscape(frame.set);
      const arrows = fan();
      const numbers = legend();
      const controls = sliders(frame.set);
      const another = button("", () => frame.set({ seed: (model.get("seed") + 1) % SEEDS }));
      const buttons = html("div", { class: "bar" }, ...playing(model, frame.set), another);
      frame.body.append(
        html(
          "div",
          { class: "columns" },
          html("div", { class: "paths" }, map.node, buttons, ...controls.nodes),
          html("div", {}, arrows.node, numbers.node),
        ),
      );
      let land; // for all states

      return () => {
        const state = read(model);
        land ??= ground(state.examples);
        const descents = descend(state);
        const slopes = gradients(descents[1].path.at(-1), state);
        map.draw(map.node.clientWidth, land, state.start, descents);
        arrows.draw(arrows.node.clientWidth, state.batch_size, slopes);
        numbers.draw(descents);
        controls.draw(state);
        another.textContent = `Another order (rng=${state.seed})`;
        frame.say(sentence(state, descents, slopes, land.lowest));
      };
    });
  },
};
