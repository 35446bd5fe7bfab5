"""Live figures in JupyterLab: what is moved in the page, Python sees, and the other way round."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

import netlib.widgets

TOKEN = "netlib"

EXECUTE = """async (code) => {
  const kernel = jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
  const run = kernel.requestExecute({ code });
  let printed = "";
  run.onIOPub = ({ content, header }) => {
    if (header.msg_type === "stream") printed += content.text;
    if (header.msg_type === "error") printed += content.evalue;
  };
  await run.done;
  return printed.trim();
}"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab in a folder with one notebook for each figure."""
    folder = tmp_path_factory.mktemp("lab")
    for name in netlib.widgets.__all__:
        notebook = nbformat.v4.new_notebook()
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        code = f"from netlib.widgets import {name}\nfigure = {name}()\nfigure"
        notebook.cells.append(nbformat.v4.new_code_cell(code))
        nbformat.write(notebook, folder / f"{name}.ipynb")
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += [f"--IdentityProvider.token={TOKEN}", "--LabApp.expose_app_in_browser=True"]
    command += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    command += ["--LabApp.news_url="]
    settings = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "RUNTIME")}
    settings |= {"JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces")}
    server = subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            json.load(urllib.request.urlopen(f"{address}/api/status?token={TOKEN}"))
            break
        except OSError:
            assert server.poll() is None, "JupyterLab ended"
            time.sleep(0.2)
    yield address
    server.terminate()
    server.wait(20)


@pytest.fixture
def open_notebook(browser, lab):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        tab = context.new_page()

        def open_(name):
            tab.goto(f"{lab}/lab/tree/{name}.ipynb?token={TOKEN}&reset")
            tab.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.isReady")
            return tab

        yield open_


@pytest.mark.parametrize("name", netlib.widgets.__all__)
def test_page_and_python_share_one_state(open_notebook, show, python_change, name):
    tab = open_notebook(name)
    tab.evaluate("void jupyterapp.commands.execute('notebook:run-all-cells')")
    shown = show(tab, name, timeout=60_000)
    first = shown.sentence()
    assert tab.evaluate(EXECUTE, "print(figure.describe())") == first

    shown.change()
    moved = shown.sentence()
    assert moved != first
    assert tab.evaluate(EXECUTE, "print(figure.describe())") == moved

    described = tab.evaluate(EXECUTE, f"{python_change(name)}; print(figure.describe())")
    assert described not in (first, moved)
    tab.wait_for_function(
        "text => document.querySelector('.netlib .sentence').textContent === text",
        arg=described,
    )
