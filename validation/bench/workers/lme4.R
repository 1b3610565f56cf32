# lme4, timed: Rscript lme4.R lmer, or Rscript lme4.R pieces, from an lFormula on.
# The requests are those of clock.py; answers.R, of the suite's adapters, does the talking.

here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))))
source(file.path(here, "..", "..", "adapters", "answers.R"))
suppressPackageStartupMessages(library(lme4))
from_pieces <- identical(commandArgs(TRUE), "pieces")
held <- new.env()

column <- function(k, folder, rows, spec) {
  path <- file.path(folder, paste0(k - 1, ".bin"))
  if (is.null(spec$levels)) return(readBin(path, "double", rows, endian = "little"))
  codes <- readBin(path, "integer", rows, size = 4, endian = "little") + 1L
  structure(codes, levels = unlist(spec$levels), class = "factor")
}

load_set <- function(folder) {
  model <- parse(paste(readLines(file.path(folder, "set.json")), collapse = ""))
  columns <- lapply(seq_along(model$columns),
                    function(k) column(k, folder, model$rows, model$columns[[k]]))
  held$data <- structure(columns, names = vapply(model$columns, `[[`, "", "name"),
                         class = "data.frame", row.names = seq_len(model$rows))
  held$formula <- as.formula(model$formula)
  held$reml <- model$reml
  held$family <- model$family
  held$Y <- NULL
  if (model$refits > 0) {
    if (from_pieces) unless(FALSE, "refits are timed of lmer's model")
    Y <- readBin(file.path(folder, "responses.bin"), "double", model$rows * model$refits)
    held$Y <- matrix(Y, model$rows)
    held$model <- lmer(held$formula, held$data, REML = held$reml)
  }
  if (from_pieces) unless(nchar(held$family) == 0, "glmer() is timed whole")
  if (from_pieces) held$parsed <- lFormula(held$formula, held$data, REML = held$reml)
}

# A fit alters the theta and the Lambdat of its lFormula in place, and so a second one would begin
# at the optimum: each gets copies.
fresh <- function(parsed) {
  parsed$reTrms$theta <- parsed$reTrms$theta + 0
  parsed$reTrms$Lambdat@x <- parsed$reTrms$Lambdat@x + 0
  parsed
}

fit_pieces <- function(parsed) {
  devfun <- do.call(mkLmerDevfun, parsed)
  found <- optimizeLmer(devfun)
  mkMerMod(environment(devfun), found, parsed$reTrms, fr = parsed$fr)
}

# Fits so many times; the criterion of the last.
prepared <- function(times) {
  if (from_pieces) {
    copies <- lapply(seq_len(times), function(i) fresh(held$parsed))
    return(function() for (i in seq_len(times)) held$last <- fit_pieces(copies[[i]]))
  }
  if (!is.null(held$Y))
    return(function() for (j in seq_len(ncol(held$Y))) held$last <- refit(held$model, held$Y[, j]))
  formula <- held$formula; data <- held$data; REML <- held$reml
  if (nchar(held$family) > 0) {
    family <- held$family
    return(function() for (i in seq_len(times)) held$last <- suppressWarnings(glmer(formula, data, family)))
  }
  function() for (i in seq_len(times)) held$last <- lmer(formula, data, REML = REML)
}

# From its parts: refit() of lme4 1.1-31 has n - 1 in the REML criterion, where lmer() has n - p.
criterion <- function(m) {
  if (isGLMM(m)) return(-2 * as.numeric(logLik(m)))
  parts <- getME(m, "devcomp")
  n <- parts$dims[["n"]] - if (isREML(m)) parts$dims[["p"]] else 0
  determinants <- parts$cmp[["ldL2"]] + if (isREML(m)) parts$cmp[["ldRX2"]] else 0
  determinants + n * (1 + log(2 * pi * parts$cmp[["pwrss"]] / n))
}

cpu <- function(work) {
  invisible(gc(FALSE))
  before <- proc.time()
  work()
  sum((proc.time() - before)[c("user.self", "sys.self")])
}

# The most that this process ever had in memory, in MB, as Linux counts.
memory <- function() {
  line <- grep("^VmHWM", readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) / 1024
}

actions <- list(
  load = function(request) { load_set(request$folder); list(memory = scalar(memory())) },
  fit = function(request) {
    seconds <- cpu(prepared(request$times))
    list(seconds = scalar(seconds), criterion = scalar(criterion(held$last)),
         memory = scalar(memory()))
  },
  blas = function(request) {
    X <- matrix(rnorm(1e6), 1000)
    invisible(crossprod(X))
    list(blas = basename(extSoftVersion()[["BLAS"]]), seconds = scalar(cpu(function() crossprod(X))))
  })

respond <- function(request) list(id = request$id, answers = actions[[request$do]](request))
serve(who("lme4"), respond)
