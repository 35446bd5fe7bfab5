"""Compile the exact package sets from pyproject.toml (`make lock`)."""

import pathlib
import subprocess
import sys

COMPILE = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header"]
COMPILE += ["--universal", "--python-version", "3.11", "--no-emit-index-url"]


def compile_set(*options):
    """Return the exact set of packages for `options`, as the text of a requirements file."""
    command = [*COMPILE, *options, "pyproject.toml"]
    packages = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return "# Compiled from pyproject.toml by `make lock`: the exact set of packages.\n" + packages


book = pathlib.Path("requirements.txt")
test = pathlib.Path("requirements-test.txt")
book.write_text(compile_set("--extra", "book"), encoding="utf-8")
test.write_text(
    compile_set("--extra", "book", "--extra", "test", "--constraint", str(book)), encoding="utf-8"
)
files = [book, test]
for extra in ("classroom", "lite", "upkeep"):
    file = pathlib.Path(f"requirements-{extra}.txt")
    file.write_text(compile_set("--extra", extra, "--constraint", str(test)), encoding="utf-8")
    files.append(file)
for file in files:
    file.write_text(
        file.read_text(encoding="utf-8") + "-e .\n", encoding="utf-8"
    )  # netlib itself; a constraint cannot hold it
