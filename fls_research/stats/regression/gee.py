"""Generalised estimating equations with an exchangeable correlation, and errors that hold with few clusters."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from fls_research.stats.design import Design
from fls_research.stats.regression._newton import solve, standardising
from fls_research.stats.regression.covariance import clusters
from fls_research.stats.regression.fit import Fit, Link, inverse_link, variance
from fls_research.stats.results import StatsError

_MAX_STEPS = 100


@dataclass(frozen=True)
class GeeFit:
    """Estimates of a population-averaged model. ``fit`` goes wherever a `Fit` does; pass one of the covariances along.

    ``robust`` is the sandwich without correction, ``mancl_derouen`` the one corrected for few clusters, ``naive`` the
    model-based one. ``correlation`` is that of two patients of one cluster, ``dispersion`` the Pearson scale.
    """

    fit: Fit
    correlation: float
    dispersion: float
    naive: np.ndarray = field(repr=False)
    robust: np.ndarray = field(repr=False)
    mancl_derouen: np.ndarray = field(repr=False)


def gee_exchangeable(design: Design, *, link: Link) -> GeeFit:
    """Population-averaged log odds ratios (``link="logit"``) or log risk ratios (``"log"``, variance = mean).

    Takes what `design.build` gives, with a cluster. Patients of a cluster are correlated alike; the correlation comes
    from the mean product of Pearson residuals of pairs, the dispersion from their mean square, as in ``geepack``. The
    working correlation is inverted in closed form, so a cluster costs its patterns, and Mancl and DeRouen's leverage
    needs no matrix larger than the number of coefficients. Converges to 1e-10.

    Raises
    ------
    StatsError : for another ``link``; as in `logistic`; without a cluster or with one only; when every cluster is one
        patient; and when the equations do not converge.

    Liang KY, Zeger SL (1986), Biometrika 73:13–22; Mancl LA, DeRouen TA (2001), Biometrics 57:126–134. R:
    ``geepack::geeglm(corstr = "exchangeable")``.

    >>> import pandas as pd
    >>> from fls_research.stats import design
    >>> frame = pd.DataFrame({"met": [0.4, 0.8, 0.5], "site": list("abc"), "n": [10, 10, 20]})
    >>> found = gee_exchangeable(design.build(frame, outcome="met", cluster="site", weights="n"), link="logit")
    >>> found.fit.coefficients.round(4), round(found.correlation, 4)
    (array([0.1975]), -0.003)
    """
    if link not in ("logit", "log"):
        raise StatsError("link must be 'logit' or 'log'; there is no default")
    start, _ = solve(design, link)
    sums = _ClusterSums(design, link)
    b = np.linalg.solve(sums.back, start)
    previous = np.inf
    for _ in range(_MAX_STEPS):
        correlation, _ = sums.moments(b)
        score, information = sums.equations(b, correlation)
        step = np.linalg.solve(information, score.sum(axis=0))
        b = b + step
        if np.abs(step).max() < 1e-11 and abs(correlation - previous) < 1e-11:
            break
        previous = correlation
    else:
        raise StatsError("the estimating equations do not converge; use logistic with cluster_robust_covariance")
    return _finished(design, link, sums, b)


def _finished(design: Design, link: Link, sums: _ClusterSums, b: np.ndarray) -> GeeFit:
    correlation, dispersion = sums.moments(b)
    score, information = sums.equations(b, correlation)
    inverse = np.linalg.inv(information)
    corrected = np.linalg.solve(information - sums.informations(b, correlation), score[:, :, None])[:, :, 0]
    naive, robust, wide = (
        sums.back @ middle @ sums.back.T
        for middle in (dispersion * inverse, inverse @ score.T @ score @ inverse, corrected.T @ corrected)
    )
    fit = Fit(design, link, sums.back @ b, naive, float("nan"), "GEE, exchangeable correlation")
    return GeeFit(fit, correlation, dispersion, naive, robust, wide)


class _ClusterSums:
    """Sums over the patterns of each cluster, which is all that an exchangeable correlation needs."""

    def __init__(self, design: Design, link: Link) -> None:
        codes = clusters(design)
        order = np.argsort(codes, kind="stable")
        self.link, self.back = link, standardising(design)
        self.x = (design.matrix @ self.back)[order]
        self.n, self.y = design.weights[order], design.outcome[order]
        self.starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        self.size = self._sum(self.n)

    def _sum(self, values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values, self.starts, axis=0)

    def _parts(self, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean = inverse_link(self.link, self.x @ b)
        return mean, variance(self.link, mean)

    def moments(self, b: np.ndarray) -> tuple[float, float]:
        """Correlation and dispersion from Pearson residuals: mean product of pairs over mean square."""
        mean, v = self._parts(b)
        squares = self.n * (self.y * (1 - mean) ** 2 + (1 - self.y) * mean**2) / v
        sums = self._sum(self.n * (self.y - mean) / np.sqrt(v))
        dispersion = squares.sum() / self.n.sum()
        pairs = (self.size * (self.size - 1) / 2).sum()
        if pairs <= 0:
            raise StatsError("every cluster holds one patient, so there is no correlation to estimate; use logistic")
        products = ((sums**2 - self._sum(squares)) / 2).sum()
        correlation = products / pairs / dispersion
        return float(np.clip(correlation, -0.999 / max(self.size.max() - 1, 1), 0.999)), float(dispersion)

    def equations(self, b: np.ndarray, correlation: float) -> tuple[np.ndarray, np.ndarray]:
        """Each cluster's share of the estimating equations, and their information."""
        mean, v = self._parts(b)
        shrink = correlation / (1 + (self.size - 1) * correlation)
        along = self._sum((self.n * np.sqrt(v))[:, None] * self.x)
        residual = self.n * (self.y - mean)
        own = self._sum(residual[:, None] * self.x)
        pearson = self._sum(residual / np.sqrt(v))
        score = (own - (shrink * pearson)[:, None] * along) / (1 - correlation)
        whole = self.x.T @ (self.x * (self.n * v)[:, None])
        return score, (whole - along.T @ (along * shrink[:, None])) / (1 - correlation)

    def informations(self, b: np.ndarray, correlation: float) -> np.ndarray:
        """The information of every cluster by itself, clusters × columns × columns."""
        _, v = self._parts(b)
        shrink = correlation / (1 + (self.size - 1) * correlation)
        along = self._sum((self.n * np.sqrt(v))[:, None] * self.x)
        stops = np.append(self.starts[1:], self.n.size)
        weight = (self.n * v)[:, None]
        whole = np.stack([self.x[a:z].T @ (self.x[a:z] * weight[a:z]) for a, z in zip(self.starts, stops, strict=True)])
        return (whole - shrink[:, None, None] * along[:, :, None] * along[:, None, :]) / (1 - correlation)
