"""The verdicts on the paper's claims: each follows from the figures that the chapters hand over."""

import pathlib
import re

import nbformat
import pytest

BOOK = pathlib.Path(__file__).parents[1] / "book"
PAGE = (BOOK / "paper_claims.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| \*\*(.+?)\*\* – (.+?) \|$", re.M)
FIGURE = re.compile(r"\{glue:text\}`(\w+)\.ipynb::(\w+):([^`]+)`")
ROWS = {int(number): rest for number, *rest in ROW.findall(PAGE)}

HOLDS, LIMITS, NOT = "holds", "holds within limits", "does not hold"


def yes(condition):
    return HOLDS if condition else NOT


def between(value, low, high, inside=LIMITS, below=HOLDS, above=NOT):
    """One verdict below `low`, one from there to `high`, and one above."""
    return below if value < low else inside if value < high else above


# For each claim, the verdict that its figures lead to; and other figures that would change it.
RULES = {
    1: (lambda first_network: yes(first_network > 90), {"first_network": 12}),
    2: (  # from chance, as before training, to a detector of rounded parts
        lambda rounded_1, rounded_2, rounded_sd, rounded_untrained: between(
            max(rounded_1, rounded_2), rounded_untrained + 0.1, 0.95, below=NOT, above=HOLDS
        ),
        {"rounded_2": 0.99},
    ),
    3: (
        lambda above_one, largest_activation: yes(largest_activation <= 1),
        {"largest_activation": 1},
    ),
    4: (lambda xor_right: yes(xor_right == 4), {"xor_right": 3}),
    5: (  # an exception is a loss that grows while the accuracy does not fall
        lambda loss_rise, accuracy_change: (
            LIMITS if loss_rise > 1.2 and accuracy_change > 0 else HOLDS
        ),
        {"accuracy_change": -0.5},
    ),
    6: (lambda slope_error: yes(slope_error < 1e-6), {"slope_error": 1e-3}),
    7: (
        lambda more_epochs, more_epochs_sd: between(more_epochs, 0.5, 1),
        {"more_epochs": 2.0},
    ),
    8: (lambda gradient_check: yes(gradient_check < 1e-6), {"gradient_check": 1e-3}),
    9: (
        lambda gradient_error, gradient_angle: yes(gradient_error > 0.1 and gradient_angle > 5),
        {"gradient_error": 0.01},
    ),
    10: (lambda gradient_cost: yes(gradient_cost > 10), {"gradient_cost": 2}),
    11: (  # half may go at once, nine in ten only with training
        lambda half_gone, half_gone_sd, ninety_at_once, ninety_gone, ninety_gone_sd: between(
            half_gone, 1, 5, inside=NOT, below=LIMITS if ninety_at_once > 1 else HOLDS
        ),
        {"half_gone": 3},
    ),
    12: (
        lambda sigmoid_time, tanh_time: between(
            min(sigmoid_time, tanh_time), 1, 1.2, below=LIMITS if sigmoid_time > 1.2 else NOT
        ),
        {"sigmoid_time": 0.9},
    ),
    13: (
        lambda sigmoid_epoch, tanh_epoch: yes(min(sigmoid_epoch, tanh_epoch) > 1.2),
        {"sigmoid_epoch": 1.5, "tanh_epoch": 1.5},
    ),
    14: (lambda zeros_1, zeros_2, zeros_sd: yes(min(zeros_1, zeros_2) > 25), {"zeros_1": 5}),
    15: (  # smaller after ten epochs and after thirty, or after one of them, or after none
        lambda relu_gap, sigmoid_gap, tanh_gap, relu_gap_30, sigmoid_gap_30, tanh_gap_30, **sds: (
            NOT,
            LIMITS,
            HOLDS,
        )[
            (relu_gap + sds["relu_gap_sd"] < min(sigmoid_gap, tanh_gap))
            + (relu_gap_30 + sds["relu_gap_30_sd"] < min(sigmoid_gap_30, tanh_gap_30))
        ],
        {"relu_gap": 0.5},
    ),
    16: (lambda softmax_sum_error: yes(softmax_sum_error < 1e-6), {"softmax_sum_error": 0.1}),
    17: (
        lambda calibration, calibration_sd, confidence_at_75, right_at_75: between(
            max(calibration, confidence_at_75 - right_at_75), 3, 25
        ),
        {"confidence_at_75": 63},
    ),
    18: (lambda match, match_sd: between(match, 1.5, 3), {"match": 4}),
    19: (
        lambda largest_gain, largest_gain_sd, deepest_gain, deepest_gain_sd: yes(
            largest_gain < -largest_gain_sd and deepest_gain < -deepest_gain_sd
        ),
        {"largest_gain": -1, "deepest_gain": -1},
    ),
    20: (
        lambda smallest_network, smallest_sd, no_hidden_layer: yes(
            smallest_network + 2 * smallest_sd < no_hidden_layer
        ),
        {"smallest_network": 97},
    ),
    21: (
        lambda highest_of_sweep, highest_training_of_sweep: yes(highest_of_sweep >= 98.95),
        {"highest_of_sweep": 99.0},
    ),
    22: (
        lambda held_out, held_out_sd, held_out_plus, held_out_highest: yes(
            held_out + 2 * held_out_sd >= 98.61
        ),
        {"held_out": 98.5},
    ),
    23: (
        lambda reached, reached_sd, reached_lowest: yes(reached_lowest >= 98.61),
        {"reached_lowest": 98.5},
    ),
    24: (
        lambda more_images_gain, more_images_sd: yes(more_images_gain > more_images_sd),
        {"more_images_gain": 0},
    ),
    26: (
        lambda batch_equal_epochs, batch_equal_epochs_sd, batch_larger_steps, batch_larger_steps_sd, batch_equal_steps, batch_equal_steps_sd: (
            HOLDS
            if batch_equal_epochs > batch_equal_epochs_sd
            else yes(False)
            if batch_equal_steps < 0
            else LIMITS
        ),
        {"batch_equal_steps": -0.2},
    ),
    27: (
        lambda always_wrong, always_share: between(always_share, 1, 50, below=NOT, above=HOLDS),
        {"always_share": 80},
    ),
}


def glued(chapter):
    """What the runs of a chapter hand over, by name."""
    notebook = nbformat.read(BOOK / f"{chapter}.ipynb", as_version=4)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return {
        output.metadata["scrapbook"]["name"]: float(
            output.data["application/papermill.record/text/plain"]
        )
        for output in outputs
        if "scrapbook" in output.get("metadata", {})
    }


def figures(number):
    """The figures beside a claim, by name."""
    return {name: glued(chapter)[name] for chapter, name, _ in FIGURE.findall(ROWS[number][1])} | {
        name: glued(chapter)[name] for chapter, name, _ in FIGURE.findall(ROWS[number][3])
    }


def test_the_claims_are_numbered_in_order():
    assert list(ROWS) == list(range(1, len(ROWS) + 1))
    assert len(re.findall(r"^\| *\d+ \|", PAGE, re.M)) == len(ROWS)


@pytest.mark.parametrize("number", ROWS)
def test_the_verdict_follows_from_the_figures(number):
    claim, figure, verdict, why = ROWS[number]
    assert len(why.split()) > 2
    if verdict == "cannot be tested":
        assert figure == "–"
        assert number not in RULES
        return
    assert "](" in claim, "no link to the run"
    rule, _ = RULES[number]
    assert rule(**figures(number)) == verdict, figures(number)


@pytest.mark.parametrize("number", RULES)
def test_with_other_figures_the_verdict_would_be_another(number):
    rule, other = RULES[number]
    found = figures(number)
    assert other.keys() <= found.keys()
    assert rule(**(found | other)) != ROWS[number][2]


def test_the_page_counts_its_verdicts_rightly():
    verdicts = [verdict for _, _, verdict, _ in ROWS.values()]
    for verdict in sorted(set(verdicts)):
        assert f"{verdicts.count(verdict)} **{verdict}**" in PAGE, verdicts.count(verdict)


def test_no_figure_of_the_ledger_is_typed():
    """Only numbers of the paper, and settings such as a batch size, stand there as text."""
    for number, (_, figure, _, _) in ROWS.items():
        text = FIGURE.sub("", figure)
        assert not re.search(r"\d[.,]\d{1,2}(?!\d)", text), f"claim {number}: {text}"
