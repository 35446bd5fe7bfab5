/* XorNetwork: find weights by hand. All is computed anew after every change. */

import { format, html, set, show, svg, table } from "./shared/page.js";
import { button, choice, draggable } from "./shared/controls.js";
import { drawWeight, networkDrawing } from "./shared/drawing.js";
import { figure, numbers, oneOf } from "./shared/frame.js";
import { forward } from "./shared/network.js";

const INPUTS = [[0, 0], [0, 1], [1, 0], [1, 1]];
const TARGETS = { AND: [0, 0, 0, 1], OR: [0, 1, 1, 1], NAND: [1, 1, 1, 0], XOR: [0, 1, 1, 0] };
const NAMES = { step: "step", sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU", identity: "none" };
const PARTS = ["W1", "b1", "W2", "b2"];
const steps = { W1: [[1, 1], [1, 1]], b1: [-0.5, -1.5], W2: [[1], [-1]], b2: [-0.5] };
const WORKING = {
  step: steps,
  sigmoid: { W1: [[20, 20], [20, 20]], b1: [-10, -30], W2: [[20], [-20]], b2: [-10] },
  tanh: { W1: [[20, 20], [20, 20]], b1: [-10, -30], W2: [[20], [-20]], b2: [-20] },
  relu: { W1: [[1, 1], [1, 1]], b1: [0, -1], W2: [[1], [-2]], b2: [0] },
};
const ZERO = { W1: [[0, 0], [0, 0]], b1: [0, 0], W2: [[0], [0]], b2: [0] };
const LOW = -0.25; // the map shows inputs from LOW to HIGH
const HIGH = 1.25;
const CELLS = 100;
const MOST = 1e6; // no number is larger

/** The network of the state, as `forward` wants it. */
function network(model) {
  const activation = oneOf(model, "activation", Object.keys(NAMES));
  const within = (key, shape) => numbers(model, key, shape, -MOST, MOST);
  return [
    { W: within("W1", [2, 2]), b: within("b1", [2]), activation },
    { W: within("W2", [2, 1]), b: within("b2", [1]), activation },
  ];
}

const answer = (a) => (a > 0.5 ? 1 : 0); // as netlib's predict

/** The network with its numbers on it. Returns its element, and how to draw a state. */
function drawing(model, change) {
  const drawn = networkDrawing([2, 2, 1], 340);
  const [inputs, hidden, outputs] = drawn.layers;

  const toggles = inputs.map((node, i) => {
    const toggle = button("", () => {
      const x = [...model.get("x")];
      x[i] = x[i] > 0.5 ? 0 : 1;
      change({ x });
    });
    toggle.classList.add("node");
    drawn.at(toggle, drawn.beside(node, 0, 0));
    drawn.at(
      html("span", { class: "label" }, "x", html("sub", {}, i)),
      drawn.beside(node, 0, i === 0 ? -34 : 34),
    );
    return toggle;
  });

  /** A draggable number for one entry of W1, b1, W2 or b2. */
  function parameter(key, name, place, entry) {
    const part = draggable({
      name,
      kind: key.startsWith("W") ? "weight" : "bias",
      min: -30,
      max: 30,
      step: 0.1,
      onMove(value) {
        const changed = structuredClone(model.get(key));
        entry.write(changed, value);
        change({ [key]: changed });
      },
    });
    drawn.at(part.node, place);
    return part;
  }

  const weights = drawn.edges.map((edge) => {
    const { l, i, n } = edge;
    const crossing = l === 1 && i !== n;
    const to = l === 1 ? `hidden node ${n}` : "the output";
    return parameter(
      `W${l}`,
      `weight from ${l === 1 ? "input" : "hidden node"} ${i} to ${to}`,
      drawn.along(edge, crossing ? 0.3 : l === 1 ? 0.48 : 0.51),
      { write: (W, value) => (W[i][n] = value) },
    );
  });

  const nodes = [...hidden, ...outputs].map((node) => {
    const a = html("span", { class: "label node activation" });
    const z = html("span", { class: "label sum" });
    drawn.at(a, drawn.beside(node, 0, 0));
    drawn.at(z, drawn.beside(node, 0, -36));
    const whose = node.l === 1 ? `hidden node ${node.n}` : "the output";
    const b = parameter(`b${node.l}`, `bias of ${whose}`, drawn.beside(node, 0, 43), {
      write: (b, value) => (b[node.n] = value),
    });
    return { node, a, z, b };
  });

  return {
    node: drawn.node,
    draw(width, layers, { z, a }) {
      drawn.layOut(width, 40);
      toggles.forEach((toggle, i) => {
        show(toggle, a[0][i], Number.isInteger(a[0][i]) ? 0 : 2);
        toggle.setAttribute("aria-label", `input ${i}: ${toggle.textContent}; press to flip it`);
      });
      drawn.edges.forEach(({ l, i, n, line }, e) => {
        const weight = layers[l - 1].W[i][n];
        drawWeight(line, weight, 20);
        const factor = a[l - 1][i];
        const digits = Math.abs(weight) < 10 ? 2 : 1; // there is little room
        const times = Number.isInteger(factor) ? 0 : digits;
        const note = `× ${format(factor, times)} = ${format(weight * factor, times || 1)}`;
        weights[e].show(weight, note);
      });
      for (const { node, ...parts } of nodes) {
        show(parts.a, a[node.l][node.n]);
        show(parts.z, z[node.l - 1][node.n]);
        parts.z.textContent = `z = ${parts.z.textContent}`;
        parts.b.show(layers[node.l - 1].b[node.n]);
      }
    },
  };
}

/** The square of all inputs: shaded where the answer is 1, a line where a hidden sum is 0. */
function map(change) {
  const canvas = html("canvas", { width: CELLS, height: CELLS, "aria-hidden": "true" });
  const lines = [0, 1].map(() => svg("line"));
  const names = [
    svg("text", { x: 98, y: 97, "text-anchor": "end" }, "x₀ →"),
    svg("text", { x: 2, y: 7 }, "↑ x₁"),
  ];
  const square = { viewBox: "0 0 100 100", "aria-hidden": "true" };
  const overlay = svg("svg", square, ...lines, ...names);
  const node = html("div", { class: "map" }, canvas, overlay);
  const place = (x) => (100 * (x - LOW)) / (HIGH - LOW); // in percent
  const corners = INPUTS.map((x) => {
    const corner = button("", () => change({ x }));
    corner.style.left = `${place(x[0])}%`;
    corner.style.bottom = `${place(x[1])}%`;
    node.append(corner);
    return corner;
  });
  const context = canvas.getContext("2d");

  return {
    node,
    draw(layers, target, answers, x) {
      const image = context.createImageData(CELLS, CELLS);
      for (let row = 0; row < CELLS; row++) {
        for (let column = 0; column < CELLS; column++) {
          const x0 = LOW + ((column + 0.5) / CELLS) * (HIGH - LOW);
          const x1 = HIGH - ((row + 0.5) / CELLS) * (HIGH - LOW);
          const a = forward([x0, x1], layers).a[2][0];
          const stripe = answer(a) && (row + column) % 8 < 2 ? 90 : 0;
          const strength = 130 * Math.min(Math.max(a, 0), 1) + stripe;
          image.data.set([0, 150, 110, strength], 4 * (row * CELLS + column));
        }
      }
      context.putImageData(image, 0, 0);
      lines.forEach((line, n) => {
        const [w0, w1, b] = [layers[0].W[0][n], layers[0].W[1][n], layers[0].b[n]];
        set(line, zeroLine(w0, w1, b, place));
      });
      corners.forEach((corner, k) => {
        const right = answers[k] === target[k];
        corner.className = target[k] ? "square" : "round";
        corner.textContent = right ? "✓" : "✗";
        const here = INPUTS[k].every((value, i) => value === x[i]);
        corner.setAttribute("aria-pressed", here);
        corner.setAttribute(
          "aria-label",
          `inputs ${INPUTS[k].join(" and ")}: should be ${target[k]}, answer ${answers[k]}`,
        );
      });
    },
  };
}

/** Both ends of the line w0 x0 + w1 x1 + b = 0, far outside of the map; none if w is 0. */
function zeroLine(w0, w1, b, place) {
  const size = Math.hypot(w0, w1);
  if (size === 0) return { x1: 0, y1: 0, x2: 0, y2: 0 };
  const [nx, ny, distance] = [w0 / size, w1 / size, -b / size];
  const end = (far) => [place(nx * distance - ny * far), 100 - place(ny * distance + nx * far)];
  const [[x1, y1], [x2, y2]] = [end(-9), end(9)];
  return { x1, y1, x2, y2 };
}

/** The truth table: what should come out, and what does. */
function truthTable() {
  const rows = INPUTS.map((x) => {
    const cells = ["target", "activation", "verdict"].map(() => html("td"));
    return { row: html("tr", {}, ...x.map((v) => html("td", {}, v)), ...cells), cells };
  });
  return {
    node: table(
      "All four inputs, what should come out, what does",
      ["x₀", "x₁", "should be", "output", "answer"],
      rows.map(({ row }) => row),
    ),
    draw(target, outputs, x) {
      rows.forEach(({ row, cells }, k) => {
        row.classList.toggle("chosen", INPUTS[k].every((value, i) => value === x[i]));
        cells[0].textContent = target[k];
        show(cells[1], outputs[k]);
        cells[2].textContent = `${answer(outputs[k])} ${
          answer(outputs[k]) === target[k] ? "✓" : "✗"
        }`;
      });
    },
  };
}

export default {
  render({ model, el }) {
    const keys = ["x", ...PARTS, "activation", "target"];
    return figure({ model, el }, "XOR network", keys, (frame) => {
      const solved = new Set(); // by the reader, not by the button
      let moved = false;
      const shown = drawing(model, (changes) => {
        moved ||= PARTS.some((key) => key in changes);
        frame.set(changes);
      });
      const square = map(frame.set);
      const truths = truthTable();
      const activation = choice("Activation", NAMES, (name) => frame.set({ activation: name }));
      const gates = Object.fromEntries(Object.keys(TARGETS).map((gate) => [gate, gate]));
      const target = choice("Find weights for", gates, (gate) => frame.set({ target: gate }));
      const working = button("Put the working weights back", () => {
        moved = false;
        frame.set({ ...structuredClone(WORKING[model.get("activation")]), target: "XOR" });
      });
      const zero = button("Set all to 0", () => frame.set(structuredClone(ZERO)));
      const none = html("span", { class: "label" }, "none: no weights can do XOR");
      frame.body.append(
        html("div", { class: "bar" }, target.node, activation.node),
        html(
          "div",
          { class: "columns" },
          shown.node,
          html("div", { class: "side" }, square.node, truths.node),
        ),
        html("div", { class: "bar" }, working, zero, none),
      );

      return () => {
        const layers = network(model);
        const x = numbers(model, "x", [2], -MOST, MOST);
        const gate = oneOf(model, "target", Object.keys(TARGETS));
        const right = TARGETS[gate];
        const outputs = INPUTS.map((input) => forward(input, layers).a[2][0]);
        const answers = outputs.map(answer);
        const { z, a } = forward(x, layers);

        shown.draw(shown.node.clientWidth, layers, { z, a });
        square.draw(layers, right, answers, x);
        truths.draw(right, outputs, x);
        activation.show(layers[0].activation);
        target.show(gate);
        working.disabled = !(layers[0].activation in WORKING);
        none.hidden = !working.disabled;

        const score = answers.filter((value, k) => value === right[k]).length;
        if (score === 4 && moved) solved.add(gate);
        for (const name of solved) target.label(name, `${name} ✓`);
        const both = (values, digits) => values.map((v) => format(v, digits)).join(" and ");
        frame.say(
          `Inputs ${both(x, 0)}. The hidden sums ${both(z[0])} give the activations ` +
            `${both(a[1])}. The output's sum is ${format(z[1][0])} and its activation ` +
            `${format(a[2][0])}: the answer is ${answer(a[2][0])}. For ${gate}, ${score} of 4 ` +
            "answers are right.",
        );
      };
    });
  },
};
