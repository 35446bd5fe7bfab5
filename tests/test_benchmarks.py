"""The benchmark: it still runs and measures everything. No test asserts a time."""

import json
import math
import os
import pathlib
import subprocess
import sys

from benchmarks import pages

ROOT = pathlib.Path(__file__).parents[1]
PARTS = ["Training the paper's network", "Forward pass", "convolutional", "Distorting"]
PARTS += ["Peak memory", "Growth"]


def test_a_quick_run_measures_every_part_and_writes_the_table_as_json(tmp_path, mnist):
    path = tmp_path / "results.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--output", str(path)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    table, results = run.stdout, json.loads(path.read_text(encoding="utf-8"))
    for part in PARTS:
        assert part in table
        rows = [row for row in results["rows"] if part in row["section"]]
        netlib = [row for row in rows if row["contender"] == "netlib"]
        assert netlib and all(0 < row["best"] < math.inf for row in netlib)
    assert results["machine"]["cores"] >= 1
    assert len(results["goals"]) == 7
    assert list(tmp_path.iterdir()) == [path]


def test_a_page_is_timed_and_weighed(browser, server):
    row = pages.measure(browser, server, "book/xor_forward_pass")
    assert 0 < row["content"] <= row["usable"]
    assert row["figure"] > 0
    assert row["kB"] > 100
    assert len(row["heaviest"]) == 3
    assert pages.measure(browser, server, "book/sources")["figure"] is None


def test_the_readme_quotes_the_results_that_are_stored():
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    reached = {goal["goal"]: goal["reached"] for goal in results["goals"]}
    for library in ("PyTorch", "scikit-learn"):
        times = next(
            v for k, v in reached.items() if "training" in k and f"as fast as {library}" in k
        )
        assert f"{float(times.split()[0]):.1f} times as fast as {library}" in readme
    floor = float(next(v for k, v in reached.items() if "the floor" in k).split()[0])
    assert f"{1 / floor:.0%}".replace("%", " %") + " of its time on the matrix products" in readme
    conv = float(next(v for k, v in reached.items() if "convolutional" in k).split()[0])
    assert f"a convolutional network is {conv:.1f} times as fast with it" in readme
    width = next(case for case in results["PyTorch is ahead"] if case.startswith("width"))
    assert f"from {width.split()[1]} nodes a layer on" in readme
