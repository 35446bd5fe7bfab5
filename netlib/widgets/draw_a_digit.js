/* DrawADigit: draw on the pad, and see what a trained network makes of it. */

import { count, format, html, set, show, svg } from "./shared/page.js";
import { button } from "./shared/controls.js";
import { digitsOf, picture, PIXELS, SIDE } from "./shared/digits.js";
import { array, figure, kept, numbers, oneOf } from "./shared/frame.js";
import { ACTIVATIONS } from "./shared/network.js";
import { forwardDense, inputGradient, layersOf } from "./shared/trained.js";
import { asMnist } from "./handwriting.js";
import { pad } from "./drawing_pad.js";

const DIGITS = 10;
const CLEAR = 0.2; // an answer leads the runner-up by so much, or it is none
const HELD_OUT = "Held-out digits, each with its label, and the answer where it is another";
const NEAR = 0.004; // of the pad: a pen that moved less is still where it was

/** The layers of the state's network. */
function network(model) {
  const activations = model.get("activations");
  const last = activations?.length - 1;
  const fits = (name, l) => (l === last ? name === "softmax" : Object.hasOwn(ACTIVATIONS, name));
  if (!(last >= 0) || !activations.every(fits)) {
    throw new Error("activations should be names of functions, softmax for the last layer");
  }
  const sizes = numbers(model, "sizes", [activations.length + 1]);
  if (sizes[0] !== PIXELS || sizes.at(-1) !== DIGITS) {
    throw new Error(`sizes should begin with ${PIXELS} and end with ${DIGITS}`);
  }
  const parameters = activations.reduce((sum, _, l) => sum + (sizes[l] + 1) * sizes[l + 1], 0);
  return layersOf(array(model, "theta", Float32Array, parameters), sizes, activations);
}

/** The strokes of the state. */
function strokesOf(model) {
  const strokes = model.get("strokes");
  const all = (list, fits) => Array.isArray(list) && list.every(fits);
  const isPoint = (point) => all(point, Number.isFinite) && point.length === 2;
  const isStroke = (stroke) => all(stroke, isPoint) && stroke.length > 0;
  if (!all(strokes, isStroke)) {
    throw new Error("strokes should be lists of points [x, y]");
  }
  return strokes;
}

/** The numbers of the outputs, the largest first. */
function ranking(p) {
  return [...p.keys()].sort((n, m) => p[m] - p[n]);
}

/** x_i ∂(z_k − z_j)/∂x_i: how much each pixel speaks for k rather than j. */
function contributions(a, layers, k, j) {
  const dz = new Float64Array(DIGITS);
  dz[k] = 1;
  dz[j] = -1;
  return inputGradient(dz, layers, a).map((gradient, i) => a[0][i] * gradient);
}

/** The numbers above 0 and those below, both without their signs. */
function bySign(values) {
  return [1, -1].map((sign) => values.map((v) => sign * v).filter((v) => v > 0));
}

const total = (values) => values.reduce((sum, v) => sum + v, 0);

/* words */

const digit = (k) => (k === 8 ? `an ${k}` : `a ${k}`);

/** A probability in percent. Softmax gives neither 0 nor 1, and neither do we. */
function percent(p) {
  if (p < 0.0005) return "less than 0.1";
  return p > 0.9995 ? "more than 99.9" : format(100 * p, 1);
}

/** A layer in words. */
function summary(a) {
  const on = a.filter((a_n) => a_n > 0).length;
  const sizes = a.map(Math.abs);
  const strongest = sizes.indexOf(Math.max(...sizes));
  return `${on} of ${count(a.length, "node")} are on, the strongest is node ${strongest} with ` +
    format(a[strongest]);
}

/** What the figure shows, in words: as describe() in Python. */
function sentence({ a, p, k, j, c, empty, label }) {
  if (empty) {
    return "There is nothing to see yet: draw a digit. Softmax answers all the same: " +
      `${digit(k)} with ${percent(p[k])} %.`;
  }
  const [first, second] = [k, j].map((n) => `${digit(n)} with ${percent(p[n])} %`);
  const answer = p[k] - p[j] < CLEAR
    ? `I cannot tell: ${first}, or ${second}.`
    : `I see ${digit(k)}, ${percent(p[k])} % sure; the next guess is ${second}.`;
  const [plus, minus] = bySign(c);
  const speaking =
    `For ${digit(k)} rather than ${digit(j)} speak ${count(plus.length, "pixel")}, ` +
    `by ${format(total(plus))} in all; against it ${count(minus.length, "pixel")}, ` +
    `by ${format(total(minus))}.`;
  const layers = a.slice(1, -1).map((a_l, l) => `Hidden layer ${l + 1}: ${summary(a_l)}.`);
  if (label === undefined) return [answer, speaking, ...layers].join(" ");
  const given = `A held-out digit with the label ${label}.`;
  const verdict = `The first guess is ${label === k ? "right" : "wrong"}.`;
  return [given, answer, verdict, speaking, ...layers].join(" ");
}

/* parts of the figure */

/** The ten probabilities, as bars and as numbers, and above them the answer. */
function answer() {
  const large = html("span", { class: "large" });
  const sure = html("span");
  const bars = Array.from({ length: DIGITS }, () => html("div", { class: "length" }));
  const values = bars.map(() => html("td", { class: "probability" }));
  const lines = bars.map((bar, n) =>
    html("tr", {}, html("th", { scope: "row" }, n), html("td", {}, bar), values[n])
  );
  const caption = html("caption", { class: "unseen" }, "The probability of each digit, in percent");
  return {
    node: html(
      "div",
      { class: "answer" },
      html("p", { class: "verdict" }, large, sure),
      html("table", {}, caption, html("tbody", {}, ...lines)),
    ),
    draw(p, k, j, empty) {
      const clear = !empty && p[k] - p[j] >= CLEAR;
      large.textContent = clear ? k : "?";
      sure.textContent = clear ? `${percent(p[k])} % sure` : `I cannot tell: ${k} or ${j}`;
      if (empty) sure.textContent = "nothing to see yet";
      lines.forEach((line, n) => {
        line.classList.toggle("chosen", n === k);
        bars[n].style.width = `${100 * p[n]}%`;
        show(values[n], 100 * p[n], 1);
        const short = percent(p[n]).replace("more than", ">").replace("less than", "<");
        values[n].textContent = `${short} %`;
      });
    },
  };
}

const MINUS = (x, y, r) => `M${x - r} ${y}h${2 * r}`;
const PLUS = (x, y, r) => `${MINUS(x, y, r)}M${x} ${y - r}v${2 * r}`;
const SQUARE = (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;

/** A square of marks, one for each number: its size is the number's, and its shape the sign's. */
function marks(columns, above, below) {
  const paths = [svg("path", { class: "above" }), svg("path", { class: "below" })];
  const viewBox = `0 0 ${columns} ${columns}`;
  return {
    node: svg("svg", { viewBox, "aria-hidden": "true" }, ...paths),
    draw(values) {
      const largest = Math.max(...values.map(Math.abs)) || 1;
      const drawn = ["", ""];
      values.forEach((value, n) => {
        const r = Math.sqrt(Math.abs(value) / largest) * 0.46;
        const [x, y] = [n % columns + 0.5, Math.floor(n / columns) + 0.5];
        if (value > 0) drawn[0] += above(x, y, r);
        if (value < 0) drawn[1] += below(x, y, r);
      });
      paths.forEach((path, s) => set(path, { d: drawn[s] }));
    },
  };
}

/** A square with its name above it and a remark below. */
function panel(kind, name, square, ...remark) {
  return html(
    "div",
    { class: kind },
    html("p", { class: "name" }, name),
    html("div", { class: "square" }, ...square),
    html("p", { class: "remark" }, ...remark),
  );
}

/** The pixels with a + where they speak for the answer and a − where they speak against it. */
function signs() {
  const faint = picture();
  const shown = marks(SIDE, PLUS, MINUS);
  const name = html("span");
  const totals = [html("span"), html("span")];
  const remark = ["+ ", totals[0], ", − ", totals[1], " in all"];
  return {
    node: panel("third signs", name, [faint.node, shown.node], ...remark),
    draw(c, k, j, x) {
      name.textContent = `for ${digit(k)} rather than ${digit(j)}`;
      faint.draw(x);
      shown.draw(c);
      bySign(c).forEach((part, s) => show(totals[s], total(part)));
    },
  };
}

/** The activations of one hidden layer, as squares that are hollow below 0, and as a list. */
function hiddenLayer(l, nodes) {
  const columns = Math.ceil(Math.sqrt(nodes));
  const shown = marks(columns, SQUARE, SQUARE);
  const remark = html("span");
  const items = Array.from({ length: nodes }, () => html("li"));
  const node = panel("third layer", `hidden layer ${l}`, [shown.node], remark);
  node.style.setProperty("--columns", columns);
  return {
    node,
    list: html("div", {}, `Hidden layer ${l}`, html("ol", { start: 0 }, ...items)),
    draw(a) {
      shown.draw(a);
      remark.textContent = summary(a);
      items.forEach((item, n) => show(item, a[n], 1));
    },
  };
}

/** A button for a held-out digit, with its label, and with the answer where that is another. */
function digitButton({ x, label }, k, layers, load) {
  const [guess] = ranking(forwardDense(x, layers).a.at(-1));
  const image = picture();
  image.draw(x);
  const item = button(image.node, () => load(k));
  item.append(html("span", {}, guess === label ? label : `${label}→${guess}`));
  const misread = guess === label ? "" : `, read as ${guess}`;
  return set(item, { "aria-label": `digit ${k + 1}, label ${label}${misread}` });
}

export default {
  render({ model, el }) {
    const given = ["digits", "labels", "theta", "sizes", "activations"];
    return figure({ model, el }, "Draw a digit", ["strokes", "loaded", ...given], (frame) => {
      const past = []; // what Undo goes back to
      let layers;
      let digits;
      let hidden;
      let buttons;

      function remember() {
        past.push({ strokes: model.get("strokes"), loaded: model.get("loaded") });
      }
      function act(changes) {
        drawing.lift();
        remember();
        frame.set(changes);
      }
      function back() {
        drawing.lift();
        if (past.length > 0) frame.set(past.pop());
      }
      const startsAnew = () => past.length === 0 || model.get("loaded") >= 0;
      function begin(point) {
        const before = startsAnew() ? [] : model.get("strokes");
        remember();
        frame.set({ strokes: [...before, [point]], loaded: -1 });
      }
      function go(points) {
        const strokes = [...model.get("strokes")];
        const stroke = [...(strokes.pop() ?? [])];
        for (const point of points) {
          const [x, y] = stroke.at(-1) ?? [Infinity, Infinity];
          if (Math.hypot(point[0] - x, point[1] - y) >= NEAR) stroke.push(point);
        }
        frame.set({ strokes: [...strokes, stroke] });
      }

      const drawing = pad(begin, go, back);
      const undo = button("Undo", back);
      const clear = button("Clear", () => act({ strokes: [], loaded: -1 }));
      const probabilities = answer();
      const digitRow = html("div", { class: "digits", role: "group", "aria-label": HELD_OUT });
      const choice = html(
        "div",
        { class: "whole" },
        html("p", { class: "name" }, HELD_OUT),
        digitRow,
      );
      const seen = picture();
      const how = html("span");
      const speaking = signs();
      const sight = html("div", { class: "sight" });
      const lists = html("div", { class: "lists" });
      const bar = html("div", { class: "bar" }, undo, clear);
      frame.body.append(
        sight,
        html("details", {}, html("summary", {}, "All activations in numbers"), lists),
      );

      /** What depends on the network and on the held-out digits. */
      const make = kept(model, given, () => {
        [layers, digits] = [network(model), digitsOf(model)];
        hidden = layers.slice(0, -1).map(({ nodes }, l) => hiddenLayer(l + 1, nodes));
        buttons = digits.map((held, k) => digitButton(held, k, layers, () => act({ loaded: k })));
        digitRow.replaceChildren(...buttons);
        choice.hidden = digits.length === 0;
        sight.replaceChildren(
          html("div", { class: "draw" }, drawing.node, bar, drawing.help),
          probabilities.node,
          choice,
          panel("seen", "the network sees", [seen.node], how),
          speaking.node,
          ...hidden.map(({ node }) => node),
        );
        lists.replaceChildren(...hidden.map(({ list }) => list));
      });

      return () => {
        make();
        const strokes = strokesOf(model);
        const loaded = oneOf(model, "loaded", [-1, ...digits.keys()]);
        const image = digits[loaded]?.x;
        const empty = !image && strokes.length === 0;
        const { a } = forwardDense(image ?? asMnist(strokes), layers);
        const p = a.at(-1);
        const [k, j] = ranking(p);
        const c = contributions(a, layers, k, j);
        const anew = startsAnew() ? "draw here to start anew" : "";
        drawing.draw(strokes, image, empty ? "draw a digit here" : anew);
        seen.draw(a[0]);
        how.textContent = image ? "28×28 pixels of MNIST" : "28×28 pixels, scaled and centred";
        probabilities.draw(p, k, j, empty);
        speaking.draw(c, k, j, a[0]);
        hidden.forEach((layer, l) => layer.draw(a[l + 1]));
        buttons.forEach((item, n) => item.setAttribute("aria-pressed", n === loaded));
        undo.disabled = past.length === 0;
        clear.disabled = empty;
        frame.say(sentence({ a, p, k, j, c, empty, label: digits[loaded]?.label }));
      };
    });
  },
};
