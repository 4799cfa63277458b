# Reference answers for fls_research.stats.regression and imputation. Run: Rscript tests/stats/r/regression.R
# It writes regression.json beside itself: input data, R and package versions, calls, answers.
suppressMessages({library(MASS); library(sandwich); library(geepack); library(lme4); library(brglm2); library(mice)
                  library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))

# Data: MASS::birthwt (189 births; the clusters are made up), lme4::cbpp (15 herds), geepack::ohio (537 children seen four
# times), brglm2::endometrial (79 patients, one empty cell), mice::nhanes.
births <- data.frame(low = MASS::birthwt$low, age = MASS::birthwt$age, smoke = MASS::birthwt$smoke,
                     race = factor(MASS::birthwt$race, labels = c("white", "black", "other")))
births$site <- (seq_len(nrow(births)) * 7) %% 16
herds <- lme4::cbpp[rep(seq_len(nrow(lme4::cbpp)), lme4::cbpp$size), c("herd", "period")]
herds$case <- unlist(Map(function(x, n) rep(1:0, c(x, n - x)), lme4::cbpp$incidence, lme4::cbpp$size))
data(ohio, package = "geepack"); data(endometrial, package = "brglm2")

out <- list()
run <- function(name, expression, shape) {
  out[[name]] <<- list(call = paste(deparse(substitute(expression)), collapse = " "), answer = shape(eval(expression)))
}
glm_of <- function(fit) list(coef = unname(coef(fit)), se = unname(sqrt(diag(vcov(fit)))), loglik = as.numeric(logLik(fit)))
matrix_of <- function(v) unname(v)
tight <- glm.control(epsilon = 1e-14, maxit = 100)
model <- low ~ age + race + smoke
logit <- glm(model, binomial, births, control = tight)
pois <- glm(model, poisson, births, control = tight)
run("logistic", glm(model, binomial, births, control = tight), glm_of)
run("poisson", glm(model, poisson, births, control = tight), function(f) list(coef = unname(coef(f))))
for (kind in c("logit", "pois")) {
  fit <- get(kind)
  run(paste0(kind, "_hc0"), vcovHC(fit, type = "HC0"), matrix_of)
  run(paste0(kind, "_hc1"), vcovHC(fit, type = "HC1"), matrix_of)
  run(paste0(kind, "_cr0"), vcovCL(fit, cluster = births$site, type = "HC0", cadjust = FALSE), matrix_of)
  run(paste0(kind, "_cr1"), vcovCL(fit, cluster = births$site, type = "HC0"), matrix_of)
  run(paste0(kind, "_cr1s"), vcovCL(fit, cluster = births$site, type = "HC1"), matrix_of)
}

# Marginal standardisation by its definition; the derivative by central differences.
standardise <- function(fit, v, levels, column) {
  b <- coef(fit)
  at <- function(b, level) {
    data <- births; data[[column]][] <- level
    x <- model.matrix(delete.response(terms(fit)), data)
    mean(fit$family$linkinv(drop(x %*% b)))
  }
  gradient <- function(f) sapply(seq_along(b), function(j) { h <- replace(0 * b, j, 1e-5); (f(b + h) - f(b - h)) / 2e-5 })
  means <- sapply(levels, function(l) at(b, l))
  g <- t(sapply(levels, function(l) gradient(function(b) at(b, l))))
  d <- t(sapply(levels[-1], function(l) gradient(function(b) at(b, l) - at(b, levels[1]))))
  r <- t(sapply(levels[-1], function(l) gradient(function(b) log(at(b, l) / at(b, levels[1])))))
  list(level = levels, estimate = unname(means), se = unname(sqrt(diag(g %*% v %*% t(g)))),
       difference = unname(means[-1] - means[1]), difference_se = unname(sqrt(diag(d %*% v %*% t(d)))),
       ratio = unname(means[-1] / means[1]), log_ratio_se = unname(sqrt(diag(r %*% v %*% t(r)))))
}
run("marginal_logit", standardise(logit, vcovCL(logit, births$site, type = "HC0", cadjust = FALSE), levels(births$race), "race"),
    identity)
run("marginal_poisson", standardise(pois, vcovCL(pois, births$site, type = "HC0", cadjust = FALSE), levels(births$race), "race"),
    identity)

run("interaction", anova(logit, update(logit, . ~ . + race:smoke), test = "LRT"),
    function(a) list(statistic = a$Deviance[2], df = a$Df[2], p = a[["Pr(>Chi)"]][2]))
run("trend", prop.trend.test(c(83, 90, 129, 70), c(86, 93, 136, 82), c(1, 2, 3, 5)),
    function(t) list(statistic = unname(t$statistic), p = t$p.value))

# GEE; Mancl and DeRouen's covariance by its definition, with the leverage of each cluster written out.
gee <- function(fit) list(coef = unname(coef(fit)), se = unname(summary(fit)$coefficients[, "Std.err"]),
                          correlation = unname(fit$geese$alpha), dispersion = unname(fit$geese$gamma))
mancl <- function(fit) {
  x <- model.matrix(fit); mu <- fitted(fit); y <- fit$y; a <- fit$geese$alpha
  v <- if (fit$family$family == "binomial") mu * (1 - mu) else mu
  parts <- lapply(split(seq_along(y), fit$id), function(i) {
    d <- v[i] * x[i, , drop = FALSE]
    w <- diag(sqrt(v[i]), length(i)) %*% (diag(1 - a, length(i)) + a) %*% diag(sqrt(v[i]), length(i))
    list(d = d, w = solve(w), r = (y - mu)[i])
  })
  m <- solve(Reduce(`+`, lapply(parts, function(p) t(p$d) %*% p$w %*% p$d)))
  meat <- Reduce(`+`, lapply(parts, function(p) {
    u <- t(p$d) %*% p$w %*% solve(diag(length(p$r)) - p$d %*% m %*% t(p$d) %*% p$w, p$r); u %*% t(u)
  }))
  unname(m %*% meat %*% m)
}
control <- geese.control(epsilon = 1e-13, maxit = 500)
herd_gee <- geeglm(case ~ period, binomial, herds, id = herd, corstr = "exchangeable", control = control)
run("gee_herds", geeglm(case ~ period, binomial, herds, id = herd, corstr = "exchangeable", control = control), gee)
run("gee_herds_mancl", mancl(herd_gee), identity)
herd_rr <- geeglm(case ~ period, poisson, herds, id = herd, corstr = "exchangeable", control = control)
run("gee_herds_log", geeglm(case ~ period, poisson, herds, id = herd, corstr = "exchangeable", control = control), gee)
run("gee_ohio", geeglm(resp ~ age + smoke, binomial, ohio, id = id, corstr = "exchangeable", control = control), gee)

# Mixed logistic regression
mixed <- function(fit) {
  r <- ranef(fit, condVar = TRUE)$herd
  list(coef = unname(fixef(fit)), se = unname(sqrt(diag(as.matrix(vcov(fit))))), sd = unname(getME(fit, "theta")),
       deviance = unname(-2 * as.numeric(logLik(fit))), effects = r[, 1], effects_se = sqrt(c(attr(r, "postVar"))))
}
exact <- glmerControl(optimizer = "nloptwrap", optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14, maxeval = 1e5))
run("glmer_9", glmer(case ~ period + (1 | herd), herds, binomial, nAGQ = 9, control = exact), mixed)
run("glmer_laplace", glmer(case ~ period + (1 | herd), herds, binomial, nAGQ = 1, control = exact), mixed)

# Firth
run("firth", glm(HG ~ NV + PI + EH, binomial, endometrial, method = "brglmFit", type = "AS_mean", epsilon = 1e-12,
                 maxit = 1000), function(f) list(coef = unname(coef(f)), se = unname(sqrt(diag(vcov(f))))))

# Rubin's rules
set.seed(1)
imputed <- mice(nhanes, m = 8, printFlag = FALSE)
fits <- with(imputed, lm(bmi ~ age + hyp + chl))$analyses
pooled <- pool(with(imputed, lm(bmi ~ age + hyp + chl)))$pooled
interval <- summary(pool(with(imputed, lm(bmi ~ age + hyp + chl))), conf.int = TRUE)
run("pool", pooled, function(p) list(
  estimates = lapply(fits, function(f) unname(coef(f))), covariances = lapply(fits, function(f) unname(vcov(f))),
  dfcom = p$dfcom[1], estimate = p$estimate, se = sqrt(p$t), df = p$df, riv = p$riv, lambda = p$lambda, fmi = p$fmi,
  lower = interval[["2.5 %"]], upper = interval[["97.5 %"]]))

version <- function(p) as.character(packageVersion(p))
packages <- c("MASS", "sandwich", "geepack", "lme4", "brglm2", "mice")
write_json(list(
  provenance = c(list(script = "tests/stats/r/regression.R", R = R.version.string), setNames(lapply(packages, version), packages)),
  births = births, herds = data.frame(herd = herds$herd, period = herds$period, case = herds$case),
  ohio = ohio[, c("resp", "id", "age", "smoke")], endometrial = endometrial, cases = out),
  file.path(here, "regression.json"), digits = NA, auto_unbox = TRUE, dataframe = "columns", na = "null", null = "null")
