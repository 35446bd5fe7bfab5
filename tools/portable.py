"""Run the chapters as if on other computers, and print what differs (`make test-portable`).

First nbval runs every chapter as it is stored: with the arithmetic of other processors, with one
and two threads, and in another place (working directory, time zone, language, encoding). NumPy and
OpenBLAS can both be told to do without what newer processors have. Then `make refresh` is tried in
a copy: twice, which must change nothing, and on another processor, which may change only what is
declared: numbers after ≈ and cells tagged `nbval-ignore-output`.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import nbformat
import numpy as np
import pytest
import threadpoolctl
from approximately import NUMBER, farthest, numbers
from nbval.plugin import IPyNbCell

ROOT = pathlib.Path(__file__).parents[1]
VARIES = "nbval-ignore-output"
CORES = 2  # never more threads than that at a time: they would wait for each other, for hours
# AVX-512, by the names that NumPy has had for it
SKYLAKE = {"X86_V4", "AVX512F", "AVX512CD", "AVX512_SKX"}


def processors():
    """The processors that this one can stand in for: their names and environment variables."""
    found = set(np.show_config(mode="dicts")["SIMD Extensions"].get("found", []))
    new = {feature for feature in found if "512" in feature or feature in SKYLAKE}
    without = {"SkylakeX": new - SKYLAKE} if found & SKYLAKE else {}
    if found & {"X86_V3", "AVX2"}:
        without |= {"Haswell": new, "Nehalem": found}
    return {"own": {}} | {
        name: {"OPENBLAS_CORETYPE": name, "NPY_DISABLE_CPU_FEATURES": " ".join(sorted(features))}
        for name, features in without.items()
    }


def foreign_language(folder):
    """German, in an encoding that is not UTF-8; if it cannot be made, English that has only ASCII."""
    where = folder / "de_DE.ISO-8859-1"
    command = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", where]
    if shutil.which("localedef") and not subprocess.run(command, capture_output=True).returncode:
        return {"LOCPATH": str(folder), "LC_ALL": where.name}
    return {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}


def conditions(threads, folder):
    """All that is tried with so many threads: its name, environment variables, and where it is."""
    variables = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    number = dict.fromkeys(variables, str(threads))
    for name, settings in processors().items():
        yield f"{name}, BLAS threads: {threads}", settings | number, ROOT
    if threads == 1:
        place, tests = folder / "another place, with spaces and ü", ROOT / "tests"
        shutil.copytree(tests, place / "tests", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "book", place / "book")
        language = foreign_language(folder)
        print(f"In another place: {language['LC_ALL']}, Kathmandu")
        settings = {"TZ": "Asia/Kathmandu", "PYTHONUTF8": "0"} | language
        yield "another place", number | settings, place


# --- nbval, in a process of its own --------------------------------------------------------


class Watch:
    """Notes what pytest finds, and how far each number after ≈ is from the stored one."""

    def __init__(self):
        self.passed, self.failed, self.differ, self.numbers = 0, [], [], 0

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed:
            self.passed += 1
        elif not report.passed:
            self.failed.append([report.nodeid, str(report.longrepr)])

    def pytest_runtest_teardown(self, item):
        spread = item.cell.metadata.get("spread", []) if isinstance(item, IPyNbCell) else []
        stored, printed = numbers(item.cell.outputs), numbers(item.test_outputs or [])
        if len(stored) == len(printed) == len(spread):
            self.numbers += len(stored)
            shares = farthest(stored, printed, spread)
            for old, new, share in zip(stored, printed, shares, strict=True):
                if old != new:
                    self.differ.append([item.nodeid, old, new, share])


def run_here(place, slugs):
    """Run nbval in this process, and print what was found as JSON."""
    watch, start = Watch(), time.monotonic()
    paths = [place / "book" / f"{slug}.ipynb" for slug in slugs]
    sanitize = place / "tests" / "sanitize.cfg"
    options = ["--nbval", "--nbval-sanitize-with", str(sanitize), "-q", "-p", "no:cacheprovider"]
    pytest.main([*options, *map(str, paths)], plugins=[watch])
    pools = threadpoolctl.threadpool_info()
    blas = next((pool["architecture"] for pool in pools if "architecture" in pool), "unknown")
    seconds = time.monotonic() - start
    print("\n" + json.dumps(vars(watch) | {"blas": blas, "seconds": round(seconds)}))


def run(condition, slugs):
    """What nbval finds under a condition."""
    name, variables, place = condition
    done = subprocess.run(
        [sys.executable, __file__, "--here", place, *slugs],
        env=os.environ | variables,
        cwd=place,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    return name, json.loads(done.stdout.splitlines()[-1])


def try_all(slugs, folder):
    """Run nbval under all conditions, print a table, and return how many cells failed."""
    failures, all_differ = [], []
    print(f"{'condition':25} {'BLAS':12} cells  fail  numbers  differ  farthest  seconds")
    for threads in (1, CORES):
        with concurrent.futures.ThreadPoolExecutor(CORES // threads) as some:
            for name, found in some.map(lambda each: run(each, slugs), conditions(threads, folder)):
                shares = [share for *_, share in found["differ"]]
                print(
                    f"{name:25} {found['blas']:12} {found['passed']:5} {len(found['failed']):5} "
                    f"{found['numbers']:8} {len(shares):7} {max(shares, default=0):9.0%} "
                    f"{found['seconds']:8}",
                    flush=True,
                )
                failures += [(name, *failed) for failed in found["failed"]]
                all_differ += [(name, *row) for row in found["differ"]]
    print("\nNumbers after ≈ that differed, and how far they are of what other seeds allow:")
    for name, cell, old, new, share in sorted(all_differ, key=lambda row: (row[1], row[0])):
        print(f"  {cell.rpartition('/')[2]:44} {name:25} {old} → {new} ({share:.0%})")
    for name, cell, message in failures:
        print(f"\nFAILED under {name}: {cell}\n{message}")
    return len(failures)


# --- refresh -------------------------------------------------------------------------------


def refreshed(before, after, variables, slugs):
    """The notebooks of the folder `before`, run again in a new folder `after`."""
    shutil.copytree(before / "book", after / "book")
    shutil.copytree(ROOT / "tools", after / "tools")
    command = [sys.executable, after / "tools" / "refresh.py", *slugs]
    subprocess.run(command, env=os.environ | variables, check=True, stdout=subprocess.DEVNULL)
    return {slug: (after / "book" / f"{slug}.ipynb").read_bytes() for slug in slugs}


def declared(content):
    """A notebook without what may differ on another processor."""
    notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
    for cell in notebook.cells:
        if VARIES in cell.metadata.get("tags", []):
            cell.outputs = []
    return NUMBER.sub("≈", json.dumps(notebook, ensure_ascii=False, sort_keys=True))


def try_refresh(slugs, folder):
    """Refresh a copy, print what differs, and return how many chapters differ."""
    name, variables = list(processors().items())[-1]  # the oldest
    one = refreshed(ROOT, folder / "one", {}, slugs)
    with concurrent.futures.ThreadPoolExecutor(CORES) as some:
        again = some.submit(refreshed, folder / "one", folder / "two", {}, slugs)
        older = some.submit(refreshed, folder / "one", folder / "other", variables, slugs)
    two, other = again.result(), older.result()
    faults = [
        f"{slug} differs when it is refreshed twice" for slug in slugs if one[slug] != two[slug]
    ]
    changed = [slug for slug in slugs if one[slug] != other[slug]]
    print(f"refreshed on {name}: {len(changed)} of {len(slugs)} chapters differ")
    faults += [
        f"{slug} differs on {name} in more than what is declared"
        for slug in changed
        if declared(one[slug]) != declared(other[slug])
    ]
    print(
        "\n".join(faults)
        or "refreshed twice: every file the same; elsewhere: only what is declared"
    )
    return len(faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("slugs", nargs="*", help="chapters to run; all of them if none is named")
    parser.add_argument("--here", type=pathlib.Path, metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    slugs = arguments.slugs or sorted(path.stem for path in (ROOT / "book").glob("*.ipynb"))
    if arguments.here:
        run_here(arguments.here, slugs)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        faults = try_all(slugs, pathlib.Path(folder)) + try_refresh(slugs, pathlib.Path(folder))
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
