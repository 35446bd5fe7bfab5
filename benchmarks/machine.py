"""Facts about the machine, without which no figure in the table means anything."""

import datetime
import importlib.metadata
import os
import pathlib
import platform

import threadpoolctl

PACKAGES = ("netlib", "numpy", "scipy", "scikit-learn", "torch")


def facts():
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "load before the run": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "thread pools at start": [
            {
                "library": pathlib.Path(pool["filepath"]).name,
                "kind": pool["internal_api"],
                "version": pool["version"],
                "made for": pool.get("architecture"),
                "threads": pool["num_threads"],
            }
            for pool in threadpoolctl.threadpool_info()
        ],
    }


def cpu_name():
    """The processor's name; Linux has it in a file, other systems in `platform`."""
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def version(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
