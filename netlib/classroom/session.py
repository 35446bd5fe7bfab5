"""A student's kernel, from outside: run a cell, ask for a result, and survive whatever it does."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbformat.v4 import output_from_msg

from netlib.classroom import wire
from netlib.classroom.checks import Stopped

LARGEST_OUTPUT = 1_000_000  # characters of a cell that are kept, figures included
LARGEST_OUTPUTS = 5_000_000  # that are kept of all cells
FLOOD = 10_000_000  # after which a cell is stopped
LOOK = 0.2  # seconds between two looks at what a kernel does
MEGABYTES = 200  # of files, in each of the two places where code may write
SOCKETS = 6  # files that a kernel needs to be spoken to
PROGRAMS = 20  # that code may start
GIGABYTES = 4  # of memory that all of them may take; kernel.py limits each
SHOWN = ("stream", "display_data", "execute_result", "error")
NAMES = "__import__('IPython').get_ipython().user_ns"  # a student may have called one `globals`
WAIT = 5  # seconds for a kernel that was interrupted
START = 60  # seconds for a kernel to start


class Interrupted(Stopped):
    """The kernel had to be interrupted, or was lost."""


class SandboxMissing(RuntimeError):
    """Student code would run with the rights of the teacher; the message says what to do."""


PACKAGE = Path(__file__).parents[1]
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def _settings(home: str, sandbox: bool) -> dict[str, str]:
    """The environment of the kernel: shut in, nothing of the teacher's but where programs are."""
    return {
        **({"PATH": os.environ.get("PATH", "")} if sandbox else os.environ),
        "HOME": home,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PACKAGE.parent),
        "XDG_CACHE_HOME": home,
        **dict.fromkeys(ONE_THREAD, "1"),
    }


def _walls(sockets: Path) -> list[str]:
    """The command that shuts a program in: no network, and of the files only what Python needs."""
    readable = {"/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives"}
    readable |= {sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"), str(PACKAGE)}
    command = ["bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"]
    command += ["--die-with-parent", "--new-session"]
    command += ["--unsetenv", "JPY_PARENT_PID"]  # inside, the parent has another number
    command += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
    for path in ("/tmp", "/dev/shm"):
        command += ["--size", str(MEGABYTES * 2**20), "--tmpfs", path]
    for path in sorted(readable):
        command += ["--ro-bind-try", path, path]
    command += ["--bind", str(sockets), str(sockets), "--chdir", "/tmp"]
    return [*command, "--remount-ro", "/dev", "--remount-ro", "/"]


def require_sandbox() -> None:
    """Raise `SandboxMissing` if bubblewrap is not there, or does not work."""
    why = "is not installed"
    if shutil.which("bwrap"):
        with tempfile.TemporaryDirectory() as folder:
            tried = subprocess.run([*_walls(Path(folder)), "true"], capture_output=True, text=True)
        if tried.returncode == 0:
            return
        why = f"does not work here ({tried.stderr.strip()})"
    raise SandboxMissing(
        f"bubblewrap {why}. Without it, the students' code runs with your rights: it could read "
        "your files and use the network. Install it (Debian, Ubuntu: apt install bubblewrap), or "
        "grade with --no-sandbox on a computer where that does not matter."
    )


class Session:
    """A kernel of its own in a folder of its own; use it in a `with`.

    Parameters
    ----------
    sandbox : bool
        Whether to shut it in with bubblewrap: no network, no files but Python's.
    """

    def __init__(self, sandbox: bool = True) -> None:
        self.sandbox = sandbox
        self.folder = Path(tempfile.mkdtemp(prefix="answers-"))
        self.lost = False  # after True, `restart` is needed
        self.shown = 0

    def __enter__(self) -> "Session":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the kernel, with nothing in it."""
        self.lost = False
        self.place = Path(tempfile.mkdtemp(dir=self.folder))  # whatever was done to the last one
        kernel = str(Path(__file__).with_name("kernel.py"))  # as a file it need not load netlib
        command = [sys.executable, kernel, "-f", "{connection_file}"]
        command += ["--HistoryManager.enabled=False"]
        walls = _walls(self.place) if self.sandbox else []
        self.manager = KernelManager(connection_file=str(self.place / "k.json"))
        if sys.platform != "win32":  # sockets in the folder: no network is needed
            self.manager.transport, self.manager.ip = "ipc", str(self.place / "k")
        self.manager._kernel_spec = KernelSpec(
            argv=walls + command, display_name="", language="python", interrupt_mode="message"
        )
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        home = "/tmp" if self.sandbox else str(self.place)
        self.manager.start_kernel(cwd=str(self.place), env=_settings(home, self.sandbox), **silent)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=START)

    def stop(self) -> None:
        """End the kernel, whatever it is doing."""
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)

    def restart(self) -> None:
        """End the kernel and start a new one."""
        self.stop()
        self.start()

    def run(self, code: str, seconds: float) -> tuple[list[Any], str]:
        """Run the code of a cell.

        Parameters
        ----------
        code : str
            The cell.
        seconds : float
            After this time it is interrupted.

        Returns
        -------
        list of outputs, str
            What it shows, and why it was stopped, or nothing.
        """
        outputs, why, _ = self._run(code, seconds, {})
        return outputs, why

    def ask(self, name: str, arguments: tuple[Any, ...] | None, seconds: float) -> Any:
        """What a name of the notebook stands for, or what it gives when it is called.

        Parameters
        ----------
        name : str
            A name that the student's code may have defined.
        arguments : tuple, optional
            Call it with them.
        seconds : float
            After this time it is interrupted.

        Returns
        -------
        tuple of str, object
            ("value", it), ("changed", it) if the arguments were changed too, ("function", its
            name) or ("missing", "").

        Raises
        ------
        Stopped
            If there is no result.
        """
        packed = None if arguments is None else wire.pack(arguments)
        code = f"__import__('netlib.classroom.wire').classroom.wire.answer({NAMES}, {name!r}, {packed!r})"
        _, why, reply = self._run("", seconds, {"reply": code})
        if why:
            raise Interrupted(why)
        try:
            kind, value = wire.unpack(reply["user_expressions"]["reply"]["data"]["text/plain"])
            if not isinstance(kind, str):
                raise TypeError(kind)
        except Exception as error:  # a student's code can send whatever it likes
            raise Stopped("its result cannot be read") from error
        if kind == "stopped":
            raise Stopped(str(value))
        return kind, value

    def _run(self, code: str, seconds: float, expressions: dict[str, str]) -> Any:
        sent = self.client.execute(
            code,
            store_history=False,
            allow_stdin=False,
            stop_on_error=False,
            user_expressions=expressions,
        )
        outputs: list[Any] = []
        size, why, idle, deadline = 0, "", False, time.monotonic() + seconds
        look = time.monotonic() + LOOK
        while True:
            get = self.client.get_shell_msg if idle else self.client.get_iopub_msg
            kind, content, output = self._message(sent, get)
            if kind == "execute_reply" and idle:
                return outputs, why, content
            idle = idle or (kind == "status" and content.get("execution_state") == "idle")
            if output is not None:
                size += len(str(content))
                self.shown += len(str(content))
                if size <= LARGEST_OUTPUT and self.shown <= LARGEST_OUTPUTS:
                    outputs.append(output)
            late = time.monotonic() > deadline
            if time.monotonic() > look:
                if end := self._harm():
                    return outputs, self._lose(end), {}
                look = time.monotonic() + LOOK
            if why and late:
                return outputs, self._lose(f"{why} It could not be interrupted."), {}
            if not why and size > FLOOD:
                why = f"it showed more than {FLOOD:,} characters."
            elif not why and late:
                why = f"it took longer than {seconds:.0f} seconds: is there a loop without an end?"
            else:
                continue
            self.manager.interrupt_kernel()
            deadline = time.monotonic() + WAIT

    def _harm(self) -> str:
        """What the kernel does that ends it, or nothing."""
        if not self.manager.is_alive():
            return "it ended Python"
        files = sum(len(folders) + len(names) for _, folders, names in os.walk(self.place))
        if self.sandbox and files > SOCKETS:
            return "it wrote files where it may not"
        provisioner: Any = self.manager.provisioner
        try:
            programs = psutil.Process(provisioner.pid).children(recursive=True)
            memory = sum(program.memory_info().rss for program in programs)
        except psutil.Error:  # one has ended just now
            return ""
        if len(programs) > PROGRAMS:
            return f"it started more than {PROGRAMS} programs"
        if memory > GIGABYTES * 2**30:
            return f"its programs took more than {GIGABYTES} gigabytes of memory"
        return ""

    def _message(self, sent: str, get: Callable[..., Any]) -> tuple[str, Any, Any]:
        """The kind and content of the next message about what was sent, and what it shows."""
        try:
            message = get(timeout=LOOK)
            if message["parent_header"].get("msg_id") == sent:
                kind, content = str(message["msg_type"]), dict(message["content"])
                return kind, content, output_from_msg(message) if kind in SHOWN else None
        except Exception:  # nothing came in time, or what a student's code has made up
            pass
        return "", {}, None

    def _lose(self, why: str) -> str:
        """Remember that the kernel is of no use any more, and end it."""
        self.lost = True
        self.manager.shutdown_kernel(now=True)
        return why
