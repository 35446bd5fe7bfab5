"""Studies: they go on where they were stopped, and what is stored is what their commands give."""

import functools
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from conftest import skip, why_no_mnist
from netlib import Adam, Dense, Network, load_digits
from netlib.studies import catalogue, checkpoint, results, store, study
from netlib.studies.reaching import Recipe, learn

# --- running ------------------------------------------------------------------------------


def count_to_three(folder, number):
    """A run that leaves a trace; run 2 fails as long as there is no file called "mended"."""
    with open(folder / f"run{number}", "a", encoding="utf-8") as trace:
        trace.write("x")
    if number == 2 and not (folder / "mended").exists():
        raise OSError("no space left")
    return {"square": number**2}


@pytest.fixture
def toy(tmp_path):
    run = functools.partial(count_to_three, tmp_path)
    cases = [{"number": number} for number in range(4)]
    return study.Study("toy", "What are squares?", run, cases), tmp_path


def test_a_study_that_failed_goes_on_where_it_was_and_does_nothing_twice(toy):
    squares, folder = toy
    with pytest.raises(OSError, match="no space"):
        list(study.finish(squares, folder))
    assert study.unfinished(squares, folder)
    assert not (folder / "toy.json").exists()
    (folder / "mended").touch()
    assert [run["case"]["number"] for run in study.finish(squares, folder)] == [2, 3]
    assert [(folder / f"run{n}").read_text() for n in range(4)] == ["x", "x", "xx", "x"]
    assert not study.unfinished(squares, folder)
    assert not (folder / "toy.json.part").exists()
    found = store.read(folder / "toy.json")
    assert found.values("square").tolist() == [0, 1, 4, 9]
    assert found.about["command"] == "python -m netlib.studies toy"


def test_while_a_study_runs_again_its_old_results_stay(toy):
    squares, folder = toy
    (folder / "mended").touch()
    list(study.finish(squares, folder))
    before = (folder / "toy.json").read_bytes()
    study.begin(squares, folder)
    assert study.unfinished(squares, folder)
    runs = study.finish(squares, folder)
    next(runs)
    assert (folder / "toy.json").read_bytes() == before
    assert len(list(runs)) == 3
    assert [(folder / f"run{n}").read_text() for n in range(4)] == ["xx"] * 4


def test_a_study_with_more_cases_runs_only_the_new_ones(toy):
    squares, folder = toy
    (folder / "mended").touch()
    list(study.finish(squares, folder))
    squares.cases.append({"number": 5})
    assert study.unfinished(squares, folder)
    assert [run["result"] for run in study.finish(squares, folder)] == [{"square": 25}]


def test_runs_made_with_other_versions_are_not_mixed(toy):
    squares, folder = toy
    with pytest.raises(OSError):
        list(study.finish(squares, folder))
    part = folder / "toy.json.part"
    part.write_text(part.read_text("utf-8").replace(np.__version__, "1.26.4"), "utf-8")
    with pytest.raises(RuntimeError, match=r"1\.26\.4.*remove .*toy\.json\.part"):
        list(study.finish(squares, folder))


def test_two_runs_at_a_time_give_the_same_file_as_one(toy):
    squares, folder = toy
    (folder / "mended").touch()
    list(study.finish(squares, folder, jobs=2))
    assert store.read(folder / "toy.json").values("square").tolist() == [0, 1, 4, 9]


def test_values_says_what_there_is():
    found = store.Results({}, [{"case": {"seed": 0}, "result": {"right": 90}}])
    with pytest.raises(KeyError, match="no run is of the case"):
        found.values("right", seed=1)
    with pytest.raises(KeyError, match=r"there are .*right"):
        found.values("wrong")
    with pytest.raises(FileNotFoundError, match="protocol"):
        results("protocoll")


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "netlib.studies", *arguments], capture_output=True, text=True
    )


def test_the_command_lists_the_studies_and_refuses_others(tmp_path):
    listed = command("--results", str(tmp_path)).stdout
    assert all(name in listed for name in catalogue.NAMES)
    assert "not run yet" in listed
    refused = command("protokoll")
    assert refused.returncode == 2
    assert "no study is called protokoll" in refused.stderr


# --- checkpoints --------------------------------------------------------------------------

TRAIN = """
import pathlib, sys
from netlib import Dense, Network, load_digits
from netlib.studies import checkpoint
from netlib.studies.reaching import Recipe, learn
checkpoint.FOLDER = pathlib.Path(sys.argv[1])
X, y = load_digits().train
net = Network([Dense(64, 32, "relu"), Dense(32, 10, "softmax")], rng=0)
learn(net, X, y, Recipe(rounds=60), seed=0, name="killed").save(sys.argv[2])
"""


def test_killed_at_any_moment_a_training_ends_with_the_same_weights(tmp_path):
    X, y = load_digits().train
    net = Network([Dense(64, 32, "relu"), Dense(32, 10, "softmax")], rng=0)
    expected = learn(net, X, y, Recipe(rounds=60), seed=0).theta
    end = tmp_path / "end.npz"
    kills = 0
    for wait in (0.0, 0.1, 0.3, 0.2, None):
        process = subprocess.Popen([sys.executable, "-c", TRAIN, str(tmp_path), str(end)])
        if wait is None:
            assert process.wait(300) == 0
            break
        begun = time.time()
        while process.poll() is None and not (tmp_path / "killed.npz").exists():
            time.sleep(0.01)
            assert time.time() - begun < 120
        time.sleep(wait)
        process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        kills += process.wait(60) != 0
    assert kills > 0
    assert (Network.load(end).theta == expected).all()
    assert not (tmp_path / "killed.npz").exists()


def test_a_checkpoint_of_other_settings_is_left_alone(tmp_path):
    net = Network([Dense(2, 2, "softmax")], rng=0)
    optimizer = Adam()
    optimizer.step(net.theta, np.ones_like(net.theta))
    path = tmp_path / "x.npz"
    checkpoint.save(path, ["a"], net, optimizer, 3)
    other = Network([Dense(2, 2, "softmax")], rng=1)
    before = other.theta.copy()
    assert checkpoint.load(path, ["b"], other, Adam()) == 0
    assert (other.theta == before).all()
    assert checkpoint.load(path, ["a"], other, Adam()) == 3
    assert (other.theta == net.theta).all()


# --- what is stored -----------------------------------------------------------------------


@pytest.mark.parametrize("name", catalogue.NAMES)
def test_the_stored_results_are_those_of_all_cases(name):
    each = catalogue.study(name)
    assert not study.unfinished(each, store.FOLDER)
    found = results(name)
    assert [run["case"] for run in found.runs] == each.cases
    assert found.about["question"] == each.question
    text = json.dumps(found.runs)
    assert "NaN" not in text and "Infinity" not in text
    assert (store.FOLDER / f"{name}.json").stat().st_size < 200_000


QUICK = [  # a case of each study that takes seconds; the chapters run more of them
    ("protocol", {"split": "half", "seed": 0}),
    ("openings", {"reading": "momentum", "seed": 1}),
    ("leakage", {"leak": "mixed in", "share": 1.0, "seed": 2}),
    ("batch_size", {"plan": "equal epochs, larger steps", "batch_size": 512, "seed": 3}),
    ("layers_and_nodes", {"hidden_layers": 1, "nodes": 4, "seed": 4}),
    ("training_size", {"plan": "equal epochs", "images": 500, "seed": 5}),
    ("pruning", {"method": "at once", "seed": 0}),
]


@pytest.mark.parametrize("name, case", QUICK, ids=[name for name, _ in QUICK])
def test_run_again_a_case_gives_what_is_stored(name, case):
    """Within what another processor changes: trained figures differ by some tenths of a point."""
    if why_no_mnist():
        skip(f"needs MNIST: {why_no_mnist()}")
    again = catalogue.study(name).run(**case)["held_out"]
    stored = results(name).values("held_out", **case)[0]
    tolerance = 4 if case in ({"plan": "equal epochs", "images": 500, "seed": 5},) else 1
    np.testing.assert_allclose(again, stored, atol=tolerance)
