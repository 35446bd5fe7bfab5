"""The files of results: one for each study, text that a person can read and git can compare."""

import json
import pathlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from netlib.files import write_text
from netlib.hints import Array

FOLDER = pathlib.Path(__file__).parent / "results"
Run = dict[str, Any]  # {"case": its settings and seed, "result": what came out, "seconds": time}


@dataclass(frozen=True)
class Results:
    """What came out of a study.

    Parameters
    ----------
    about : dict
        The question, the command that runs the study, the versions and the machine used.
    runs : list of dict
        Each with its `case`, its `result` and the `seconds` that it took.
    """

    about: dict[str, Any]
    runs: list[Run]

    def values(self, key: str, **case: Any) -> Array:
        """What came out under the name `key`, one entry for each run of this `case`.

        Parameters
        ----------
        key : str
            The name of a figure, or of a list of figures.
        **case
            Which runs to take, such as ``split="half"``. All others of their settings may vary.

        Returns
        -------
        (runs,) or (runs, figures), in the order of the runs

        Raises
        ------
        KeyError
            If no run is of this case, or one of them has no figure of that name.
        ValueError
            If the figures are lists of different lengths, so that they make no array.

        Examples
        --------
        >>> runs = [{"case": {"seed": s, "rate": 0.1}, "result": {"right": 90 + s}} for s in (0, 1)]
        >>> Results({}, runs).values("right", rate=0.1)
        array([90, 91])
        """
        chosen = [run for run in self.runs if case.items() <= run["case"].items()]
        if not chosen:
            cases = ", ".join(str(run["case"]) for run in self.runs[:3])
            raise KeyError(f"no run is of the case {case}; the first ones are {cases}")
        for run in chosen:
            if key not in run["result"]:
                raise KeyError(
                    f"no figure of {run['case']} is called {key!r}; there are {list(run['result'])}"
                )
        figures = [run["result"][key] for run in chosen]
        if len({np.shape(figure) for figure in figures}) > 1:
            raise ValueError(
                f"{key!r} has different lengths in these {len(chosen)} runs; name more of their "
                "case, or take them one by one from .runs"
            )
        return np.array(figures)


def results(name: str) -> Results:
    """The stored results of the study `name`, such as "protocol".

    Parameters
    ----------
    name : str

    Returns
    -------
    Results

    Raises
    ------
    FileNotFoundError
        If there are none; the message lists those that there are.
    """
    path = FOLDER / f"{name}.json"
    if not path.exists():
        stored = ", ".join(sorted(file.stem for file in FOLDER.glob("*.json")))
        raise FileNotFoundError(f"no study called {name!r} has results; there are: {stored}")
    return read(path)


def read(path: pathlib.Path) -> Results:
    """The results in a file, or a ValueError if it is damaged."""
    try:
        content = json.loads(path.read_text("utf-8"))
        return Results(content["about"], content["runs"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path} is not a whole file of results ({error}); remove it to run the study anew, "
            "or get it back from git"
        ) from error


def write(path: pathlib.Path, results: Results) -> None:
    """Store results in a file, one run a line. The file appears whole or not at all."""
    about = json.dumps(results.about, indent=1, ensure_ascii=False)
    lines = [json.dumps(run, ensure_ascii=False, allow_nan=False) for run in results.runs]
    runs = ",\n".join(lines)
    write_text(path, f'{{"about": {about},\n"runs": [\n{runs}\n]}}\n')
