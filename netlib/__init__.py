"""A neural network small enough to read in an evening, and the tools to train and check it.

Four concepts: layer, network, loss, optimizer. One idea: the parameters of a network are one
vector θ, and its gradient is one vector ∇C.
"""

from netlib.augment import augment
from netlib.convolution import Conv2D, Flatten, MaxPool2D
from netlib.data import DataError, load_digits, load_mnist
from netlib.dropout import Dropout
from netlib.estimator import NetworkClassifier
from netlib.gradcheck import gradient_check
from netlib.layers import Dense
from netlib.network import Network
from netlib.optimizers import SGD, Adam
from netlib.pruning import prune, remove_dead_nodes
from netlib.trained import load_trained_network
from netlib.training import Epoch, accuracy, train

__all__ = [
    "SGD",
    "Adam",
    "Conv2D",
    "DataError",
    "Dense",
    "Dropout",
    "Epoch",
    "Flatten",
    "MaxPool2D",
    "Network",
    "NetworkClassifier",
    "accuracy",
    "augment",
    "gradient_check",
    "load_digits",
    "load_mnist",
    "load_trained_network",
    "prune",
    "remove_dead_nodes",
    "train",
]
