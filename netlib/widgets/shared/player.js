/* Buttons that go through the steps of a figure, one at a time or by themselves. */

import { button } from "./controls.js";
import { html } from "./page.js";

const PAUSE = 2000; // milliseconds between two steps

/**
 * Buttons: step, step back, play or pause, reset. Nothing plays until the reader asks for it.
 * `onStep(by)` goes by 1, −1, or −Infinity (back to the first), as far as it can, and
 * `show(first, last)` says where that led. Play at the last step begins again.
 */
export function player({ onStep, onReset }) {
  let timer;
  let ended = false;

  function stop() {
    clearInterval(timer);
    timer = undefined;
    play.textContent = "Play";
  }
  function tick() {
    if (ended || !node.isConnected) stop();
    else onStep(1);
  }
  function toggle() {
    if (timer) return stop();
    timer = setInterval(tick, PAUSE);
    play.textContent = "Pause";
    onStep(ended ? -Infinity : 1);
  }
  function pressed(action) {
    return () => {
      stop();
      action();
    };
  }
  const play = button("Play", toggle);
  const back = button("Step back", pressed(() => onStep(-1)));
  const step = button("Step", pressed(() => onStep(1)));
  const reset = button("Reset", pressed(onReset));
  const node = html("div", { class: "player" }, play, back, step, reset);
  return {
    node,
    show(first, last) {
      ended = last;
      if (ended) stop();
      // not "disabled": a button that is in use keeps the focus
      back.setAttribute("aria-disabled", first);
      step.setAttribute("aria-disabled", last);
    },
  };
}
