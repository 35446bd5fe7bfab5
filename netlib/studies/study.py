"""What a study is, and how its runs are run: any number at a time, and never twice."""

import datetime
import importlib.metadata
import pathlib
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import sklearn
from threadpoolctl import threadpool_limits

from netlib.studies.store import Results, Run, read, write

Case = dict[str, Any]


@dataclass(frozen=True)
class Study:
    """A question, the cases to try, and a function that tries one.

    Parameters
    ----------
    name : str
        The name of its module and of its file of results.
    question : str
    run : function
        ``run(**case)`` gives a dict of figures that JSON can hold. It is called in any order and
        on any machine, so all its randomness comes from the case's seed.
    cases : list of dict
        The settings and the seed of each run.
    """

    name: str
    question: str
    run: Callable[..., dict[str, Any]]
    cases: list[Case]


def unfinished(study: Study, folder: pathlib.Path) -> bool:
    """Whether cases of the study are still to be run."""
    done = [run["case"] for run in _stored(study, folder).runs]
    return _part(study, folder).exists() or any(case not in done for case in study.cases)


def begin(study: Study, folder: pathlib.Path) -> None:
    """Start anew: the stored results stay until all runs are done again."""
    write(_part(study, folder), Results(_about(study), []))


def finish(study: Study, folder: pathlib.Path, jobs: int = 1) -> Iterator[Run]:
    """Run the cases that are still to be run, and hand each over when it is done and stored.

    The results appear in `folder` when all are done. If this is stopped before, it goes on where
    it was when it is called again: finished runs are kept in ``NAME.json.part``.

    Parameters
    ----------
    study : Study
    folder : path
    jobs : int
        How many runs at a time. Inside ``joblib.parallel_config`` they go where it says, such as
        to a cluster.

    Raises
    ------
    RuntimeError
        If runs would be made with other versions than the first ones, here or on another
        computer of a cluster: their figures need not fit together.
    """
    part = _part(study, folder)
    about = _about(study)
    begun = _stored(study, folder)
    if begun.runs and begun.about["versions"] != about["versions"]:
        raise RuntimeError(
            f"{study.name} was begun with {begun.about['versions']}, and this is "
            f"{about['versions']}; use those, or begin again with --again"
        )
    runs = [run for run in begun.runs if run["case"] in study.cases]
    write(part, Results(about, runs))
    done = [run["case"] for run in runs]
    calls = (
        joblib.delayed(_run_one)(study.run, case, about["versions"])
        for case in study.cases
        if case not in done
    )
    for run in joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(calls):
        runs.append(run)
        runs.sort(key=lambda run: study.cases.index(run["case"]))
        write(part, Results(about, runs))
        yield run
    write(folder / f"{study.name}.json", Results(about, runs))
    part.unlink(missing_ok=True)


def _run_one(run: Callable[..., dict[str, Any]], case: Case, versions: dict[str, str]) -> Run:
    """One run and the time it takes, perhaps on another computer."""
    if _versions() != versions:
        raise RuntimeError(
            f"{platform.node()} has {_versions()}, and this study is made with {versions}; "
            "install the same versions on every computer"
        )
    start = time.perf_counter()
    with threadpool_limits(1):  # a run has one core, so that others can have theirs
        result = run(**case)
    return {"case": case, "result": result, "seconds": round(time.perf_counter() - start, 1)}


def _part(study: Study, folder: pathlib.Path) -> pathlib.Path:
    return folder / f"{study.name}.json.part"


def _stored(study: Study, folder: pathlib.Path) -> Results:
    """The runs that there are: of a study under way, or else of one that is complete."""
    for path in (_part(study, folder), folder / f"{study.name}.json"):
        if path.exists():
            return read(path)
    return Results({}, [])


def _about(study: Study) -> dict[str, Any]:
    blas: Any = np.show_config(mode="dicts")
    return {
        "question": study.question,
        "command": f"python -m netlib.studies {study.name}",
        "date": datetime.date.today().isoformat(),
        "machine": f"{platform.system()}, {platform.machine()}",
        "blas": blas["Build Dependencies"]["blas"]["name"],
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    """Of all that a figure depends on."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "netlib": importlib.metadata.version("netlib"),
    }
