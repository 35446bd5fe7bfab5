/* A network of dense layers whose parameters are one vector θ, as netlib keeps them. */

import { ACTIVATIONS, softmax } from "./network.js";

/** Views into θ: for each layer W, row by row (W[i * nodes + n]), then b. */
export function layersOf(theta, sizes, activations) {
  let start = 0;
  return activations.map((activation, l) => {
    const [inputs, nodes] = [sizes[l], sizes[l + 1]];
    const W = theta.subarray(start, start + inputs * nodes);
    const b = theta.subarray(start + inputs * nodes, start + (inputs + 1) * nodes);
    start += (inputs + 1) * nodes;
    return { inputs, nodes, W, b, activation };
  });
}

/** All sums z and activations a for one input. An input of 0 adds nothing and costs nothing. */
export function forwardDense(x, layers) {
  const z = [];
  const a = [x];
  for (const { nodes, W, b, activation } of layers) {
    const sum = Float64Array.from(b);
    a.at(-1).forEach((a_i, i) => {
      if (a_i === 0) return;
      for (let n = 0; n < nodes; n++) sum[n] += a_i * W[i * nodes + n];
    });
    z.push(sum);
    a.push(activation === "softmax" ? softmax(sum) : sum.map(ACTIVATIONS[activation].forward));
  }
  return { z, a };
}

/** ∂C/∂x from ∂C/∂z of the last layer, back through what `forwardDense` gave. */
export function inputGradient(dz, layers, a) {
  for (let l = layers.length - 1; l >= 0; l--) {
    const { inputs, nodes, W } = layers[l];
    const da = new Float64Array(inputs);
    for (let i = 0; i < inputs; i++) {
      for (let n = 0; n < nodes; n++) da[i] += W[i * nodes + n] * dz[n];
    }
    if (l === 0) return da;
    const { slope } = ACTIVATIONS[layers[l - 1].activation];
    dz = da.map((da_i, i) => da_i * slope(a[l][i]));
  }
}
