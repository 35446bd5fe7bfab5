/* What a reader can move. All of it is built from the page's own controls, so that keyboards,
   fingers and screen readers know them. */

import { format, html, show } from "./page.js";

/** A button. */
export function button(text, onPress) {
  return html("button", { type: "button", click: onPress }, text);
}

/** A slider with its name and its value. `show(value, text)` moves it without telling anyone. */
export function slider({ name, min, max, step, onMove }) {
  const input = html("input", { type: "range", min, max, step, "aria-label": name });
  const output = html("output");
  input.addEventListener("input", () => onMove(Number(input.value)));
  const node = html("label", { class: "slider" }, html("span", {}, name), input, output);
  return {
    node,
    show(value, text = format(value)) {
      input.value = value;
      input.setAttribute("aria-valuetext", text);
      output.textContent = text;
    },
  };
}

/**
 * Calls `begin(event)` when a mouse, a finger or a pen presses on `node`, and then, with each move
 * of it, the function that `begin` returns.
 */
export function whileDragged(node, begin) {
  let move;
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    event.preventDefault();
    move = begin(event);
  });
  node.addEventListener("pointermove", (event) => {
    if (node.hasPointerCapture(event.pointerId)) move(event);
  });
}

/**
 * A number to drag to the left and right, small enough to sit on an edge of a drawing. Inside is a
 * slider: it has the focus, the arrow keys and the name. `note` is written under the number.
 */
export function draggable({ name, kind, min, max, step, digits = 1, onMove }) {
  const value = html("span", { class: "value" });
  const note = html("span", { class: "note" });
  const input = html("input", { type: "range", min, max, step, "aria-label": name });
  const node = html("label", { class: `draggable ${kind}` }, value, input, note);

  input.addEventListener("input", () => onMove(Number(input.value)));
  whileDragged(node, (press) => {
    const from = Number(value.dataset.value);
    input.focus({ focusVisible: false });
    return (event) => {
      const moved = from + (event.clientX - press.clientX) * step;
      const rounded = Math.round(moved / step) * step;
      onMove(Number(Math.min(Math.max(rounded, min), max).toFixed(6)));
    };
  });
  node.addEventListener("click", (event) => event.preventDefault());
  return {
    node,
    show(number, remark = "") {
      show(value, number, digits);
      input.value = number;
      input.setAttribute("aria-valuetext", `${format(number, digits)} ${remark}`.trim());
      note.textContent = remark;
    },
  };
}

/** One of several: radio buttons in a row. `options` maps values to texts. */
export function choice(name, options, onChoose) {
  const group = `choice-${Math.random()}`; // the buttons of a group share a name that is theirs
  const inputs = new Map();
  const node = html("fieldset", { class: "choice" }, html("legend", {}, name));
  for (const [value, text] of Object.entries(options)) {
    const input = html("input", { type: "radio", name: group, value });
    input.addEventListener("change", () => onChoose(value));
    inputs.set(value, input);
    node.append(html("label", {}, input, html("span", {}, text)));
  }
  return {
    node,
    show(value) {
      inputs.get(value).checked = true;
    },
    /** Write something else beside one of the options. */
    label(value, text) {
      inputs.get(value).nextSibling.textContent = text;
    },
  };
}
