"""Run studies: python -m netlib.studies NAME"""

import argparse
import contextlib
import os
import pathlib
import sys
from collections.abc import Iterator

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # before NumPy reads them: a run has a core to itself

import joblib  # noqa: E402

from netlib.studies import catalogue, store, study  # noqa: E402


def main() -> int:
    """List the studies, or run some; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m netlib.studies",
        description="Run studies and store what comes out. If runs of them are still to be done, "
        "these are done; if all are complete, all are run again. Stopped at any moment, it goes "
        "on where it was when it is called again. With no name, it lists the studies.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help='of a study, or "all"')
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time (1)")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask cluster that shall do the runs"
    )
    parser.add_argument(
        "--results", type=pathlib.Path, default=store.FOLDER, help="folder of the files of results"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(catalogue.NAMES) - {"all"}
    if unknown:
        parser.error(f"no study is called {', '.join(unknown)}; there are {catalogue.NAMES}")
    if not arguments.names:
        show(arguments.results)
        return 0
    names = catalogue.NAMES if "all" in arguments.names else arguments.names
    arguments.results.mkdir(parents=True, exist_ok=True)
    studies = [catalogue.study(name) for name in names]
    if not any(study.unfinished(each, arguments.results) for each in studies):
        for each in studies:
            study.begin(each, arguments.results)
    with cluster(arguments.scheduler):
        for each in studies:
            if study.unfinished(each, arguments.results):
                for run in study.finish(each, arguments.results, arguments.jobs):
                    print(f"{each.name} {run['case']} {run['seconds']} s", flush=True)
    return 0


def show(folder: pathlib.Path) -> None:
    """Print each study, its question, and how long its stored runs took."""
    for name in catalogue.NAMES:
        each = catalogue.study(name)
        state = "not run yet"
        if (folder / f"{name}.json").exists():
            seconds = sum(run["seconds"] for run in store.read(folder / f"{name}.json").runs)
            state = f"took {seconds / 60:.0f} minutes of one core"
        if study.unfinished(each, folder):
            state += ", unfinished"
        print(f"{name:16} {each.question}\n{'':16} {len(each.cases)} runs, {state}")


@contextlib.contextmanager
def cluster(address: str | None) -> Iterator[None]:
    """Send the runs to the Dask cluster at this address, if there is one."""
    if address is None:
        yield
        return
    from distributed import Client

    with Client(address), joblib.parallel_config("dask"):
        yield


if __name__ == "__main__":
    sys.exit(main())
