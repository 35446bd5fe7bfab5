// In the page: draws a figure in a state, then changes the state, and says what went wrong.
const modules = {};
const faults = [];
addEventListener("error", (event) => faults.push(`uncaught: ${event.message}`));
addEventListener("unhandledrejection", (event) => faults.push(`uncaught: ${event.reason}`));

function unpack(value) {
  if (typeof value?.bytes !== "string") return value;
  return new DataView(Uint8Array.from(atob(value.bytes), (c) => c.charCodeAt(0)).buffer);
}

/** What Jupyter and the book hand to a figure. */
class Model {
  constructor(state) {
    this.state = new Map(Object.entries(state));
    this.listeners = [];
  }
  get(key) {
    return this.state.get(key);
  }
  set(key, value) {
    this.state.set(key, value);
    for (const [event, listener] of this.listeners) if (event === `change:${key}`) listener();
  }
  save_changes() {}
  on(event, listener) {
    this.listeners.push([event, listener]);
  }
  off() {}
}

/** Whether the figure is drawn or says, in short, why not. */
function look(el, when) {
  const failed = el.querySelector(".netlib").classList.contains("failed");
  const sentence = el.querySelector(".sentence").textContent;
  const expected = failed ? /^This figure cannot be shown: .{1,200}$/ : /^.{20,2000}$/;
  if (!expected.test(sentence)) faults.push(`${when}: ${sentence.slice(0, 300)}`);
  if (!failed && /undefined|NaN|Infinity|object Object/.test(sentence)) {
    faults.push(`${when}: ${sentence}`);
  }
  if (el.querySelector("script, iframe, [onerror], .netlib img")) faults.push(`${when}: a script`);
  if (el.querySelectorAll("*").length > 5000) faults.push(`${when}: too many elements`);
  return failed;
}

/** Draw the figure in a state with these changes at once, then one after the other, then without. */
globalThis.tryState = ([name, good, changes]) => {
  faults.length = 0;
  const entries = Object.entries(changes).map(([key, value]) => [key, unpack(value)]);
  const fine = Object.fromEntries(Object.entries(good).map(([k, value]) => [k, unpack(value)]));
  let refused = false;
  for (const atOnce of [true, false]) {
    const el = document.body.appendChild(document.createElement("div"));
    const model = new Model(atOnce ? { ...fine, ...Object.fromEntries(entries) } : fine);
    const start = performance.now();
    try {
      const end = modules[name].default.render({ model, el });
      refused = look(el, "at first");
      if (!atOnce) { for (const [key, value] of entries) model.set(key, value); }
      look(el, "changed");
      if (!atOnce) {
        for (const [key] of entries) model.set(key, fine[key]);
        if (look(el, "good again")) faults.push("a good state does not revive the figure");
      }
      end();
    } catch (error) {
      faults.push(`uncaught: ${error.stack}`);
    }
    if (performance.now() - start > 20_000) faults.push("it took more than 20 s");
    el.remove();
    if (atOnce) globalThis.refused = refused;
  }
  if (globalThis.sprung) faults.push("a script from the state has run");
  return { refused: globalThis.refused, faults };
};

globalThis.load = async (name, code) => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  modules[name] = await import(url);
};
