"""What GitHub and Binder are told: valid, the same versions of Python everywhere, few rights."""

import pathlib
import re
import subprocess
import sys
import tomllib

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSIONS = [line.rpartition(" ")[2] for line in PROJECT["classifiers"]]


def read(name):
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))


def check(*files):
    """Check files by GitHub's rules, which check-jsonschema brings along."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    command += ["vendor.github-workflows", *files]
    return subprocess.run(command, capture_output=True, text=True)


def test_github_understands_every_workflow():
    done = check(*WORKFLOWS)
    assert done.returncode == 0, done.stdout


def test_a_workflow_with_a_slip_would_be_found(tmp_path):
    text = WORKFLOWS[0].read_text(encoding="utf-8")
    (tmp_path / "slip.yml").write_text(text.replace("runs-on:", "run-on:"), encoding="utf-8")
    assert check(tmp_path / "slip.yml").returncode == 1


def test_three_systems_run_all_tests_with_the_oldest_and_the_newest_python():
    test = read("test.yml")["jobs"]["test"]
    assert test["strategy"]["matrix"] == {
        "os": ["ubuntu-latest", "macos-latest", "windows-latest"],
        "python": VERSIONS,
    }
    assert PROJECT["requires-python"] == f">={VERSIONS[0]}"
    assert any(step.get("run", "").startswith("make test") for step in test["steps"])


def test_the_book_is_published_only_after_all_tests():
    jobs = read("publish.yml")["jobs"]
    assert set(jobs["deploy"]["needs"]) == {"test", "build"}
    assert jobs["test"]["uses"] == "./.github/workflows/test.yml"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_and_only_deploying_may_write_pages(path):
    workflow = read(path.name)
    assert workflow["permissions"] == {"contents": "read"}
    rights = {name: job.get("permissions") for name, job in workflow["jobs"].items()}
    assert rights.pop("deploy", None) in (None, {"pages": "write", "id-token": "write"})
    assert set(rights.values()) == {None}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_calls_commands_of_the_makefile_with_a_python_that_is_supported(path):
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"run: make ([\w-]+)", text)) <= targets
    assert set(re.findall(r'python-version: "(.*)"', text)) <= set(VERSIONS)


def test_what_time_may_break_is_tried_again_by_a_schedule():
    workflow = read("upkeep.yml")
    assert workflow[True]["schedule"][0]["cron"]  # YAML reads the word "on" as true
    commands = {
        step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step
    }
    assert commands >= {
        "make audit PYTHON=python",
        "make test-versions VERSIONS=${{ matrix.versions }} PYTHON=python",
        "make test-portable PYTHON=python",
        "make fuzz PYTHON=python",
    }


def test_the_oldest_python_has_the_lowest_versions_and_both_have_the_highest():
    tried = read("upkeep.yml")["jobs"]["versions"]["strategy"]["matrix"]["include"]
    assert [(run["versions"], run["python"]) for run in tried] == [
        ("lowest", VERSIONS[0]),  # older versions of packages do not know the newest Python
        ("highest", VERSIONS[0]),
        ("highest", VERSIONS[-1]),
    ]


def test_binder_installs_the_exact_set_with_the_oldest_python():
    runtime = (ROOT / "binder" / "runtime.txt").read_text(encoding="utf-8")
    assert runtime == f"python-{VERSIONS[0]}\n"
    requirements = (ROOT / "binder" / "requirements.txt").read_text(encoding="utf-8")
    assert "-r ../requirements.txt" in requirements.splitlines()
