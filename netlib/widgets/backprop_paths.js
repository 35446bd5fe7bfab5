/* BackpropPaths: slopes come back through a network, along every path from a weight to the loss. */

import { count, format, html, set, show, svg } from "./shared/page.js";
import { button, choice, slider } from "./shared/controls.js";
import { drawWeight, networkDrawing } from "./shared/drawing.js";
import { figure, number, numbers, oneOf } from "./shared/frame.js";
import { backward, forward } from "./shared/network.js";
import { plot } from "./shared/plot.js";

const X = [[0, 0], [0, 1], [1, 0], [1, 1]]; // the chapter's examples
const Y = [[0, 0], [1, 0], [1, 0], [0, 1]];
const NAMES = [["x₀", "x₁"], ["h₀", "h₁", "h₂"], ["o₀", "o₁"]];
const MARKS = ["①", "②"]; // of the paths
const VIEWS = { forward: "forward", backward: "backward", both: "both" };
const PARTS = ["W1", "b1", "W2", "b2"];
const MOST_STEPS = 1000;
const MOST = 1e6; // no weight is larger

const nameOf = ({ l, i, n }) => `W${l}[${i}, ${n}]`;

/** Values and slopes of the network for the example x, y. */
function compute({ layers, x, y }) {
  const { z, a } = forward(x, layers);
  const errors = a[2].map((a_n, n) => a_n - y[n]);
  const C = errors.reduce((sum, error) => sum + error ** 2, 0);
  return { z, a, C, ...backward(layers, a, errors.map((error) => 2 * error)) };
}

/** Steps of gradient descent: the layers after them, and the loss before each. */
function descend({ layers, x, y, learningRate }, steps) {
  const losses = [];
  for (let k = 0; k < steps; k++) {
    const { C, dW, dz } = compute({ layers, x, y });
    losses.push(C);
    layers = layers.map(({ W, b, activation }, l) => ({
      W: W.map((row, i) => row.map((w, n) => w - learningRate * dW[l][i][n])),
      b: b.map((bias, n) => bias - learningRate * dz[l][n]),
      activation,
    }));
  }
  return { layers, losses };
}

/** The paths from a weight to the loss: the output where each ends, and [name, factor]s. */
function pathsOf({ l, i, n }, layers, { a, da }) {
  const slope = (k, node) => a[k][node] * (1 - a[k][node]);
  const start = [[`a of ${NAMES[l - 1][i]}`, a[l - 1][i]], [`σ′ at ${NAMES[l][n]}`, slope(l, n)]];
  const end = (o) => ["∂C/∂a of o", da[2][o]];
  if (l === 2) return [{ output: n, factors: [...start, end(n)] }];
  return [0, 1].map((o) => ({
    output: o,
    factors: [
      ...start,
      [`w from ${NAMES[1][n]}`, layers[1].W[n][o]],
      ["σ′ at o", slope(2, o)],
      end(o),
    ],
  }));
}

const product = ({ factors }) => factors.reduce((all, [, factor]) => all * factor, 1);

/** The network: values over its nodes, slopes under them, both on its edges. */
function drawing(onChoose) {
  const drawn = networkDrawing([2, 3, 2], 440);
  drawn.node.classList.add("paths");
  const group = `weights-${Math.random()}`; // the radio buttons share a name that is theirs
  const hits = svg("g");
  drawn.picture.prepend(hits);

  const edges = drawn.edges.map((edge) => {
    const [from, to] = [NAMES[edge.l - 1][edge.i], NAMES[edge.l][edge.n]];
    const choose = () => onChoose(nameOf(edge));
    const input = html("input", { type: "radio", name: group, class: "unseen", change: choose });
    const [w, dw] = [html("span", { class: "weight" }), html("span", { class: "gradient" })];
    const name = html("span", { class: "unseen" }, `weight from ${from} to ${to}, and its slope:`);
    const mark = html("span", { class: "mark" });
    drawn.at(html("label", { class: "edge" }, input, name, w, dw, mark), drawn.along(edge, 0.5));
    const hit = svg("line", { class: "hit", click: choose });
    hits.append(hit);
    return { ...edge, input, w, dw, mark, hit };
  });

  /** A block of named values over a node (side −1) or under it (side 1). */
  function values(node, side, names) {
    const shown = names.map(([kind, name]) => [name, html("b"), kind]);
    const lines = shown.map(([name, value, kind]) =>
      html("span", { class: kind }, name, " ", value)
    );
    const block = html("div", { class: `label ${side < 0 ? "ahead" : "back"}` }, ...lines);
    drawn.at(block, drawn.beside(node, 0, side * (26 + 7.5 * lines.length)));
    return Object.fromEntries(shown);
  }
  const nodes = drawn.layers.flat().map((node) => {
    drawn.at(
      html("span", { class: "label node" }, NAMES[node.l][node.n]),
      drawn.beside(node, 0, 0),
    );
    const ahead = [["bias", "b"], ["ink", "z"], ["activation", "a"]].slice(node.l ? 0 : 2);
    const back = [["gradient", "∂C/∂a"], ["gradient", "∂C/∂z"]].slice(0, node.l ? 2 : 1);
    if (node.l === 2) ahead.unshift(["ink", "y"]);
    return { ...node, ...values(node, -1, ahead), ...values(node, 1, back) };
  });

  return {
    node: drawn.node,
    edges,
    draw(width, view, chosen, layers, y, { z, a, da, dz, dW }) {
      const onPath = (edge) =>
        edge === chosen || (chosen.l === 1 && edge.l === 2 && edge.i === chosen.n);
      drawn.layOut(width, 39);
      drawn.node.dataset.view = view;
      for (const edge of edges) {
        const { l, i, n, from, to, line, hit, input, mark } = edge;
        const [w, slope] = [layers[l - 1].W[i][n], dW[l - 1][i][n]];
        if (view === "backward") drawWeight(line, slope, 0.3);
        else drawWeight(line, w, 4);
        hit.classList.toggle("path", onPath(edge));
        set(hit, { x1: from.x, y1: from.y, x2: to.x, y2: to.y });
        show(edge.w, w);
        show(edge.dw, slope, 4);
        mark.textContent = onPath(edge) && l === 2 ? MARKS[edge === chosen ? 0 : n] : "";
        input.checked = edge === chosen;
        input.parentElement.classList.toggle("path", onPath(edge));
      }
      for (const { l, n, ...parts } of nodes) {
        show(parts.a, a[l][n]);
        show(parts["∂C/∂a"], da[l][n], 3);
        if (l === 0) continue;
        show(parts.b, layers[l - 1].b[n]);
        show(parts.z, z[l - 1][n]);
        show(parts["∂C/∂z"], dz[l - 1][n], 3);
        if (l === 2) show(parts.y, y[n], 0);
      }
    },
  };
}

/** The paths of the chosen weight: their factors in columns, their products, and the sum. */
function pathTable() {
  const caption = html("caption");
  const body = html("tbody");
  const head = html("thead");

  function row(name, values, kind, span) {
    const cells = values.map((value) => {
      const cell = html("td", { colspan: span });
      show(cell, value, 4);
      return cell;
    });
    return html("tr", { class: kind }, html("th", { scope: "row" }, name), ...cells);
  }
  return {
    node: html("table", { class: "path-table" }, caption, head, body),
    draw(chosen, paths, sum) {
      const [from, to] = [NAMES[chosen.l - 1][chosen.i], NAMES[chosen.l][chosen.n]];
      caption.textContent = `${nameOf(chosen)}, from ${from} to ${to}: ${
        count(paths.length, "path")
      }`;
      const ends = paths.map(({ output }, k) => `${MARKS[k]} to ${NAMES[2][output]}`);
      head.replaceChildren(
        html("tr", {}, html("td"), ...ends.map((end) => html("th", { scope: "col" }, end))),
      );
      body.replaceChildren(
        ...paths[0].factors.map(([name], k) =>
          row(k ? `× ${name}` : name, paths.map(({ factors }) => factors[k][1]), "factor")
        ),
        row("= product", paths.map(product), "product"),
        row("sum = ∂C/∂w", [sum], "sum", paths.length),
      );
    },
  };
}

/** The layers of the state. */
function layersIn(model) {
  const layer = (l, inputs, nodes) => ({
    W: numbers(model, `W${l}`, [inputs, nodes], -MOST, MOST),
    b: numbers(model, `b${l}`, [nodes], -MOST, MOST),
    activation: "sigmoid",
  });
  return [layer(1, 2, 3), layer(2, 3, 2)];
}

function inWords({ x, y, history }, { a, C }, weight, paths, sum) {
  const now = format(C, 4);
  const steps = count(history.length, "step");
  const trend = history.length
    ? `after ${steps} C went from ${format(history[0], 4)} to ${now}`
    : `C = ${now}`;
  const along = paths.map((path) => `${format(product(path), 4)} through ${NAMES[2][path.output]}`);
  return [
    `Inputs ${x.join(" and ")}, targets ${y.join(" and ")}.`,
    `The outputs are ${format(a[2][0])} and ${format(a[2][1])}; ${trend}.`,
    `${weight} acts on C along ${count(paths.length, "path")}: ${along.join(" and ")}.`,
    `Together ∂C/∂w = ${format(sum, 4)}.`,
  ].join(" ");
}

export default {
  render({ model, el }) {
    const keys = [...PARTS, "example", "weight", "view", "learning_rate", "history"];
    return figure({ model, el }, "Paths of backpropagation", keys, (frame) => {
      let state; // what the last draw showed
      const start = Object.fromEntries(PARTS.map((key) => [key, model.get(key)]));
      const shown = drawing((weight) => frame.set({ weight }));
      const table = pathTable();
      const losses = plot(170, "step", "C");
      const side = html("div", {}, table.node, losses.node);
      const inputs = Object.fromEntries(X.map((x, k) => [k, x.join(" ")]));
      const example = choice("Inputs", inputs, (k) => {
        frame.set({ example: Number(k), history: [] });
      });
      const view = choice("Show", VIEWS, (name) => frame.set({ view: name }));
      const rate = slider({
        name: "Learning rate",
        min: 0.1,
        max: 10,
        step: 0.1,
        onMove: (value) => frame.set({ learning_rate: value }),
      });
      function go(steps) {
        const { layers, losses } = descend(
          state,
          Math.min(steps, MOST_STEPS - state.history.length),
        );
        const [{ W: W1, b: b1 }, { W: W2, b: b2 }] = layers;
        frame.set({ W1, b1, W2, b2, history: [...state.history, ...losses] });
      }
      const buttons = [1, 10].map((steps) => button(count(steps, "step"), () => go(steps)));
      const reset = button("Reset", () => frame.set({ ...start, history: [] }));
      frame.body.append(
        html("div", { class: "bar" }, example.node, view.node),
        html("div", { class: "columns" }, shown.node, side),
        html("div", { class: "bar" }, ...buttons, reset, rate.node),
      );

      return () => {
        const k = oneOf(model, "example", [0, 1, 2, 3]);
        const weight = oneOf(model, "weight", shown.edges.map(nameOf));
        const seen = oneOf(model, "view", Object.keys(VIEWS));
        const [layers, x, y] = [layersIn(model), X[k], Y[k]];
        const learningRate = number(model, "learning_rate", 0, 10);
        const history = numbers(model, "history", [null], 0, 2);
        state = { layers, x, y, learningRate, history };
        const network = compute(state);
        const chosen = shown.edges.find((edge) => nameOf(edge) === weight);
        const paths = pathsOf(chosen, layers, network);
        const sum = network.dW[chosen.l - 1][chosen.i][chosen.n];

        const [width, sideWidth] = [shown.node.clientWidth, side.clientWidth];
        shown.draw(width, seen, chosen, layers, y, network);
        table.draw(chosen, paths, sum);
        const line = [...history, network.C].map((C, step) => [step, C]);
        const highest = Math.max(...line.map((point) => point[1]));
        const parts = [{ line, kind: "ink" }, { dot: line.at(-1), kind: "gradient" }];
        losses.draw(sideWidth, [0, Math.max(history.length, 10)], [0, 1.1 * highest], parts);
        example.show(String(k));
        view.show(seen);
        rate.show(learningRate, format(learningRate, 1));
        const full = history.length >= MOST_STEPS;
        for (const step of buttons) step.setAttribute("aria-disabled", full);
        frame.say(inWords(state, network, weight, paths, sum));
      };
    });
  },
};
