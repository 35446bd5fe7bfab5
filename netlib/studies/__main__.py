"""Run studies: python -m netlib.studies NAME"""

import argparse
import contextlib
import pathlib
import sys
from collections.abc import Iterator

import joblib

from netlib.studies import catalogue, store, study
from netlib.studies.study import Study


def main() -> int:
    """List the studies, or run some; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m netlib.studies",
        description="Run studies and store what comes out. Runs that are done are not done "
        "again: stopped at any moment, a study goes on where it was when the command is given "
        "again. With no name, it lists the studies.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help='of a study, or "all"')
    parser.add_argument("--again", action="store_true", help="do all runs again")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time (1)")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="of a Dask cluster that shall do the runs"
    )
    parser.add_argument(
        "--results", type=pathlib.Path, default=store.FOLDER, help="folder of the files of results"
    )
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - {*catalogue.NAMES, "all"})
    if unknown:
        known = ", ".join(catalogue.NAMES)
        parser.error(f"no study is called {', '.join(unknown)}; there are {known}, and all")
    if arguments.jobs < 1:
        parser.error(f"--jobs must be 1 or more, got {arguments.jobs}")
    if not arguments.names:
        show(arguments.results)
        return 0
    names = catalogue.NAMES if "all" in arguments.names else arguments.names
    studies = [catalogue.study(name) for name in names]
    try:
        with cluster(arguments.scheduler):
            jobs = -1 if arguments.scheduler else arguments.jobs  # -1: as many as it can
            run(studies, arguments.again, jobs, arguments.results)
    except KeyboardInterrupt:
        print("Stopped. The same command without --again goes on from here.")
        return 130
    return 0


def run(studies: list[Study], again: bool, jobs: int, folder: pathlib.Path) -> None:
    """Do all runs of the studies that are still to be done, and print each when it is done."""
    folder.mkdir(parents=True, exist_ok=True)
    if again:
        for each in studies:
            study.begin(each, folder)
    for each in studies:
        if not study.unfinished(each, folder):
            print(f"{each.name} is complete; --again runs it again")
            continue
        for done in study.finish(each, folder, jobs):
            settings = [f"{k} {v}" for k, v in done["case"].items() if not isinstance(v, dict)]
            print(f"{each.name}: {', '.join(settings)}: {done['seconds']} s", flush=True)


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
    try:
        from distributed import Client
    except ImportError as error:
        raise SystemExit("--scheduler needs Dask: pip install distributed") from error
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise SystemExit(f"no Dask scheduler answers at {address}: {error}") from error
    with client, joblib.parallel_config("dask"):
        yield


if __name__ == "__main__":
    sys.exit(main())
