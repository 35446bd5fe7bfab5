"""The list of all studies. Each is the `study` of the module of its name."""

import importlib

from netlib.studies.study import Study

NAMES = [
    "protocol",
    "openings",
    "features",
    "repetitions",
    "leakage",
    "convolution",
    "batch_size",
    "activations",
    "layers_and_nodes",
    "training_size",
    "pruning",
    "cutting",
    "lenet",
    "choosing",
    "reaching",
    "ingredients",
]


def study(name: str) -> Study:
    """The study of this name."""
    found: Study = importlib.import_module(f"netlib.studies.{name}").study
    return found
