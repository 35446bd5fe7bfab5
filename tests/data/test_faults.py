"""Data that always arrive or say why: what goes wrong with a download, what is seen, what is left.

Each row of FAULTS is tried against a real web server on this computer: with no other mirror, and
with a second one that is in order.
"""

import ast
import contextlib
import gzip
import hashlib
import http.server
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

import netlib.data
import netlib.data.web
from conftest import QuietHandler, skip
from netlib import DataError, load_mnist
from netlib.data.__main__ import main

from .conftest import NAMES

PATIENCE = 2  # seconds, in place of 20; a busy computer may need one for an answer
WAIT = 20  # seconds that are far more than that, also on a computer that is busy


# --- the faults ---------------------------------------------------------------------------


def answer(request, body, length=None, **headers):
    """Status 200 and the body, as it should be."""
    request.send_response(200)
    request.send_header("Content-Length", len(body) if length is None else length)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


def status(number):
    return lambda request, body: request.send_error(number)


def redirect_to(place):
    def behave(request, body):
        request.send_response(302)
        request.send_header("Location", place.format(path=request.path))
        request.end_headers()

    return behave


def silence(request, body):
    time.sleep(4 * PATIENCE)


def stall(request, body):
    answer(request, body[: len(body) // 2], length=len(body))
    request.wfile.flush()
    time.sleep(4 * PATIENCE)


def trickle(request, body):
    answer(request, b"", length=len(body))
    for byte in body:
        request.wfile.write(bytes([byte]))
        time.sleep(PATIENCE / 10)


def flood(request, body):
    answer(request, body, length=10**12)
    for _ in range(100):
        request.wfile.write(bytes(10**5))


def hang_up(request, body):
    request.connection.shutdown(socket.SHUT_RDWR)


def flipped(body):
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


def packed_again(body):
    return gzip.compress(gzip.decompress(body), compresslevel=1)


def another(body):
    """A file in order, of the same size, that is not the published one."""
    return gzip.compress(gzip.decompress(body)[::-1])


@dataclass
class Fault:
    """What a mirror does, and what the user sees; nothing if the data arrive all the same."""

    name: str
    behave: Callable
    sees: str = ""


LOGIN = b"<!DOCTYPE html>\n<title>Welcome to the school's network</title>"
FAULTS = [
    Fault("status 403", status(403), "403 Client Error: Forbidden"),
    Fault("status 404", status(404), "404 Client Error: Not Found"),
    Fault("status 500", status(500), "500 Server Error: Internal Server Error"),
    Fault("status 503", status(503), "503 Server Error: Service Unavailable"),
    Fault("redirect to a file in order", redirect_to("/moved{path}")),
    Fault("redirect in a circle", redirect_to("{path}"), "Exceeded 5 redirects"),
    Fault("redirect to nowhere", redirect_to("http://[/"), "Invalid"),
    Fault("connection closed", hang_up, "closed connection without response"),
    Fault("silence", silence, f"nothing came for {PATIENCE} s"),
    Fault("a stall in the middle", stall, f"nothing came for {PATIENCE} s"),
    Fault("a slow trickle", trickle, r"only \d+ bytes came in \d s"),
    Fault("more than there should be", flood, r"more than [\d,]+ bytes came"),
    Fault("cut short", lambda r, body: answer(r, body[:-100], len(body)), "IncompleteRead|damaged"),
    Fault(
        "cut short, said to be all", lambda r, body: answer(r, body[:-100]), "what came is damaged"
    ),
    Fault("nothing at all", lambda r, body: answer(r, b""), "what came holds 0 bytes"),
    Fault("one byte flipped", lambda r, body: answer(r, flipped(body)), "what came (is|was|holds)"),
    Fault("a page with status 200", lambda r, body: answer(r, LOGIN), "is a web page: a network"),
    Fault("another file", lambda r, body: answer(r, another(body)), "what came was altered"),
    Fault("packed again", lambda r, body: answer(r, packed_again(body))),
    Fault("not packed", lambda r, body: answer(r, gzip.decompress(body))),
    Fault("said to be packed twice", lambda r, b: answer(r, b, Content_Encoding="gzip")),
    Fault("not HTTP", lambda r, body: r.wfile.write(b"220 mail.example ready\r\n"), "220 mail"),
]


@pytest.fixture
def mirror(published):
    """A function that runs a mirror with a fault, and returns its address."""
    files = {path.name: path.read_bytes() for path in published.iterdir()}
    with contextlib.ExitStack() as servers:

        def start(behave):
            class Handler(QuietHandler):
                def do_GET(self):
                    *moved, name = self.path.strip("/").split("/")
                    with contextlib.suppress(OSError):  # the other side has had enough
                        (answer if moved else behave)(self, files[name])

            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            server.daemon_threads = True
            servers.callback(server.server_close)
            servers.callback(server.shutdown)
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            return f"http://127.0.0.1:{server.server_port}/"

        yield start


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(netlib.data, "TIMEOUT", PATIENCE)


@pytest.fixture
def images(published, monkeypatch):
    """What should arrive."""
    with monkeypatch.context() as patch:
        patch.setenv("NETLIB_DATA_DIR", str(published))
        return load_mnist().images


def use(monkeypatch, *mirrors):
    monkeypatch.setattr(netlib.data, "MIRRORS", mirrors)


def kept(cache):
    """The names in the cache; each file there is whole."""
    names = sorted(path.name for path in cache.iterdir()) if cache.exists() else []
    for file in netlib.data.FILES:
        if f"{file.name}.gz" in names:
            netlib.data._checked_content(cache / f"{file.name}.gz", file)
    return names


ALL = sorted(f"{name}.gz" for name in NAMES)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_ends_in_the_data_or_in_one_clear_error(fault, mirror, images, cache, monkeypatch):
    use(monkeypatch, mirror(fault.behave))
    start = time.monotonic()
    if not fault.sees:
        assert (load_mnist().images == images).all()
        assert kept(cache) == ALL
        return
    with pytest.raises(DataError, match=fault.sees) as error:
        load_mnist()
    assert time.monotonic() - start < WAIT
    assert "set the environment variable NETLIB_DATA_DIR" in str(error.value)
    assert kept(cache) == []
    use(monkeypatch, mirror(answer))  # on a better day
    assert (load_mnist().images == images).all()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_after_a_fault_the_next_mirror_is_tried(fault, mirror, images, cache, monkeypatch):
    use(monkeypatch, mirror(fault.behave), mirror(answer))
    start = time.monotonic()
    assert (load_mnist().images == images).all()
    assert time.monotonic() - start < 4 * WAIT
    assert kept(cache) == ALL


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_in_the_third_file_keeps_the_first_two(fault, mirror, images, cache, monkeypatch):
    def behave(request, body):
        third = request.path.endswith(f"{NAMES[2]}.gz")
        (fault.behave if third else answer)(request, body)

    use(monkeypatch, mirror(behave))
    if fault.sees:
        with pytest.raises(DataError, match=fault.sees):
            load_mnist()
        assert kept(cache) == sorted(f"{name}.gz" for name in NAMES[:2])
    else:
        assert (load_mnist().images == images).all()


def test_nobody_answers(nobody, mirror, images, cache, monkeypatch):
    use(monkeypatch, nobody)
    with pytest.raises(DataError, match=r"Connection refused|actively refused"):
        load_mnist()
    assert kept(cache) == []
    use(monkeypatch, nobody, mirror(answer))
    assert (load_mnist().images == images).all()


def test_a_slow_mirror_that_is_fast_enough_is_not_given_up(mirror, images, monkeypatch):
    def slow(request, body):
        answer(request, b"", length=len(body))
        for start in range(0, len(body), 500):
            time.sleep(PATIENCE / 5)
            request.wfile.write(body[start : start + 500])

    monkeypatch.setattr(netlib.data.web, "SLOWEST", 500)
    use(monkeypatch, mirror(slow))
    start = time.monotonic()
    assert (load_mnist().images == images).all()
    assert time.monotonic() - start > PATIENCE


# --- the cache ----------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [lambda data: data[:99], flipped, another, lambda data: b""])
def test_a_damaged_file_in_the_cache_is_replaced(
    damage, published, mirror, images, cache, monkeypatch
):
    shutil.copytree(published, cache)
    path = cache / ALL[0]
    path.write_bytes(damage(path.read_bytes()))
    use(monkeypatch, mirror(status(404)))
    with pytest.raises(DataError, match=f"the cache: .*{ALL[0]}"):
        load_mnist()
    use(monkeypatch, mirror(answer))
    assert (load_mnist().images == images).all()
    assert kept(cache) == ALL


def test_a_cache_of_an_older_version_is_used(published, images, cache, monkeypatch, nobody):
    """Before 0.8 pooch kept the files, under the same names."""
    for url in published.iterdir():
        netlib.data.pooch.retrieve(url.as_uri(), None, url.name, cache, downloader=copy_file)
    use(monkeypatch, nobody)
    assert (load_mnist().images == images).all()


def copy_file(url, output, pooch):
    shutil.copy(url.removeprefix("file://"), output)


def test_what_a_killed_program_left_long_ago_is_taken_away(mirror, cache, monkeypatch):
    cache.mkdir()
    for name in ("of-today", "of-yesterday"):
        (cache / f"{ALL[0]}.{name}.part").write_bytes(b"half of")
    yesterday = time.time() - 24 * 3600
    os.utime(cache / f"{ALL[0]}.of-yesterday.part", (yesterday, yesterday))
    use(monkeypatch, mirror(answer))
    load_mnist()
    assert kept(cache) == sorted([*ALL, f"{ALL[0]}.of-today.part"])


# --- other programs, and other places -----------------------------------------------------

LOAD = """
import hashlib, json, os, pathlib, signal, sys, time
import netlib.data
settings = json.loads(sys.argv[1])
netlib.data.FILES = tuple(netlib.data._File(*file) for file in settings["files"])
netlib.data.MIRRORS = tuple(settings["mirrors"])
netlib.data.pooch.os_cache = lambda name: pathlib.Path(settings["cache"])
os.environ.pop("NETLIB_DATA_DIR", None)
def kept():
    return sorted(os.listdir(settings["cache"]))
def load():
    return hashlib.sha256(netlib.data.load_mnist().images.tobytes()).hexdigest()
"""
LOAD_ONCE = "print('ready', flush=True); input(); print(load())"
LOAD_AND_DIE = """
for seconds in settings["deaths"]:
    input()
    child = os.fork()
    if child == 0:
        load()
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    print(os.waitpid(child, 0)[1], flush=True)
input()
print(load())
"""


def program(then, cache, mirrors, walls=(), **settings):
    """A Python of its own that has the stand-in for MNIST."""
    settings |= {"files": netlib.data.FILES, "mirrors": mirrors, "cache": str(cache)}
    command = [*walls, sys.executable, "-c", LOAD + then, json.dumps(settings)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def sha256(images):
    return hashlib.sha256(images.tobytes()).hexdigest()


def slowly(request, body):
    answer(request, b"", length=len(body))
    for start in range(0, len(body), 500):
        request.wfile.write(body[start : start + 500])
        time.sleep(0.01)


def test_two_programs_load_at_once(mirror, images, cache):
    two = [program(LOAD_ONCE, cache, [mirror(slowly)]) for _ in range(2)]
    for each in two:
        assert each.stdout.readline() == "ready\n"
    for each in two:
        each.stdin.write("\n")
        each.stdin.flush()
    for each in two:
        printed, complaints = each.communicate()
        assert printed == sha256(images) + "\n" and not complaints
    assert kept(cache) == ALL


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_killed_at_random_moments_and_run_again(mirror, images, cache):
    random.seed(0)
    deaths = [random.uniform(0, 0.15) for _ in range(40)]
    running = program(LOAD_AND_DIE, cache, [mirror(slowly)], deaths=deaths)
    killed = 0
    for _ in deaths:
        running.stdin.write("\n")
        running.stdin.flush()
        killed += running.stdout.readline() == f"{int(signal.SIGKILL)}\n"
        if set(ALL) <= set(kept(cache)):  # what has its name is whole
            shutil.rmtree(cache)
    printed, complaints = running.communicate("\n")
    assert printed == sha256(images) + "\n" and not complaints
    assert killed >= 10
    assert [name for name in kept(cache) if not name.endswith(".part")] == ALL


def bubblewrap(*options):
    """The command that gives a program other walls: no network, a full disk."""
    command = ["bwrap", "--dev-bind", "/", "/", *options]
    if not shutil.which("bwrap"):
        skip("bubblewrap is not installed, which makes a disk full or read-only for a test")
    return command


def test_without_any_network(cache):
    mirrors = ["https://no-such-host.example/", "http://127.0.0.1:9/"]
    start = time.monotonic()
    running = program(LOAD_ONCE, cache, mirrors, bubblewrap("--unshare-net"))
    _, complaints = running.communicate("\n")
    assert time.monotonic() - start < 60
    assert re.search("no-such-host.*(not known|resolution|No address)", complaints)
    assert re.search("127.0.0.1:9/: .*(refused|unreachable)", complaints)
    assert not cache.exists()


PLACES = {  # where nothing can be written: how it is made, and what the warning says
    "read-only": (["--ro-bind"], "Read-only file system"),
    "full": (["--size", "4096", "--tmpfs"], "No space left on device"),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_cache_that_cannot_be_written_gives_the_data_and_a_warning(place, mirror, images, cache):
    cache.mkdir()
    options, says = PLACES[place]
    folders = [str(cache)] * (2 if place == "read-only" else 1)
    walls = bubblewrap(*options, *folders)
    running = program(LOAD_ONCE + "; print(kept())", cache, [mirror(answer)], walls)
    printed, complaints = running.communicate("\n")
    _, found, left = printed.splitlines()
    assert found == sha256(images)
    assert complaints.count("UserWarning: MNIST was downloaded, and cannot be kept") == 1
    assert f"{cache} ({says})" in complaints
    assert set(ast.literal_eval(left)) <= set(ALL)  # no half of a file


def test_a_file_where_the_cache_should_be(mirror, images, cache, monkeypatch):
    cache.write_text("not a folder")
    use(monkeypatch, mirror(answer))
    with pytest.warns(UserWarning, match=r"cannot be kept .* \((File exists|Not a directory)"):
        assert (load_mnist().images == images).all()


# --- python -m netlib.data ----------------------------------------------------------------


def test_before_class_a_teacher_fetches_all_and_is_told_where_it_is(
    mirror, cache, monkeypatch, capsys
):
    use(monkeypatch, mirror(answer))
    monkeypatch.setattr(sys, "argv", ["netlib.data"])
    for _ in range(2):  # the second time from the cache
        assert main() == 0
        printed = capsys.readouterr().out
        assert all(str(cache / name) in printed for name in ALL)
        assert (
            "MNIST is complete" in printed and f"NETLIB_DATA_DIR to the copy of {cache}" in printed
        )
        use(monkeypatch)


def test_before_class_a_teacher_is_told_what_is_wrong(mirror, cache, monkeypatch, capsys):
    use(monkeypatch, mirror(status(403)))
    monkeypatch.setattr(sys, "argv", ["netlib.data"])
    assert main() == 1
    assert "403 Client Error" in capsys.readouterr().err
    cache.write_text("not a folder")
    use(monkeypatch, mirror(answer))
    with pytest.warns(UserWarning, match="cannot be kept"):
        assert main() == 1
    assert "MNIST is complete" not in capsys.readouterr().out


def test_the_command_runs_without_a_warning_of_its_own(published):
    done = subprocess.run(
        [sys.executable, "-m", "netlib.data", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0 and not done.stderr
    assert "Fetch the four files of MNIST" in done.stdout
