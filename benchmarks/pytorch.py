"""PyTorch's side, as fast as plain (eager) PyTorch goes; `torch` is None where it is missing.

What was found to help, and is done here: batches are rows taken from one tensor (a DataLoader
is slower), gradients are dropped, not zeroed, as soon as they are used, and which of its three
Adams and how many threads are best is tried out before it is timed.
"""

import numpy as np

from benchmarks.protocol import LEARNING_RATE

try:
    import torch
except ImportError:
    torch = None

ADAMS = {
    "Adam as it comes": {},
    "Adam foreach": {"foreach": True},
    "Adam fused": {"fused": True},
}


class PyTorch:
    """A model in training: `shape` is what one example looks like to it."""

    def __init__(self, model, X, y, batch_size, seed, adam, shape=(784,)):
        self.model = model
        self.X = torch.from_numpy(X).reshape(-1, *shape)
        self.y = torch.from_numpy(y)
        self.batch_size = batch_size
        self.rng = np.random.default_rng(seed)
        self.optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, **ADAMS[adam])
        self.losses = []

    def epoch(self):
        order = torch.from_numpy(self.rng.permutation(len(self.X)))
        total = 0.0
        for batch in order.split(self.batch_size):
            x, y = self.X.index_select(0, batch), self.y.index_select(0, batch)
            loss = torch.nn.functional.cross_entropy(self.model(x), y)
            loss.backward()
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
            total += loss.item() * len(batch)
        self.losses.append(total / len(self.X))

    def predict(self, X):
        return forward(self.model, torch.from_numpy(X)).argmax(1).numpy()


def forward(model, X):
    """The outputs, without a record for the way back."""
    with torch.inference_mode():
        return model(X)


def dense_model(start):
    """The network `start`, of Dense layers, with a copy of its weights.

    PyTorch's W is the transpose of ours. Its cross-entropy contains the softmax.
    """
    layers = []
    for layer in start.layers:
        linear = torch.nn.Linear(layer.inputs, layer.outputs)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(layer.W.T))
            linear.bias.copy_(torch.from_numpy(layer.b))
        layers += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def conv_model(channels_last):
    """The course's network: 32 filters of 3×3, pooling, 128 nodes, dropout ½, 10 outputs."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 32, 3),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(5408, 128),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.5),
        torch.nn.Linear(128, 10),
    )
    return model.to(memory_format=torch.channels_last) if channels_last else model
