"""The partial likelihood of Cox with tied events, its derivatives and its score residuals, in O(n p²).

Efron's average over the order of tied events is one number per tied event; everything with a covariate in it is one
row per distinct event time. No array is ever patients × covariates × covariates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fls_research.stats.survival._risk_sets import RiskSets


@dataclass(frozen=True)
class _Sums:
    """Per cell: S0 and S1 over the risk set, D1 over the events, and sums over the tied events of ω qⁱ/φʲ.

    φ = S0 − q D0, where q runs over 0, 1/m, … for Efron and is 0 for Breslow; ω is the mean weight of the events.
    """

    relative: np.ndarray
    s1: np.ndarray
    d1: np.ndarray
    inverse: np.ndarray
    inverse_q: np.ndarray
    square: np.ndarray
    square_q: np.ndarray
    square_qq: np.ndarray
    log_phi: float


@dataclass(frozen=True)
class PartialLikelihood:
    """A partial likelihood of one set of rows; ``x`` is centred and scaled, ``ties`` is 'efron' or 'breslow'."""

    sets: RiskSets
    x: np.ndarray
    counts: np.ndarray
    weights: np.ndarray
    """Counts times sampling weights."""
    ties: str

    def value(self, beta: np.ndarray) -> float:
        """The logarithm of the partial likelihood."""
        linear = self.x @ beta
        return self._value(linear, self._sums(linear, derivatives=False))

    def derivatives(self, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """The log partial likelihood, its gradient and the observed information."""
        linear = self.x @ beta
        sums = self._sums(linear)
        score, information = self._moments(sums, np.ones(self.sets.size))
        return self._value(linear, sums), score, information

    def weighted_moments(self, beta: np.ndarray, per_cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gradient and information with each event time weighted by ``per_cell``: what a test of trend needs."""
        return self._moments(self._sums(self.x @ beta), per_cell)

    def score_residuals(self, beta: np.ndarray) -> np.ndarray:
        """Each patient's share of the gradient (Lin and Wei 1989), one row per row, before any weight."""
        linear = self.x @ beta
        sums = self._sums(linear)
        events = self.sets.deaths(self.weights)
        mean = (sums.s1 * sums.inverse[:, None] - sums.d1 * sums.inverse_q[:, None]) / events[:, None]
        residuals = np.where(self.sets.dies[:, None], self.x, 0.0) - self.sets.at_death(mean)
        pull = sums.s1 * sums.square[:, None] - sums.d1 * sums.square_q[:, None]
        pull_q = sums.s1 * sums.square_q[:, None] - sums.d1 * sums.square_qq[:, None]
        hazard = self._hazard(sums)
        relative = np.divide(sums.relative, self.weights, out=np.zeros_like(linear), where=self.weights > 0)
        own = self.sets.at_death(pull_q)
        for place in range(self.x.shape[1]):
            drift = self.sets.spread(pull[:, place]) - own[:, place]
            residuals[:, place] -= relative * (self.x[:, place] * hazard - drift)
        return residuals

    def baseline(self, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Per cell, at x = 0: step of the cumulative hazard, of its variance, and of its derivative in beta."""
        linear = self.x @ beta
        sums = self._sums(linear)
        shift = np.exp(-linear.max())
        slope = (sums.s1 * sums.square[:, None] - sums.d1 * sums.square_q[:, None]) * shift
        return sums.inverse * shift, sums.square * shift**2, slope

    def _hazard(self, sums: _Sums) -> np.ndarray:
        return self.sets.spread(sums.inverse) - self.sets.at_death(sums.inverse_q)

    def _value(self, linear: np.ndarray, sums: _Sums) -> float:
        at_events = (self.weights * linear)[self.sets.dies].sum()
        return float(at_events - sums.log_phi - self.weights[self.sets.dies].sum() * linear.max())

    def _moments(self, sums: _Sums, per_cell: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        weight = per_cell[:, None]
        mean = sums.s1 * sums.inverse[:, None] - sums.d1 * sums.inverse_q[:, None]
        own = (self.weights * self.sets.at_death(per_cell))[self.sets.dies] @ self.x[self.sets.dies]
        score = own - (weight * mean).sum(axis=0)
        hazard = self.sets.spread(per_cell * sums.inverse) - self.sets.at_death(per_cell * sums.inverse_q)
        second = self.x.T @ (self.x * (sums.relative * hazard)[:, None])
        between = sums.s1.T @ (sums.s1 * weight * sums.square[:, None])
        cross = sums.s1.T @ (sums.d1 * weight * sums.square_q[:, None])
        tied = sums.d1.T @ (sums.d1 * weight * sums.square_qq[:, None])
        return score, second - (between - cross - cross.T + tied)

    def _sums(self, linear: np.ndarray, *, derivatives: bool = True) -> _Sums:
        relative = self.weights * np.exp(linear - linear.max())
        s0, d0 = self.sets.total(relative), self.sets.deaths(relative)
        tied, cell, share = self._tie_rows()
        omega = (self.sets.deaths(self.weights) / tied)[cell]
        phi = s0[cell] - share * d0[cell]
        width = self.x.shape[1] if derivatives else 0
        s1, d1 = np.empty((self.sets.size, width)), np.empty((self.sets.size, width))
        for place in range(width):
            product = relative * self.x[:, place]
            s1[:, place], d1[:, place] = self.sets.total(product), self.sets.deaths(product)

        def over_ties(values: np.ndarray) -> np.ndarray:
            return np.bincount(cell, values, self.sets.size)

        # Far out, relative hazards underflow; the value then says that the step was too long.
        reached = phi > 0
        inverse = np.divide(1.0, phi, out=np.zeros_like(phi), where=reached)
        one, two = omega * inverse, omega * inverse**2
        log_phi = float((omega * np.log(phi)).sum()) if reached.all() else np.inf
        return _Sums(
            relative=relative,
            s1=s1,
            d1=d1,
            inverse=over_ties(one),
            inverse_q=over_ties(one * share),
            square=over_ties(two),
            square_q=over_ties(two * share),
            square_qq=over_ties(two * share**2),
            log_phi=log_phi,
        )

    def _tie_rows(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How many tied events a cell stands for, and for each of them its cell and its q."""
        if self.ties == "breslow":
            return np.ones(self.sets.size), np.arange(self.sets.size), np.zeros(self.sets.size)
        tied = np.rint(self.sets.deaths(self.counts)).astype(np.int64)
        cell = np.repeat(np.arange(self.sets.size), tied)
        order = np.arange(cell.size) - np.repeat(np.cumsum(tied) - tied, tied)
        return tied.astype(float), cell, order / tied[cell]
