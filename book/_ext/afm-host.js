/* Runs the live figures of a page from their stored state, without a kernel.

   A figure is a module in the anywidget front-end form: export default { render({ model, el }) }.
   The state has its text as `_esm`, its style as `_css`, and all that its Python side had. */

(() => {
  const find = (kind) =>
    document.querySelectorAll(`script[type="application/vnd.jupyter.widget-${kind}+json"]`);

  /** What a figure reads, writes and listens to. Jupyter's has the same methods. */
  class Model {
    #state;
    #listeners = new Map();

    constructor({ state, buffers = [] }) {
      this.#state = state;
      for (const { path: [key], data } of buffers) {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        state[key] = new DataView(bytes.buffer);
      }
    }
    get(key) {
      return this.#state[key];
    }
    set(key, value) {
      this.#state[key] = value;
      for (const listener of this.#listeners.get(`change:${key}`) ?? []) listener();
    }
    save_changes() {}
    on(event, listener) {
      this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    }
    off(event, listener) {
      const others = (this.#listeners.get(event) ?? []).filter((other) => other !== listener);
      this.#listeners.set(event, others);
    }
  }

  /** The module of a stored figure, as a promise. */
  function load({ state }) {
    const url = URL.createObjectURL(new Blob([state._esm], { type: "text/javascript" }));
    return import(url).finally(() => URL.revokeObjectURL(url));
  }

  async function show(view, models, modules) {
    const el = document.createElement("div");
    el.className = "live";
    view.after(el);
    try {
      const id = JSON.parse(view.textContent).model_id;
      const module = await modules[id];
      const style = document.createElement("style");
      el.model = new Model(models[id]); // kept here for whoever opens the console
      style.textContent = el.model.get("_css");
      el.append(style);
      module.default.render({ model: el.model, el });
    } catch (error) {
      el.textContent =
        `This figure cannot be shown: its stored state is broken (${error.message}).`;
    }
  }

  let models = {};
  const modules = {};
  try {
    models = JSON.parse(find("state")[0].textContent).state;
    for (const [id, stored] of Object.entries(models)) {
      if (stored.model_module !== "anywidget") continue;
      modules[id] = load(stored);
      modules[id].catch(() => {}); // the figure says so in its place
    }
  } catch {
    // each figure says so in its place
  }

  // The modules load while the page is read. Then the figures are drawn.
  function start() {
    for (const view of find("view")) show(view, models, modules);
  }
  if (document.readyState === "loading") {
    document.addEventListener("readystatechange", start, { once: true });
  } else start();
})();
