"""Files that appear whole or not at all, whatever happens while they are written."""

import contextlib
import glob
import os
import pathlib
import time
from collections.abc import Iterator
from typing import BinaryIO

OLD = 3600  # seconds after which nobody is writing a part any more


@contextlib.contextmanager
def whole_file(path: pathlib.Path) -> Iterator[BinaryIO]:
    """A file to write to, in a `with`. At its end it has the name `path`, whole.

    Until then it is a part with another name beside it, which no other program writes to. An
    error or Ctrl-C takes the part away. A program that is killed leaves it there; whoever writes
    `path` an hour later or more takes it away.

    Parameters
    ----------
    path : path

    Returns
    -------
    context manager that gives a file open for bytes

    Raises
    ------
    OSError
        If it cannot be written. What was at `path` is still there.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with open(part, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # on the disk before it gets its name: power can fail too
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    for left in path.parent.glob(f"{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):  # another program may take it away just now
            if time.time() - left.stat().st_mtime > OLD:
                left.unlink()


def write_text(path: pathlib.Path, text: str) -> None:
    """Write a file of text that appears whole or not at all. Lines end as they do in `text`."""
    with whole_file(path) as file:
        file.write(text.encode())
