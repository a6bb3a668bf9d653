"""Hebbian orthogonal projection in NumPy, written from the equations alone: no shortcut, every time step, every row."""

from __future__ import annotations

import numpy as np


def rate_code(y, scale, steps):
    return scale * np.round(steps * np.clip(y, -scale, scale) / scale) / steps


def update(H, M, X, eta, frozen, m=0.9, iterations=5, clip=10.0, q=lambda y: y):
    """Equation of the rule with all rows of H, of which the first `frozen` stay; returns new H and M."""
    H, M = H.copy(), M.copy()
    for _ in range(iterations):
        Y = q(X @ H.T)
        D = np.clip(Y.T @ (X - Y @ H) / len(X), -clip, clip)
        D[:frozen] = 0.0
        if m is None:
            H[frozen:] += eta * D[frozen:]
        else:
            M[frozen:] = m * M[frozen:] + (1 - m) * D[frozen:]
            H[frozen:] += eta * M[frozen:]
    return H, M


def project(X, H_old, q=lambda y: y):
    return q(X @ H_old.T) @ H_old


def rate_weights(T, dt, tau):
    w = np.exp(-(T - np.arange(1, T + 1)) * dt / tau)
    return w / w.sum()


def dsr_forward(I, v_th, alpha, tau, dt):
    beta, v, out = np.exp(-dt / tau), np.zeros_like(I[0]), []
    for current in I:
        v = beta * v + (1 - beta) * current
        s = (v >= alpha * v_th).astype(float)
        v = v - v_th * s
        out.append(s * v_th / dt)
    return np.array(out)


def dsr_backward(g, I, v_th, tau, dt):
    """dL/dI [time, ...] and dL/dV from dL/do."""
    w = rate_weights(len(I), dt, tau)
    gbar, Ibar = np.tensordot(w, g, 1), np.tensordot(w, I, 1)
    to_current = gbar / tau * ((Ibar > 0) & (Ibar < tau * v_th / dt))
    return np.broadcast_to(to_current, I.shape), (len(I) * gbar * dt * (Ibar > tau * v_th / dt)).sum()


def if_forward(I, v_th, alpha):
    v, out = np.zeros_like(I[0]), []
    for current in I:
        v = v + current
        s = (v >= alpha * v_th).astype(float)
        v = v - v_th * s
        out.append(s * v_th)
    return np.array(out)


def if_backward(g, I, v_th):
    gbar, Ibar = g.mean(0), I.mean(0)
    to_current = gbar * ((Ibar >= 0) & (Ibar <= v_th))
    return np.broadcast_to(to_current, I.shape), (len(I) * gbar * (Ibar > v_th)).sum()


def lif_forward(x, tau=2.0):
    """Spikes and potentials before the reset."""
    v, spikes, potentials = np.zeros_like(x[0]), [], []
    for current in x:
        u = (1 - 1 / tau) * v + current
        s = (u >= 1).astype(float)
        v = u - s
        spikes.append(s)
        potentials.append(u)
    return np.array(spikes), np.array(potentials)


def surrogate_slope(u, a=4.0):
    sig = 1 / (1 + np.exp(-a * (u - 1)))
    return a * sig * (1 - sig)


def lif_backward(g, u, through_time, tau=2.0):
    found, later = np.zeros_like(u), np.zeros_like(u[0])
    for t in reversed(range(len(u))):
        found[t] = g[t] * surrogate_slope(u[t]) + (1 - 1 / tau) * later
        later = found[t] if through_time else 0 * later
    return found


def traces(s, tau=2.0):
    a, found = np.zeros_like(s[0]), []
    for spikes in s:
        a = (1 - 1 / tau) * a + spikes
        found.append(a)
    return np.array(found)


def softmax_error(logits, y):
    """CE, mean over samples, and dCE/dlogits."""
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    rows = np.arange(len(y))
    loss = -np.log(p[rows, y]).mean()
    p[rows, y] -= 1
    return loss, p / len(y)


class Net:
    """Three layers without biases; state of every layer: W, H, M and the number of old rows."""

    def __init__(self, weights, H, M, n_old, eta, method, T, v_th=(0.3, 0.3)):
        self.W, self.H, self.M = ([a.copy() for a in arrays] for arrays in (weights, H, M))
        self.n_old, self.eta, self.method, self.T, self.v_th = n_old, eta, method, T, list(v_th)

    def learn(self, layer, X):
        if len(self.H[layer]) > self.n_old[layer]:
            self.H[layer], self.M[layer] = update(self.H[layer], self.M[layer], X, self.eta[layer], self.n_old[layer])

    def gradient(self, layer, G, X):
        """sum over time and samples of G' (X - P(X))."""
        n = X.shape[-1]
        G, X = G.reshape(-1, G.shape[-1]), X.reshape(-1, n)
        return G.T @ (X - project(X, self.H[layer][: self.n_old[layer]]))

    def step(self, x, y):
        """Loss, weight gradients and threshold gradients; the subspaces learn."""
        x = np.repeat(x[None], self.T, 0)
        return {"dsr": self._dsr, "bptt": self._bptt, "ottt": self._ottt}[self.method](x, y)

    def _dsr(self, x, y, tau=1.0, dt=0.05, alpha=0.3):
        w = rate_weights(self.T, dt, tau)
        inputs, currents = [x], []
        for layer in (0, 1):
            self.learn(layer, np.tensordot(w, inputs[-1], 1))
            currents.append(inputs[-1] @ self.W[layer].T)
            inputs.append(dsr_forward(currents[-1], self.v_th[layer], alpha, tau, dt))
        self.learn(2, np.tensordot(w, inputs[2], 1))
        loss, error = softmax_error(np.tensordot(w, inputs[2] @ self.W[2].T, 1), y)
        G = w[:, None, None] * error
        gradients, thresholds = [self.gradient(2, G, inputs[2])], []
        for layer in (1, 0):
            G, to_v = dsr_backward(G @ self.W[layer + 1], currents[layer], self.v_th[layer], tau, dt)
            gradients.insert(0, self.gradient(layer, G, inputs[layer]))
            thresholds.insert(0, to_v)
        return loss, gradients, thresholds

    def _bptt(self, x, y):
        inputs, potentials = [x], []
        for layer in (0, 1):
            self.learn(layer, inputs[-1].reshape(-1, inputs[-1].shape[-1]))
            s, u = lif_forward(inputs[-1] @ self.W[layer].T)
            inputs.append(s)
            potentials.append(u)
        self.learn(2, inputs[2].reshape(-1, inputs[2].shape[-1]))
        loss, error = softmax_error((inputs[2] @ self.W[2].T).mean(0), y)
        G = np.repeat(error[None], self.T, 0) / self.T
        gradients = [self.gradient(2, G, inputs[2])]
        for layer in (1, 0):
            G = lif_backward(G @ self.W[layer + 1], potentials[layer], through_time=True)
            gradients.insert(0, self.gradient(layer, G, inputs[layer]))
        return loss, gradients, []

    def _ottt(self, x, y):
        spikes, seen, potentials = [x], [x], []
        for layer in (0, 1):
            s, u = lif_forward(spikes[-1] @ self.W[layer].T)
            spikes.append(s)
            seen.append(traces(s))
            potentials.append(u)
        gradients, loss = [np.zeros_like(W) for W in self.W], 0.0
        for t in range(self.T):
            for layer in range(3):
                X = x[t] if layer == 0 else np.concatenate([spikes[layer][t], seen[layer][t]])
                self.learn(layer, X)
            part, error = softmax_error(spikes[2][t] @ self.W[2].T, y)
            loss += part / self.T
            G = error / self.T
            gradients[2] += self.gradient(2, G, seen[2][t])
            for layer in (1, 0):
                G = (G @ self.W[layer + 1]) * surrogate_slope(potentials[layer][t])
                gradients[layer] += self.gradient(layer, G, seen[layer][t])
        return loss, gradients, []
