"""The numbers after ≈ in what a chapter prints: how far they may be from the stored ones.

Training ends in slightly different numbers on another processor. nbval does not compare what
stands after ≈. Instead the number must be near the stored one, and how near is measured, not
guessed: `tools/spread.py` runs each chapter with other seeds, and stores the standard deviation of
each number as `spread` in the metadata of its cell. What another processor changes may be as much
as other seeds change, and not more.
"""

import pathlib
import re

SANITIZE = pathlib.Path(__file__).parents[1] / "tests" / "sanitize.cfg"
NUMBER = re.compile(re.search(r"^regex: (.*)$", SANITIZE.read_text("utf-8"), re.M)[1])
SPREADS = 6  # a number may be so many standard deviations away


def text_of(outputs):
    """What the outputs of a cell say in words."""
    parts = [
        output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs
    ]
    return "\n".join(parts)


def numbers(outputs):
    """The numbers after ≈, as text: without the sign, and with a minus that Python can read."""
    found = NUMBER.findall(text_of(outputs))
    return [number.lstrip("≈ ").replace("−", "-").replace(",", "") for number in found]


def last_place(number):
    """What one more in the last digit adds: 0.01 for 96.93."""
    digits, _, exponent = number.partition("e")
    return 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))


def farthest(stored, printed, spread):
    """For each number how far it is from the stored one, as a share of what it may be.

    Rounding may move the last digit by one, even where no seed changes anything.
    """
    return [
        abs(float(new) - float(old)) / max(SPREADS * deviation, 1.01 * last_place(old))
        for old, new, deviation in zip(stored, printed, spread, strict=True)
    ]


def too_far(cell, outputs):
    """The numbers of a cell that are too far from the stored ones, in words; nothing if none is."""
    stored, printed = numbers(cell.outputs), numbers(outputs)
    spread = cell.metadata.get("spread", [])
    if not len(stored) == len(printed) == len(spread):
        return [
            f"{len(stored)} numbers after ≈ are stored, {len(printed)} came, and the spread of "
            f"{len(spread)} is known: run make spread"
        ]
    shares = farthest(stored, printed, spread)
    return [
        f"≈ {new} came, ≈ {old} is stored; with other seeds it has a standard deviation of "
        f"{deviation:g}, and {SPREADS} of them are allowed"
        for old, new, deviation, share in zip(stored, printed, spread, shares, strict=True)
        if share > 1
    ]
