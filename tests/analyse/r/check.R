# The same data in R's own packages; prints name=value lines for tests/test_cross_checks.py.
suppressPackageStartupMessages({library(lme4); library(metafor); library(lavaan); library(psych)})
folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
say <- function(name, value) cat(sprintf("%s=%.8f\n", name, as.numeric(value)))

clients <- read("clients")
fit <- lmer(outcome ~ severity_intake + (1 | therapist), clients, REML = TRUE)
parts <- as.data.frame(VarCorr(fit))$vcov
say("share", parts[1] / sum(parts))
fit <- lmer(outcome ~ between + within + (1 | therapist), clients, REML = TRUE)
say("between", fixef(fit)["between"])
say("within", fixef(fit)["within"])
say("between_se", sqrt(vcov(fit)["between", "between"]))
say("within_se", sqrt(vcov(fit)["within", "within"]))

# therapists who do not differ: the variance is at its border of 0
fit <- suppressMessages(lmer(outcome ~ alliance_client + (1 | therapist), read("border"), REML = TRUE))
say("border_variance", as.data.frame(VarCorr(fit))$vcov[1])
say("border", fixef(fit)[2]); say("border_se", sqrt(vcov(fit)[2, 2]))

studies <- read("studies")
es <- escalc(measure = "ZCOR", ri = r, ni = n, data = studies)
pooled <- rma(yi, vi, data = es, method = "REML")
predicted <- predict(pooled, transf = transf.ztor, pi.type = "riley")
say("r", predicted$pred); say("low", predicted$ci.lb); say("high", predicted$ci.ub)
say("prediction_low", predicted$pi.lb); say("prediction_high", predicted$pi.ub)
say("tau", sqrt(pooled$tau2)); say("i2", pooled$I2)
# Hartung and Knapp's interval, on all studies and on three, where it matters
for (k in c(nrow(es), 3)) {
  few <- rma(yi, vi, data = es[1:k, ], method = "REML", test = "knha",
             control = list(threshold = 1e-10))
  predicted <- predict(few, transf = transf.ztor, pi.type = "riley")
  say(paste0("r_knha", k), predicted$pred)
  say(paste0("low_knha", k), predicted$ci.lb); say(paste0("high_knha", k), predicted$ci.ub)
  say(paste0("prediction_low_knha", k), predicted$pi.lb)
  say(paste0("prediction_high_knha", k), predicted$pi.ub)
}

waves <- read("waves")
k <- 7
rows <- c(paste("RX =~", paste0("1*x", 1:k, collapse = " + ")),
          paste("RY =~", paste0("1*y", 1:k, collapse = " + ")))
for (t in 1:k) rows <- c(rows, sprintf("wx%d =~ 1*x%d\nwy%d =~ 1*y%d\nx%d ~~ 0*x%d\ny%d ~~ 0*y%d", t, t, t, t, t, t, t, t))
for (t in 2:k) rows <- c(rows,
  sprintf("wx%d ~ a*wx%d + b*wy%d\nwy%d ~ c*wx%d + d*wy%d", t, t - 1, t - 1, t, t - 1, t - 1))
for (t in 1:k) rows <- c(rows, sprintf("wx%d ~~ wy%d\nwx%d ~~ wx%d\nwy%d ~~ wy%d", t, t, t, t, t, t))
rows <- c(rows, "RX ~~ RX\nRY ~~ RY\nRX ~~ RY", sprintf("RX + RY ~~ 0*wx1 + 0*wy1"))
panel <- lavaan(paste(rows, collapse = "\n"), waves, meanstructure = TRUE, int.ov.free = TRUE,
                estimator = "MLR")
paths <- subset(parameterEstimates(panel), label != "")
for (name in c("a", "b", "c", "d")) {
  say(name, paths$est[paths$label == name][1])
  say(paste0(name, "_se"), paths$se[paths$label == name][1])
}

items <- read("items")
b <- paste0("bond_", 1:4, collapse = " + "); g <- paste0("goal_", 1:4, collapse = " + ")
t <- paste0("task_", 1:4, collapse = " + ")
three <- cfa(paste0("bond =~ ", b, "\ngoal =~ ", g, "\ntask =~ ", t), items)
one <- cfa(paste0("alliance =~ ", b, " + ", g, " + ", t), items)
two <- cfa(paste0("bond =~ ", b, "\nagreement =~ ", g, " + ", t), items)
models <- list(one, two, three)
for (k in 1:3) for (name in c("cfi", "rmsea", "bic"))
  say(paste0(name, k), fitMeasures(models[[k]], name))
correlation <- function(model, one, other) {
  table <- standardizedSolution(model)
  say(paste(one, other, sep = "_"), table$est.std[table$lhs == one & table$rhs == other & table$op == "~~"])
}
correlation(three, "goal", "task"); correlation(three, "bond", "goal"); correlation(three, "bond", "task")
say("agreement_bond", with(standardizedSolution(two), est.std[lhs == "bond" & rhs == "agreement" & op == "~~"]))
scales <- list(bond = "^bond", goal = "^goal", task = "^task", alliance = "_")
for (name in names(scales))
  say(paste0("alpha_", name), suppressWarnings(psych::alpha(items[, grep(scales[[name]], names(items))]))$total$raw_alpha)
