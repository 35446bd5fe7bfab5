"""Long work survives: killed at random moments, it ends as if nothing had happened; Ctrl-C leaves
a network that can be used."""

import itertools
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import psutil
import pytest

from netlib import SGD, Adam, Dense, Dropout, Network, checkpoint, load_digits, prune, train
from netlib.studies import reaching, store
from netlib.studies.reaching import Recipe, learn

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

# --- killed -------------------------------------------------------------------------------

# A program that does some work left alone, and then in copies of itself that it kills. Each copy may
# live a little longer than the one before, so that on any computer one of them comes to the end.
KILL = """
import os, pathlib, random, signal, sys, time
import numpy as np
from netlib import SGD, Adam, Dense, Dropout, Network, load_digits, prune, train
from netlib.studies import reaching, store, study
X, y = load_digits().train

WORK

place = pathlib.Path(sys.argv[1])
expected = work(place / "left alone")
end, longest, kills = place / "end", 0.005, 0
while not end.exists():
    child = os.fork()
    if child == 0:
        result = work(place / "killed")
        (place / "new").write_bytes(result)
        (place / "new").replace(end)
        os._exit(0)
    time.sleep(random.uniform(0, longest))
    os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    assert status in (0, signal.SIGKILL), status
    kills += status == signal.SIGKILL
    longest *= 1.08
assert end.read_bytes() == expected
print(kills)
"""


def kills(work, place):
    """How often the work was killed before it came to its end, the same as without."""
    code = KILL.replace("WORK", work)
    done = subprocess.run(
        [sys.executable, "-c", code, str(place)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


TRAINING = """
def work(folder):
    folder.mkdir(exist_ok=True)
    net = Network([Dense(64, 32, "relu"), LAYER, Dense(32, 10, "softmax")], rng=0)
    optimizer = OPTIMIZER
    settings = dict(optimizer=optimizer, epochs=60, rng=1, checkpoint=folder / "training.npz")
    for epoch in train(net, X, y, **settings):
        optimizer.learning_rate *= 0.99  # what the loop does belongs to the epoch
        if epoch.number == 20:
            prune(net, fraction=0.5)
    return net.theta.tobytes()
"""
TRAININGS = {
    "Adam": ("Dense(32, 32, 'tanh')", "Adam(0.003)"),
    "SGD": ("Dense(32, 32, 'tanh')", "SGD(0.1)"),
    "momentum": ("Dense(32, 32, 'tanh')", "SGD(0.03, momentum=0.9)"),
    "dropout": ("Dropout(32, 0.5)", "Adam(0.003)"),
}


@needs_fork
@pytest.mark.parametrize("kind", TRAININGS)
def test_a_training_killed_at_random_moments_ends_with_the_same_weights(kind, tmp_path):
    layer, optimizer = TRAININGS[kind]
    work = TRAINING.replace("LAYER", layer).replace("OPTIMIZER", optimizer)
    assert kills(work, tmp_path) >= 10


DISTORTED = """
def work(folder):
    reaching.CHECKPOINTS = folder
    net = Network([Dense(64, 32, "relu"), Dense(32, 10, "softmax")], rng=0)
    reaching.learn(net, X, y, reaching.Recipe(epochs=60), seed=0, name="digits")
    assert not list(folder.glob("*.npz"))
    return net.theta.tobytes()
"""


@needs_fork
def test_a_training_with_new_distortions_in_each_epoch_does_too(tmp_path):
    assert kills(DISTORTED, tmp_path) >= 10


STUDY = """
def run(seed):
    net = Network([Dense(64, 10, "softmax")], rng=seed)
    for epoch in train(net, X, y, optimizer=SGD(0.1), epochs=5, rng=seed):
        pass
    return {"loss": epoch.loss}

def work(folder):
    folder.mkdir(exist_ok=True)
    toy = study.Study("toy", "Which seed is best?", run, [{"seed": s} for s in range(20)])
    for _ in study.finish(toy, folder):
        pass
    assert not list(folder.glob("toy.json.part"))
    return store.read(folder / "toy.json").values("loss").tobytes()
"""


@needs_fork
def test_a_study_killed_at_random_moments_ends_with_the_same_results(tmp_path):
    assert kills(STUDY, tmp_path) >= 10


TWO_AT_A_TIME = """
import pathlib, sys
from netlib import SGD, Dense, Network, load_digits, train
from netlib.studies import study
STUDY
if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    toy = study.Study("toy", "Which seed is best?", run, [{"seed": s} for s in range(6)])
    for done in study.finish(toy, folder, jobs=2):
        print(done["case"]["seed"], flush=True)
"""


def test_a_study_killed_with_two_runs_at_a_time_loses_only_those(tmp_path):
    run = STUDY.partition("def work")[0].replace(
        "    net =", "    X, y = load_digits().train\n    net ="
    )
    program, seen = tmp_path / "program.py", []
    program.write_text(TWO_AT_A_TIME.replace("STUDY", run), encoding="utf-8")
    start = [sys.executable, str(program), str(tmp_path)]
    for _ in range(2):
        running = subprocess.Popen(start, stdout=subprocess.PIPE, text=True)
        seen.append(running.stdout.readline())
        workers = psutil.Process(running.pid).children(recursive=True)
        running.kill()
        for worker in workers:  # they would wait for work for five minutes
            worker.kill()
        running.communicate()
    seen += subprocess.run(start, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    assert sorted(map(int, seen)) == list(range(6))
    assert len(store.read(tmp_path / "toy.json").runs) == 6


# --- what a checkpoint holds --------------------------------------------------------------


@pytest.fixture
def digits():
    return load_digits().train


def begin(digits, path, epochs=3, seed=0, optimizer=None, **settings):
    """A training that begins from nothing but seeds, and its network."""
    net = Network([Dense(64, 10, "softmax")], rng=seed)
    optimizer = optimizer or Adam(0.01)
    where = {"rng": np.random.default_rng(1), "checkpoint": path} | settings
    return net, train(net, *digits, optimizer=optimizer, epochs=epochs, **where)


def finish(digits, path, **settings):
    """The epochs that were done, and the weights at the end."""
    net, epochs = begin(digits, path, **settings)
    return [epoch.number for epoch in epochs], net.theta


def test_more_epochs_go_on_from_the_last_and_no_more_epochs_do_nothing(digits, tmp_path):
    one, other = tmp_path / "one.npz", tmp_path / "other.npz"
    assert finish(digits, one, epochs=2)[0] == [1, 2]
    numbers, theta = finish(digits, one, epochs=5)
    assert numbers == [3, 4, 5]
    assert (theta == finish(digits, other, epochs=5)[1]).all()
    numbers, again = finish(digits, one, epochs=5)
    assert numbers == [] and (again == theta).all()


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937, np.random.Philox])
def test_it_holds_where_the_random_numbers_stand(digits, tmp_path, kind):
    path = tmp_path / "training.npz"
    rngs = [np.random.Generator(kind(7)) for _ in range(3)]
    whole = finish(digits, tmp_path / "whole.npz", epochs=4, rng=rngs[0])[1]
    finish(digits, path, epochs=2, rng=rngs[1])
    assert (finish(digits, path, epochs=4, rng=rngs[2])[1] == whole).all()
    assert rngs[2].integers(2**62) == rngs[0].integers(2**62)


def test_an_epoch_counts_when_the_loop_comes_round(digits, tmp_path):
    path = tmp_path / "training.npz"
    for epoch in begin(digits, path)[1]:
        if epoch.number == 2:
            break
    assert finish(digits, path)[0] == [2, 3]


OTHERS = {
    "weights": {"seed": 1},
    "batches": {"batch_size": 64},
    "random numbers": {"rng": 5},
    "rate": {"optimizer": Adam(0.02)},
    "optimizer": {"optimizer": SGD(0.01)},
    "loss": {"loss": "squared_error"},
}


@pytest.mark.parametrize("other", OTHERS)
def test_another_training_is_refused_and_the_checkpoint_stays(digits, tmp_path, other):
    path = tmp_path / "training.npz"
    finish(digits, path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"training\.npz is of a training that began with other"):
        begin(digits, path, **OTHERS[other])
    assert path.read_bytes() == before


def test_other_examples_are_refused(digits, tmp_path):
    path = tmp_path / "training.npz"
    finish(digits, path)
    X, y = digits
    for others in ((X, y[::-1]), (X[::-1], y), (X[:99], y[:99])):
        with pytest.raises(ValueError, match="began with other weights, examples"):
            begin(others, path)


def test_without_a_seed_there_is_no_checkpoint(digits, tmp_path):
    with pytest.raises(ValueError, match="checkpoint needs rng, such as rng=0"):
        begin(digits, tmp_path / "training.npz", rng=None)


def test_a_damaged_checkpoint_is_named_and_what_to_do(digits, tmp_path):
    path = tmp_path / "training.npz"
    finish(digits, path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match=r"training\.npz is not a whole checkpoint .*remove it"):
        begin(digits, path)


def test_a_folder_that_is_not_there_is_named_before_the_training(digits, tmp_path):
    with pytest.raises(OSError, match="no-such-folder"):
        begin(digits, tmp_path / "no-such-folder" / "training.npz")


def test_a_recipe_that_changed_begins_from_the_start(digits, tmp_path, monkeypatch):
    monkeypatch.setattr(reaching, "CHECKPOINTS", tmp_path)
    done = []

    def stop_after_two(*arguments):
        save(*arguments)
        done.append(arguments[2])
        if done == [1, 2]:
            raise KeyboardInterrupt

    save = checkpoint.save
    monkeypatch.setattr(checkpoint, "save", stop_after_two)
    for epochs in (3, 4):  # stopped, and then with another recipe
        net = Network([Dense(64, 10, "softmax")], rng=0)
        if epochs == 3:
            with pytest.raises(KeyboardInterrupt):
                learn(net, *digits, Recipe(epochs=epochs), seed=0, name="x")
        else:
            learn(net, *digits, Recipe(epochs=epochs), seed=0, name="x")
    assert done == [1, 2, 1, 2, 3, 4]


# --- Ctrl-C -------------------------------------------------------------------------------

FOLDER = str(pathlib.Path(checkpoint.__file__).parent)


def interrupted(work, number):
    """Do the work, with Ctrl-C at the line of netlib with this number; False if there are fewer."""
    lines = itertools.count()

    def trace(frame, event, argument):
        if (
            not frame.f_code.co_filename.startswith(FOLDER)
            or "progress" in frame.f_code.co_filename
        ):
            return None
        if event == "line" and next(lines) == number:
            raise KeyboardInterrupt
        return trace

    sys.settrace(trace)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(None)
    return False


@pytest.mark.parametrize("optimizer", [lambda: Adam(0.01), lambda: SGD(0.1, momentum=0.9)])
def test_ctrl_c_at_any_line_leaves_a_network_that_can_be_used(optimizer):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6, 3)).astype(np.float32), np.arange(6) % 2
    for number in itertools.count():
        net = Network([Dense(3, 4, "relu"), Dropout(4, 0.5), Dense(4, 2, "softmax")], rng=0)
        stepping = optimizer()
        list(train(net, X, y, optimizer=stepping, epochs=1, batch_size=3, rng=0))
        prune(net, fraction=0.5)
        epochs = train(net, X, y, optimizer=stepping, epochs=1, batch_size=3, rng=0)
        if not interrupted(lambda epochs=epochs: list(epochs), number):
            break
        assert np.isfinite(net.theta).all()
        assert (net.theta[~net.mask] == 0).all()
        assert (net.forward(X) == net.copy().forward(X)).all()  # no node is left out
        assert all(np.shares_memory(layer.W, net.theta) for layer in net.layers[::2])
        list(train(net, X, y, optimizer=stepping, epochs=1, batch_size=3, rng=0))
    assert number > 100


def test_a_real_ctrl_c_ends_a_training_at_once_and_it_can_go_on(tmp_path):
    code = """
import signal
import numpy as np
from netlib import Adam, Dense, Network, load_digits, train
signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs behind `&` ignores Ctrl-C
X, y = load_digits().train
net = Network([Dense(64, 32, "relu"), Dense(32, 10, "softmax")], rng=0)
try:
    for epoch in train(net, X, y, optimizer=Adam(), epochs=10**9, rng=0):
        print(epoch.number, flush=True)
except KeyboardInterrupt:
    print("stopped", np.isfinite(net.forward(X)).all())
"""
    running = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert running.stdout.readline() == "1\n"
    running.send_signal(signal.SIGINT)
    assert running.communicate(timeout=60)[0].endswith("stopped True\n")
