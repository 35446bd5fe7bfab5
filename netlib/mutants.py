"""Mutants: bugs put into a copy of netlib on purpose, one at a time. The tests must find each.

`tests/test_mutants.py` puts them in. A test that passes with the bug as well as without is no
test. The chapter on backpropagation shows some of them.
"""

import os
import pathlib
import shutil
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """One bug.

    Attributes
    ----------
    name : str
    meaning : str
        What is wrong, and how one would notice.
    file : str
        The module of netlib that it is put into.
    right, wrong : str
        The code as it is, which stands once in that file, and what comes in its place.
    caught_by : str
        The file in tests/ that must fail, or one test of it: ``file::test``.
    """

    name: str
    meaning: str
    file: str
    right: str
    wrong: str
    caught_by: str


def copy_netlib(folder: str | os.PathLike[str], mutant: Mutant | None = None) -> pathlib.Path:
    """Copy the package netlib into `folder`, with one bug in it if `mutant` is given.

    A Python program in `folder` imports the copy. The netlib that makes the copy stays as it is.

    Parameters
    ----------
    folder : str or path
        Where the copy comes to be, as ``folder/netlib``.
    mutant : Mutant, optional

    Returns
    -------
    path
        The copy's own folder.

    Raises
    ------
    ValueError
        If what the mutant changes does not stand exactly once in its file; nothing is copied.
    FileExistsError
        If there is a ``folder/netlib`` already.
    """
    package = pathlib.Path(__file__).parent
    if mutant is not None:
        source = (package / mutant.file).read_text("utf-8")
        times = source.count(mutant.right)
        if times != 1:
            raise ValueError(
                f"netlib/{mutant.file} has this {times} times, and it must be once:\n\n"
                f"{mutant.right}\n\nBring {mutant.name!r} in netlib/mutants.py up to date."
            )
    ignore = shutil.ignore_patterns("__pycache__")
    copy = pathlib.Path(folder) / "netlib"
    shutil.copytree(package, copy, ignore=ignore)
    if mutant is not None:
        (copy / mutant.file).write_text(source.replace(mutant.right, mutant.wrong), "utf-8")
    return copy


MUTANTS = [
    # --- layers ---------------------------------------------------------------------------
    Mutant(
        "W is reshaped, not transposed",
        "Each shape is right and most weights are in a wrong place; no error says so, as it would "
        "with W alone: only numbers computed in another way show it.",
        "layers.py",
        right="dz @ self.W.T",
        wrong="dz @ self.W.reshape(self.W.shape[::-1])",
        caught_by="test_layers.py",
    ),
    Mutant(
        "the bias gradient is a mean",
        "Losses divide by m already, so biases learn m times too slowly; the gradient check "
        "finds the b of every layer wrong and every W right.",
        "layers.py",
        right="dz.sum(axis=0, out=self.db)",
        wrong="dz.mean(axis=0, out=self.db)",
        caught_by="test_layers.py",
    ),
    Mutant(
        "gradients pile up",
        "∂C/∂W is added to that of the batch before and never cleared; right for the first "
        "batch, and wrong for the second.",
        "layers.py",
        right="np.matmul(self.x.T, dz, out=self.dW)",
        wrong="self.dW += self.x.T @ dz",
        caught_by="test_losses.py",
    ),
    Mutant(
        "a stale input",
        "The layer keeps the input of its first batch and uses it for all others; the gradient "
        "check, which has one batch, finds nothing, but training goes astray.",
        "layers.py",
        right="self.x = x\n",
        wrong='self.x = getattr(self, "x", x)\n',
        caught_by="test_training.py",
    ),
    Mutant(
        "layers have copies of theta",
        "Each step changes theta and no layer sees it: the loss stays the same for ever.",
        "layers.py",
        right="vector[:weights].reshape(self.weight_shape), vector[weights:]",
        wrong="vector[:weights].reshape(self.weight_shape).copy(), vector[weights:].copy()",
        caught_by="test_training.py",
    ),
    Mutant(
        "all weights start at zero",
        "All nodes of a layer compute the same and get the same gradient; a layer of 100 "
        "nodes learns no more than a layer of one.",
        "layers.py",
        right="rng.normal(0, np.sqrt(variance), size=self.weight_shape)",
        wrong="0",
        caught_by="test_layers.py",
    ),
    # --- activations ----------------------------------------------------------------------
    Mutant(
        "the slope of ReLU is taken where a >= 0",
        "a is never negative, so the slope is always 1; the network learns all the same, and "
        "only a gradient check shows it.",
        "activations.py",
        right="da * (a > 0)",
        wrong="da * (a >= 0)",
        caught_by="test_activations.py",
    ),
    Mutant(
        "the slope of sigmoid is taken at a, not at z",
        "A formula that wants z is given a; the slope has the right sign and a wrong size, so "
        "training works somehow. Differences of σ show it.",
        "activations.py",
        right="da * a * (1 - a)",
        wrong="da * self.forward(a) * (1 - self.forward(a))",
        caught_by="test_activations.py",
    ),
    Mutant(
        "each softmax output depends on its own z only",
        "Each is a share of all ten, and the other nine are forgotten; with the squared error, "
        "whose gradient goes through softmax, the gradient check fails.",
        "activations.py",
        right="a * (da - (da * a).sum(axis=-1, keepdims=True))",
        wrong="da * a * (1 - a)",
        caught_by="test_activations.py",
    ),
    Mutant(
        "softmax without subtracting the maximum",
        "The same for small z; e^z overflows for z above 88 in float32, and the outputs are nan.",
        "activations.py",
        right="np.exp(z - z.max(axis=-1, keepdims=True))",
        wrong="np.exp(z)",
        caught_by="test_activations.py",
    ),
    # --- losses ---------------------------------------------------------------------------
    Mutant(
        "the gradient is a sum over the batch",
        "It is m times too large; a learning rate that suits a batch of 32 is too high for "
        "one of 320.",
        "losses.py",
        right="(a * Y.sum(axis=1, keepdims=True) - Y) / m",
        wrong="a * Y.sum(axis=1, keepdims=True) - Y",
        caught_by="test_losses.py",
    ),
    Mutant(
        "the logarithm of a rounded output",
        "Where a is so small that it rounds to 0, ln a is minus infinity, and so the loss of a "
        "network that is sure and wrong is infinite or nan.",
        "losses.py",
        right="z - np.log(np.exp(z).sum(axis=1, keepdims=True))",
        wrong="np.log(output.a)",
        caught_by="test_losses.py",
    ),
    # --- the network ----------------------------------------------------------------------
    Mutant(
        "a missing derivative",
        "∂C/∂a goes on to the layer before as if it were ∂C/∂z; all layers but the last get a "
        "wrong gradient.",
        "network.py",
        right="before.activation.backward(da, before.a)",
        wrong="da",
        caught_by="test_network.py::test_the_gradient_is_the_slope_of_the_loss",
    ),
    Mutant(
        "the derivative of the wrong layer's activation",
        "The layer after lends its σ′; nothing is wrong as long as all layers have the same one, "
        "so a test needs two kinds.",
        "network.py",
        right="before.activation.backward(da, before.a)",
        wrong="layer.activation.backward(da, before.a)",
        caught_by="test_network.py::test_the_gradient_is_the_slope_of_the_loss",
    ),
    Mutant(
        "the loss is a sum",
        "Network.loss does not divide by the number of examples, so a larger set of examples "
        "seems harder to the network than a smaller one.",
        "network.py",
        right="return total / len(X)",
        wrong="return total",
        caught_by="test_losses.py",
    ),
    Mutant(
        "a class number off by one",
        "The one stands a place too far left, and for class 0 in the last place; the network "
        "learns that as well as anything, and then each answer is off by one.",
        "targets.py",
        right="rows[np.arange(examples), y.astype(int)] = 1",
        wrong="rows[np.arange(examples), y.astype(int) - 1] = 1",
        caught_by="test_targets.py",
    ),
    # --- optimizers -----------------------------------------------------------------------
    Mutant(
        "a step uphill",
        "The step has the wrong sign: the loss grows from step to step.",
        "optimizers.py",
        right="theta -= self.learning_rate * gradient",
        wrong="theta += self.learning_rate * gradient",
        caught_by="test_optimizers.py",
    ),
    Mutant(
        "the learning rate counts twice",
        "The velocity holds it already: with a learning rate of 0.01 each step is a hundred "
        "times too short, and the loss hardly falls.",
        "optimizers.py",
        right="theta += self.velocity",
        wrong="theta += self.learning_rate * self.velocity",
        caught_by="test_optimizers.py",
    ),
    Mutant(
        "momentum with the wrong sign",
        "The last step is taken back instead of kept up: it still goes downhill, but slower "
        "than without momentum.",
        "optimizers.py",
        right="self.velocity *= self.momentum",
        wrong="self.velocity *= -self.momentum",
        caught_by="test_optimizers.py",
    ),
    Mutant(
        "Adam without bias correction",
        "Both sums are divided as if there had been gradients for ever: the first step is three "
        "times the learning rate, and the right steps come only after thousands.",
        "optimizers.py",
        right="weights_m = (1 - self.beta1**self.t) / (1 - self.beta1)\n"
        "        weights_v = (1 - self.beta2**self.t) / (1 - self.beta2)",
        wrong="weights_m = 1 / (1 - self.beta1)\n        weights_v = 1 / (1 - self.beta2)",
        caught_by="test_optimizers.py",
    ),
    Mutant(
        "the step goes into a new array",
        "theta = theta - change gives a new array the name theta, and the network keeps the old "
        "one: it never learns.",
        "optimizers.py",
        right="theta -= change",
        wrong="theta = theta - change",
        caught_by="test_optimizers.py",
    ),
    # --- training -------------------------------------------------------------------------
    Mutant(
        "labels of other images",
        "Images are shuffled and labels are not: the network learns no more than how frequent "
        "each class is.",
        "training.py",
        right="Y.take(batch, axis=0)",
        wrong="Y[start : start + batch_size]",
        caught_by="test_training.py",
    ),
    Mutant(
        "examples are not shuffled",
        "Each epoch has the same batches in the same order; if the data are sorted by class, "
        "each batch shows one class alone.",
        "training.py",
        right="rng.permutation(len(X))",
        wrong="np.arange(len(X))",
        caught_by="test_training.py",
    ),
    Mutant(
        "the last short batch is dropped",
        "If the batch size does not divide m, up to batch_size − 1 examples of each epoch are "
        "not used.",
        "training.py",
        right="range(0, len(X), batch_size)",
        wrong="range(0, max(len(X) - batch_size, 0) + 1, batch_size)",
        caught_by="test_training.py",
    ),
    Mutant(
        "validation examples are trained on",
        "Validation says how well the network remembers, not how well it copes with what is "
        "new: the numbers look better than they are.",
        "training.py",
        right="net.check_examples(X_val, y_val, loss)",
        wrong="X_new, Y_new, _ = net.check_examples(X_val, y_val, loss)\n"
        "        X, Y = np.concatenate([X, X_new]), np.concatenate([Y, Y_new])",
        caught_by="test_training.py",
    ),
    Mutant(
        "validation accuracy of the training examples",
        "The wrong pair is measured: no gap ever opens between training and validation, however "
        "much the network overfits.",
        "training.py",
        right="validation_accuracy=accuracy(net, X_val, y_val)",
        wrong="validation_accuracy=accuracy(net, X, Y)",
        caught_by="test_training.py",
    ),
    Mutant(
        "each answer is compared with all labels",
        "A column against a row makes a table, and its mean is about 0.1 for ten classes, "
        "however good the network is.",
        "training.py",
        right="np.mean(answers == classes)",
        wrong="np.mean(answers[:, None] == classes)",
        caught_by="test_training.py",
    ),
    # --- pruning --------------------------------------------------------------------------
    Mutant(
        "the mask comes before the step",
        "Momentum still moves the weights that were pruned, so they are not 0 when the next "
        "batch comes.",
        "training.py",
        right="optimizer.step(net.theta, net.gradient)\n                net.apply_mask()",
        wrong="net.apply_mask()\n                optimizer.step(net.theta, net.gradient)",
        caught_by="test_training.py",
    ),
    Mutant(
        "the mask is forgotten for the gradient",
        "Pruned weights are 0 but report slopes that nothing follows; whoever measures the "
        "gradient's length, or steps by hand, is misled.",
        "network.py",
        right="self.gradient *= self._mask",
        wrong="pass",
        caught_by="test_pruning.py",
    ),
    Mutant(
        "the mask is forgotten for theta",
        "Pruned weights no longer learn, but they are still there: the network answers just as "
        "before the pruning.",
        "network.py",
        right="self.theta *= self._mask",
        wrong="pass",
        caught_by="test_pruning.py",
    ),
    Mutant(
        "biases are pruned too",
        "They start at 0, so they are the first to go, and fewer weights go than were asked for.",
        "pruning.py",
        right="np.flatnonzero(net.is_weight)",
        wrong="np.arange(net.theta.size)",
        caught_by="test_pruning.py",
    ),
    Mutant(
        "weights are ranked with their sign",
        "The most negative weights go first, large as they are: accuracy falls at once, where "
        "it should hardly change.",
        "pruning.py",
        right="np.abs(net.theta) if",
        wrong="net.theta if",
        caught_by="test_pruning.py",
    ),
    # --- images and dropout ---------------------------------------------------------------
    Mutant(
        "the filter is turned round going back",
        "Each weight's share goes to the pixel on the other side of the patch; a filter that "
        "looks the same from both sides hides it.",
        "convolution.py",
        right="dz @ self.W[i, j].T",
        wrong="dz @ self.W[-1 - i, -1 - j].T",
        caught_by="test_convolution.py",
    ),
    Mutant(
        "overlapping patches overwrite each other",
        "A pixel lies under the filter several times, and only the last of its shares is kept: "
        "∂C/∂x is too small except at a corner.",
        "convolution.py",
        right="dx[:, i : i + height, j : j + width] += dz",
        wrong="dx[:, i : i + height, j : j + width] = dz",
        caught_by="test_convolution.py",
    ),
    Mutant(
        "all of several largest pixels get the gradient",
        "Where a square is all 0, as behind a ReLU, the gradient is handed on four times; random "
        "numbers are never equal and do not show it.",
        "convolution.py",
        right="undecided & (corner == self.a)",
        wrong="corner == self.a",
        caught_by="test_convolution.py",
    ),
    Mutant(
        "dropout without its factor",
        "Sums are smaller in training than afterwards, when all nodes are there: the network is "
        "used with sums that it was not trained for.",
        "dropout.py",
        right="(chance >= self.rate) / np.float32(1 - self.rate)",
        wrong="(chance >= self.rate).astype(np.float32)",
        caught_by="test_dropout.py",
    ),
    Mutant(
        "dropout keeps the share that it should leave out",
        "The comparison is the wrong way round; at a rate of 0.5 nobody can tell.",
        "dropout.py",
        right="(chance >= self.rate)",
        wrong="(chance < self.rate)",
        caught_by="test_dropout.py",
    ),
    Mutant(
        "dropout stays on after training",
        "The nodes left out in the last step stay out: predictions are worse than need be, and "
        "another number of examples no longer fits.",
        "training.py",
        right="        net.keep_all()\n        return C",
        wrong="        return C",
        caught_by="test_dropout.py",
    ),
    # --- the gradient check itself --------------------------------------------------------
    Mutant(
        "the gradient check compares the gradient with itself",
        "The error is always 0; a check must be seen to fail when a derivative is wrong.",
        "gradcheck.py",
        right="(above - below) / (2 * STEP)",
        wrong="gradient[k]",
        caught_by="test_gradcheck.py::test_a_wrong_derivative_is_found",
    ),
    Mutant(
        "the gradient check leaves no node out",
        "Dropout then hands on what comes in, and the check passes whatever its backward pass does.",
        "gradcheck.py",
        right="    net.draw(np.random.default_rng(0), len(X))\n",
        wrong="",
        caught_by="test_gradcheck.py::test_a_wrong_derivative_of_dropout_is_found",
    ),
]
