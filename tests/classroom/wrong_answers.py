"""Wrong answers that people really give: the cell, its source, the checks that it loses, and
words of the feedback."""

WRONG = {
    "1_forward_pass": [
        (
            "node",
            "def node(a, w, b):\n    return np.dot(a, w)\n",
            ["check_node"],
            "The bias is missing.",
        ),
        ("node", "def node(a, w, b):\n    return a * w + b\n", ["check_node"], "expected shape ()"),
        (
            "step",
            "def step(z):\n    return np.where(np.asarray(z) >= 0, 1, 0)\n",
            ["check_step"],
            "At 0 itself the step is 0",
        ),
        (
            "step",
            "def step(z):\n    return 1 if z > 0 else 0\n",
            ["check_step", "check_layer"],
            "ValueError",
        ),
        (
            "layer",
            "def layer(A, W, b):\n    return step(A @ W.T + b)\n",
            ["check_layer"],
            "it stopped with ValueError",
        ),
        (
            "layer",
            "def layer(A, W, b):\n    return A @ W + b\n",
            ["check_layer"],
            "without the step",
        ),
        (
            "count",
            "def count(nodes):\n    return sum(p * q for p, q in zip(nodes, nodes[1:]))\n",
            ["check_count"],
            "The biases are missing.",
        ),
        (
            "count",
            "def count(nodes):\n    return sum(p * q for p, q in zip(nodes, nodes[1:])) + sum(nodes)\n",
            ["check_count"],
            "The input nodes have no bias.",
        ),
        (
            "xor",
            "W1 = np.array([[1.0, 1.0], [1.0, 1.0]])\nb1 = np.array([-1.5, -0.5])\nW2 = np.array([[-1.0], [1.0]])\nb2 = np.array([-0.5])\n",
            ["check_xor"],
            "That is AND.",
        ),
        (
            "xor",
            "W1 = np.array([[-1.0, 1.0], [-1.0, 1.0]])\nb1 = np.array([1.5, -0.5])\nW2 = np.array([1.0, 1.0])\nb2 = np.array([-1.5])\n",
            ["check_xor"],
            "(2, 1)",
        ),
        (
            "sigmoid",
            "def sigmoid(z):\n    return 1 / (1 + np.exp(z))\n",
            ["check_sigmoid", "check_forward"],
            "The sign is wrong",
        ),
        (
            "forward",
            "def forward(X, weights, biases):\n    a = []\n    for W, b in zip(weights, biases):\n        X = sigmoid(X @ W + b)\n        a.append(X)\n    return a\n",
            ["check_forward"],
            "The list must begin with X",
        ),
    ],
}
