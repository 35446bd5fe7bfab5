/* Runs the live figures of a page from their stored state, without a kernel.

   The script of a figure, which the page loads before this one, adds it to `liveFigures` under the
   name of its class: an object in the anywidget front-end form, { render({ model, el }) }. The
   state has that name, and all that the Python side had. It is data: nothing in it is run. */

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

  function show(view, models) {
    const el = document.createElement("div");
    el.className = "live";
    view.after(el);
    try {
      const stored = models[JSON.parse(view.textContent).model_id];
      const figure = globalThis.liveFigures?.get(stored.state._anywidget_id);
      if (!figure) throw new Error("it names no figure of this page");
      el.model = new Model(stored); // kept here for whoever opens the console
      figure.render({ model: el.model, el });
    } catch (error) {
      el.textContent =
        `This figure cannot be shown: its stored state is broken (${error.message}).`;
    }
  }

  let models = {};
  try {
    models = JSON.parse(find("state")[0].textContent).state;
  } catch {
    // each figure says so in its place
  }
  for (const view of find("view")) show(view, models);
})();
