"""What time alone may break: which versions are tried, and which packages are asked about."""

import pytest
from packaging.requirements import Requirement

from tools.audit import lists_of_pins
from tools.versions import above_its_bound, requirements


@pytest.mark.parametrize(
    ("requirement", "version", "above"),
    [
        ("numpy>=2.0", "2.0.0", False),
        ("numpy>=2.0", "2.0.2", False),
        ("numpy>=2.0", "2.1.0", True),
        ("setuptools>=77", "77.0.1", False),
        ("setuptools>=77", "78.0.0", True),
        ("jupyter-book==1.0.4.post1", "1.0.4.post1", False),
    ],
)
def test_a_bound_is_tried_only_by_the_version_that_it_names(requirement, version, above):
    assert above_its_bound(Requirement(requirement), version) == above


def test_every_requirement_has_a_lowest_version_or_an_exact_one():
    assert len(requirements()) > 30
    operators = [[part.operator for part in wanted.specifier] for wanted in requirements()]
    assert all(found in (["=="], [">="]) for found in operators)


def test_what_looks_at_something_built_has_the_mark(request, rendered):
    assert request.node.get_closest_marker("built")


def test_what_does_not_has_no_mark(request):
    assert not request.node.get_closest_marker("built")


def test_every_pin_is_asked_about_whatever_system_it_is_for():
    text = """\
numpy==2.4.6 ; python_full_version < '3.12'
    # via -r requirements.txt
numpy==2.5.5 ; python_full_version >= '3.12'
pywin32==311 ; sys_platform == 'win32'
numpy==2.4.6
fonttools[woff]==4.50.0
bench = ["torch==2.13.0"]
"""
    first, second = lists_of_pins(text)
    assert first == ["numpy==2.4.6", "pywin32==311", "fonttools==4.50.0", "torch==2.13.0"]
    assert second == ["numpy==2.5.5"]
