"""netlib as one file that pip installs: for the students' zip, and for who downloads a notebook."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build_wheel(folder: Path) -> Path:
    """Pack `netlib`, as it stands in this repository. The same code gives the same bytes.

    It is packed from a copy, so that nothing is left of an earlier time, and that two can do it
    at once. The network is not asked.

    Parameters
    ----------
    folder : path
        Where to. What was packed into it before is removed.

    Returns
    -------
    path
        The file, such as `netlib-1.2.3-py3-none-any.whl`.
    """
    for old in folder.glob("netlib-*.whl"):
        old.unlink()
    with tempfile.TemporaryDirectory() as copy:
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, copy)
        leave_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "netlib", Path(copy, "netlib"), ignore=leave_out)
        build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-index", "--no-deps"]
        build += ["--no-build-isolation", "-w", str(folder), copy]
        subprocess.run(build, check=True, env={**os.environ, "SOURCE_DATE_EPOCH": "0"})
    (wheel,) = folder.glob("netlib-*.whl")
    return wheel
