/* A plot: two axes with numbers, and lines, areas and points between them. */

import { format, set, svg } from "./page.js";

const MARGIN = { left: 52, right: 10, top: 10, bottom: 34 };
const SHAPES = { square: "M-0.9-0.9H0.9V0.9H-0.9Z", triangle: "M0-1.3 1.15 0.8H-1.15Z" };

/** Round numbers from `low` to `high`, at most `most` of them. */
function ticks(low, high, most = 5) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((s) => s >= rough);
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const numbers = [];
  for (let k = Math.ceil(low / step); k * step <= high + 1e-9 * step; k++) numbers.push(k * step);
  return numbers.map((value) => ({ value, text: format(value, digits) }));
}

/**
 * A plot of a fixed height with the names of its axes. `draw(width, x, y, parts)` shows `parts` for
 * x = [low, high] and y = [low, high]. A part is {line: points}, {lines: [points, points]}, {area:
 * points}, {dot: point} or {text, at: point}, each point [x, y], with its `kind`, such as
 * "activation", and maybe `dashed`. A dot may have a `text`, a `size` and a `shape`: "square" or
 * "triangle". `value(event)` is the point of the plot under the pointer, `place(point)` the pixels
 * {x, y} of a point. `height` may be a function of the width, and the name of the x axis another
 * one in every draw.
 */
export function plot(height, xName, yName) {
  const picture = svg("svg", { class: "plot", "aria-hidden": "true" });
  let scale; // what the last draw used

  function axes({ left, right, bottom, top, px, py }, x, y, name) {
    const items = [];
    for (const { value, text } of ticks(...x, right - left < 260 ? 4 : 6)) {
      items.push(svg("line", { class: "grid", x1: px(value), x2: px(value), y1: top, y2: bottom }));
      items.push(svg("text", { x: px(value), y: bottom + 15, "text-anchor": "middle" }, text));
    }
    for (const { value, text } of ticks(...y)) {
      items.push(svg("line", { class: "grid", x1: left, x2: right, y1: py(value), y2: py(value) }));
      items.push(svg("text", { x: left - 5, y: py(value) + 4, "text-anchor": "end" }, text));
    }
    const middle = (top + bottom) / 2;
    items.push(
      svg("text", { x: (left + right) / 2, y: bottom + 30, "text-anchor": "middle" }, name),
    );
    items.push(
      svg("text", {
        x: 11,
        y: middle,
        "text-anchor": "middle",
        transform: `rotate(-90 11 ${middle})`,
      }, yName),
    );
    return items;
  }

  function shape({ kind, dashed, line, lines, area, dot, shape, size = 6, at, text }, { px, py }) {
    const path = (points) =>
      points.map(([x, y]) => `${px(x).toFixed(1)} ${py(y).toFixed(1)}`).join("L");
    const dashes = dashed ? "6 4" : "none";
    if (line || lines) {
      const d = `M${(lines ?? [line]).map(path).join("M")}`;
      return [svg("path", { class: `line ${kind}`, d, "stroke-dasharray": dashes })];
    }
    if (area) return [svg("path", { class: `area ${kind}`, d: `M${path(area)}Z` })];
    const [cx, cy] = [px((dot ?? at)[0]), py((dot ?? at)[1])];
    if (at) return [svg("text", { class: kind, x: cx, y: cy + 4, "text-anchor": "middle" }, text)];
    const transform = `translate(${cx} ${cy}) scale(${size})`;
    const mark = shape in SHAPES
      ? svg("path", { class: `mark ${kind}`, d: SHAPES[shape], transform })
      : svg("circle", { class: kind, cx, cy, r: size });
    return text ? [mark, svg("text", { x: cx + 10, y: cy - 8 }, text)] : [mark];
  }

  return {
    node: picture,
    draw(width, x, y, parts, name = xName) {
      const [left, right] = [MARGIN.left, width - MARGIN.right];
      const high = typeof height === "function" ? height(width) : height;
      const [top, bottom] = [MARGIN.top, high - MARGIN.bottom];
      const px = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (right - left);
      const py = (value) => bottom - ((value - y[0]) / (y[1] - y[0])) * (bottom - top);
      scale = { left, right, top, bottom, px, py, x, y };
      set(picture, { width, height: high, viewBox: `0 0 ${width} ${high}` });
      const clip = svg("svg", {
        x: left,
        y: top,
        width: Math.max(right - left, 0),
        height: Math.max(bottom - top, 0),
        viewBox: `${left} ${top} ${Math.max(right - left, 1)} ${Math.max(bottom - top, 1)}`,
      });
      clip.append(...parts.filter((part) => !part.dot).flatMap((part) => shape(part, scale)));
      const dots = parts.filter((part) => part.dot).flatMap((part) => shape(part, scale));
      picture.replaceChildren(...axes(scale, x, y, name), clip, ...dots);
    },
    place([x, y]) {
      return { x: scale.px(x), y: scale.py(y) };
    },
    value(event) {
      const { left, right, top, bottom, x, y } = scale;
      const box = picture.getBoundingClientRect();
      return [
        x[0] + ((event.clientX - box.left - left) / (right - left)) * (x[1] - x[0]),
        y[0] + ((bottom - (event.clientY - box.top)) / (bottom - top)) * (y[1] - y[0]),
      ];
    },
  };
}
