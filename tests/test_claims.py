"""The verdicts on the paper's claims: each follows from the figures that the chapters hand over."""

import functools
import inspect
import pathlib
import re

import nbformat
import pytest

BOOK = pathlib.Path(__file__).parents[1] / "book"
PAGE = (BOOK / "paper_claims.md").read_text("utf-8")
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| \*\*(.+?)\*\* – (.+?) \|$", re.M)
FIGURE = re.compile(r"\{glue:text\}`(\w+)\.ipynb::(\w+):[^`]+`")
ROWS = {int(number): rest for number, *rest in ROW.findall(PAGE)}

HOLDS, LIMITS, NOT = "holds", "holds within limits", "does not hold"
UNTESTED = "cannot be tested"


# --- the rules ----------------------------------------------------------------------------

RULES = {}  # for each claim: its rule, and other figures with the verdict that they would lead to


def rule(number, *others):
    """The function below decides claim `number` from figures of its arguments' names."""

    def keep(function):
        RULES[number] = function, others
        return function

    return keep


def holds(condition):
    return HOLDS if condition else NOT


@rule(1, ({"first_network": 12}, NOT))
def it_learns_from_labels(first_network):
    return holds(first_network > 90)


@rule(2, ({"rounded_2": 0.99}, HOLDS), ({"rounded_2": 0.76}, NOT))
def hidden_nodes_see_rounded_parts(rounded_1, rounded_2, rounded_untrained):
    best = max(rounded_1, rounded_2)
    if best < rounded_untrained + 0.05:
        return NOT
    return HOLDS if best > 0.95 else LIMITS


@rule(3, ({"largest_activation": 1}, HOLDS))
def activations_are_at_most_1(largest_activation):
    return holds(largest_activation <= 1)


@rule(4, ({"xor_right": 3}, NOT))
def a_network_computes_xor(xor_right):
    return holds(xor_right == 4)


@rule(5, ({"accuracy_change": -0.5}, HOLDS), ({"accuracy_change": 5}, NOT))
def loss_is_high_where_accuracy_is_low(loss_rise, accuracy_change):
    if loss_rise < 1.2 or accuracy_change < 0:  # both get worse, or the loss does not
        return HOLDS
    return LIMITS if accuracy_change < 2 else NOT


@rule(6, ({"slope_error": 1e-3}, NOT))
def the_steps_give_the_gradient(slope_error):
    return holds(slope_error < 1e-6)


@rule(7, ({"more_epochs": 0.8}, LIMITS), ({"more_epochs": 2}, NOT))
def ten_repetitions_are_enough(more_epochs):
    if more_epochs < 0.5:
        return HOLDS
    return LIMITS if more_epochs < 1 else NOT


@rule(8, ({"gradient_check": 1e-3}, NOT))
def it_extends_to_many_nodes(gradient_check):
    return holds(gradient_check < 1e-6)


@rule(9, ({"gradient_error": 0.01}, NOT))
def small_batches_are_less_accurate(gradient_error, gradient_angle):
    return holds(gradient_error > 0.1 and gradient_angle > 5)


@rule(10, ({"gradient_cost": 2}, NOT))
def small_batches_are_much_faster(gradient_cost):
    return holds(gradient_cost > 10)


@rule(11, ({"half_gone": 3}, NOT), ({"ninety_at_once": 0.5}, HOLDS))
def small_weights_can_go(half_gone, ninety_at_once, ninety_gone):
    if half_gone > 1:
        return NOT
    return HOLDS if ninety_at_once < 1 else LIMITS


@rule(12, ({"tanh_time": 2}, HOLDS), ({"sigmoid_time": 1.1}, NOT))
def relu_is_quick(sigmoid_time, tanh_time):
    if sigmoid_time < 1.2:
        return NOT
    return HOLDS if tanh_time > 1.2 else LIMITS


@rule(13, ({"sigmoid_epoch": 2, "tanh_epoch": 2}, HOLDS), ({"sigmoid_epoch": 2}, LIMITS))
def relu_speeds_up_training_considerably(sigmoid_epoch, tanh_epoch):
    faster_than = (sigmoid_epoch > 1.5) + (tanh_epoch > 1.5)
    return (NOT, LIMITS, HOLDS)[faster_than]


@rule(14, ({"zeros_1": 5}, NOT))
def many_nodes_are_at_0(zeros_1, zeros_2):
    return holds(min(zeros_1, zeros_2) > 25)


@rule(15, ({"relu_gap_learned": 0.1, "relu_gap_30": 0.1}, HOLDS), ({"relu_gap_30": 4}, NOT))
def relu_prevents_overfitting(
    relu_gap_learned,
    sigmoid_gap_learned,
    tanh_gap_learned,
    relu_gap_30,
    sigmoid_gap_30,
    tanh_gap_30,
):
    smaller = relu_gap_learned < min(sigmoid_gap_learned, tanh_gap_learned)
    if not smaller or relu_gap_30 > min(sigmoid_gap_30, tanh_gap_30):
        return NOT
    return HOLDS if relu_gap_30 < 0.5 else LIMITS


@rule(16, ({"softmax_sum_error": 0.1}, NOT))
def softmax_sums_to_1(softmax_sum_error):
    return holds(softmax_sum_error < 1e-6)


@rule(17, ({"confidence_at_75": 63, "calibration": 0.5}, HOLDS), ({"calibration": 12}, NOT))
def outputs_are_probabilities(calibration, confidence_at_75, right_at_75):
    if calibration > 5:
        return NOT
    return HOLDS if calibration < 1 and abs(confidence_at_75 - right_at_75) < 3 else LIMITS


@rule(18, ({"match": 2}, LIMITS), ({"match": 4}, NOT))
def two_layers_of_64_are_a_good_match(match):
    if match < 1.5:
        return HOLDS
    return LIMITS if match < 3 else NOT


@rule(19, ({"largest_gain": -1}, LIMITS), ({"deepest_learned": 0.1, "largest_gain": -1}, HOLDS))
def too_many_overfit(
    largest_gain, largest_gain_sd, largest_learned, deepest_gain, deepest_gain_sd, deepest_learned
):
    """Overfitting is to do better on what is learned, and worse on new images."""
    nodes = largest_gain < -largest_gain_sd and largest_learned > -0.1
    layers = deepest_gain < -deepest_gain_sd and deepest_learned > -0.1
    return (NOT, LIMITS, HOLDS)[nodes + layers]


@rule(20, ({"smallest_network": 97}, NOT))
def too_few_cannot_do_it(smallest_network, smallest_sd, no_hidden_layer):
    return holds(smallest_network + 2 * smallest_sd < no_hidden_layer)


@rule(21, ({"highest_of_sweep": 99.0}, HOLDS))
def one_size_reaches_99(highest_of_sweep):
    return holds(highest_of_sweep >= 98.95)


@rule(22, ({"held_out": 98.5}, HOLDS))
def the_recipe_reaches_the_number(held_out, held_out_sd):
    return holds(held_out + 2 * held_out_sd >= 98.61)


@rule(23, ({"reached_lowest": 98.5}, LIMITS), ({"reached": 98.5, "reached_lowest": 98.4}, NOT))
def the_network_reaches_the_number(reached, reached_lowest):
    if reached_lowest >= 98.61:
        return HOLDS
    return LIMITS if reached >= 98.61 else NOT


@rule(24, ({"more_images_gain": 0}, NOT))
def more_images_help(more_images_gain, more_images_sd):
    return holds(more_images_gain > more_images_sd)


@rule(26, ({"batch_equal_epochs": 0.9}, HOLDS), ({"batch_equal_steps": -0.2}, NOT))
def larger_batches_help(batch_equal_epochs, batch_equal_epochs_sd, batch_equal_steps):
    if batch_equal_epochs > batch_equal_epochs_sd:
        return HOLDS
    return LIMITS if batch_equal_steps > 0 else NOT


@rule(27, ({"always_share": 80}, HOLDS), ({"always_share": 0.5}, NOT))
def unclear_images_explain_the_errors(always_share):
    if always_share < 1:
        return NOT
    return HOLDS if always_share > 50 else LIMITS


# --- the tests ----------------------------------------------------------------------------


@functools.cache
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
    """The figures in the row of a claim, by name."""
    return {name: glued(chapter)[name] for chapter, name in FIGURE.findall(" ".join(ROWS[number]))}


def verdict_from(number, found):
    """What the rule of a claim says; it takes the figures that it names."""
    function, _ = RULES[number]
    return function(**{name: found[name] for name in inspect.signature(function).parameters})


def test_the_claims_are_numbered_in_order_and_each_has_a_rule_or_cannot_be_tested():
    assert list(ROWS) == list(range(1, len(ROWS) + 1))
    assert len(re.findall(r"^\| *\d+ \|", PAGE, re.M)) == len(ROWS)
    untested = {number for number, row in ROWS.items() if row[2] == UNTESTED}
    assert RULES.keys() == ROWS.keys() - untested


@pytest.mark.parametrize("number", RULES)
def test_the_verdict_follows_from_the_figures(number):
    claim, _, verdict, _ = ROWS[number]
    assert "](" in claim, "no link to the run"
    assert verdict_from(number, figures(number)) == verdict, figures(number)


@pytest.mark.parametrize("number", RULES)
def test_other_figures_lead_to_another_verdict(number):
    found = figures(number)
    for other, verdict in RULES[number][1]:
        assert other.keys() <= found.keys()
        assert verdict_from(number, found | other) == verdict
        assert verdict != ROWS[number][2]


def test_the_page_counts_its_verdicts_rightly():
    verdicts = [row[2] for row in ROWS.values()]
    for verdict in (HOLDS, LIMITS, NOT, UNTESTED):
        assert f"{verdicts.count(verdict)} **{verdict}**" in PAGE, verdicts.count(verdict)


def test_no_figure_is_typed():
    """Beside the glued ones stand only whole numbers, such as a batch size, and the paper's own."""
    for number, row in ROWS.items():
        text = FIGURE.sub("", " ".join(row)).replace("98.61", "")
        assert not re.search(r"\d\.\d", text), f"claim {number}: {text}"
