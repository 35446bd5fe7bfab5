"""Bad input: each wrong call is refused, and the message says what was wrong and what is right."""

import numpy as np
import pytest

from netlib import (
    SGD,
    Adam,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    MaxPool2D,
    Network,
    accuracy,
    augment,
    gradient_check,
    prune,
    train,
)

nan, inf = float("nan"), float("inf")
X = np.full((4, 2), 0.5)
y = np.array([0, 1, 2, 0])
IMAGES = np.full((4, 9), 0.5)  # of 3 × 3 pixels


def net(output="softmax", hidden="relu", outputs=3):
    """2·5 + 5 + 5·3 + 3 = 33 parameters."""
    return Network([Dense(2, 5, hidden), Dense(5, outputs, output)], rng=0)


def image_net():
    """Takes images of 3 × 4 pixels."""
    return Network([Flatten((3, 4, 1)), Dense(12, 3, "softmax")], rng=0)


def with_value(array, value, place=(2, 1)):
    """A copy as floats, with `value` at row 2, column 1, or elsewhere."""
    array = np.array(array, float)
    array[place] = value
    return array


def training(data=X, labels=y, **options):
    """A call of `train` with one thing wrong; the loop is not entered."""
    return train(net(), data, labels, **({"optimizer": SGD(0.1)} | options))


def set_mask(mask):
    net().mask = mask


def used_optimizer(optimizer):
    optimizer.step(np.zeros(5), np.zeros(5))
    return optimizer


layer = Dense(2, 2, "tanh")
rows = np.eye(3)[y]

TABLE = [
    # layers
    (lambda: Dense(0, 2, "relu"), ValueError, ["inputs", "at least 1", "0"]),
    (lambda: Dense(2, -3, "relu"), ValueError, ["outputs", "at least 1", "-3"]),
    (lambda: Dense(2.5, 2, "relu"), TypeError, ["inputs", "whole number", "2.5"]),
    (lambda: Dense(2, "3", "relu"), TypeError, ["outputs", "whole number", "'3'"]),
    (
        lambda: Dense(2, 2, "swish"),
        ValueError,
        ["'swish'", "identity", "step", "sigmoid", "tanh", "relu", "softmax"],
    ),
    (lambda: Dense(2, 2, None), ValueError, ["None", "relu"]),
    (lambda: Dense(2, 2, ["relu"]), ValueError, ["['relu']", "softmax"]),
    # layers for images
    (lambda: Conv2D((28, 28), 32, 3, "relu"), ValueError, ["(28, 28, 1)", "got (28, 28)"]),
    (lambda: Conv2D(784, 32, 3, "relu"), ValueError, ["(height, width, channels)", "784"]),
    (lambda: Conv2D((28, 0, 1), 32, 3, "relu"), ValueError, ["width", "at least 1 pixel", "0"]),
    (lambda: Conv2D((28, 28, 1.5), 32, 3, "relu"), TypeError, ["channels", "whole", "1.5"]),
    (lambda: Conv2D((28, 28, 1), 0, 3, "relu"), ValueError, ["filters", "at least 1 filter", "0"]),
    (lambda: Conv2D((28, 28, 1), 32, (3, 3), "relu"), TypeError, ["side", "whole", "(3, 3)"]),
    (lambda: Conv2D((2, 5, 1), 32, 3, "relu"), ValueError, ["side", "3 pixels", "2 × 5"]),
    (lambda: Conv2D((28, 28, 1), 32, 3, "gelu"), ValueError, ["'gelu'", "relu"]),
    (lambda: MaxPool2D((4, 4, 1), 5), ValueError, ["side", "5 pixels", "4 × 4"]),
    (lambda: MaxPool2D((4, 4, 1), 0), ValueError, ["side", "at least 1 pixel", "0"]),
    (lambda: Flatten(784), ValueError, ["(height, width, channels)", "784"]),
    (lambda: Flatten((4, "4", 1)), TypeError, ["width", "whole number", "'4'"]),
    (lambda: Dropout(10, 1), ValueError, ["rate", "below 1", "1"]),
    (lambda: Dropout(10, -0.5), ValueError, ["rate", "at least 0", "-0.5"]),
    (lambda: Dropout(10, "half"), ValueError, ["rate", "number", "'half'"]),
    (lambda: Dropout(0, 0.5), ValueError, ["inputs", "at least 1 node", "0"]),
    (lambda: Dropout((4, 4, 0), 0.5), ValueError, ["inputs", "at least 1 node", "0"]),
    (
        lambda: Network([MaxPool2D((4, 4, 1), 2), Dense(4, 2, "softmax")]),
        ValueError,
        ["layer 1", "(2, 2, 1) outputs", "layer 2", "4 inputs", "put Flatten((2, 2, 1)) between"],
    ),
    (
        lambda: Network([Conv2D((4, 4, 1), 2, 3, "relu")]),
        ValueError,
        ["last layer", "images", "Flatten((2, 2, 2))", "Dense"],
    ),
    (lambda: image_net().forward(np.ones((2, 13))), ValueError, ["(2, 13)", "(examples, 3, 4, 1)"]),
    (lambda: image_net().forward(np.ones((2, 3, 4))), ValueError, ["(2, 3, 4)", "3, 4, 1)"]),
    (lambda: image_net().forward(np.ones((3, 4, 1))), ValueError, ["(3, 4, 1)", "X[None, :]"]),
    (
        lambda: image_net().forward(with_value(np.ones((3, 12)), nan)),
        ValueError,
        ["finite", "nan at row 2, column 1"],
    ),
    # networks
    (lambda: Network([]), ValueError, ["at least one layer"]),
    (lambda: Network(Dense(2, 1, "relu")), TypeError, ["list", "Dense(2, 1, 'relu')"]),
    (lambda: setattr(net(), "theta", np.ones(3)), ValueError, ["theta", "33 numbers", "(3,)"]),
    (lambda: Network([Dense(2, 1, "relu")], dtype=None), ValueError, ["float32", "None"]),
    (lambda: net().forward(X * 1e300), ValueError, ["finite", "inf"]),
    (lambda: net().loss(X, np.full((4, 3), 1e300)), ValueError, ["finite", "inf"]),
    (
        lambda: Network([Dense(2, 5, "relu"), Dense(4, 3, "softmax")]),
        ValueError,
        ["layer 1", "5 outputs", "layer 2", "4 inputs", "equal"],
    ),
    (lambda: Network([layer, layer]), ValueError, ["layer 2", "already", "make a new one"]),
    (lambda: Network(net().layers), ValueError, ["layer 1", "already"]),
    (lambda: Network([Dense(2, 3, "relu"), "softmax"]), TypeError, ["layer 2", "'softmax'"]),
    (lambda: Network([layer], dtype=int), ValueError, ["float32 or float64", "int64"]),
    (lambda: Network([layer], dtype=np.float16), ValueError, ["float32 or float64", "float16"]),
    (lambda: set_mask(np.ones(5, bool)), ValueError, ["mask", "33", "(5,)"]),
    (lambda: set_mask(np.ones(33)), ValueError, ["True or False", "float64"]),
    # inputs
    (lambda: net().forward(X[0]), ValueError, ["(2,)", "(examples, 2)", "X[None, :]"]),
    (lambda: net().forward(X.T), ValueError, ["(2, 4)", "(examples, 2)"]),
    (lambda: net().forward(X[:, :, None]), ValueError, ["(4, 2, 1)", "(examples, 2)"]),
    (lambda: net().forward(0.5), ValueError, ["()", "(examples, 2)"]),
    (lambda: net().forward(X.astype(str)), ValueError, ["X must be numbers", "<U"]),
    (lambda: net().forward(X.astype(object)), ValueError, ["X must be numbers", "object"]),
    (lambda: net().forward(X.astype(complex)), ValueError, ["X must be numbers", "complex"]),
    (lambda: net().forward(with_value(X, nan)), ValueError, ["finite", "nan at row 2, column 1"]),
    (lambda: net().forward(with_value(X, inf)), ValueError, ["finite", "inf at row 2, column 1"]),
    (lambda: net().forward(with_value(X, -inf)), ValueError, ["-inf at row 2, column 1"]),
    (lambda: net().predict(X[:, :1]), ValueError, ["(4, 1)", "(examples, 2)"]),
    # class numbers and targets
    (lambda: net().loss(X[:0], y[:0]), ValueError, ["no examples"]),
    (lambda: net().loss(X, y[:3]), ValueError, ["3 class numbers", "4 examples"]),
    (lambda: net().loss(X, [0, 1, 3, 2]), ValueError, ["from 0 to 2", "3"]),
    (lambda: net().loss(X, [0, 1, -1, 2]), ValueError, ["from 0 to 2", "-1"]),
    (lambda: net("sigmoid", outputs=1).loss(X, [0, 1, 2, 0]), ValueError, ["from 0 to 1", "2"]),
    (lambda: net().loss(X, y * 1.0), ValueError, ["float64", "astype(int)", "(4, 3)"]),
    (lambda: net().loss(X, list("0120")), ValueError, ["whole numbers", "<U1"]),
    (lambda: net().loss(X, None), ValueError, ["()", "(4,)", "(4, 3)"]),
    (lambda: net().loss(X, y[:, None]), ValueError, ["(4, 1)", "(4,)", "(4, 3)"]),
    (lambda: net().loss(X, rows[:3]), ValueError, ["(3, 3)", "(4, 3)"]),
    (lambda: net().loss(X, rows.astype(str)), ValueError, ["targets must be numbers"]),
    (lambda: net().loss(X, with_value(rows, nan)), ValueError, ["nan at row 2, column 1"]),
    (lambda: net().loss(X, with_value(rows, inf)), ValueError, ["inf at row 2, column 1"]),
    (lambda: net().loss(X, with_value(rows, 1.5)), ValueError, ["from 0 to 1", "1.5"]),
    (lambda: net().loss(X, with_value(rows, -0.5)), ValueError, ["from 0 to 1", "-0.5"]),
    # losses and what they can be differentiated through
    (lambda: net().loss(X, y, "hinge"), ValueError, ["'hinge'", "squared_error", "cross_entropy"]),
    (lambda: net().loss_and_gradient(X, y, None), ValueError, ["None", "cross_entropy"]),
    (lambda: net().loss(X, y, ["hinge"]), ValueError, ["['hinge']", "cross_entropy"]),
    (
        lambda: net("softmax", outputs=1).loss(X, [0, 1, 1, 0]),
        ValueError,
        ["single softmax node always answers 1", "sigmoid"],
    ),
    (lambda: net("relu").loss(X, y), ValueError, ["probabilities", "relu", "squared_error"]),
    (lambda: net("identity").input_gradient(X, y), ValueError, ["probabilities", "identity"]),
    (lambda: net(hidden="step").loss_and_gradient(X, y), ValueError, ["slope 0", "sigmoid"]),
    (lambda: gradient_check(net("tanh"), X, y), ValueError, ["probabilities", "tanh"]),
    (lambda: gradient_check(net(), X[0], y), ValueError, ["(2,)", "(examples, 2)"]),
    (lambda: gradient_check(net(), X, y + 1), ValueError, ["from 0 to 2"]),
    # optimizers
    (lambda: SGD(0), ValueError, ["learning_rate", "above 0", "0"]),
    (lambda: SGD(nan), ValueError, ["learning_rate", "above 0", "nan"]),
    (lambda: SGD(-0.1), ValueError, ["learning_rate", "above 0", "-0.1"]),
    (lambda: SGD("0.1"), ValueError, ["learning_rate", "number", "'0.1'"]),
    (lambda: SGD(0.1, momentum=None), ValueError, ["momentum", "number", "None"]),
    (lambda: SGD(0.1, momentum=1), ValueError, ["momentum", "below 1"]),
    (lambda: SGD(0.1, momentum=-0.5), ValueError, ["momentum", "at least 0", "-0.5"]),
    (lambda: Adam(inf), ValueError, ["learning_rate", "inf"]),
    (lambda: Adam(0.1, beta1=1), ValueError, ["beta1", "below 1"]),
    (lambda: Adam(0.1, beta2=nan), ValueError, ["beta2", "below 1", "nan"]),
    (lambda: Adam(0.1, epsilon=0), ValueError, ["epsilon", "above 0"]),
    (
        lambda: used_optimizer(SGD(0.1, 0.9)).step(np.zeros(7), np.zeros(7)),
        ValueError,
        ["5 parameters", "7", "new optimizer"],
    ),
    (
        lambda: used_optimizer(Adam()).step(np.zeros(7), np.zeros(7)),
        ValueError,
        ["5 parameters", "7", "new optimizer"],
    ),
    # training
    (lambda: training(epochs=-1), ValueError, ["epochs", "at least 0", "-1"]),
    (lambda: training(epochs=1.5), TypeError, ["epochs", "whole number", "1.5"]),
    (lambda: training(batch_size=0), ValueError, ["batch_size", "at least 1", "0"]),
    (lambda: training(batch_size=2.5), TypeError, ["batch_size", "whole number", "2.5"]),
    (lambda: training(batch_size="32"), TypeError, ["batch_size", "whole number", "'32'"]),
    (lambda: training(loss="mse"), ValueError, ["'mse'", "squared_error"]),
    (lambda: training(X[:0], y[:0]), ValueError, ["no examples"]),
    (lambda: training(X, y[:2]), ValueError, ["2 class numbers", "4 examples"]),
    (lambda: training(with_value(X, nan)), ValueError, ["nan at row 2, column 1"]),
    (lambda: training(validation=(X, y[:1])), ValueError, ["1 class numbers", "4 examples"]),
    (lambda: training(validation=(X[:, :1], y)), ValueError, ["(4, 1)", "(examples, 2)"]),
    (lambda: train(net(), X, y), TypeError, ["optimizer"]),
    (lambda: training(optimizer=SGD), TypeError, ["optimizer", "SGD(0.1)"]),
    (lambda: training(optimizer="adam"), TypeError, ["optimizer", "'adam'"]),
    (lambda: training(validation=X), TypeError, ["validation", "(X_val, y_val)"]),
    # accuracy
    (lambda: accuracy(net(), X, y[:3]), ValueError, ["3 class numbers", "4 examples"]),
    (lambda: accuracy(net(), X, y[:, None]), ValueError, ["(4, 1)", "(4,)"]),
    (lambda: accuracy(net(), X[:0], y[:0]), ValueError, ["at least one"]),
    (lambda: accuracy(net(), X, y + 10), ValueError, ["from 0 to 2", "10"]),
    (lambda: accuracy(net(), X, list("0120")), ValueError, ["whole numbers", "<U1"]),
    (lambda: accuracy(net(), X[0], y), ValueError, ["(2,)", "(examples, 2)"]),
    # pruning
    (lambda: prune(net(), 1.5), ValueError, ["fraction", "0 to 1", "1.5"]),
    (lambda: prune(net(), -0.1), ValueError, ["fraction", "0 to 1", "-0.1"]),
    (lambda: prune(net(), nan), ValueError, ["fraction", "0 to 1", "nan"]),
    (lambda: prune(net(), 90), ValueError, ["fraction", "0.9 removes 90 %"]),
    (lambda: prune(net(), "0.5"), ValueError, ["fraction", "number", "'0.5'"]),
    (lambda: prune(net(), 0.5, score=np.full(33, nan)), ValueError, ["score", "nan"]),
    (lambda: prune(net(), 0.5, score=np.ones(25)), ValueError, ["score", "(25,)", "33"]),
    # augmentation
    (lambda: augment(IMAGES), TypeError, ["rng"]),
    (lambda: augment(IMAGES, "seed"), TypeError, ["seed"]),
    (lambda: augment(IMAGES, -1), ValueError, ["non-negative"]),
    (lambda: augment(IMAGES, 0, 1.0), TypeError, ["positional"]),
    # augmentation: images
    (
        lambda: augment((IMAGES * 255).astype(np.uint8), 0),
        ValueError,
        ["float32", "uint8", "/ 255"],
    ),
    (lambda: augment(IMAGES.astype(int), 0), ValueError, ["float32 or float64", "int64"]),
    (lambda: augment(IMAGES.astype(bool), 0), ValueError, ["float32 or float64", "bool"]),
    (lambda: augment(IMAGES.astype(np.float16), 0), ValueError, ["float32 or float64", "float16"]),
    (lambda: augment(IMAGES.astype(complex), 0), ValueError, ["float32 or float64", "complex"]),
    (lambda: augment(IMAGES.astype(str), 0), ValueError, ["float32 or float64", "<U"]),
    (lambda: augment(IMAGES.astype(object), 0), ValueError, ["float32 or float64", "object"]),
    (lambda: augment(None, 0), ValueError, ["float32 or float64", "object"]),
    (lambda: augment(0.5, 0), ValueError, ["()", "(m, pixels)"]),
    (lambda: augment(IMAGES[0], 0), ValueError, ["(9,)", "(m, pixels)", "images[None]"]),
    (lambda: augment(IMAGES[:, :8], 0), ValueError, ["(4, 8)", "square", "(m, height, width)"]),
    (lambda: augment(IMAGES[:0, :8], 0), ValueError, ["(0, 8)", "square"]),
    (lambda: augment(IMAGES.reshape(4, 3, 3, 1), 0), ValueError, ["(4, 3, 3, 1)", "expected"]),
    (lambda: augment(with_value(IMAGES, nan), 0), ValueError, ["finite", "nan", "(2, 1)"]),
    (lambda: augment(with_value(IMAGES, inf), 0), ValueError, ["finite", "inf", "(2, 1)"]),
    (
        lambda: augment(with_value(IMAGES.reshape(4, 3, 3), -inf, (3, 2, 1)), 0),
        ValueError,
        ["-inf", "(3, 2, 1)"],
    ),
    # augmentation: strengths
    (lambda: augment(IMAGES, 0, shift=-1), ValueError, ["shift", "at least 0", "-1"]),
    (lambda: augment(IMAGES, 0, shift=1e6), ValueError, ["shift", "below 1e+06", "1000000.0"]),
    (lambda: augment(IMAGES, 0, rotation="10"), ValueError, ["rotation", "number", "'10'"]),
    (lambda: augment(IMAGES, 0, rotation=None), ValueError, ["rotation", "number", "None"]),
    (lambda: augment(IMAGES, 0, rotation=inf), ValueError, ["rotation", "inf"]),
    (lambda: augment(IMAGES, 0, scale=1), ValueError, ["scale", "below 1", "got 1"]),
    (lambda: augment(IMAGES, 0, scale=-0.1), ValueError, ["scale", "at least 0", "-0.1"]),
    (lambda: augment(IMAGES, 0, scale=(0.9, 1.1)), ValueError, ["scale", "number", "(0.9, 1.1)"]),
    (lambda: augment(IMAGES, 0, shear=nan), ValueError, ["shear", "nan"]),
    (lambda: augment(IMAGES, 0, shear=[0.1]), ValueError, ["shear", "number", "[0.1]"]),
    (lambda: augment(IMAGES, 0, elastic=-0.5), ValueError, ["elastic", "at least 0", "-0.5"]),
    (lambda: augment(IMAGES, 0, elastic=1j), ValueError, ["elastic", "number", "1j"]),
    (lambda: augment(IMAGES, 0, smoothness=0), ValueError, ["smoothness", "at least 0.1", "got 0"]),
    (lambda: augment(IMAGES, 0, smoothness=nan), ValueError, ["smoothness", "nan"]),
    (lambda: augment(IMAGES[:0], 0, shift=-1), ValueError, ["shift", "-1"]),
]


@pytest.mark.parametrize(
    "call, exception, fragments", TABLE, ids=[", ".join(row[2]) for row in TABLE]
)
def test_a_wrong_call_is_refused_with_a_reason(call, exception, fragments):
    with pytest.raises(exception) as error:
        call()
    assert type(error.value) is exception
    for fragment in fragments:
        assert fragment in str(error.value)


def test_a_refused_call_changes_nothing():
    network = net()
    theta = network.theta.copy()
    for refused in (
        lambda: prune(network, 1.5),
        lambda: prune(network, 0.5, score=np.ones(25)),
        lambda: setattr(network, "mask", np.zeros(5, bool)),
        lambda: train(network, X, y, optimizer=SGD(0.1), batch_size=0),
    ):
        with pytest.raises(ValueError, match=r"must be|expected"):
            refused()
    assert (network.theta == theta).all() and network.mask is None


def test_layers_of_a_refused_network_can_be_used_again():
    first = Dense(2, 5, "relu")
    with pytest.raises(ValueError, match="must be equal"):
        Network([first, Dense(4, 3, "softmax")])
    Network([first, Dense(5, 3, "softmax")])
