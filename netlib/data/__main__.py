"""Fetch and check MNIST before class: python -m netlib.data"""

import argparse
import sys

from netlib import data
from netlib.data.idx import read_idx


def main() -> int:
    """Have all four files, and print where they are; returns the exit status."""
    argparse.ArgumentParser(
        prog="python -m netlib.data",
        description="Fetch the four files of MNIST if they are not here yet (11 MB), check each, "
        "and say where they are.",
    ).parse_args()
    folders = set()
    for file in data.FILES:
        try:
            content, path = data.find(file)
        except data.DataError as error:
            print(error, file=sys.stderr)
            return 1
        folders.add(path and path.parent)
        items = "images" if "images" in file.name else "labels"
        print(f"{len(read_idx(content)):6,} {items}, as published: {path or 'not kept'}")
    if None in folders:  # a warning has said why
        return 1
    print("MNIST is complete. load_mnist() needs no network on this computer.")
    if len(folders) == 1:
        print(
            f"For other computers: copy the folder, and set NETLIB_DATA_DIR to the copy of {folders.pop()}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
