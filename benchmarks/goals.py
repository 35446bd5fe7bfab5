"""What netlib wants to reach, and what it reached in this run."""

from benchmarks import augmentation, convolution, forward_pass, growth, memory, paper_network
from benchmarks.table import find


def check(rows, halves):
    """(goal, reached, "yes", "no" or "not measured"), one after the other."""
    training = "training, batches of 32"
    batches = paper_network.case_name(32)
    pytorch = ratio(find(rows, paper_network.SECTION, "PyTorch", batches))
    sklearn = ratio(find(rows, paper_network.SECTION, "scikit-learn", batches))
    floor = ratio(find(rows, paper_network.SECTION, paper_network.FLOOR, batches))
    conv = ratio(find(rows, convolution.SECTION, "PyTorch"))
    seconds = find(rows, augmentation.SECTION, "netlib").median
    peak = find(rows, memory.SECTION, "netlib", "training").best
    limit = memory.limit(halves)
    return [
        at_least(f"{training}: 2.5 times as fast as PyTorch", pytorch, 2.5),
        at_least(f"{training}: 4 times as fast as scikit-learn", sklearn, 4),
        at_most(f"{training}: within 1.5 times the floor", inverse(floor), 1.5),
        *forward_goals(rows),
        at_most("convolutional network: within 2 times PyTorch's time", inverse(conv), 2),
        at_most("35,000 images distorted in less than 3 s", seconds, 3, " s"),
        at_most(f"peak memory below twice the data + 100 MB = {limit:.0f} MB", peak, limit, " MB"),
    ]


def forward_goals(rows):
    return [
        at_most(f"forward pass, {row.case}: within 1.3 times its products", inverse(row.ratio), 1.3)
        for row in rows
        if row.contender == forward_pass.PRODUCTS
    ]


def ratio(row):
    return None if row is None else row.ratio


def inverse(ratio):
    return None if ratio is None else 1 / ratio


def at_least(goal, reached, bound, unit=" times"):
    return verdict(goal, reached, unit, reached is not None and reached >= bound)


def at_most(goal, reached, bound, unit=" times"):
    return verdict(goal, reached, unit, reached is not None and reached <= bound)


def verdict(goal, reached, unit, yes):
    if reached is None:
        return goal, "", "not measured"
    return goal, f"{reached:.2f}{unit}", "yes" if yes else "no"


def overtaken(rows):
    """The cases of growth in which PyTorch was faster."""
    return [row.case for row in rows if row.section == growth.SECTION and row.note == growth.AHEAD]
