"""Facts about the repository: pinned packages, no registry's address, one version everywhere."""

import pathlib
import re
import subprocess
import tomllib

import pytest
import yaml

import netlib

ROOT = pathlib.Path(__file__).parents[1]
CONTRACT = ["Network", "Dense", "SGD", "Adam", "train", "accuracy", "prune", "gradient_check"]
CONTRACT += ["load_mnist", "load_digits"]
# In two parts each, so that this file does not hold what it looks for.
REGISTRIES = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npmjs" + ".org",
    "debian" + ".org",
    "--index" + "-url",
    "--extra-index" + "-url",
]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def newest_release():
    """Version and date of the uppermost release in CHANGELOG.md, headed "## 1.2.3 – 2026-11-22"."""
    return re.search(r"^## (\d+\.\d+\.\d+) – (\d{4}-\d{2}-\d{2})$", read("CHANGELOG.md"), re.M)


@pytest.mark.parametrize("name", sorted(path.name for path in ROOT.glob("requirements*.txt")))
def test_every_package_is_pinned_and_netlib_comes_last(name):
    lines = [line for line in read(name).splitlines() if not line.strip().startswith("#")]
    assert lines.pop() == "-e ."
    assert lines
    unpinned = [line for line in lines if not re.match(r"[\w.\[\]-]+==[\w.!+]+( ;|$)", line)]
    assert unpinned == []


def test_netlib_is_packed_with_the_setuptools_that_the_sets_pin():
    (pinned,) = tomllib.loads(read("pyproject.toml"))["build-system"]["requires"]
    sets = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("requirements*.txt"))
    assert set(re.findall(r"^setuptools==\S+", sets, re.M)) == {pinned}


def test_no_command_installs_a_package_that_is_not_pinned():
    installed = re.findall(r"pip install (.*)", read("Makefile"))
    free = [what for what in installed if not re.fullmatch(r"-q -r requirements[\w-]*\.txt", what)]
    assert free == ["-q -e '.[bench]'"]  # which names one version of PyTorch


def test_no_file_names_a_package_registry():
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    output = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    names = [name for name in output.split("\0") if name and (ROOT / name).is_file()]
    assert "pyproject.toml" in names
    found = []
    for name in names:
        text = (ROOT / name).read_bytes().decode(errors="replace")
        found += [(name, registry) for registry in REGISTRIES if registry in text]
    assert found == []


@pytest.mark.parametrize("command", ["make book", "make test"])
def test_the_readme_names_the_command(command):
    assert command in read("README.md")


def test_the_citation_file_has_what_a_citation_needs():
    citation = yaml.safe_load(read("CITATION.cff"))
    needed = {"cff-version", "message", "title", "authors", "version", "date-released", "license"}
    assert needed - set(citation) == set()
    assert all({"family-names", "name", "alias"} & set(author) for author in citation["authors"])


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load(read("CITATION.cff"))
    version, date = newest_release().groups()
    assert tomllib.loads(read("pyproject.toml"))["project"]["version"] == version
    assert citation["version"] == version
    assert str(citation["date-released"]) == date


@pytest.mark.parametrize("name", CONTRACT)
def test_netlib_has_the_name(name):
    assert hasattr(netlib, name)
    assert name in netlib.__all__
