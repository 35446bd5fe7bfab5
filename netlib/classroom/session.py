"""A student's kernel, from outside: run a cell, ask for a result, and survive whatever it does."""

import ast
import os
import queue
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbformat.v4 import output_from_msg

from netlib.classroom import wire
from netlib.classroom.checks import Stopped

LARGEST_OUTPUT = 2_000_000  # characters that one cell may show, figures included
SHOWN = ("stream", "display_data", "execute_result", "error")
WAIT = 5  # seconds for a kernel that was interrupted
START = 60  # seconds for a kernel to start


class Interrupted(Stopped):
    """The kernel had to be interrupted, or was lost."""


class SandboxMissing(RuntimeError):
    """Student code would run with the rights of the teacher; the message says what to do."""


def require_sandbox() -> None:
    """Raise `SandboxMissing` if bubblewrap is not there, or does not work."""
    why = "is not installed"
    if shutil.which("bwrap"):
        tried = subprocess.run(
            ["bwrap", "--ro-bind", "/", "/", "--unshare-all", "true"],
            capture_output=True,
            text=True,
        )
        if tried.returncode == 0:
            return
        why = f"does not work here ({tried.stderr.strip()})"
    raise SandboxMissing(
        f"bubblewrap {why}. Without it, the students' code runs with your rights: it could read "
        "your files and use the network. Install it (Debian, Ubuntu: apt install bubblewrap), or "
        "grade with --no-sandbox on a computer where that does not matter."
    )


PACKAGE = Path(__file__).parents[1]
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def _settings(folder: Path) -> dict[str, str]:
    """The environment of the kernel: nothing of the teacher's but where programs are."""
    return {
        "HOME": str(folder),
        "PATH": os.environ.get("PATH", ""),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PACKAGE.parent),
        "XDG_CACHE_HOME": str(folder),
        **dict.fromkeys(ONE_THREAD, "1"),
    }


def _walls(folder: Path) -> list[str]:
    """The command that shuts a program in: no network, and of the files only what Python needs."""
    readable = {"/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives"}
    readable |= {sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"), str(PACKAGE)}
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session"]
    command += ["--unsetenv", "JPY_PARENT_PID"]  # inside, the parent has another number
    command += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for path in sorted(readable):
        command += ["--ro-bind-try", path, path]
    command += ["--bind", str(folder), str(folder), "--chdir", str(folder)]
    return command


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

    def __enter__(self) -> "Session":
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start the kernel, with nothing in it."""
        kernel = str(Path(__file__).with_name("kernel.py"))  # as a file it need not load netlib
        command = [sys.executable, kernel, "-f", "{connection_file}"]
        command += ["--HistoryManager.enabled=False"]
        walls = _walls(self.folder) if self.sandbox else []
        self.manager = KernelManager(connection_file=str(self.folder / "k.json"))
        if sys.platform != "win32":  # sockets in the folder: no network is needed
            self.manager.transport, self.manager.ip = "ipc", str(self.folder / "k")
        self.manager._kernel_spec = KernelSpec(
            argv=walls + command, display_name="", language="python", interrupt_mode="message"
        )
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.manager.start_kernel(cwd=str(self.folder), env=_settings(self.folder), **silent)
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
            What it shows, and why it was stopped, or nothing. After "it ended Python" or "it
            could not be interrupted" the session must be restarted.
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
        code = f"__import__('netlib.classroom.wire').classroom.wire.answer(globals(), {name!r}, {packed!r})"
        _, why, reply = self._run("", seconds, {"reply": code})
        if why:
            raise Interrupted(why)
        try:
            text = ast.literal_eval(reply["user_expressions"]["reply"]["data"]["text/plain"])
            kind, value = wire.unpack(text)
        except (KeyError, ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
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
        size, why, deadline = 0, "", time.monotonic() + seconds
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                if not self.manager.is_alive():
                    return outputs, "it ended Python", {}
                message = {"parent_header": {}}
            if message["parent_header"].get("msg_id") == sent:
                kind, content = message["msg_type"], message["content"]
                if kind == "status" and content["execution_state"] == "idle":
                    break
                if kind in SHOWN:
                    size += len(str(content))
                    if size <= LARGEST_OUTPUT:
                        outputs.append(output_from_msg(message))
            late = time.monotonic() > deadline
            if why and late:
                return outputs, "it could not be interrupted", {}
            if not why and size > LARGEST_OUTPUT:
                why = f"it showed more than {LARGEST_OUTPUT:,} characters"
            elif not why and late:
                why = f"it took longer than {seconds:.0f} seconds: is there a loop without an end?"
            else:
                continue
            self.manager.interrupt_kernel()
            deadline = time.monotonic() + WAIT
        reply: dict[str, Any] = {}
        while reply.get("parent_header", {}).get("msg_id") != sent:
            reply = self.client.get_shell_msg(timeout=WAIT)
        return outputs, why, reply["content"]
