"""One node in each layer, to take backpropagation apart (paper, section 2.2, steps 1 to 8)."""

from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import traitlets
from matplotlib.axes import Axes

from netlib.layers import Dense
from netlib.network import Network
from netlib.plots import BIAS, GRADIENT, INK, WEIGHT
from netlib.widgets.live_figure import Figure, LiveFigure, Numbers, Whole, front_end, number, style

LAYERS = (1, 2, 3)
PARAMETERS = ("w1", "b1", "w2", "b2", "w3", "b3")  # in the order of θ
MOST = 6  # no number is larger
LAST = 27  # the last step
UP = "⁰¹²³"  # layers are counted on top, as in the chapter


class Line(NamedTuple):
    """What happens in one step."""

    text: str
    value: float | None = None
    slope_of: str = ""  # the parameter whose slope it finds


class SingleNodeChain(LiveFigure):
    """A chain of three nodes, zˡ = wˡ aˡ⁻¹ + bˡ, aˡ = σ(zˡ), C = (a³ − y)², and its slopes

        ∂C/∂wˡ = ∂zˡ/∂wˡ × ∂aˡ/∂zˡ × ∂C/∂aˡ = aˡ⁻¹ × aˡ (1 − aˡ) × ∂C/∂aˡ,

    one number at a time. State: `x` and `y`, the example; `w` (3,) and `b` (3,), from −6 to 6;
    `step`, from 0 to 27: how far the reader has gone; and `curve`, the name of the parameter
    against which the loss is drawn.
    """

    _esm = front_end("single_node_chain.js")
    _css = style("single_node_chain.css")

    x = Numbers((), 1.0, -MOST, MOST)
    y = Numbers((), 0.3, 0, 1)
    w = Numbers((3,), [1.5, -2.0, 1.2], -MOST, MOST)
    b = Numbers((3,), [-0.5, 0.6, -0.3], -MOST, MOST)
    step = Whole(0).tag(sync=True)
    curve = traitlets.Enum(PARAMETERS, "w3").tag(sync=True)

    @traitlets.validate("step")
    def _clamp(self, proposal: Any) -> Any:
        return min(max(proposal["value"], 0), LAST)

    @property
    def network(self) -> Network:
        """The chain as a network."""
        net = Network([Dense(1, 1, "sigmoid") for _ in LAYERS], rng=0, dtype=np.float64)
        net.theta = np.column_stack([self.w, self.b]).ravel()
        return net

    def numbers(self) -> dict[str, Any]:
        """All that the chain computes, by the names of the chapter; index l is layer l."""
        net = self.network
        C, _ = net.loss_and_gradient([[self.x]], [[self.y]], loss="squared_error")
        layers = net.layers
        one = np.ones((1, 1))
        dC_da = [layer.input_gradient(layer.db[None])[0, 0] for layer in layers]
        return {
            "z": [None, *(layer.z[0, 0] for layer in layers)],
            "a": [self.x, *(layer.a[0, 0] for layer in layers)],
            "C": C,
            "da_dz": [None, *(layer.activation.backward(one, layer.a)[0, 0] for layer in layers)],
            "dC_da": [*dC_da, 2 * (layers[-1].a[0, 0] - self.y)],
            "dC_dw": [None, *(layer.dW[0, 0] for layer in layers)],
            "dC_db": [None, *(layer.db[0] for layer in layers)],
        }

    def lines(self) -> list[Line]:
        """What is computed, in the order of the steps."""
        n = self.numbers()
        lines = []
        for l in LAYERS:
            b = self.b[l - 1]
            plus = f"− {short(-b)}" if b < 0 else f"+ {short(b)}"
            sum_ = f"{short(self.w[l - 1])} × {number(n['a'][l - 1], 4)} {plus}"
            lines += [
                Line(f"z{UP[l]} = w{UP[l]} {before(l)} + b{UP[l]} = {sum_}", n["z"][l]),
                Line(f"a{UP[l]} = σ(z{UP[l]}) = σ({number(n['z'][l], 4)})", n["a"][l]),
            ]
        error = f"({number(n['a'][3], 4)} − {short(self.y)})"
        lines += [
            Line(f"C = (a³ − y)² = {error}²", n["C"]),
            Line("w³ → z³ → a³ → C"),
        ]
        for l in reversed(LAYERS):
            u = UP[l]
            a_before, a = number(n["a"][l - 1], 4), number(n["a"][l], 4)
            rest = f"{number(n['da_dz'][l], 4)} × {number(n['dC_da'][l], 4)}"
            lines += [
                Line(f"∂C/∂w{u} = ∂z{u}/∂w{u} × ∂a{u}/∂z{u} × ∂C/∂a{u}"),
                Line(f"∂z{u}/∂w{u} = {before(l)}", n["a"][l - 1]),
                Line(f"∂a{u}/∂z{u} = a{u} (1 − a{u}) = {a} (1 − {a})", n["da_dz"][l]),
            ]
            if l == 3:
                lines.append(Line(f"∂C/∂a³ = 2 (a³ − y) = 2 {error}", n["dC_da"][3]))
            lines += [
                Line(f"∂C/∂w{u} = {a_before} × {rest}", n["dC_dw"][l], f"w{l}"),
                Line(f"∂C/∂b{u} = 1 × {rest}", n["dC_db"][l], f"b{l}"),
            ]
            if l > 1:
                rule = f"∂C/∂{before(l)} = w{u} × ∂a{u}/∂z{u} × ∂C/∂a{u}"
                lines.append(Line(f"{rule} = {short(self.w[l - 1])} × {rest}", n["dC_da"][l - 1]))
        slopes = ", ".join(number(n[f"dC_d{p[0]}"][int(p[1])], 4) for p in PARAMETERS)
        return [*lines, Line(f"∇C = ({slopes}), for {', '.join(map(raised, PARAMETERS))}")]

    def slope(self) -> tuple[int, float]:
        """The step that finds the slope along the parameter `curve`, and the slope."""
        lines = self.lines()
        found = [line.slope_of for line in lines].index(self.curve)
        return found + 1, lines[found].value or 0.0

    def describe(self) -> str:
        text, value, _ = (
            self.lines()[self.step - 1]
            if self.step
            else Line(f"x = {short(self.x)} and y = {short(self.y)} are given")
        )
        result = "" if value is None else f" = {number(value, 4)}"
        found, slope = self.slope()
        name = raised(self.curve)
        if self.step < found:
            words = f"The slope along {name} comes in line {found}."
        else:
            effect = "raises" if slope > 0 else "lowers"
            effect = "hardly changes" if abs(slope) < 0.00005 else effect
            words = f"Along {name} the slope is {number(slope, 4)}: a little more of it {effect} the loss."
        return f"Line {self.step} of {LAST}: {text}{result}. {words}"

    def still(self) -> Figure:
        figure, (top, bottom) = plt.subplots(2, 1, figsize=(7, 4.4), height_ratios=[1, 1.6])
        self._draw_chain(top)
        self._draw_curve(bottom)
        return figure

    def _draw_chain(self, ax: Axes) -> None:
        """The chain from left to right; "?" where the step has not come yet."""
        n = self.numbers()
        stations = ["x", "z¹", "a¹", "z²", "a²", "z³", "a³", "C"]
        values = [self.x, *(n[key][l] for l in LAYERS for key in "za"), n["C"]]
        for k, (name, value) in enumerate(zip(stations, values, strict=True)):
            text = number(value) if k <= self.step else "?"
            ax.plot(k, 0, "s" if name[0] in "xz" else "o", ms=28, color="white", mec=INK)
            ax.text(k, 0, text, ha="center", va="center", fontsize=9)
            ax.text(k, -0.75, name, ha="center", va="top", fontsize=9)
            if k:
                ax.annotate("", (k - 0.3, 0), (k - 0.7, 0), arrowprops={"arrowstyle": "->"})
        moved = [(f"y = {short(self.y)}", INK, 7.0, 7.0)]
        for l, w, b in zip(LAYERS, self.w, self.b, strict=True):
            k = 2 * l - 1
            moved.append((f"w{UP[l]} = {short(w)}", WEIGHT, k - 0.5, k - 0.1))
            moved.append((f"b{UP[l]} = {short(b)}", BIAS, k + 0.5, k + 0.1))
        for text, color, start, end in moved:
            arrow = {"arrowstyle": "->", "color": color}
            ax.annotate(
                text,
                (end, 0.6),
                (start, 1.7),
                color=color,
                ha="center",
                fontsize=9,
                arrowprops=arrow,
            )
        ax.set(xlim=(-0.5, 7.5), ylim=(-1.3, 2.1))
        ax.axis("off")

    def _draw_curve(self, ax: Axes) -> None:
        """The loss against the parameter `curve`, and the tangent once its slope is known."""
        key, l = self.curve[0], int(self.curve[1])
        net = self.network
        values = np.linspace(-MOST, MOST, 121)
        losses = []
        for value in values:
            net.theta[PARAMETERS.index(self.curve)] = value
            losses.append(net.loss([[self.x]], [[self.y]], "squared_error"))
        here, C = getattr(self, key)[l - 1], self.numbers()["C"]
        ax.plot(values, losses, color=INK)
        found, slope = self.slope()
        if self.step >= found:
            ax.plot(values, C + slope * (values - here), "--", color=GRADIENT)
        ax.plot(here, C, "o", color=WEIGHT if key == "w" else BIAS)
        ax.set(xlabel=raised(self.curve), ylabel="C", ylim=(0, 1.1 * max(losses)))


def raised(name: str) -> str:
    """w3 as w³"""
    return name[0] + UP[int(name[1])]


def before(l: int) -> str:
    """The activation before layer l."""
    return "x" if l == 1 else f"a{UP[l - 1]}"


def short(value: float) -> str:
    """A number without zeros at its end."""
    text = number(value, 3)
    return text.rstrip("0").rstrip(".")
