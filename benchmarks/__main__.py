"""`python -m benchmarks`: measure everything, print one table, write it as JSON.

README.md in this folder says how to read it.
"""

import argparse
import dataclasses
import time

from benchmarks import (
    augmentation,
    convolution,
    forward_pass,
    goals,
    growth,
    machine,
    memory,
    paper_network,
    table,
)
from benchmarks.protocol import FULL, QUICK, load_halves

SECTIONS = (paper_network, forward_pass, convolution, augmentation, memory, growth)


def main():
    options = parse()
    effort = QUICK if options.quick else FULL
    start = time.perf_counter()
    facts = machine.facts()
    table.print_facts(facts)
    halves = load_halves()
    rows = []
    table.print_heading()
    for section in SECTIONS:
        found = section.run(halves, effort)
        table.print_section(found)
        rows += found
    reached = goals.check(rows, halves)
    table.print_goals(reached, goals.overtaken(rows))
    seconds = time.perf_counter() - start
    print(f"\nThe run took {seconds:.0f} s.")
    if options.output:
        content = {
            "machine": facts,
            "effort": dataclasses.asdict(effort),
            "seconds": round(seconds),
            "rows": [dataclasses.asdict(row) for row in rows],
            "goals": [dict(zip(("goal", "reached", "met"), goal, strict=True)) for goal in reached],
            "PyTorch is ahead": goals.overtaken(rows),
        }
        table.write_json(options.output, content)
        print(f"The table is in {options.output}")


def parse():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute: too few rounds")
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="where to write the JSON (benchmarks/results.json, or with --quick nowhere)",
    )
    options = parser.parse_args()
    if options.output is None and not options.quick:
        options.output = "benchmarks/results.json"
    return options


if __name__ == "__main__":
    main()
