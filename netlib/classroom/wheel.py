"""`netlib` as a file that pip installs, for computers that do not have this repository."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def pack_netlib(folder: Path) -> Path:
    """Pack `netlib` as a wheel.

    Parameters
    ----------
    folder : path
        Where the wheel comes to be. What the folder held before is removed.

    Returns
    -------
    path
        The wheel.
    """
    shutil.rmtree(folder, ignore_errors=True)
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "-w", folder, ROOT], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel
