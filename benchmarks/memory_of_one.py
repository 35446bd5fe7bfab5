"""The process whose memory is measured: load the arrays, train, print the peak in bytes.

`python -m benchmarks.memory_of_one X.npy y.npy 10` trains for ten epochs; 0 trains for none.
"""

import pathlib
import sys

import numpy as np

from netlib import Adam, Dense, Network, train


def main(X_file, y_file, epochs):
    X, y = np.load(X_file), np.load(y_file)
    layers = [Dense(784, 64, "relu"), Dense(64, 64, "relu"), Dense(64, 10, "softmax")]
    net = Network(layers, rng=0)
    for _ in train(net, X, y, optimizer=Adam(0.001), epochs=int(epochs), batch_size=32, rng=0):
        pass
    print(peak_bytes())


def peak_bytes():
    """The most memory this process ever had in RAM; an empty string where nobody tells.

    Linux: VmHWM, the "high water mark". (Its `ru_maxrss` would be that of the parent process,
    if larger: a child inherits it.) macOS: `ru_maxrss`, in bytes.
    """
    try:
        for line in pathlib.Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return ""


if __name__ == "__main__":
    main(*sys.argv[1:])
