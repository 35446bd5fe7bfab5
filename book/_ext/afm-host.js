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

  async function show(view, models) {
    const el = document.createElement("div");
    el.className = "live";
    view.after(el);
    try {
      const model = new Model(models[JSON.parse(view.textContent).model_id]);
      const style = document.createElement("style");
      style.textContent = model.get("_css");
      const url = URL.createObjectURL(new Blob([model.get("_esm")], { type: "text/javascript" }));
      const module = await import(url);
      URL.revokeObjectURL(url);
      el.append(style);
      module.default.render({ model, el });
      el.model = model; // for whoever opens the console
    } catch (error) {
      el.textContent =
        `This figure cannot be shown: its stored state is not complete (${error.message}).`;
    }
  }

  function start() {
    let models = {};
    try {
      models = JSON.parse(find("state")[0].textContent).state;
    } catch {
      // each figure says so in its place
    }
    for (const view of find("view")) show(view, models);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
