"""The one table: rows, how they are printed, and the JSON file."""

import json
import pathlib
from dataclasses import dataclass

import numpy as np

from netlib.files import write_text


@dataclass
class Row:
    """One line of the table.

    Attributes
    ----------
    case, contender, setting : what was done, by whom, with which setting
    best, median : of all rounds, in `unit`
    ratio : the best time divided by netlib's best time
    accuracy : percent of the held-out examples
    rounds : all measurements, in `unit`
    """

    section: str
    case: str
    contender: str
    setting: str = ""
    best: float | None = None
    median: float | None = None
    unit: str = ""
    ratio: float | None = None
    accuracy: float | None = None
    note: str = ""
    rounds: tuple[float, ...] = ()


def timed_rows(section, case, tasks, seconds, unit, scale=1.0):
    """A row for each task from its seconds, (rounds, tasks). The first task is netlib's."""
    return [
        Row(
            section,
            case,
            task.contender,
            task.setting,
            best=float(own.min() * scale),
            median=float(np.median(own) * scale),
            unit=unit,
            ratio=float(own.min() / seconds[:, 0].min()),
            rounds=tuple((own * scale).tolist()),
        )
        for task, own in zip(tasks, seconds.T, strict=True)
    ]


def not_installed(section, case):
    return Row(section, case, "PyTorch", note="not installed")


def find(rows, section, contender, case=None):
    """The first row of that description, or None."""
    for row in rows:
        if (row.section, row.contender) == (section, contender) and case in (None, row.case):
            return row
    return None


def print_facts(facts):
    """The machine in two lines; the JSON file has all of it."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    print(f"{facts['cpu']}, {facts['cores']} cores, load {facts['load before the run']}")
    print(f"{facts['date']}, Python {facts['python']}, {versions}")


def print_heading():
    print_columns("case", "contender", "setting", "best", "median", "unit", "ratio", "acc. %", "")


def print_section(rows):
    """The rows of one section, under its name."""
    print(f"\n{rows[0].section}")
    for row in rows:
        print_columns(
            row.case,
            row.contender,
            row.setting,
            _number(row.best, ".3f"),
            _number(row.median, ".3f"),
            row.unit,
            _number(row.ratio, ".2f"),
            _number(row.accuracy, ".2f"),
            row.note,
        )


def print_goals(goals, overtaken):
    print("\nGoals")
    for goal, reached, met in goals:
        print(f"  {goal:<66}{reached:>14}  {met}")
    print(f"\nPyTorch is ahead at: {', '.join(overtaken) or 'nothing measured here'}")


def print_columns(case, contender, setting, best, median, unit, ratio, accuracy, note):
    line = (
        f"  {case:<20}{contender:<24}{setting:<34}{best:>9}{median:>9} {unit:<12}"
        f"{ratio:>6}{accuracy:>8}  {note}"
    )
    print(line.rstrip(), flush=True)


def _number(value, form):
    return "" if value is None else format(value, form)


def write_json(path, content):
    """Write the file whole or not at all."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
