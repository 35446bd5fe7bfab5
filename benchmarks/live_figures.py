"""`python -m benchmarks.live_figures`: how fast the live figures of the rendered book are.

For each figure, in Chromium, from the folder of the book:

- shown: milliseconds from opening the page to the figure being there;
- answers: to the first change on a key press made as early as possible;
- change: one change of each of its controls, with everything that follows: computing, drawing and
  laying out the page again. The median of the slowest control, and the slowest change of all;
- bare change: the same for a control of the page that does nothing, to compare with;
- code, state: kilobytes of the figure's module with its style, and of its stored state.
"""

import argparse
import json
import pathlib
import shutil
import statistics

from playwright.sync_api import sync_playwright

import netlib.widgets
from benchmarks import machine
from tests.live.conftest import CHAPTERS, Shown

ROOT = pathlib.Path(__file__).parents[1]
STATE = "application/vnd.jupyter.widget-state+json"
OPENINGS = 5

# Moves every slider to and fro, or the pen of a pad around a square with the keys, and lays out
# the page after each step.
CONTROLS = ".netlib input[type=range], .netlib .pad"
CHANGE = """(controls) => {
  const press = (pad, key) => pad.dispatchEvent(new KeyboardEvent("keydown", { key }));
  const draw = (pad, k) => press(pad, `Arrow${["Right", "Down", "Left", "Up"][(k >> 3) % 4]}`);
  const slide = (slider, k) => {
    const [low, high] = [Number(slider.min), Number(slider.max)];
    slider.value = low + (high - low) * (0.2 + 0.6 * ((k * 7) % 40) / 40);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return controls.map(control => {
    const change = control.type === "range" ? slide : draw;
    if (change === draw) press(control, " ");
    return Array.from({ length: 40 }, (_, k) => {
      const start = performance.now();
      change(control, k);
      document.body.offsetHeight;
      return performance.now() - start;
    });
  });
}"""
NOTE_WHEN_SHOWN = """new MutationObserver((changes, observer) => {
  if (!document.querySelector(".netlib .sentence")?.textContent) return;
  window.shownAt = performance.now();
  observer.disconnect();
}).observe(document, { childList: true, subtree: true, characterData: true })"""
ADD_BARE = """() => {
  const bare = document.createElement("input");
  bare.type = "range";
  document.querySelector("article").append(bare);
  return bare;
}"""


def measure(chromium, name):
    """One row of the table."""
    page = (ROOT / "_build" / "html" / "book" / f"{CHAPTERS[name]}.html").as_uri()
    shown, answers = [], []
    for _ in range(OPENINGS):
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        tab = context.new_page()
        tab.add_init_script(NOTE_WHEN_SHOWN)
        tab.goto(page, wait_until="commit")
        figure = Shown(tab, name)
        shown.append(tab.evaluate("shownAt"))
        before = figure.sentence()
        figure.change()
        tab.wait_for_function(
            "old => document.querySelector('.netlib .sentence').textContent !== old",
            arg=before,
        )
        answers.append(tab.evaluate("performance.now()"))
        if len(shown) < OPENINGS:
            context.close()
    tab.wait_for_load_state("networkidle")
    changes = tab.locator(CONTROLS).evaluate_all(CHANGE)
    tab.evaluate(ADD_BARE)
    bare = tab.locator("article > input[type=range]").evaluate_all(CHANGE)
    context.close()

    figure = getattr(netlib.widgets, name)
    notebook = json.loads((ROOT / "book" / f"{CHAPTERS[name]}.ipynb").read_text(encoding="utf-8"))
    stored = json.dumps(notebook["metadata"]["widgets"][STATE])
    return {
        "figure": name,
        "shown": statistics.median(shown),
        "answers": statistics.median(answers),
        "change": max(map(statistics.median, changes)),
        "slowest change": max(map(max, changes)),
        "bare change": statistics.median(bare[0]),
        "code": len(str(figure._esm) + str(figure._css)) / 1000,
        "state": len(stored) / 1000,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chromium", default="chromium", help="the browser's command")
    parser.add_argument("--output", type=pathlib.Path, help="also write the table as JSON")
    options = parser.parse_args()
    rows = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which(options.chromium), args=["--no-sandbox"]
        )
        for name in CHAPTERS:
            rows.append(measure(chromium, name))
            if len(rows) == 1:
                print("".join(f"{head:>16}" for head in rows[0]))
            cells = [v if isinstance(v, str) else f"{v:.1f}" for v in rows[-1].values()]
            print("".join(f"{cell:>16}" for cell in cells), flush=True)
        chromium.close()
    files = [*(ROOT / "netlib" / "widgets").rglob("*.[jc]s*"), *(ROOT / "book/_ext").glob("*.js")]
    total = sum(file.stat().st_size for file in files) / 1000
    print(f"All front-end code together: {total:.1f} kB")
    if options.output:
        content = {"machine": machine.facts(), "rows": rows, "all code": total}
        options.output.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
