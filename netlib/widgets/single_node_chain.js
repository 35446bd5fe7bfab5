/* SingleNodeChain: one node in each layer, forward and then backward, one number at a time. */

import { format, html, set, show, svg } from "./shared/page.js";
import { choice, draggable, slider } from "./shared/controls.js";
import { figure, number, numbers, oneOf } from "./shared/frame.js";
import { backward, forward } from "./shared/network.js";
import { player } from "./shared/player.js";
import { plot } from "./shared/plot.js";

const START = { x: 1, y: 0.3, w: [1.5, -2, 1.2], b: [-0.5, 0.6, -0.3] };
const MOST = 6; // no number is larger
const LAYERS = [1, 2, 3];
const STATIONS = ["x", "z1", "a1", "z2", "a2", "z3", "a3", "C"]; // along the chain
const PARAMETERS = ["w1", "b1", "w2", "b2", "w3", "b3"];
const HEADINGS = [
  "Forward: from x to the loss",
  "The first layer (steps 7 and 8)",
  "One layer back (step 7)",
  "Backward: the last layer (steps 1 to 6)",
];

/** Layers are counted on top, as in the chapter: z3 = w3 a2 + b3 becomes z³ = w³ a² + b³. */
const raised = (text) => text.replace(/([wbza])(\d)/g, (_, letter, l) => letter + "⁰¹²³"[l]);
const before = (l) => (l === 1 ? "x" : `a${l - 1}`);
const four = (value) => format(value, 4);
const short = (value) => String(Number(value.toFixed(3))).replace("-", "−");

/** All that the chain computes. z[l], a[l] and so on belong to layer l, and w[l - 1] as well. */
function compute({ x, y, w, b }) {
  const layers = w.map((weight, k) => ({ W: [[weight]], b: [b[k]], activation: "sigmoid" }));
  const { z, a } = forward([x], layers);
  const { da, dz, dW } = backward(layers, a, [2 * (a[3][0] - y)]);
  return {
    z: [null, ...z.flat()],
    a: a.flat(),
    C: (a[3][0] - y) ** 2,
    da_dz: a.map(([a_l]) => a_l * (1 - a_l)),
    dC_da: da.flat(),
    dC_dw: [null, ...dW.flat(2)],
    dC_db: [null, ...dz.flat()],
  };
}

/* What happens in a step is a line: its text and its value, if it has one; `result`, the name of
   what is known from then on (∂w3 is the slope along w3); `parts`, the parts of the drawing that
   it is about (z3→ is the link that starts at z3); `block`, the layer of the lines that stand
   together, 0 forward; and `paper`, the step of the paper. */

function forwardLines(add, { y, w, b }, { z, a, C }) {
  const plus = (bias) => (bias < 0 ? `− ${short(-bias)}` : `+ ${short(bias)}`);
  for (const l of LAYERS) {
    const from = before(l);
    const sum = `${short(w[l - 1])} × ${four(a[l - 1])} ${plus(b[l - 1])}`;
    const given = [`w${l}`, `b${l}`, `${from}→`, `w${l}→`, `b${l}→`];
    add("", `z${l} = w${l} ${from} + b${l} = ${sum}`, [...given, `z${l}`], `z${l}`, z[l]);
    add("", `a${l} = σ(z${l}) = σ(${four(z[l])})`, [`z${l}→`, `a${l}`], `a${l}`, a[l]);
  }
  const error = `(${four(a[3])} − ${short(y)})`;
  add("", `C = (a3 − y)² = ${error}²`, ["y", "a3→", "y→", "C"], "C", C);
}

function backwardLines(add, l, { y, w }, { a, da_dz, dC_da, dC_dw, dC_db }) {
  const from = before(l);
  const links = STATIONS.slice(2 * l - 1, 7).map((station) => `${station}→`); // from z to C
  const all = ["first", "second", "third", ...links];
  const rest = `${four(da_dz[l])} × ${four(dC_da[l])}`;
  const slope = `${four(a[l])} (1 − ${four(a[l])})`;
  const rule = `∂a${l}/∂z${l} × ∂C/∂a${l}`;

  if (l === 3) add("3a", "w3 → z3 → a3 → C", ["w3", "w3→", ...links]);
  add(l === 3 ? "3b" : "7", `∂C/∂w${l} = ∂z${l}/∂w${l} × ${rule}`, [`w${l}→`, ...all]);
  add("3c", `∂z${l}/∂w${l} = ${from}`, [`w${l}→`, from, "first"], "", a[l - 1]);
  const factor = `∂a${l}/∂z${l}`;
  add("3c", `${factor} = a${l} (1 − a${l}) = ${slope}`, [`z${l}→`, "second"], factor, da_dz[l]);
  if (l === 3) {
    const error = `2 (a3 − y) = 2 (${four(a[3])} − ${short(y)})`;
    add("3c", `∂C/∂a3 = ${error}`, ["y", "a3→", "third"], "∂a3", dC_da[3]);
  }
  const along = (name) => [name, `${name}→`, ...all];
  add("3c", `∂C/∂w${l} = ${four(a[l - 1])} × ${rest}`, along(`w${l}`), `∂w${l}`, dC_dw[l]);
  add("5", `∂C/∂b${l} = 1 × ${rest}`, along(`b${l}`), `∂b${l}`, dC_db[l]);
  if (l > 1) {
    const numbers = `${short(w[l - 1])} × ${rest}`;
    const parts = [`∂${from}`, `${from}→`, ...all];
    add("6", `∂C/∂${from} = w${l} × ${rule} = ${numbers}`, parts, `∂${from}`, dC_da[l - 1]);
  }
}

/** The lines of all steps, in their order. */
function linesOf(state, chain) {
  const lines = [];
  const addTo = (block) => (paper, text, parts, result, value) => {
    lines.push({ block, paper, text: raised(text), parts, result, value });
  };
  forwardLines(addTo(0), state, chain);
  for (const l of [3, 2, 1]) backwardLines(addTo(l), l, state, chain);
  const slopes = PARAMETERS.map((name) => four(slopeAlong(name, chain)));
  addTo(1)("8", `∇C = (${slopes.join(", ")}), for ${PARAMETERS.join(", ")}`, PARAMETERS);
  return lines;
}

const slopeAlong = (name, chain) => chain[`dC_d${name[0]}`][name[1]];

/** The three factors of a backward line: [name, value]. What is not known yet has no value. */
function factorsOf({ block: l, paper }, known, { w }, { a, da_dz, dC_da }) {
  const weight = `∂z${l}/∂w${l}`;
  const first = {
    "3b": [weight],
    "7": [weight],
    "3c": [weight, a[l - 1]],
    "5": [`∂z${l}/∂b${l}`, 1],
    "6": [`∂z${l}/∂${before(l)}`, w[l - 1]],
  }[paper];
  if (!first) return [];
  return [
    first,
    [`∂a${l}/∂z${l}`, known.has(`∂a${l}/∂z${l}`) ? da_dz[l] : undefined],
    [`∂C/∂a${l}`, known.has(`∂a${l}`) ? dC_da[l] : undefined],
  ];
}

/** A text with every ∂…/∂… in it written as a fraction. */
function typeset(text) {
  return raised(text).split(/(∂[^ /]+\/∂[^ ,]+)/).map((part) => {
    const [above, below] = part.split("/");
    if (!below) return part;
    const [top, bottom] = [above, below].map((half) => html("span", {}, half));
    return html("span", { class: "fraction" }, top, html("span", { class: "unseen" }, "/"), bottom);
  });
}

/** Write a name and its value, "?" if there is none. */
function write(element, name, value) {
  const number = html("span", { class: "value" }, "?");
  if (value !== undefined) show(number, value, 4);
  element.replaceChildren(...typeset(name), number);
}

/** The path of an arrow between two places, with room for a station at its end. */
function arrow(from, to) {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length];
  const at = (along, aside) =>
    `${from.x + ux * along - uy * aside} ${from.y + uy * along + ux * aside}`;
  const end = length - 24;
  return `M${at(0, 0)}L${at(end, 0)}M${at(end - 6, 6)}L${at(end, 0)}L${at(end - 6, -6)}`;
}

/**
 * The drawing. Where it is wide, the chain runs from left to right, with what can be moved above it
 * and the factors below; where it is narrow, from top to bottom, with these to its left and right.
 * A spot is a station, counted along the chain, and an offset [dx, dy] for both cases.
 */
function drawing(change) {
  const picture = svg("svg", { "aria-hidden": "true" });
  const node = html("div", { class: "drawing chain" }, picture);
  const parts = new Map(); // by name
  const placed = []; // [element, spot]
  const links = []; // [path, from, to]

  function add(name, element, k, wide = [0, 0], narrow = [0, 0]) {
    const spot = { k, wide, narrow };
    node.append(element);
    placed.push([element, spot]);
    parts.set(name, element);
    return spot;
  }
  function link(name, kind, from, to) {
    const path = svg("path", { class: kind });
    picture.append(path);
    links.push([path, from, to]);
    parts.set(`${name}→`, path);
  }
  function label(kind, text = "") {
    return html("span", { class: `label ${kind}` }, text);
  }

  const spots = STATIONS.map((name, k) => {
    if (name === "x") return { k, wide: [0, 0], narrow: [0, 0] };
    add(`name of ${name}`, label("name", raised(name)), k, [0, 32], [33, 0]);
    return add(name, label(`station ${name[0]}`), k);
  });
  spots.slice(1).forEach((spot, k) => link(STATIONS[k], "", spots[k], spot));

  function movable(name, what, kind, low, high, k, wide, narrow) {
    const part = draggable({
      name: `${what} ${raised(name)}`,
      kind,
      min: low,
      max: high,
      step: 0.1,
      onMove: (value) => change(name, value),
    });
    part.node.prepend(html("span", { class: "name" }, raised(name)));
    const spot = add(name, part.node, k, wide, narrow);
    if (name !== "x") link(name, kind, spot, spots[k]);
    return part;
  }
  const moved = { x: movable("x", "input", "given", -MOST, MOST, 0) };
  const slopes = [];
  for (const l of LAYERS) {
    const k = 2 * l - 1;
    const [w, b] = [`w${l}`, `b${l}`];
    moved[w] = movable(w, "weight", "weight", -MOST, MOST, k, [-29, -78], [-68, -14]);
    moved[b] = movable(b, "bias", "bias", -MOST, MOST, k, [29, -78], [-127, 14]);
    slopes[l] = label("slope gradient");
    add(`∂a${l}`, slopes[l], k + 1, [0, -66], [-65, 0]);
  }
  moved.y = movable("y", "target", "given", 0, 1, 7, [0, -78], [-74, 0]);
  const factors = ["first", "second", "third"].map((name, n) => {
    const [factor, sign] = [label("factor gradient"), label("gradient", n ? "×" : "")];
    const spot = add(name, factor, 0, [0, 72], [92, 0]);
    return { factor, sign, spot, signSpot: add(`× ${name}`, sign, 0, [0, 72], [92, 0]) };
  });

  function layOut(width) {
    const narrow = width < 612;
    const pitch = narrow ? 62 : (width - 70) / 7;
    const height = narrow ? 7 * pitch + 70 : 226;
    const place = (spot) => {
      const [dx, dy] = narrow ? spot.narrow : spot.wide;
      const along = 35 + spot.k * pitch;
      return narrow ? { x: width / 2 + 5 + dx, y: along + dy } : { x: along + dx, y: 112 + dy };
    };
    node.classList.toggle("narrow", narrow);
    node.style.height = `${height}px`;
    set(picture, { width, height, viewBox: `0 0 ${width} ${height}` });
    for (const [element, spot] of placed) {
      const { x, y } = place(spot);
      element.style.left = `${x}px`;
      element.style.top = `${y}px`;
    }
    for (const [path, from, to] of links) set(path, { d: arrow(place(from), place(to)) });
  }

  function drawStations({ z, a, C }, known) {
    const values = { C };
    for (const l of LAYERS) Object.assign(values, { [`z${l}`]: z[l], [`a${l}`]: a[l] });
    for (const [name, value] of Object.entries(values)) {
      const station = parts.get(name);
      station.classList.toggle("unknown", !known.has(name));
      show(station, value, name === "C" ? 3 : Math.abs(value) < 10 ? 2 : 1);
      if (!known.has(name)) station.textContent = "?";
    }
  }

  return {
    node,
    draw(width, state, chain, line, known) {
      const found = factorsOf(line, known, state, chain);
      factors.forEach(({ factor, sign, spot, signSpot }, n) => {
        spot.k = 2 * line.block - 1.5 + n; // beside the links of the layer
        signSpot.k = spot.k - 0.5;
        factor.hidden = sign.hidden = !found[n];
        if (found[n]) write(factor, ...found[n]);
      });
      layOut(width);
      drawStations(chain, known);
      moved.x.show(state.x);
      moved.y.show(state.y);
      const slope = (name, value) => `slope ${known.has(name) ? four(value) : "?"}`;
      for (const l of LAYERS) {
        moved[`w${l}`].show(state.w[l - 1], slope(`∂w${l}`, chain.dC_dw[l]));
        moved[`b${l}`].show(state.b[l - 1], slope(`∂b${l}`, chain.dC_db[l]));
        slopes[l].hidden = !known.has(`∂a${l}`);
        write(slopes[l], `∂C/∂a${l}`, chain.dC_da[l]);
      }
      node.classList.toggle("back", line.block > 0);
      for (const [name, part] of parts) part.classList.toggle("current", line.parts.includes(name));
    },
  };
}

/** The lines of one block of steps. */
function equations() {
  const heading = html("p", { class: "heading" });
  const list = html("ol", { class: "lines" });

  function item({ paper, text, value }, kind) {
    const equation = html("span");
    if (kind === "later") equation.append(...typeset(text.split(" = ")[0]), " = ?");
    else {
      equation.append(...typeset(text));
      if (value !== undefined) {
        const result = html("b");
        show(result, value, 4);
        equation.append(" = ", result);
      }
    }
    const current = kind === "current" && "step";
    return html(
      "li",
      { class: kind, "aria-current": current },
      html("span", { class: "paper" }, paper),
      equation,
    );
  }
  return {
    node: html("div", {}, heading, list),
    draw(lines, step) {
      const { block } = lines[Math.max(step - 1, 0)];
      heading.textContent = HEADINGS[block];
      const kind = (k) => (k < step ? "known" : k === step ? "current" : "later");
      const items = lines.map((line, k) => line.block === block && item(line, kind(k + 1)));
      list.replaceChildren(...items.filter(Boolean));
    },
  };
}

/** The loss against one of the parameters, all others held still, and its tangent once known. */
function lossCurve(onChoose) {
  const names = Object.fromEntries(PARAMETERS.map((name) => [name, raised(name)]));
  const parameter = choice("Loss along", names, onChoose);
  const picture = plot(200, "", "C");
  const node = html("div", {}, parameter.node, picture.node);
  return {
    node,
    draw(width, state, name, slope) {
      const [key, l] = name;
      const here = state[key][l - 1];
      const loss = (value) => compute({ ...state, [key]: state[key].with(l - 1, value) }).C;
      const values = Array.from({ length: 121 }, (_, k) => MOST * (k / 60 - 1));
      const line = values.map((value) => [value, loss(value)]);
      const highest = Math.max(...line.map((point) => point[1]));
      const tangent = [-MOST, MOST].map((value) => [value, loss(here) + slope * (value - here)]);
      parameter.show(name);
      picture.draw(width, [-MOST, MOST], [0, 1.1 * highest], [
        { line, kind: "ink" },
        ...(slope === undefined ? [] : [{ line: tangent, kind: "gradient", dashed: true }]),
        { dot: [here, loss(here)], kind: key === "w" ? "weight" : "bias" },
      ], raised(name));
    },
  };
}

/** What the slope along a parameter says, or in which step it will. */
function slopeInWords(name, slope, step) {
  if (slope === undefined) return `The slope along ${raised(name)} comes in line ${step}.`;
  const effect = Math.abs(slope) < 0.00005 ? "hardly changes" : slope > 0 ? "raises" : "lowers";
  return `Along ${raised(name)} the slope is ${
    four(slope)
  }: a little more of it ${effect} the loss.`;
}

export default {
  render({ model, el }) {
    const keys = ["x", "y", "w", "b", "step", "curve"];
    return figure({ model, el }, "A chain of single nodes", keys, (frame) => {
      let lines = [];
      const clamp = (step) => Math.min(Math.max(Math.round(step), 0), lines.length);

      /** Go to a step. If it finds the slope along a parameter, show that parameter's curve. */
      function go(step) {
        const name = lines[step - 1]?.result?.slice(1);
        frame.set({ step, ...(PARAMETERS.includes(name) && { curve: name }) });
      }
      const shown = drawing((name, value) => {
        const [key, l] = name; // such as "w" and "3"
        frame.set({ [key]: l ? model.get(key).with(l - 1, value) : value });
      });
      const list = equations();
      const curve = lossCurve((name) => frame.set({ curve: name }));
      const buttons = player({
        onStep: (by) => go(clamp(clamp(model.get("step")) + by)),
        onReset: () => frame.set({ ...structuredClone(START), step: 0 }),
      });
      const progress = slider({ name: "Line", min: 0, max: 27, step: 1, onMove: go });
      frame.body.append(
        html("div", { class: "bar" }, buttons.node, progress.node),
        shown.node,
        html("div", { class: "columns" }, list.node, curve.node),
      );

      return () => {
        const state = {
          x: number(model, "x", -MOST, MOST),
          y: number(model, "y", 0, 1),
          w: numbers(model, "w", [3], -MOST, MOST),
          b: numbers(model, "b", [3], -MOST, MOST),
        };
        const name = oneOf(model, "curve", PARAMETERS);
        const chain = compute(state);
        lines = linesOf(state, chain);
        const step = clamp(number(model, "step"));
        const given = `x = ${short(state.x)} and y = ${short(state.y)} are given`;
        const line = lines[step - 1] ?? { block: 0, text: given, parts: ["x", "y"] };
        const known = new Set(lines.slice(0, step).map((past) => past.result));
        const found = lines.findIndex(({ result }) => result === `∂${name}`) + 1;
        const slope = step >= found ? slopeAlong(name, chain) : undefined;

        const curveWidth = curve.node.clientWidth; // asked before anything moves, which is faster
        shown.draw(frame.width(), state, chain, line, known);
        list.draw(lines, step);
        curve.draw(curveWidth, state, name, slope);
        buttons.show(step === 0, step === lines.length);
        progress.show(step, `${step} of ${lines.length}`);
        const result = line.value === undefined ? "" : ` = ${four(line.value)}`;
        frame.say(
          `Line ${step} of ${lines.length}: ${line.text}${result}. ${
            slopeInWords(name, slope, found)
          }`,
        );
      };
    });
  },
};
