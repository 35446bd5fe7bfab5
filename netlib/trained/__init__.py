"""A network that is trained already: the paper's own, as the chapter `reaching_the_result` has it."""

import pathlib

from netlib.network import Network

FOLDER = pathlib.Path(__file__).parent
WEIGHTS = FOLDER / "digits.npz"
PROVENANCE = FOLDER / "digits.json"  # the seed, split and command that made it


def load_trained_network() -> Network:
    """The paper's network, 784-64-64-10 with ReLU and softmax, trained to read digits.

    It learned from one random half of MNIST, distorted anew again and again. Beside the weights,
    in ``netlib/trained/digits.json``, are the seed, the split and the command that made them,
    and the share of the other half that it reads rightly.

    Returns
    -------
    Network
        Of its own: a change of it changes no other.

    Examples
    --------
    >>> load_trained_network()
    Network([Dense(784, 64, 'relu'), Dense(64, 64, 'relu'), Dense(64, 10, 'softmax')])
    """
    return Network.load(WEIGHTS)
