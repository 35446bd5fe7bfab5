"""Those who train the paper's network: netlib, scikit-learn, and the floor under both.

PyTorch, which may be missing, has a file of its own. Each contender starts from a copy of the
same weights, takes the same examples in the same order, and trains one epoch per `epoch()`.
"""

import contextlib
import io

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.protocol import LEARNING_RATE
from netlib import Adam, train


class Netlib:
    """netlib as a reader uses it: the loop over `train`."""

    def __init__(self, start, X, y, batch_size, seed):
        self.net = start.copy()
        self.losses = []
        self.epochs = train(
            self.net,
            X,
            y,
            optimizer=Adam(LEARNING_RATE),
            epochs=1000,  # more than anybody asks for
            batch_size=batch_size,
            rng=np.random.default_rng(seed),
        )

    def epoch(self):
        with contextlib.redirect_stderr(io.StringIO()):  # no progress bar within the table
            self.losses.append(next(self.epochs).loss)

    def predict(self, X):
        return self.net.predict(X)


class ScikitLearn:
    """MLPClassifier, with the penalty on large weights switched off: the same mathematics.

    `partial_fit` goes through its data once. Without `shuffle` it takes them as they come, so
    we give them in the order that netlib draws.
    """

    def __init__(self, start, X, y, batch_size, seed):
        self.X, self.y = X, y
        self.rng = np.random.default_rng(seed)
        self.losses = []
        self.model = MLPClassifier(
            hidden_layer_sizes=[layer.outputs for layer in start.layers[:-1]],
            learning_rate_init=LEARNING_RATE,
            batch_size=batch_size,
            alpha=0,
            shuffle=False,
        )
        # A first step makes its arrays. Then the weights are put in, and Adam starts anew.
        self.model.partial_fit(X[:batch_size], y[:batch_size], classes=np.arange(10))
        del self.model._optimizer
        for W, b, layer in zip(
            self.model.coefs_, self.model.intercepts_, start.layers, strict=True
        ):
            W[:], b[:] = layer.W, layer.b

    def epoch(self):
        order = self.rng.permutation(len(self.X))
        self.model.partial_fit(self.X[order], self.y[order])
        self.losses.append(self.model.loss_)

    def predict(self, X):
        return self.model.predict(X)


class Floor:
    """What cannot be left out: the matrix products of each batch, and one pass of Adam.

    Three products forward, three for ∂C/∂W, two for ∂C/∂a (nobody needs that of the images),
    on arrays that lie ready; then one step over θ. No activation, no loss, no examples.
    """

    def __init__(self, start, examples, batch_size, products=True, adam=True):
        self.net = start.copy()
        self.batches = [batch_size] * (examples // batch_size)
        if examples % batch_size:
            self.batches.append(examples % batch_size)
        self.products, self.adam = products, adam
        self.optimizer = Adam(LEARNING_RATE)
        rng = np.random.default_rng(0)
        self.net.gradient[:] = 0.01 * rng.normal(size=self.net.gradient.size)
        nodes = [layer.inputs for layer in start.layers] + [start.layers[-1].outputs]
        self.a = [rng.random((batch_size, n), dtype=np.float32) for n in nodes]
        self.dz = [rng.random((batch_size, n), dtype=np.float32) for n in nodes]
        self.out = [np.empty((batch_size, n), np.float32) for n in nodes]

    def epoch(self):
        for m in self.batches:
            if self.products:
                self.multiply(m)
            if self.adam:
                self.optimizer.step(self.net.theta, self.net.gradient)

    def multiply(self, m):
        a, dz, out = self.a, self.dz, self.out
        for l, layer in enumerate(self.net.layers):
            np.matmul(a[l][:m], layer.W, out=out[l + 1][:m])
        for l, layer in enumerate(self.net.layers):
            np.matmul(a[l][:m].T, dz[l + 1][:m], out=layer.dW)
            if l > 0:
                np.matmul(dz[l + 1][:m], layer.W.T, out=out[l][:m])
