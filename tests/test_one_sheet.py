"""The sheet to print: its code is right, and it fits on one page of paper."""

import pathlib
import re

import numpy as np
import pytest

from netlib import Dense, Network

PAGE = pathlib.Path(__file__).parents[1] / "book" / "one_sheet.md"


def test_its_code_gives_the_gradient_of_netlib():
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    names = {"np": np}
    exec(code, names)
    layers = [Dense(3, 4, "sigmoid"), Dense(4, 5, "sigmoid"), Dense(5, 2, "sigmoid")]
    net = Network(layers, rng=0, dtype=np.float64)
    rng = np.random.default_rng(1)
    net.theta[:] = rng.normal(size=net.theta.size)
    X, Y = rng.normal(size=(7, 3)), rng.random((7, 2))
    net.loss_and_gradient(X, Y, loss="squared_error")
    dW, db = names["gradient"](X, Y, [l.W for l in net.layers], [l.b for l in net.layers])
    for layer, dW_l, db_l in zip(net.layers, dW, db, strict=True):
        np.testing.assert_allclose(dW_l, layer.dW)
        np.testing.assert_allclose(db_l, layer.db)


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_it_fits_on_one_page_of_paper(rendered, browser, paper):
    tab = browser.new_page()
    tab.goto((rendered / "book" / "one_sheet.html").as_uri())
    tab.wait_for_function("document.querySelectorAll('math').length > 40")
    pdf = tab.pdf(format=paper)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
