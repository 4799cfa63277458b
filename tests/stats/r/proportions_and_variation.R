# Expected values for test_stats_{proportions,variation,inequality,multiplicity}.py.
# The versions that ran are written into the answers, under `versions`.
# Run: Rscript proportions_and_variation.R > proportions_and_variation.json
suppressMessages({library(survey); library(epitools); library(metafor); library(sandwich); library(jsonlite)})
strict <- glm.control(epsilon = 1e-14, maxit = 100)

one <- data.frame(x = c(0, 10, 3, 65, 1, 0), n = c(10, 10, 17, 100, 1, 1000))
exact <- t(mapply(function(x, n) binom.test(x, n)$conf.int[1:2], one$x, one$n))
score <- t(mapply(function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE, conf.level = .998))$conf.int[1:2],
                  one$x, one$n))
counts <- c(0, 1, 7, 65)
poisson_exact <- t(sapply(counts, function(x) poisson.test(x, conf.level = .95)$conf.int[1:2]))
ratio <- riskratio.wald(matrix(c(80, 20, 70, 30), 2, byrow = TRUE))$measure[2, ]

clustered <- data.frame(cluster = c("a", "a", "b", "c", "c", "d", "e", "f"),
                        x = c(3, 5, 9, 4, 6, 1, 8, 10), n = c(10, 7, 10, 12, 8, 9, 11, 15))
rows <- do.call(rbind, lapply(seq_len(nrow(clustered)), function(i)
  data.frame(cluster = clustered$cluster[i], y = rep(1:0, c(clustered$x[i], clustered$n[i] - clustered$x[i])))))
design <- svydesign(~cluster, data = rows, weights = ~1)
mean_y <- svymean(~y, design, deff = "replace")
half <- qt(.975, 5) * c(SE(mean_y)) / (coef(mean_y) * (1 - coef(mean_y)))
limits <- plogis(qlogis(coef(mean_y)) + c(-1, 1) * half)

meta <- rma(c(.1, .3, .6, .2), sei = c(.1, .1, .15, .2), method = "DL")
shrunken <- blup(meta)

smoothed_binomial <- function(p, n, q) { r <- qbinom(q, n, p)
  (r - (pbinom(r, n, p) - q) / (pbinom(r, n, p) - pbinom(r - 1, n, p))) / n }
smoothed_poisson <- function(e, q) { r <- qpois(q, e)
  (r - (ppois(r, e) - q) / (ppois(r, e) - ppois(r - 1, e))) / e }
q <- c(.001, .025, .975, .999)

p <- c(.01, .02, .03, .04, .05, .001, NA, .5, .5, 1)

y <- c(16, 27, 65, 52, 63); n <- c(78, 91, 162, 103, 105); ridit <- (cumsum(n) - n / 2) / sum(n)
patients <- do.call(rbind, lapply(1:5, function(i) data.frame(y = rep(1:0, c(y[i], n[i] - y[i])), r = ridit[i], group = i)))
patients$cluster <- (seq_len(nrow(patients)) * 7) %% 13
indices <- function(m, V, inverse, slope) { b <- coef(m); at0 <- b[1]; at1 <- sum(b); p0 <- inverse(at0); p1 <- inverse(at1)
  g <- c(slope(at1) - slope(at0), slope(at1)); h <- c(slope(at1) / p1 - slope(at0) / p0, slope(at1) / p1)
  unname(c(p1 - p0, sqrt(g %*% V %*% g), p1 / p0, sqrt(h %*% V %*% h))) }
logistic <- glm(y ~ r, binomial, patients, control = strict)
poisson_fit <- glm(y ~ r, poisson, patients, control = strict)
linear <- lm(y ~ r, patients)
one_slope <- function(x) 1

packages <- c("survey", "epitools", "metafor", "sandwich")
out <- list(
  versions = c(list(R = as.character(getRversion())), lapply(setNames(nm = packages), function(k) as.character(packageVersion(k)))),
  clopper_pearson = list(x = one$x, n = one$n, lower = exact[, 1], upper = exact[, 2]),
  wilson_998 = list(x = one$x, n = one$n, lower = score[, 1], upper = score[, 2]),
  poisson_exact = list(x = counts, lower = poisson_exact[, 1], upper = poisson_exact[, 2]),
  katz = list(input = c(30, 100, 20, 100), estimate = ratio[[1]], lower = ratio[[2]], upper = ratio[[3]]),
  clustered = list(cluster = clustered$cluster, x = clustered$x, n = clustered$n, estimate = coef(mean_y)[[1]],
                   se = SE(mean_y)[[1]], design_effect = deff(mean_y)[[1]], lower = limits[[1]], upper = limits[[2]]),
  mean = list(x = c(4, 6, 8), lower = t.test(c(4, 6, 8))$conf.int[1], upper = t.test(c(4, 6, 8))$conf.int[2]),
  dersimonian_laird = list(y = c(.1, .3, .6, .2), se = c(.1, .1, .15, .2), mean = meta$beta[[1]], mean_se = meta$se,
                           tau2 = meta$tau2, q = meta$QE, lower = meta$ci.lb, upper = meta$ci.ub,
                           shrunken = c(shrunken$pred), shrunken_se = c(shrunken$se),
                           shrunken_lower = c(shrunken$pi.lb), shrunken_upper = c(shrunken$pi.ub)),
  binomial_interpolated = list(p = .62, n = 57, q = q, limit = sapply(q, function(k) smoothed_binomial(.62, 57, k))),
  binomial_quantile = list(p = .62, n = 57, q = q, limit = qbinom(q, 57, .62) / 57),
  poisson_interpolated = list(e = 20.5, q = q, limit = sapply(q, function(k) smoothed_poisson(20.5, k))),
  p_adjust = list(p = p, holm = p.adjust(p, "holm"), bh = p.adjust(p, "BH")),
  ridit = list(y = y, n = n, outcome = patients$y, group = patients$group, cluster = patients$cluster,
               logit_model = indices(logistic, vcov(logistic), plogis, dlogis),
               logit_hc0 = indices(logistic, vcovHC(logistic, "HC0"), plogis, dlogis),
               logit_cluster = indices(logistic, vcovCL(logistic, patients$cluster), plogis, dlogis),
               log_hc0 = indices(poisson_fit, vcovHC(poisson_fit, "HC0"), exp, exp),
               log_cluster = indices(poisson_fit, vcovCL(poisson_fit, patients$cluster), exp, exp),
               identity_hc0 = indices(linear, vcovHC(linear, "HC0"), identity, one_slope),
               identity_cluster = indices(linear, vcovCL(linear, patients$cluster, type = "HC0"), identity, one_slope)))
cat(toJSON(out, digits = NA, auto_unbox = TRUE, na = "null"), "\n")
