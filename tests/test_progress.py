"""Progress: a bar for a person, and silence for a program."""

import io
import os
import subprocess
import sys
import threading
import types

import jupyter_client.manager
import nbclient
import nbformat
import numpy as np
import pytest

from netlib import SGD, Dense, Network, train
from netlib.progress import is_watched, progress, progress_bar

ASK = "from netlib.progress import is_watched\nis_watched()"


@pytest.fixture
def terminal():
    """Both ends of a terminal: a stream to write to, and where what was written can be read."""
    termios = pytest.importorskip("termios", reason="this system has no pseudo-terminals")
    other_end, end = os.openpty()
    termios.tcsetwinsize(end, (24, 80))
    with os.fdopen(end, "w") as stream:
        yield stream, other_end
    os.close(other_end)


def test_a_terminal_is_watched(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal[0])
    assert is_watched() is True


@pytest.mark.parametrize("stream", [io.StringIO(), None], ids=["a file", "no stderr at all"])
def test_what_is_not_a_terminal_is_not_watched(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    assert is_watched() is False


def test_a_notebook_run_by_a_program_is_not_watched():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ASK)])
    nbclient.NotebookClient(notebook, kernel_name="python3").execute()
    [answer] = notebook.cells[0].outputs
    assert answer.data["text/plain"] == "False"


def test_a_notebook_whose_user_could_answer_is_watched():
    manager, client = jupyter_client.manager.start_new_kernel(kernel_name="python3")
    try:
        outputs = []
        client.execute_interactive(ASK, allow_stdin=True, output_hook=outputs.append, timeout=60)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    answers = [
        o["content"]["data"]["text/plain"] for o in outputs if o["msg_type"] == "execute_result"
    ]
    assert answers == ["True"]


def test_a_kernel_in_a_browser_which_has_no_kernelapp_is_not_watched(monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel.kernelapp", raising=False)
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert is_watched() is False


def test_a_bar_needs_no_thread_of_its_own(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal[0])
    assert list(progress([3, 1, 2])) == [3, 1, 2]
    assert "TMonitor" not in [type(thread).__name__ for thread in threading.enumerate()]


def test_nothing_is_written_where_nobody_watches(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress_bar(10, "training", "example") as bar:
        bar.update(10)
        assert bar.disable
    assert sys.stderr.getvalue() == ""
    assert capsys.readouterr().out == ""


def test_progress_goes_through_all_items_watched_or_not(terminal, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", terminal[0])
    assert list(progress([3, 1, 2])) == [3, 1, 2]
    assert not progress([3, 1, 2]).disable
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert list(progress([3, 1, 2])) == [3, 1, 2]
    assert sys.stderr.getvalue() == capsys.readouterr().out == ""


def test_a_bar_counts_where_somebody_watches(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal[0])
    with progress_bar(10, "training", "example") as bar:
        bar.update(4)
        assert (bar.n, bar.total, bar.disable) == (4, 10, False)


def test_a_short_training_shows_no_bar_even_in_a_terminal(terminal, monkeypatch):
    stream, other_end = terminal
    monkeypatch.setattr(sys, "stderr", stream)
    assert len(trained()) == 3
    print(file=stream, flush=True)  # so that there is something to read
    assert os.read(other_end, 10_000).strip() == b""  # at most spaces, which clear the line


def test_watching_changes_nothing_of_what_is_trained(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal[0])
    watched = trained()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert watched == trained()


def trained():
    net = Network([Dense(2, 3, "tanh"), Dense(3, 2, "softmax")], rng=0)
    X = np.random.default_rng(0).normal(size=(20, 2))
    loop = train(net, X, [0, 1] * 10, optimizer=SGD(0.1), epochs=3, rng=0)
    return [epoch.loss for epoch in loop]


KILLED_WHILE_DRAWING = """
import os, signal
from tqdm.auto import tqdm
from netlib.progress import progress
assert list(progress(range(3))) == [0, 1, 2]  # from here on there is a lock
child = os.fork()
if child == 0:
    tqdm.get_lock().acquire()
    os.kill(os.getpid(), signal.SIGKILL)
assert os.waitpid(child, 0)[1] == signal.SIGKILL
assert list(progress(range(3))) == [0, 1, 2]
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_fork_killed_while_it_draws_does_not_stop_the_others():
    subprocess.run([sys.executable, "-c", KILLED_WHILE_DRAWING], check=True, timeout=60)
