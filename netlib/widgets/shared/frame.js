/* The frame of every figure: what is the same in all of them. */

import { html } from "./page.js";

const VERSION = 1; // of the state; see LiveFigure.version

/**
 * Run a figure inside of `el`. `start(frame)` builds it once and returns `draw()`, which shows the
 * model's state; it runs again when one of `keys` changes, here or in Python, or the width does.
 * Whatever is wrong with the state ends in a short message in the figure's place.
 */
export function figure({ model, el }, title, keys, start) {
  const body = html("div", { class: "stage" });
  const sentence = html("p", { class: "sentence" });
  const spoken = html("p", { class: "spoken", "aria-live": "polite" });
  const root = html(
    "div",
    // the last two keep JupyterLab from taking the keys pressed here as its own
    {
      class: "netlib",
      role: "group",
      "aria-label": title,
      "data-lm-suppress-shortcuts": "true",
      keydown: (event) => event.ctrlKey || event.metaKey || event.stopPropagation(),
    },
    body,
    sentence,
    spoken,
  );
  el.append(root);

  let draw;
  let timer;
  let changing = false; // while several entries of the state change, to be drawn once
  const frame = {
    body,
    /** The width that the figure has, in pixels. */
    width: () => body.clientWidth || 640,
    /** What the figure shows, in words: at once for eyes, after a pause for ears. */
    say(text) {
      if (sentence.textContent === text) return;
      const first = sentence.textContent === "";
      sentence.textContent = text;
      clearTimeout(timer);
      if (!first) timer = setTimeout(() => (spoken.textContent = text), 700);
    },
    /** Change the state, for Python too. */
    set(changes) {
      changing = true;
      for (const [key, value] of Object.entries(changes)) model.set(key, value);
      changing = false;
      redraw();
      model.save_changes();
    },
  };

  function redraw() {
    if (changing) return;
    try {
      const version = model.get("version");
      if (version !== VERSION) {
        const found = String(version).slice(0, 20);
        throw new Error(`its state is of version ${found}, and this page knows ${VERSION}`);
      }
      draw ??= start(frame);
      draw();
      root.classList.remove("failed");
    } catch (error) {
      root.classList.add("failed");
      sentence.textContent = `This figure cannot be shown: ${error.message}. ` +
        "In Jupyter, run its cell again.";
      if (!draw) body.replaceChildren();
    }
  }

  const width = new ResizeObserver(() => draw && redraw());
  for (const key of [...keys, "version"]) model.on(`change:${key}`, redraw);
  redraw();
  width.observe(body);
  return () => {
    width.disconnect();
    clearTimeout(timer);
    for (const key of [...keys, "version"]) model.off(`change:${key}`, redraw);
  };
}

/**
 * The numbers of the state under `key`, nested as `shape` says, such as [2, 3], each from `min` to
 * `max`; or an error. null in the shape stands for any length.
 */
export function numbers(model, key, shape, min = -Infinity, max = Infinity) {
  const value = model.get(key);
  const fits = (part, [length, ...rest]) =>
    length === undefined
      ? Number.isFinite(part)
      : Array.isArray(part) && (length ?? part.length) === part.length &&
        part.every((p) => fits(p, rest));
  if (!fits(value, shape)) {
    const wanted = shape.map((length) => length ?? "any number of").join(" × ") || "one";
    throw new Error(`${key} should be ${wanted} finite numbers`);
  }
  if ([value].flat(Infinity).some((one) => one < min || one > max)) {
    throw new Error(`${key} should be from ${min} to ${max}`);
  }
  return value;
}

/** The number of the state under `key`, from `min` to `max`; or an error. */
export function number(model, key, min, max) {
  return numbers(model, key, [], min, max);
}

/** The same for a whole number. */
export function whole(model, key, min, max) {
  const value = number(model, key, min, max);
  if (!Number.isInteger(value)) throw new Error(`${key} should be a whole number`);
  return value;
}

/** One of the `names`; or an error. */
export function oneOf(model, key, names) {
  const value = model.get(key);
  if (!names.includes(value)) throw new Error(`${key} should be one of ${names.join(", ")}`);
  return value;
}

/** What `make()` makes of the entries of the state under `keys`, and anew only if one is another. */
export function kept(model, keys, make) {
  let from = [];
  let made;
  return () => {
    const values = keys.map((key) => model.get(key));
    if (!values.every((value, k) => value === from[k])) [made, from] = [make(), values];
    return made;
  };
}

/** The bytes of the state under `key` as numbers of 32 or 8 bits: `kind` is the typed array. */
export function array(model, key, kind, length) {
  const view = model.get(key);
  const bytes = length * kind.BYTES_PER_ELEMENT;
  if (!(view?.buffer instanceof ArrayBuffer) || view.byteLength !== bytes) {
    throw new Error(`${key} should be ${bytes} bytes, and there are ${view?.byteLength ?? 0}`);
  }
  return new kind(view.buffer.slice(view.byteOffset, view.byteOffset + bytes));
}
