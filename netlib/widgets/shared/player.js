/* Buttons that go through the steps of a figure, one at a time or by themselves. */

import { button } from "./controls.js";
import { html } from "./page.js";

const PAUSE = 2000; // milliseconds between two steps

/**
 * A button that plays: it calls `onPlay()` and then, each so many milliseconds, `goOn()`, until it
 * is pressed again or `stop()` is called.
 */
export function playButton(milliseconds, onPlay, goOn) {
  let timer;
  function stop() {
    clearInterval(timer);
    timer = undefined;
    node.textContent = "Play";
  }
  const node = button("Play", () => {
    if (timer) return stop();
    node.textContent = "Pause";
    timer = setInterval(() => node.isConnected ? goOn() : stop(), milliseconds);
    onPlay();
  });
  return { node, stop };
}

/**
 * Buttons: step, step back, play or pause, reset.
 * `onStep(by)` goes by 1, −1, or −Infinity (back to the first), as far as it can, and
 * `show(first, last)` says where that led. Play at the last step begins again.
 */
export function player({ onStep, onReset }) {
  let ended = false;
  const play = playButton(PAUSE, () => onStep(ended ? -Infinity : 1), () => onStep(1));
  function pressed(action) {
    return () => {
      play.stop();
      action();
    };
  }
  const back = button("Step back", pressed(() => onStep(-1)));
  const step = button("Step", pressed(() => onStep(1)));
  const reset = button("Reset", pressed(onReset));
  const node = html("div", { class: "player" }, play.node, back, step, reset);
  return {
    node,
    show(first, last) {
      ended = last;
      if (ended) play.stop();
      // not "disabled": a button that is in use keeps the focus
      back.setAttribute("aria-disabled", first);
      step.setAttribute("aria-disabled", last);
    },
  };
}
