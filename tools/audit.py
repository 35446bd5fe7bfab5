"""Ask whether a pinned package has a known vulnerability (`make audit`).

pip-audit asks the Python Package Index. It reads a list of packages as this computer would install
it, and passes over what is for other systems. So it gets the pins without their conditions. The
index must know every one of them: a package that nobody could ask about is not one without fault.
"""

import itertools
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[1]
PIN = re.compile(r"([\w.-]+)(?:\[[\w,-]+\])?==([\w.!+]+)")
AUDIT = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--no-deps"]
AUDIT += ["--progress-spinner", "off", "--requirement"]


def lists_of_pins(text):
    """All pins in a text, in as few lists as possible that name each package once.

    NumPy, for one, is pinned twice: for an older and for a newer Python.
    """
    versions = {}
    for name, version in PIN.findall(text):
        versions.setdefault(name, {})[f"{name}=={version}"] = True
    rows = itertools.zip_longest(*versions.values())
    return [[pin for pin in row if pin] for row in rows]


def main():
    files = [*sorted(ROOT.glob("requirements*.txt")), ROOT / "pyproject.toml"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    with tempfile.TemporaryDirectory() as folder:
        for pins in lists_of_pins(text):
            file = pathlib.Path(folder, "pins.txt")
            file.write_text("\n".join(pins), encoding="utf-8")
            print(f"Asking about {len(pins)} packages", flush=True)
            if subprocess.run([*AUDIT, file]).returncode:
                sys.exit("A package is vulnerable, or nobody could say whether it is: see above.")


if __name__ == "__main__":
    main()
