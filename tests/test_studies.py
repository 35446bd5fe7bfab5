"""Studies: they go on where they were stopped, and what is stored is what their commands give."""

import functools
import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from distributed import LocalCluster
from threadpoolctl import threadpool_info

from conftest import skip, why_no_mnist
from netlib import Dense, Network, augment, load_digits
from netlib.studies import catalogue, lenet, reaching, results, store, study
from netlib.studies.__main__ import cluster
from netlib.studies.digits import percent, standard
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
    with pytest.raises(RuntimeError, match=r"1\.26\.4.*--again"):
        list(study.finish(squares, folder))
    study.begin(squares, folder)
    (folder / "mended").touch()
    assert len(list(study.finish(squares, folder))) == 4


def test_a_computer_of_a_cluster_with_other_versions_is_refused(toy):
    squares, _ = toy
    with pytest.raises(RuntimeError, match="install the same versions on every computer"):
        study._run_one(squares.run, squares.cases[0], {"python": "2.7"})


def test_two_processes_on_the_same_study_lose_nothing(toy):
    squares, folder = toy
    (folder / "mended").touch()
    one, other = study.finish(squares, folder), study.finish(squares, folder)
    next(one)
    assert len(list(other)) == 3  # it goes on from what is stored
    assert len(list(one)) == 3
    assert store.read(folder / "toy.json").values("square").tolist() == [0, 1, 4, 9]
    assert not list(folder.glob("*.part"))


def test_a_damaged_file_is_named_and_what_to_do(toy):
    squares, folder = toy
    (folder / "toy.json.part").write_text('{"about": {')
    with pytest.raises(ValueError, match=r"toy\.json\.part is not a whole file of results.*remove"):
        list(study.finish(squares, folder))


def test_a_run_has_one_thread_of_its_own():
    def threads(**case):
        return {"threads": [pool["num_threads"] for pool in threadpool_info()]}

    run = study._run_one(threads, {}, study._versions())
    assert set(run["result"]["threads"]) == {1}


def test_two_runs_at_a_time_give_the_same_file_as_one(toy):
    squares, folder = toy
    (folder / "mended").touch()
    list(study.finish(squares, folder, jobs=2))
    assert store.read(folder / "toy.json").values("square").tolist() == [0, 1, 4, 9]


def test_on_a_cluster_of_two_workers_the_file_is_the_same(toy):
    squares, folder = toy

    def square(number):
        return {"square": number**2, "worker": os.getpid()}

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as dask,
        cluster(dask.scheduler_address),
    ):
        list(study.finish(replace(squares, run=square), folder, jobs=-1))
    found = store.read(folder / "toy.json")
    assert found.values("square").tolist() == [0, 1, 4, 9]
    assert os.getpid() not in found.values("worker")


def test_a_cluster_that_does_not_answer_is_named():
    complaint = r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"
    with pytest.raises(SystemExit, match=complaint), cluster("tcp://127.0.0.1:1"):
        pass


def test_values_says_what_there_is():
    found = store.Results({}, [{"case": {"seed": 0}, "result": {"right": 90}}])
    with pytest.raises(KeyError, match="no run is of the case"):
        found.values("right", seed=1)
    with pytest.raises(KeyError, match=r"there are .*right"):
        found.values("wrong")
    uneven = [{"case": {"seed": s}, "result": {"wrong": [0] * s}} for s in (1, 2)]
    with pytest.raises(ValueError, match="different lengths"):
        store.Results({}, uneven).values("wrong")
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


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (["protokoll"], "no study is called protokoll; there are protocol"),
        (["protocol", "--jobs", "0"], "--jobs must be 1 or more, got 0"),
    ],
)
def test_the_command_refuses_before_it_writes(arguments, complaint, tmp_path):
    refused = command("--again", "--results", str(tmp_path), *arguments)
    assert refused.returncode == 2
    assert complaint in refused.stderr
    assert not list(tmp_path.iterdir())


# --- the recipe ---------------------------------------------------------------------------


def test_the_rate_rises_to_the_largest_and_falls_to_almost_0():
    recipe = Recipe(epochs=40, learning_rate=0.5)
    rates = [recipe.rate(epoch) for epoch in range(1, 41)]
    assert rates[:4] == [0.125, 0.25, 0.375, 0.5]
    assert (np.diff(rates[3:]) < 0).all()
    assert 0 < rates[-1] < 0.001
    assert {replace(recipe, falling=False).rate(epoch) for epoch in range(1, 41)} == {0.5}


def test_in_each_epoch_the_images_are_distorted_anew(monkeypatch):
    X, y = load_digits().train
    seen = []

    def watch(images, rng, **strengths):
        seen.append(augment(images, rng, **strengths))
        return seen[-1]

    monkeypatch.setattr(reaching, "augment", watch)
    net = Network([Dense(64, 10, "softmax")], rng=0)
    learn(net, X, y, Recipe(epochs=3), seed=0)
    assert len(seen) == 3
    assert not any((one == other).all() for one, other in itertools.combinations(seen, 2))


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


SAME = [  # the same training, in several studies: seeds 0 to 2 of the paper's protocol
    ("openings", {"reading": "as in the chapter"}),
    ("leakage", {"leak": "mixed in", "share": 0.0}),
    ("batch_size", {"plan": "equal epochs", "batch_size": 32}),
]


@pytest.mark.parametrize("name, case", SAME, ids=[name for name, _ in SAME])
def test_the_same_training_gives_the_same_figure_in_every_study(name, case):
    expected = results("protocol").values("held_out", split="half")[:3]
    assert (results(name).values("held_out", **case)[:3] == expected).all()


def test_the_same_training_gives_the_same_curve_in_every_study():
    expected = results("protocol").values("held_out", split="half")[:3]
    for name, case, tenth in [
        ("repetitions", {}, 9),
        ("activations", {"activation": "relu"}, 9),
        ("layers_and_nodes", {"hidden_layers": 2, "nodes": 64}, 1),  # after 5, 10, 20 epochs
    ]:
        assert (results(name).values("held_out", **case)[:3, tenth] == expected).all(), name
    assert (results("pruning").values("whole", method="at once")[:3] == expected).all()


def test_with_nothing_removed_the_trained_network_reads_as_after_its_training():
    whole = results("cutting").values("held_out", removed=0.0)[0]
    assert whole == results("reaching").values("held_out", seed=0)[0]


# A case of each study that takes seconds, and how far another processor may be off: some tenths
# of a point, and more where little is left or few images were seen. The chapters run more.
QUICK = [
    ("protocol", {"split": "half", "seed": 0}, 0.7),
    ("openings", {"reading": "momentum", "seed": 1}, 0.7),
    ("leakage", {"leak": "mixed in", "share": 1.0, "seed": 2}, 0.7),
    ("batch_size", {"plan": "equal epochs, larger steps", "batch_size": 512, "seed": 3}, 0.7),
    ("layers_and_nodes", {"hidden_layers": 1, "nodes": 4, "seed": 2}, 4),
    ("training_size", {"plan": "equal epochs", "images": 500, "seed": 4}, 3),
    ("pruning", {"method": "at once", "seed": 0}, 12),
    ("cutting", {"removed": 40.0}, 0.05),
    ("cutting", {"removed": 61.5}, 0.05),
]


@pytest.mark.parametrize("name, case, tolerance", QUICK, ids=[name for name, _, _ in QUICK])
def test_run_again_a_case_gives_what_is_stored(name, case, tolerance):
    """To the last digit on the processor that made it, here found out by the first case."""
    if why_no_mnist():
        skip(f"needs MNIST: {why_no_mnist()}")
    again = study._run_one(catalogue.study(name).run, case, study._versions())["result"]
    stored = results(name).values("held_out", **case)[0]
    np.testing.assert_allclose(again["held_out"], stored, atol=0 if same_digits() else tolerance)


def test_run_again_lenet_before_it_is_cut_gives_what_is_stored():
    """Its twelve cuts would take twelve times as long; `pruning` above checks the cutting."""
    if why_no_mnist():
        skip(f"needs MNIST: {why_no_mnist()}")
    data = standard()
    net = lenet.network(0)
    lenet.falling(net, data, 0)
    (stored,) = results("lenet").values("whole", rate="falling", seed=0)
    again = percent(net, data.X_held, data.y_held)
    np.testing.assert_allclose(again, stored, atol=0 if same_digits() else 0.3)


@functools.cache
def same_digits():
    """Whether this computer gives the digits of the one that made the stored results."""
    name, case, _ = QUICK[0]
    again = study._run_one(catalogue.study(name).run, case, study._versions())["result"]
    return again["held_out"] == results(name).values("held_out", **case)[0]
