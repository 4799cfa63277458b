"""The marginal likelihood of a logistic model with a random intercept, by adaptive Gauss–Hermite quadrature.

The gradient is that of the quadrature itself, the movement of its nodes included, so that the optimum is that of the
function R's lme4 maximises. Every sum is over covariate patterns.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial.hermite import hermgauss
from scipy.special import expit, logsumexp


class RandomIntercept:
    """log ∫ ∏ pʸ(1 − p)¹⁻ʸ φ(u) du summed over clusters, with logit p = x b + s u and u standard normal."""

    def __init__(self, x: np.ndarray, events: np.ndarray, n: np.ndarray, cluster: np.ndarray, *, nodes: int) -> None:
        order = np.argsort(cluster, kind="stable")
        self.x, self.events, self.n = x[order], events[order], n[order]
        self.cluster = cluster[order]
        self.starts = np.flatnonzero(np.diff(self.cluster, prepend=-1))
        self.z, weights = hermgauss(nodes)
        self.log_weights = np.log(weights) + self.z**2
        self.mode = np.zeros(self.starts.size)

    def per_cluster(self, values: np.ndarray) -> np.ndarray:
        """Sums over the patterns of each cluster, in the order of the clusters' codes."""
        return np.add.reduceat(values, self.starts)

    def modes(self, linear: np.ndarray, s: float) -> tuple[np.ndarray, np.ndarray]:
        """The most likely u of each cluster, and the curvature there (negative)."""
        u = self.mode
        for _ in range(100):
            p = expit(linear + s * u[self.cluster])
            slope = s * self.per_cluster(self.events - self.n * p) - u
            curvature = -(s**2) * self.per_cluster(self.n * p * (1 - p)) - 1
            step = np.clip(slope / curvature, -1, 1)
            u = u - step
            if np.abs(step).max() < 1e-11:
                break
        self.mode = u
        p = expit(linear + s * u[self.cluster])
        return u, -(s**2) * self.per_cluster(self.n * p * (1 - p)) - 1

    def value_and_gradient(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """The log-likelihood at (b, s) and its gradient."""
        b, s = theta[:-1], float(theta[-1])
        linear = self.x @ b
        u, curvature = self.modes(linear, s)
        tau = 1 / np.sqrt(-curvature)
        nodes = u + np.sqrt(2) * tau * self.z[:, None]
        height = np.empty_like(nodes)
        pull = np.empty_like(nodes)
        means = []
        for place, at in enumerate(nodes):
            eta = linear + s * at[self.cluster]
            p = expit(eta)
            means.append(p)
            # log(1 + exp(eta)), without overflow and from the probability already at hand
            log_total = np.maximum(eta, 0) - np.log(np.maximum(p, 1 - p))
            height[place] = self.per_cluster(self.events * eta - self.n * log_total) - at**2 / 2
            pull[place] = self.per_cluster(self.events - self.n * p)
        terms = self.log_weights[:, None] + height
        integral = logsumexp(terms, axis=0)
        value = float((np.log(tau) + integral - 0.5 * np.log(np.pi)).sum())
        share = np.exp(terms - integral)
        return value, self._gradient(s, linear, u, curvature, tau, nodes, pull, share, means)

    def _gradient(
        self,
        s: float,
        linear: np.ndarray,
        u: np.ndarray,
        curvature: np.ndarray,
        tau: np.ndarray,
        nodes: np.ndarray,
        pull: np.ndarray,
        share: np.ndarray,
        means: list[np.ndarray],
    ) -> np.ndarray:
        p = expit(linear + s * u[self.cluster])
        v = p * (1 - p)
        v_slope = v * (1 - 2 * p)
        sum_v, sum_slope = self.per_cluster(self.n * v), self.per_cluster(self.n * v_slope)
        # How the nodes move: with the mode (first) and with the width (second).
        along = s * pull - nodes
        by_mode = (share * along).sum(axis=0)
        by_width = (share * along * np.sqrt(2) * self.z[:, None]).sum(axis=0) + 1 / tau
        widening = by_width * tau**3 / 2
        by_mode = by_mode - widening * s**3 * sum_slope

        residual = self.events.astype(float).copy()
        for place, mean in enumerate(means):
            residual -= share[place][self.cluster] * self.n * mean
        moving = (by_mode * s / curvature)[self.cluster] * v - (widening * s**2)[self.cluster] * v_slope
        for_b = self.x.T @ (residual + self.n * moving)

        mode_by_s = -(self.per_cluster(self.events - self.n * p) - s * u * sum_v) / curvature
        curvature_by_s = -2 * s * sum_v - s**2 * u * sum_slope
        for_s = ((share * nodes * pull).sum(axis=0) + by_mode * mode_by_s + widening * curvature_by_s).sum()
        return np.append(for_b, for_s)
