"""Run the tests with the lowest and the highest versions that pyproject.toml allows.

`make test-versions` calls it. Each environment in _build/versions is made anew: uv installs
netlib there, with all that it and its tests need. "lowest" takes the versions that pyproject.toml
names, test tools included, so no bound in it is a guess. What those packages need in turn is new
in both: we do not choose it, and the lowest that they name often cannot be installed any more.

Left out are the cells of notebooks, the tests with the mark "built" (see conftest.py), and two
that start a Python many times and take longer than all others together: those of the classroom,
and that of the mutants, which tests the tests.
"""

import json
import os
import pathlib
import subprocess
import sys
import tomllib

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = pathlib.Path(__file__).parents[1]
RESOLUTIONS = {"lowest": "lowest-direct", "highest": "highest"}  # in uv's words
EXTRAS = ["book", "test", "classroom"]
UV = [sys.executable, "-m", "uv", "pip"]
TESTS = ["-m", "pytest", "-n", "2", "--dist", "loadfile", "-ra"]
TESTS += ["-m", "not built", "--ignore", "tests/classroom", "--ignore", "tests/test_mutants.py"]


def install(which):
    """Make an environment with the lowest or the highest versions, and return its Python."""
    folder = ROOT / "_build" / "versions" / which
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [*UV, "install", "--quiet", "--python", python, "--resolution", RESOLUTIONS[which]]
    subprocess.run([*command, "--editable", f".[{','.join(EXTRAS)}]"], cwd=ROOT, check=True)
    return python


def requirements():
    """What pyproject.toml asks for, as far as it is installed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [project["optional-dependencies"][extra] for extra in EXTRAS]
    return [Requirement(text) for text in sum(extras, project["dependencies"])]


def installed(python):
    """The versions in an environment, by the names of the packages."""
    command = [*UV, "list", "--quiet", "--format", "json", "--python", python]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return {package["name"]: package["version"] for package in json.loads(output)}


def above_its_bound(requirement, version):
    """Whether something else asks for more than pyproject.toml, whose bound is then not tried."""
    lowest = str(requirement.specifier).replace(">=", "==") + ".*"  # >=2.0 may bring 2.0.0
    return ">=" in str(requirement.specifier) and version not in SpecifierSet(lowest)


def main(names):
    for which in names:
        python = install(which)
        versions = installed(python)
        print(f"The {which} versions that pyproject.toml allows:")
        for requirement in requirements():
            version = versions[requirement.name]
            print(f"  {requirement}: {version}", flush=True)
            if which == "lowest" and above_its_bound(requirement, version):
                sys.exit(f"{requirement} cannot be tried. Raise it to >={version}.")
        if subprocess.run([python, *TESTS], cwd=ROOT).returncode:
            sys.exit(f"The tests fail with the {which} versions: see above.")


if __name__ == "__main__":
    main(sys.argv[1:])
