/* PruningSlider: take the smallest weights of a trained network away, and see what it loses.
   The weights are sorted once; the rest is computed anew each time, with w ← w · m. */

import { format, html, show, table } from "./shared/page.js";
import { slider, whileDragged } from "./shared/controls.js";
import { digitsOf, picture, PIXELS, SIDE } from "./shared/digits.js";
import { array, figure, kept, number, numbers, whole } from "./shared/frame.js";
import { plot } from "./shared/plot.js";
import { forwardDense, layersOf } from "./shared/trained.js";

const SIZES = [PIXELS, 64, 64, 10];
const KINDS = ["relu", "relu", "softmax"];
const PARAMETERS = 55050;
const WEIGHTS = 54912;
const STEPS = 200; // of the slider
const LARGE = 7; // pixels for each weight of the chosen node
const POSITIVE = [40, 122, 208]; // both can be seen on light and on dark paper
const NEGATIVE = [223, 132, 32];

const sum = (counts) => counts.reduce((total, count) => total + count, 0);

// --- computing ---

/** The place of each weight in netlib's order, the smallest first; a bias is never removed. */
function ranks(theta) {
  if (!theta.every(Number.isFinite)) throw new Error("theta should be finite numbers");
  const places = layersOf(Uint32Array.from(theta.keys()), SIZES, KINDS).flatMap(({ W }) => [...W]);
  places.sort((j, k) => Math.abs(theta[j]) - Math.abs(theta[k])); // equal ones keep their order
  const rank = new Uint32Array(theta.length).fill(WEIGHTS);
  places.forEach((j, place) => (rank[j] = place));
  const large = Math.abs(theta[places[Math.floor(0.98 * WEIGHTS)]]); // few are larger
  return { rank, large };
}

/** The mask m and the parameters that are left after so many steps of the slider. */
function prune(theta, rank, step) {
  const count = Math.round((step / STEPS) * WEIGHTS);
  const m = new Uint8Array(theta.length);
  const kept = new Float32Array(theta.length);
  for (let j = 0; j < theta.length; j++) {
    m[j] = rank[j] < count ? 0 : 1;
    kept[j] = theta[j] * m[j];
  }
  return { masks: layersOf(m, SIZES, KINDS), layers: layersOf(kept, SIZES, KINDS) };
}

/** For each layer how many edges are left in all, to each of its nodes, from each node before. */
function countEdges(masks) {
  return masks.map(({ inputs, nodes, W }) => {
    const [to, from] = [new Uint16Array(nodes), new Uint16Array(inputs)];
    for (let i = 0; i < inputs; i++) {
      for (let n = 0; n < nodes; n++) {
        to[n] += W[i * nodes + n];
        from[i] += W[i * nodes + n];
      }
    }
    return { all: W.length, left: sum(to), to, from };
  });
}

/** For each layer its nodes: true if no edge leads to it, or none away from it. */
function cutOff(edges) {
  return edges.map(({ to }, l) =>
    Array.from(to, (arriving, n) => arriving === 0 || edges[l + 1]?.from[n] === 0)
  );
}

/** The nodes of layer 2 with an edge from node n of layer 1, and the answers with one from these. */
function reached(n, masks) {
  const follow = (from, l) =>
    [...Array(SIZES[l + 1]).keys()].filter((k) =>
      from.some((i) => masks[l].W[i * SIZES[l + 1] + k])
    );
  const hidden = follow([n], 1);
  return { hidden, answers: follow(hidden, 2) };
}

const outputs = (x, layers) => forwardDense(x, layers).a.at(-1);
const answerOf = (a) => a.indexOf(Math.max(...a));

/** For each digit the first step at which its answer is wrong, if there is one. */
function firstWrong(theta, rank, digits) {
  const first = digits.map(() => undefined);
  for (let step = 0; step <= STEPS && first.includes(undefined); step++) {
    const { layers } = prune(theta, rank, step);
    digits.forEach(({ x, label }, d) => {
      if (answerOf(outputs(x, layers)) !== label) first[d] ??= step;
    });
  }
  return first;
}

// --- drawing ---

const { format: grouped } = new Intl.NumberFormat("en-US"); // 54912 → "54,912"
const percent = (share) => `${format(100 * share, 1)} %`;

/** An empty image of so many pixels for each weight. */
function weightImage(cell) {
  const size = SIDE * cell;
  const canvas = html("canvas", { width: size, height: size, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  return { canvas, context, image: context.createImageData(size, size) };
}

/** The weights that arrive at node n: removed ones are blank, negative ones bars if there is room. */
function paint({ context, image }, cell, { W, nodes }, mask, n, large) {
  const { data, width } = image;
  for (let i = 0; i < SIZES[0]; i++) {
    const j = i * nodes + n;
    const alpha = mask.W[j] * (60 + 195 * Math.min(Math.abs(W[j]) / large, 1));
    const color = W[j] < 0 ? NEGATIVE : POSITIVE;
    const margin = W[j] < 0 ? Math.floor(cell / 3) : 0; // above and below a bar
    const start = (Math.floor(i / SIDE) * width + (i % SIDE)) * cell;
    for (let row = 0; row < cell; row++) {
      for (let column = 0; column < cell; column++) {
        const k = 4 * (start + row * width + column);
        data[k] = color[0];
        data[k + 1] = color[1];
        data[k + 2] = color[2];
        data[k + 3] = row < margin || row >= cell - margin ? 0 : alpha;
      }
    }
  }
  context.putImageData(image, 0, 0);
}

/** The images of the first hidden layer; one of its nodes is chosen. */
function firstLayer(onChoose) {
  const group = `node-${Math.random()}`;
  const items = Array.from({ length: SIZES[1] }, (_, n) => {
    const shown = weightImage(1);
    const input = html("input", {
      type: "radio",
      name: group,
      class: "unseen",
      "aria-label": `node ${n}`,
      change: () => onChoose(n),
    });
    return { shown, input, label: html("label", {}, input, shown.canvas) };
  });
  return {
    node: html(
      "fieldset",
      { class: "nodes" },
      html(
        "legend",
        {},
        "Weights into the 64 nodes of hidden layer 1 (blue +, orange −, blank: removed). Choose one:",
      ),
      ...items.map(({ label }) => label),
    ),
    draw(layer, mask, large, chosen) {
      items.forEach(({ shown, input }, n) => {
        paint(shown, 1, layer, mask, n, large);
        input.checked = n === chosen;
      });
    },
  };
}

/** The digits, and what the network answers. */
function digitList() {
  const node = html("ul", { class: "digits" });
  let items = [];
  return {
    node,
    /** Begin with other digits. */
    start(digits, first) {
      items = digits.map(({ x, label }, d) => {
        const image = picture();
        image.draw(x);
        const answer = html("strong");
        const probability = html("span", { class: "probability" });
        const wrong = first[d] === undefined ? "never ✗" : `first ✗: ${percent(first[d] / STEPS)}`;
        const item = html(
          "li",
          {},
          image.node,
          html("span", { class: "unseen" }, `a ${label}, read as `),
          answer,
          probability,
          html("span", { class: "first", "data-value": first[d] ?? -1 }, wrong),
        );
        return { item, answer, probability };
      });
      node.replaceChildren(...items.map(({ item }) => item));
    },
    draw(activations, right) {
      items.forEach(({ item, answer, probability }, d) => {
        const a = activations[d];
        item.classList.toggle("wrong", !right[d]);
        answer.textContent = `${answerOf(a)} ${right[d] ? "✓" : "✗"}`;
        show(probability, Math.max(...a));
        probability.textContent = percent(Math.max(...a));
      });
    },
  };
}

/** What is left of each layer, in numbers. */
function edgeTable() {
  const rows = SIZES.slice(1).map((nodes, l) => {
    const cells = ["left", "share", "gone"].map((name) => html("td", { class: name }));
    const name = html("th", { scope: "row" }, `${SIZES[l]} → ${nodes}`);
    return { row: html("tr", {}, name, ...cells), cells };
  });
  return {
    node: table(
      "What is left of each layer",
      ["layer", "edges left", "share", "nodes cut off"],
      rows.map(({ row }) => row),
    ),
    draw(edges, gone) {
      rows.forEach(({ cells: [left, share, off] }, l) => {
        show(left, edges[l].left, 0);
        left.textContent = grouped(edges[l].left);
        share.textContent = `${format((100 * edges[l].left) / edges[l].all, 0)} %`;
        show(off, sum(gone[l]), 0);
        off.textContent += ` of ${gone[l].length}`;
      });
    },
  };
}

/** The edges from the chosen node to the next layer, and from there to the answers. */
function drawing() {
  const canvas = html("canvas", { "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  const answers = Array.from({ length: 10 }, (_, n) => html("span", {}, n));

  function line([x1, y1], [x2, y2], weight, large) {
    const size = Math.min(Math.abs(weight) / large, 1);
    context.lineWidth = 0.7 + 2.3 * size;
    context.globalAlpha = 0.35 + 0.65 * size;
    context.strokeStyle = weight < 0 ? `rgb(${NEGATIVE})` : `rgb(${POSITIVE})`;
    context.setLineDash(weight < 0 ? [5, 4] : []);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }

  function mark([x, y], gone, chosen) {
    context.beginPath();
    if (gone) {
      for (const slope of [-1, 1]) {
        context.moveTo(x - 3, y - 3 * slope);
        context.lineTo(x + 3, y + 3 * slope);
      }
      context.stroke();
    } else {
      context.arc(x, y, chosen ? 6 : 2, 0, 2 * Math.PI);
      context.fill();
    }
  }

  return {
    node: html(
      "div",
      { class: "paths" },
      canvas,
      html("div", { class: "answers" }, ...answers),
      html(
        "p",
        { class: "about" },
        "The edges from the chosen node to hidden layer 2, and from the nodes reached there to the " +
          "answers. Dashed: negative. ×: a node with no edge to it, or none from it.",
      ),
    ),
    draw(layers, masks, gone, large, chosen, { hidden }) {
      const ratio = Math.min(devicePixelRatio, 2);
      const [width, height] = [canvas.clientWidth, canvas.clientHeight];
      Object.assign(canvas, { width: width * ratio, height: height * ratio }); // empty again
      context.scale(ratio, ratio);
      const place = (l, n) => [
        6 + ((n + 0.5) / SIZES[l]) * (width - 12),
        8 + ((l - 1) / 2) * (height - 16),
      ];
      const fan = (l, i) => {
        for (let n = 0; n < SIZES[l + 1]; n++) {
          const j = i * SIZES[l + 1] + n;
          if (masks[l].W[j]) line(place(l, i), place(l + 1, n), layers[l].W[j], large);
        }
      };
      fan(1, chosen);
      for (const i of hidden) fan(2, i);
      context.globalAlpha = 1;
      context.setLineDash([]);
      context.lineWidth = 1.5;
      context.fillStyle = context.strokeStyle = "rgb(120, 130, 140)";
      gone.forEach((layer, l) =>
        layer.forEach((off, n) => mark(place(l + 1, n), off, l === 0 && n === chosen))
      );
    },
  };
}

// --- saying ---

/** What is left of the chosen node. */
function aboutNode(n, { W, nodes }, mask, edges, { answers }) {
  let positive = 0;
  for (let j = n; j < W.length; j += nodes) {
    if (mask.W[j] && W[j] >= 0) positive++;
  }
  return `Node ${n}: ${positive} positive edges (full) and ${edges[0].to[n] - positive} negative ` +
    `ones (bars) are left of the 784 to it, and ${edges[1].from[n]} of the 64 from it. ` +
    `It can reach ${answers.join(", ") || "no answer"}.`;
}

/** What the figure shows; see PruningSlider.describe. */
function sentence(step, chosen, accuracies, edges, gone, right) {
  const left = sum(edges.map((layer) => layer.left));
  const layers = edges.map((layer) => `${grouped(layer.left)} of ${grouped(layer.all)}`);
  const nodes = gone.map((layer) => `${sum(layer)} of ${layer.length}`);
  const digits = right.length
    ? ` Of the ${right.length} digits shown, ${sum(right)} are read rightly.`
    : "";
  return `${percent(step / STEPS)} of the weights are removed, the smallest: ` +
    `${grouped(left)} of ${grouped(WEIGHTS)} are left. Layer by layer these are ${layers[0]}, ` +
    `${layers[1]} and ${layers[2]}; cut off are ${nodes[0]}, ${nodes[1]} and ${nodes[2]} nodes. ` +
    `The network reads ${format(accuracies[step])} % of the held-out half rightly; whole, it ` +
    `reads ${format(accuracies[0])} %.${digits} Hidden node ${chosen} of the first layer has ` +
    `${edges[0].to[chosen]} of its 784 edges.`;
}

export default {
  render({ model, el }) {
    const keys = ["fraction", "node", "theta", "accuracies", "digits", "labels"];
    return figure({ model, el }, "Pruning slider", keys, (frame) => {
      const goTo = (percents) => {
        const step = Math.round((percents * STEPS) / 100);
        frame.set({ fraction: Math.min(Math.max(step, 0), STEPS) / STEPS });
      };
      const removed = slider({
        name: "Removed",
        min: 0,
        max: 100,
        step: 100 / STEPS,
        onMove: goTo,
      });
      const accuracy = html("strong", { class: "accuracy" });
      const curve = plot(190, "removed (%)", "held out, right (%)");
      const follow = (event) => goTo(curve.value(event)[0]);
      whileDragged(curve.node, (press) => {
        follow(press);
        return follow;
      });
      const left = edgeTable();
      const list = digitList();
      const images = firstLayer((node) => frame.set({ node }));
      const enlarged = weightImage(LARGE);
      const about = html("p", { class: "about" });
      const network = drawing();
      const curveBox = html("div", {}, curve.node);
      frame.body.append(
        html(
          "div",
          { class: "bar steering" },
          removed.node,
          html("span", {}, "held out, right: ", accuracy),
        ),
        html("div", { class: "curve" }, curveBox, left.node),
        list.node,
        images.node,
        html(
          "div",
          { class: "detail" },
          html("div", {}, enlarged.canvas, about),
          network.node,
        ),
      );

      /** What stays the same as long as weights and digits do. */
      const given = kept(model, ["theta", "digits", "labels"], () => {
        const theta = array(model, "theta", Float32Array, PARAMETERS);
        const digits = digitsOf(model);
        const { rank, large } = ranks(theta);
        list.start(digits, firstWrong(theta, rank, digits));
        return { theta, digits, rank, large };
      });

      return () => {
        const step = Math.round(STEPS * number(model, "fraction", 0, 1));
        const chosen = whole(model, "node", 0, SIZES[1] - 1);
        const accuracies = numbers(model, "accuracies", [STEPS + 1]);
        const { theta, digits, rank, large } = given();
        const { masks, layers } = prune(theta, rank, step);
        const edges = countEdges(masks);
        const gone = cutOff(edges);
        const activations = digits.map(({ x }) => outputs(x, layers));
        const right = activations.map((a, d) => answerOf(a) === digits[d].label);

        removed.show((100 * step) / STEPS, percent(step / STEPS));
        show(accuracy, accuracies[step]);
        accuracy.textContent += " %";
        const points = accuracies.map((percents, k) => [(100 * k) / STEPS, percents]);
        curve.draw(curveBox.clientWidth, [0, 100], [0, 100], [
          { line: points, kind: "ink" },
          { dot: points[step], kind: "activation" },
        ]);
        left.draw(edges, gone);
        list.draw(activations, right);
        images.draw(layers[0], masks[0], large, chosen);
        paint(enlarged, LARGE, layers[0], masks[0], chosen, large);
        const paths = reached(chosen, masks);
        network.draw(layers, masks, gone, large, chosen, paths);

        about.textContent = aboutNode(chosen, layers[0], masks[0], edges, paths);
        frame.say(sentence(step, chosen, accuracies, edges, gone, right));
      };
    });
  },
};
