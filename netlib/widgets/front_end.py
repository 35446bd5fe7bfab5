"""The front end of a live figure: one piece of JavaScript, put together from the files it imports.

A line such as

    import { html, svg } from "./shared/page.js";

is replaced by the file that it names, once for all files that import it. Jupyter runs the result
as a module; the rendered book loads it as a script.
"""

import functools
import pathlib
import re

FOLDER = pathlib.Path(__file__).parent
IMPORT = re.compile(r'^import \{[^}]*\} from "([^"]+)";\n', re.MULTILINE)


@functools.cache
def front_end(name: str) -> str:
    """The module `name` of this folder, with all that it imports."""
    main = FOLDER / name
    parts: dict[pathlib.Path, str] = {}

    def add(path: pathlib.Path) -> None:
        code = path.read_text(encoding="utf-8")
        for imported in IMPORT.findall(code):
            if (path.parent / imported).resolve() not in parts:
                add((path.parent / imported).resolve())
        parts[path] = IMPORT.sub("", code).strip()

    add(main)
    shared = [re.sub(r"^export ", "", parts[path], flags=re.MULTILINE) for path in parts]
    shared[-1] = parts[main]  # the figure itself keeps its export
    return "\n\n".join(shared) + "\n"


def script(name: str, figure: str) -> str:
    """The module `name` as a script that adds `figure`, the name of a class, to `liveFigures`.

    A page can load a script from a folder too, where a browser imports no module.
    """
    code = front_end(name).replace("export default {", "const frontEnd = {")
    register = f'(globalThis.liveFigures ??= new Map()).set("{figure}", frontEnd);'
    return f'(() => {{\n"use strict";\n\n{code}\n{register}\n}})();\n'


@functools.cache
def style(name: str) -> str:
    """What all figures look like, and what is in the file `name` for one of them."""
    files = (FOLDER / "shared" / "figure.css", FOLDER / name)
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
