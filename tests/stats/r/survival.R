# Reference answers for fls_research.stats.survival. Run: Rscript tests/stats/r/survival.R
# It writes survival.json beside itself: input data, R and package versions, calls, answers.
suppressMessages({library(survival); library(cmprsk); library(jsonlite)})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))

# Data: survival::lung (228 patients, ties, censoring) and survival::mgus2 (1384, competing causes), and day-0 ties.
lung <- survival::lung
lung$event <- as.integer(lung$status == 2)
lung <- lung[!is.na(lung$ph.ecog) & !is.na(lung$ph.karno) & !is.na(lung$inst), ]
lung$week <- ceiling(lung$time / 7)
lung$freq <- 1 + (seq_len(nrow(lung)) %% 3)
lung$sampling <- 0.5 + (seq_len(nrow(lung)) %% 4) / 4
lung$entry <- pmin(lung$week - 1, (seq_len(nrow(lung)) %% 5) * 4)

mgus <- survival::mgus2
mgus$etime <- with(mgus, ifelse(pstat == 0, futime, ptime))
mgus$state <- with(mgus, ifelse(pstat == 0, 2 * death, 1))
mgus$event <- factor(mgus$state, 0:2, c("censor", "pcm", "death"))
mgus <- mgus[!is.na(mgus$mspike), ]
mgus$old <- as.integer(mgus$age >= 70)
mgus$id <- seq_len(nrow(mgus))
mgus$entry <- floor(mgus$etime * (mgus$id %% 4) / 8)
mgus$freq <- 1 + (mgus$id %% 3)

day0 <- data.frame(time = c(0, 0, 0, 1, 1, 2, 2, 3, 5, 5), event = c(1, 1, 0, 1, 0, 0, 1, 1, 0, 1),
                   state = c(1, 2, 0, 1, 0, 2, 1, 0, 2, 1))

curve <- function(fit) list(time = fit$time, n = fit$n.risk, events = fit$n.event, estimate = fit$surv,
                            se = fit$std.err * fit$surv, lower = fit$lower, upper = fit$upper)
incidence <- function(fit, k) list(time = fit$time, n = fit$n.risk[, 1], estimate = fit$pstate[, k + 1],
                                   se = fit$std.err[, k + 1], lower = fit$lower[, k + 1], upper = fit$upper[, k + 1])
model <- function(fit) list(coef = unname(coef(fit)), se = unname(sqrt(diag(vcov(fit)))), loglik = fit$loglik,
                            naive_se = if (is.null(fit$naive.var)) NULL else sqrt(diag(fit$naive.var)))
out <- list()
add <- function(name, call, answer) out[[name]] <<- list(call = call, answer = answer)
run <- function(name, expression, shape) {
  call <- paste(deparse(substitute(expression)), collapse = " ")
  add(name, call, shape(eval(expression)))
}

# -- curves
run("km_log_log", survfit(Surv(week, event) ~ 1, lung, conf.type = "log-log"), curve)
run("km_plain", survfit(Surv(week, event) ~ 1, lung, conf.type = "plain"), curve)
run("km_frequency", survfit(Surv(week, event) ~ 1, lung, weights = freq, conf.type = "log-log"), curve)
run("km_entry", survfit(Surv(entry, week, event) ~ 1, lung, conf.type = "log-log"), curve)
run("km_day0", survfit(Surv(time, event) ~ 1, day0, conf.type = "plain"), curve)
run("km_quantile", quantile(survfit(Surv(week, event) ~ sex, lung, conf.type = "log-log"), c(.25, .5)),
    function(q) list(estimate = unname(q$quantile), lower = unname(q$lower), upper = unname(q$upper)))
run("rmst", summary(survfit(Surv(week, event) ~ sex, lung), rmean = 60)$table,
    function(t) list(estimate = unname(t[, "rmean"]), se = unname(t[, "se(rmean)"])))
run("aj_pcm", survfit(Surv(etime, event) ~ 1, mgus, conf.type = "log-log"), function(f) incidence(f, 1))
run("aj_death", survfit(Surv(etime, event) ~ 1, mgus, conf.type = "log-log"), function(f) incidence(f, 2))
run("aj_entry", survfit(Surv(entry, etime, event) ~ 1, mgus, conf.type = "log-log", id = id), function(f) incidence(f, 1))
run("aj_frequency", survfit(Surv(etime, event) ~ 1, mgus[rep(mgus$id, mgus$freq), ], conf.type = "log-log"),
    function(f) incidence(f, 1))
run("aj_day0", survfit(Surv(time, factor(state, 0:2)) ~ 1, day0, conf.type = "plain"), function(f) incidence(f, 1))

# -- tests
test <- function(s) list(statistic = s$chisq, observed = s$obs, expected = s$exp, df = length(s$n) - 1)
strat <- function(s) list(statistic = s$chisq, observed = rowSums(s$obs), expected = rowSums(s$exp))
run("log_rank_two", survdiff(Surv(week, event) ~ sex, lung), test)
run("log_rank_many", survdiff(Surv(week, event) ~ ph.ecog, lung), test)
run("log_rank_stratified", survdiff(Surv(week, event) ~ sex + strata(ph.ecog), lung), strat)
gray <- function(ci) list(statistic = unname(ci$Tests[, "stat"]), p = unname(ci$Tests[, "pv"]), df = unname(ci$Tests[, "df"]))
run("gray_two", cuminc(mgus$etime, mgus$state, mgus$sex, cencode = 0), gray)
mgus$four <- interaction(mgus$sex, mgus$old)
run("gray_four", cuminc(mgus$etime, mgus$state, mgus$four, cencode = 0), gray)
run("gray_stratified", cuminc(mgus$etime, mgus$state, mgus$sex, strata = mgus$old, cencode = 0), gray)

# -- Cox
f <- Surv(week, event) ~ age + sex + ph.karno
tight <- coxph.control(eps = 1e-13, iter.max = 50)
run("cox_efron", coxph(f, lung, ties = "efron", control = tight), model)
run("cox_breslow", coxph(f, lung, ties = "breslow", control = tight), model)
run("cox_efron_strata", coxph(Surv(week, event) ~ age + sex + ph.karno + strata(ph.ecog), lung, control = tight), model)
run("cox_efron_entry", coxph(Surv(entry, week, event) ~ age + sex + ph.karno, lung, control = tight), model)
run("cox_efron_cluster", coxph(f, lung, cluster = inst, control = tight), model)
run("cox_breslow_cluster", coxph(f, lung, cluster = inst, ties = "breslow", control = tight), model)
run("cox_efron_robust", coxph(f, lung, robust = TRUE, control = tight), model)
run("cox_all", coxph(Surv(entry, week, event) ~ age + sex + ph.karno + strata(ph.ecog), lung, cluster = inst,
                     control = tight), model)
run("cox_sampling", coxph(f, lung, weights = sampling, cluster = inst, control = tight), model)
expanded <- lung[rep(seq_len(nrow(lung)), lung$freq), ]
run("cox_frequency", coxph(f, expanded, cluster = inst, control = tight), model)

zph <- function(z) list(term = rownames(z$table), chisq = unname(z$table[, 1]), df = unname(z$table[, 2]),
                        p = unname(z$table[, 3]))
efron <- coxph(f, lung, control = tight)
run("zph_km", cox.zph(efron, transform = "km"), zph)
run("zph_identity", cox.zph(efron, transform = "identity"), zph)
run("zph_rank", cox.zph(efron, transform = "rank"), zph)
run("zph_log", cox.zph(efron, transform = "log"), zph)
run("zph_breslow", cox.zph(coxph(f, lung, ties = "breslow", control = tight), transform = "identity"), zph)
factors <- coxph(Surv(week, event) ~ age + factor(ph.ecog), lung, control = tight)
run("zph_factor", cox.zph(factors, transform = "identity"), zph)
run("zph_strata", cox.zph(coxph(Surv(week, event) ~ age + sex + strata(ph.ecog), lung, control = tight),
                          transform = "km"), zph)
run("predicted_efron", survfit(efron, newdata = data.frame(age = 65, sex = 1, ph.karno = 80), conf.type = "log-log"),
    function(f) list(time = f$time, estimate = f$surv, se = f$std.err * f$surv, lower = f$lower, upper = f$upper))
run("predicted_breslow",
    survfit(coxph(f, lung, ties = "breslow", control = tight), newdata = data.frame(age = 65, sex = 1, ph.karno = 80),
            conf.type = "log-log"),
    function(f) list(time = f$time, estimate = f$surv, se = f$std.err * f$surv, lower = f$lower, upper = f$upper))

# -- Fine and Gray, cause-specific
mgus$male <- as.integer(mgus$sex == "M")
fg <- finegray(Surv(etime, event) ~ age + male + mspike + id, mgus, etype = "pcm")
run("fine_gray_efron", coxph(Surv(fgstart, fgstop, fgstatus) ~ age + male + mspike, fg, weights = fgwt, cluster = id,
                       control = tight), model)
run("fine_gray_breslow", coxph(Surv(fgstart, fgstop, fgstatus) ~ age + male + mspike, fg, weights = fgwt, cluster = id,
                       ties = "breslow", control = tight), model)
# crr counts a censoring on the day of an event as before it, finegray as after it; without ties they agree.
untied <- mgus$etime + seq_len(nrow(mgus)) / 1e4
run("crr_untied", crr(untied, mgus$state, as.matrix(mgus[, c("age", "male", "mspike")]), failcode = 1, cencode = 0,
                      gtol = 1e-12, maxiter = 50), function(m) list(coef = unname(m$coef)))
run("cause_specific", coxph(Surv(etime, state == 1) ~ age + male + mspike, mgus, control = tight), model)

version <- function(p) as.character(packageVersion(p))
write_json(list(
  provenance = list(script = "tests/stats/r/survival.R", R = R.version.string, survival = version("survival"),
                    cmprsk = version("cmprsk"), data = "survival::lung and survival::mgus2, complete rows; day0 is made up"),
  lung = lung[, c("inst", "week", "event", "age", "sex", "ph.ecog", "ph.karno", "freq", "sampling", "entry")],
  mgus = mgus[, c("etime", "state", "age", "male", "mspike", "old", "entry", "freq")], day0 = day0, untied = data.frame(time = untied), cases = out),
  file.path(here, "survival.json"), digits = NA, auto_unbox = TRUE, dataframe = "columns", na = "null", null = "null")
