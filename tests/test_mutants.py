"""Negative controls: each bug of netlib.mutants is put into a copy, and the tests must fail.

What runs is a folder of its own: the copy, and beside it the one test file that must find the bug.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from netlib.mutants import MUTANTS, Mutant, copy_netlib

ROOT = pathlib.Path(__file__).parent.parent
SECONDS = 120  # a run takes about 2; a mutant may loop for ever

# What pytest exits with. Any other number says that the tests could not be run.
PASSED, FAILED = 0, 1

# Slips of the pen in netlib/mutants.py itself: a bug worth the name gives wrong numbers.
SLIP = re.compile(r"^E +\w*(NameError|UnboundLocalError|AttributeError|TypeError)\b.*", re.M)

# No test runs with another netlib than the copy.
CONFTEST = """
import pathlib
import netlib
assert pathlib.Path(netlib.__file__).parent == pathlib.Path(__file__).parent / "netlib"
"""


def run(tests, folder):
    """Run `tests`, a file of tests/ or file::test, in `folder`: pytest's exit status and output."""
    shutil.copy(ROOT / "tests" / tests.split("::")[0], folder)
    (folder / "conftest.py").write_text(CONFTEST, "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")  # no settings from elsewhere
    settings = {
        "PYTHONPATH": str(folder),  # goes before the netlib that is installed
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # starts twice as fast
        "PYTEST_ADDOPTS": "",
        "OPENBLAS_NUM_THREADS": "1",
    }
    options = ["-x", "-q", "--tb=short", "-p", "no:cacheprovider"]
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", *options, tests],
            cwd=folder,
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        pytest.fail(f"{tests} did not end within {SECONDS} seconds", pytrace=False)
    return ended.returncode, ended.stdout


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_caught(tmp_path, mutant):
    copy_netlib(tmp_path, mutant)
    status, output = run(mutant.caught_by, tmp_path)
    if status == PASSED:
        pytest.fail(f"{mutant.caught_by} does not notice: {mutant.meaning}", pytrace=False)
    assert status == FAILED, output
    slip = SLIP.search(output)
    assert slip is None, f"this mutant does not even run: {slip[0]}"


@pytest.mark.parametrize("tests", sorted({mutant.caught_by for mutant in MUTANTS}))
def test_without_a_mutant_the_same_tests_pass(tmp_path, tests):
    copy_netlib(tmp_path)
    status, output = run(tests, tmp_path)
    assert status == PASSED, output


def test_no_two_mutants_are_alike():
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert len({(mutant.file, mutant.right, mutant.wrong) for mutant in MUTANTS}) == len(MUTANTS)


def test_a_mutant_that_is_out_of_date_is_refused_and_nothing_is_copied(tmp_path):
    old = Mutant("old", "", "layers.py", "no such line", "", "")
    with pytest.raises(ValueError, match=r"(?s)layers\.py has this 0 times.*'old'"):
        copy_netlib(tmp_path, old)
    assert not list(tmp_path.iterdir())


def test_the_readme_counts_them():
    assert f"lists {len(MUTANTS)} deliberate bugs" in (ROOT / "README.md").read_text("utf-8")


def test_a_copy_that_cannot_be_imported_does_not_count_as_caught(tmp_path):
    (copy_netlib(tmp_path) / "layers.py").write_text("this is no Python", "utf-8")
    status, output = run("test_layers.py", tmp_path)
    assert status not in (PASSED, FAILED), output


def test_the_netlib_that_is_installed_is_never_what_is_tested(tmp_path):
    status, output = run("test_layers.py", tmp_path)  # there is no copy
    assert status not in (PASSED, FAILED), output
    assert "netlib.__file__" in output
