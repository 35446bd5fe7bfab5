/* ActivationShapes: functions of one sum with their slopes, and softmax, a function of all scores. */

import { format, html, show } from "./shared/page.js";
import { button, choice, slider, whileDragged } from "./shared/controls.js";
import { figure, number, numbers, oneOf } from "./shared/frame.js";
import { ACTIVATIONS, softmax } from "./shared/network.js";
import { plot } from "./shared/plot.js";

const NAMES = { relu: "ReLU", sigmoid: "sigmoid", tanh: "tanh" };
const HEIGHTS = { relu: [-1, 5], sigmoid: [-1.5, 1.5], tanh: [-1.5, 1.5] }; // what the plot shows
const CLASSES = ["zero", "one", "two", "three", "four"];
const SCORES = [2, 1, 0.1, -1, 0.5]; // to begin with
const Z = [-5, 5];
const MOST = 10; // a score is from −MOST to MOST
const T = [0.1, 10];

/** The curve of a function, cut at 0, since the slope of ReLU jumps there. */
function curve(f) {
  const side = (from, to) =>
    Array.from({ length: 101 }, (_, k) => from + (k / 100) * (to - from)).map((z) => [z, f(z)]);
  return [side(Z[0], 0), side(1e-9, Z[1])];
}

/** a = σ(z) with its tangent, and beside it the slope. z can be dragged in both plots. */
function shapes(change) {
  const left = plot(230, "z", "a");
  const right = plot(230, "z", "slope");
  let now; // z
  const to = (z) => change({ z: Number(Math.min(Math.max(z, Z[0]), Z[1]).toFixed(1)) });
  for (const { node, value } of [left, right]) {
    whileDragged(node, (press) => {
      const [grabbed] = value(press);
      if (press.pointerType === "mouse") to(grabbed); // a finger may be about to scroll the page
      const from = now;
      return (event) => to(from + value(event)[0] - grabbed);
    });
  }
  const texts = ["z", "a", "slope"].map((kind) => html("strong", { class: `${kind}-value` }));
  return {
    node: html(
      "div",
      {},
      html("div", { class: "pair" }, left.node, right.node),
      html("div", { class: "values" }, "z = ", texts[0], "a = ", texts[1], "slope = ", texts[2]),
    ),
    draw(width, activation, z) {
      now = z;
      const { forward, slope } = ACTIVATIONS[activation];
      const [a, s] = [forward(z), slope(forward(z))];
      const [low, high] = HEIGHTS[activation];
      const here = { line: [[z, low], [z, high]], kind: "quiet thin" };
      left.draw(width, Z, [low, high], [
        here,
        { line: Z.map((end) => [end, a + s * (end - z)]), kind: "ink thin", dashed: true },
        { lines: curve(forward), kind: "activation" },
        { dot: [z, a], kind: "activation" },
      ]);
      right.draw(width, Z, [-0.1, 1.2], [
        here,
        { lines: curve((z) => slope(forward(z))), kind: "gradient" },
        { dot: [z, s], kind: "gradient" },
      ]);
      show(texts[0], z, 1);
      show(texts[1], a);
      show(texts[2], s);
    },
  };
}

/** A row of the softmax: the score, e^(z/T), a picture of the share, the share. */
const row = (kind, ...cells) => html("div", { class: `softmax ${kind}` }, ...cells);
const span = (...children) => html("span", {}, ...children);

/** Five scores to drag, and the share of each in the sum of e^(z/T). */
function shares(model, change) {
  const rows = CLASSES.map((name, n) => {
    const score = slider({
      name,
      min: -MOST,
      max: MOST,
      step: 0.1,
      onMove: (value) => change({ scores: model.get("scores").with(n, value) }),
    });
    const bar = html("span", { class: "fill" });
    const part = html("span", { class: "part" });
    const [e, share, largest] = ["e", "share", "largest"].map((kind) =>
      html("span", { class: kind })
    );
    const track = html("span", { class: "track" }, bar);
    const node = row("", score.node, e, track, span(share, largest));
    return { node, score, e, bar, part, share, largest };
  });
  const [sum, whole] = ["sum", "whole"].map((kind) => html("strong", { class: kind }));
  const strip = html("span", { class: "track" }, ...rows.map(({ part }) => part));
  return {
    node: html(
      "div",
      {},
      row("heads", span("score z"), span("e", html("sup", {}, "z/T")), span(), span("share")),
      ...rows.map(({ node }) => node),
      row("total", span("sum"), sum, strip, whole),
    ),
    draw(scores, temperature) {
      const z = scores.map((score) => score / temperature);
      const a = softmax(z);
      const most = Math.max(...a);
      rows.forEach(({ node, score, e, bar, part, share, largest }, n) => {
        score.show(scores[n], format(scores[n], 1));
        show(e, Math.exp(z[n]));
        show(share, a[n], 3);
        bar.style.width = part.style.width = `${100 * a[n]}%`;
        part.textContent = a[n] > 0.15 ? CLASSES[n] : "";
        largest.textContent = a[n] === most ? " largest" : "";
        node.classList.toggle("most", a[n] === most);
      });
      show(sum, z.reduce((total, z_n) => total + Math.exp(z_n), 0));
      show(whole, a.reduce((total, a_n) => total + a_n, 0), 3);
      return a;
    },
  };
}

/** The figure in words. */
function sentence(name, z, scores, temperature, shares) {
  const { forward, slope } = ACTIVATIONS[name];
  const a = forward(z);
  const each = shares.map((share, n) => `${CLASSES[n]} ${format(share, 3)}`).join(", ");
  const whole = format(shares.reduce((total, share) => total + share, 0), 3);
  const largest = CLASSES.filter((_, n) => shares[n] === Math.max(...shares)).join(", ");
  return `At z = ${format(z, 1)}, ${NAMES[name]} gives a = ${format(a)}, with the slope ` +
    `${format(slope(a))}. Softmax of the scores ` +
    `${scores.map((score) => format(score, 1)).join(", ")} at the temperature ` +
    `${format(temperature)}: ${each}. Their sum is ${whole}. Largest: ${largest}.`;
}

export default {
  render({ model, el }) {
    const keys = ["activation", "z", "scores", "temperature"];
    return figure({ model, el }, "Activation functions", keys, (frame) => {
      const activation = choice("One sum", NAMES, (name) => frame.set({ activation: name }));
      const sum = slider({
        name: "z",
        min: Z[0],
        max: Z[1],
        step: 0.1,
        onMove: (z) => frame.set({ z }),
      });
      const plots = shapes(frame.set);
      const heat = slider({
        name: "temperature T",
        min: -1,
        max: 1,
        step: 0.05,
        onMove: (power) => frame.set({ temperature: Number((10 ** power).toFixed(2)) }),
      });
      const five = shares(model, frame.set);
      const add = button("Add 1 to all scores", () => {
        frame.set({ scores: model.get("scores").map((score) => score + 1) });
      });
      const back = button(
        "Put the scores back",
        () => frame.set({ scores: SCORES, temperature: 1 }),
      );
      frame.body.append(
        html("div", { class: "bar" }, activation.node, sum.node),
        plots.node,
        html("div", { class: "bar second" }, span("Five scores"), heat.node),
        five.node,
        html("div", { class: "bar" }, add, back),
      );

      return () => {
        const name = oneOf(model, "activation", Object.keys(NAMES));
        const z = number(model, "z", ...Z);
        const scores = numbers(model, "scores", [CLASSES.length], -MOST, MOST);
        const temperature = number(model, "temperature", ...T);
        const wide = frame.width() >= 600;
        plots.draw(wide ? (frame.width() - 16) / 2 : frame.width(), name, z);
        const a = five.draw(scores, temperature);
        activation.show(name);
        sum.show(z, format(z, 1));
        heat.show(Math.log10(temperature), format(temperature));
        add.disabled = Math.max(...scores) + 1 > MOST;
        frame.say(sentence(name, z, scores, temperature, a));
      };
    });
  },
};
