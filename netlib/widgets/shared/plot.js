/* A plot: two axes with numbers, and lines, areas and points between them. */

import { format, set, svg } from "./page.js";

const MARGIN = { left: 44, right: 10, top: 10, bottom: 34 };

/** Round numbers from `low` to `high`, at most `most` of them. */
export function ticks(low, high, most = 5) {
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
 * x = [low, high] and y = [low, high]. A part is {line: points}, {area: points} or {dot: point},
 * each point [x, y], with its `kind`, such as "activation", and maybe `dashed` and `text`.
 * `value(event)` is the point of the plot under the pointer.
 */
export function plot(height, xName, yName) {
  const picture = svg("svg", { class: "plot", height, "aria-hidden": "true" });
  let scale; // what the last draw used

  function axes({ left, right, bottom, top, px, py }, x, y) {
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
      svg("text", { x: (left + right) / 2, y: bottom + 30, "text-anchor": "middle" }, xName),
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

  function shape({ kind, dashed, line, area, dot, text }, { px, py }) {
    const path = (points) =>
      points.map(([x, y]) => `${px(x).toFixed(1)} ${py(y).toFixed(1)}`).join("L");
    const dashes = dashed ? "6 4" : "none";
    if (line) {
      return [
        svg("path", { class: `line ${kind}`, d: `M${path(line)}`, "stroke-dasharray": dashes }),
      ];
    }
    if (area) return [svg("path", { class: `area ${kind}`, d: `M${path(area)}Z` })];
    const [cx, cy] = [px(dot[0]), py(dot[1])];
    const circle = svg("circle", { class: kind, cx, cy, r: 6 });
    return text ? [circle, svg("text", { x: cx + 10, y: cy - 8 }, text)] : [circle];
  }

  return {
    node: picture,
    draw(width, x, y, parts) {
      const [left, right] = [MARGIN.left, width - MARGIN.right];
      const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
      const px = (value) => left + ((value - x[0]) / (x[1] - x[0])) * (right - left);
      const py = (value) => bottom - ((value - y[0]) / (y[1] - y[0])) * (bottom - top);
      scale = { left, right, top, bottom, px, py, x, y };
      set(picture, { width, viewBox: `0 0 ${width} ${height}` });
      const clip = svg("svg", {
        x: left,
        y: top,
        width: Math.max(right - left, 0),
        height: bottom - top,
        viewBox: `${left} ${top} ${Math.max(right - left, 1)} ${bottom - top}`,
      });
      clip.append(...parts.filter((part) => !part.dot).flatMap((part) => shape(part, scale)));
      const dots = parts.filter((part) => part.dot).flatMap((part) => shape(part, scale));
      picture.replaceChildren(...axes(scale, x, y), clip, ...dots);
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
