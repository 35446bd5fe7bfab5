"""A Python kernel that may not use up the computer: `python kernel.py -f CONNECTION_FILE`."""

import contextlib
import sys

GIGABYTES = 3  # of memory; a kernel with NumPy and Matplotlib reserves about one
SECONDS = 600  # of computing time
MEGABYTES = 100  # of one file


def limit() -> None:
    """Set the limits, where the system knows them."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in [
        (resource.RLIMIT_AS, GIGABYTES * 2**30),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, MEGABYTES * 2**20),
        (resource.RLIMIT_CORE, 0),
    ]:
        with contextlib.suppress(ValueError, OSError):  # a lower limit is set already
            resource.setrlimit(kind, (most, most))


if __name__ == "__main__":
    limit()
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()
