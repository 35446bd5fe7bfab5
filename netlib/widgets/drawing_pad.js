/* A pad to draw on. */

import { format, html, set, svg } from "./shared/page.js";
import { picture } from "./shared/digits.js";

const KEY_STEP = 0.05;
const KEYS = { // as they lie around the 5 of a number pad
  Home: [-1, -1],
  ArrowUp: [0, -1],
  PageUp: [1, -1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  End: [-1, 1],
  ArrowDown: [0, 1],
  PageDown: [1, 1],
};

const round = (value) => Number(value.toFixed(4));
const onPad = (point) => point.map((value) => round(Math.min(Math.max(value, 0), 1)));

/**
 * The pad, for mouse, finger, pen and keys. `begin(point)` is called when the pen is put down,
 * `go(points)` when it moves there, and `undo()` by Ctrl+Z.
 */
export function pad(begin, go, undo) {
  const keys = "Arrow keys move the pen; Home, End, Page Up and Page Down move it diagonally. " +
    "Space puts it down and lifts it.";
  const loaded = picture();
  const ink = svg("path", { class: "ink" });
  const hint = html("span", { class: "hint", "aria-hidden": "true" });
  const pen = svg("circle", { class: "pen", r: 0.04 });
  const sheet = svg("svg", { viewBox: "0 0 1 1", "aria-hidden": "true" }, ink, pen);
  const node = html(
    "div",
    { class: "pad", tabindex: 0, role: "application", "aria-label": `pad to draw on. ${keys}` },
    loaded.node,
    sheet,
    hint,
  );
  const status = html("output");
  let pointer; // the id of the finger, mouse or pen that draws
  let at = [0.5, 0.5]; // the pen that keys move
  let down = false;

  /** The place on the pad, whatever its size is by now. Outside the pen runs along the edge. */
  function place(event) {
    const box = sheet.getBoundingClientRect();
    return onPad([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
  }
  function showPen() {
    node.classList.add("keys");
    set(pen, { cx: at[0], cy: at[1], class: down ? "pen down" : "pen" });
    const [across, below] = at.map((value) => format(100 * value, 0));
    status.textContent = `Pen ${down ? "down" : "up"}, ${across} across, ${below} from the top.`;
  }
  function lift() {
    pointer = undefined;
    down = false;
    node.classList.remove("keys");
  }

  node.addEventListener("pointerdown", (event) => {
    if (pointer !== undefined || event.button !== 0) return;
    lift();
    pointer = event.pointerId;
    node.setPointerCapture(pointer);
    begin(place(event));
  });
  node.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    go((all.length > 0 ? all : [event]).map(place));
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    node.addEventListener(end, (event) => event.pointerId === pointer && lift());
  }
  node.addEventListener("focus", () => node.matches(":focus-visible") && showPen());
  node.addEventListener("blur", lift);
  node.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey || event.altKey;
    if (command && event.key === "z") undo();
    else if (!command && event.key in KEYS) {
      at = onPad(at.map((value, i) => value + KEY_STEP * KEYS[event.key][i]));
      if (down) go([at]);
    } else if (!command && [" ", "Enter"].includes(event.key)) {
      if (!event.repeat) down = !down;
      if (down && !event.repeat) begin(at);
    } else return;
    event.preventDefault();
    showPen();
  });

  return {
    node,
    help: html("p", { class: "help" }, `${keys} `, status),
    lift,
    draw(strokes, image, text) {
      loaded.node.hidden = !image;
      if (image) loaded.draw(image);
      const path = (stroke) => `M${[...stroke, stroke.at(-1)].map(onPad).join("L")}`;
      set(ink, { d: image ? "" : strokes.map(path).join("") });
      hint.textContent = text;
    },
  };
}
