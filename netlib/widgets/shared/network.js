/* A network's computing, with netlib's names: a → z = a W + b → σ(z). */

/** Each activation function, and its slope written with a (see netlib/activations.py). */
export const ACTIVATIONS = {
  identity: { forward: (z) => z, slope: () => 1 },
  step: { forward: (z) => (z > 0 ? 1 : 0), slope: () => 0 },
  sigmoid: { forward: (z) => 1 / (1 + Math.exp(-z)), slope: (a) => a * (1 - a) },
  tanh: { forward: Math.tanh, slope: (a) => 1 - a * a },
  relu: { forward: (z) => Math.max(z, 0), slope: (a) => (a > 0 ? 1 : 0) },
};

/** a_n = e^{z_n} / Σ_k e^{z_k}, for all outputs of a layer together. */
export function softmax(z) {
  const largest = Math.max(...z); // the same ratios, and no overflow
  const e = z.map((z_n) => Math.exp(z_n - largest));
  const sum = e.reduce((total, e_n) => total + e_n, 0);
  return e.map((e_n) => e_n / sum);
}

/** z_n = Σ_i a_i W[i][n] + b_n */
export function sums(a, W, b) {
  return b.map((bias, n) => a.reduce((z, a_i, i) => z + a_i * W[i][n], bias));
}

/** The sums and activations of all layers for one input. `layers` holds {W, b, activation}. */
export function forward(x, layers) {
  const z = [];
  const a = [x];
  for (const { W, b, activation } of layers) {
    z.push(sums(a.at(-1), W, b));
    a.push(z.at(-1).map(ACTIVATIONS[activation].forward));
  }
  return { z, a };
}

/**
 * The slopes of the loss for what `forward` computed, from `last`, its slopes along the last
 * activations. da[l] belongs to a[l]; dz[l], which is db as well, and dW[l] to layers[l].
 */
export function backward(layers, a, last) {
  const da = [last];
  const dz = [];
  const dW = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    const { W, activation } = layers[l];
    const { slope } = ACTIVATIONS[activation];
    dz.unshift(a[l + 1].map((a_n, n) => da[0][n] * slope(a_n)));
    dW.unshift(a[l].map((a_i) => dz[0].map((dz_n) => a_i * dz_n)));
    da.unshift(W.map((row) => row.reduce((da_i, w, n) => da_i + w * dz[0][n], 0)));
  }
  return { da, dz, dW };
}
