"""Studies: experiments too long for a chapter, and what came out of them.

A study is a list of cases, such as seeds 0 to 9, and a function that runs one of them. Each has a
module of its own here. ``python -m netlib.studies NAME`` runs one and stores what came out, as
text, in ``results/NAME.json``; the chapters read it from there with `results`.
"""

from netlib.studies.store import Results, results

__all__ = ["Results", "results"]
