# Writes the real data sets of the suite, as R's packages have them.
#
#     Rscript --vanilla validation/data-raw.R FOLDER
#
# needs nlme, mlmRev, MASS, lme4, geepack and HSAUR3 (Debian: r-cran-nlme r-cran-mlmrev and so on), of
# which no code is run. One CSV a data set: factors by their labels, numbers with the fewest digits that
# read back to the same double. The levels of the factors, in R's order, go to factors-real.json. Ordered
# factors are plain ones here; a response of two levels is 0 and 1, and numbers that only name groups
# are factors.
# `python -m validation.made FOLDER` writes the rest.

folder <- commandArgs(trailingOnly = TRUE)[1]
if (is.na(folder)) stop("say into which folder")

rows <- function(data, keep, columns) droplevels(data[keep, columns])
smaller <- function(group, size) ave(seq_along(group), group, FUN = length) < size
from <- function(name, package) {
  where <- new.env()
  utils::data(list = name, package = package, envir = where)
  as.data.frame(get(name, envir = where))
}
second <- function(data, column) {
  data[[column]] <- as.numeric(data[[column]]) - 1
  data
}
named <- function(data, columns) {
  data[columns] <- lapply(data[columns], factor)
  data
}

exam <- from("Exam", "mlmRev")
scots <- from("ScotsSec", "mlmRev")
immun <- from("guImmun", "mlmRev")
verbal <- from("VerbAgg", "lme4")
sets <- list(
  Orthodont = from("Orthodont", "nlme")[c("distance", "age", "Subject", "Sex")],
  Rail = from("Rail", "nlme")[c("Rail", "travel")],
  Machines = from("Machines", "nlme")[c("Worker", "Machine", "score")],
  Oats = from("Oats", "nlme")[c("Block", "Variety", "nitro", "yield")],
  ergoStool = from("ergoStool", "nlme")[c("effort", "Type", "Subject")],
  Pixel = from("Pixel", "nlme")[c("Dog", "Side", "day", "pixel")],
  Oxboys = from("Oxboys", "nlme")[c("Subject", "age", "height")],
  BodyWeight = from("BodyWeight", "nlme")[c("weight", "Time", "Rat", "Diet")],
  Alfalfa = from("Alfalfa", "nlme")[c("Variety", "Date", "Block", "Yield")],
  Assay = from("Assay", "nlme")[c("Block", "sample", "dilut", "logDens")],
  RatPupWeight = from("RatPupWeight", "nlme")[c("weight", "sex", "Litter", "Lsize", "Treatment")],
  Exam = rows(exam, smaller(exam$school, 40), c("school", "normexam", "standLRT", "sex")),
  ScotsSec = rows(scots, smaller(scots$second, 112), c("verbal", "attain", "primary", "sex", "second")),
  petrol = from("petrol", "MASS")[c("No", "SG", "VP", "V10", "EP", "Y")],
  npk = from("npk", "MASS")[c("block", "N", "P", "K", "yield")],
  michelson = from("michelson", "MASS")[c("Speed", "Run", "Expt")],
  genotype = from("genotype", "MASS")[c("Litter", "Mother", "Wt")],
  coop = rows(from("coop", "MASS"), TRUE, c("Lab", "Spc", "Bat", "Conc")),
  Contraception = second(from("Contraception", "mlmRev"), "use")[
    c("district", "use", "livch", "age", "urban")],
  Mmmec = from("Mmmec", "mlmRev")[c("nation", "region", "deaths", "expected", "uvb")],
  guImmun = rows(second(immun, "immun"), smaller(immun$comm, 10),
    c("comm", "mom", "immun", "kid2p", "rural", "pcInd81")),
  VerbAgg = rows(second(verbal, "r2"), verbal$id %in% 1:25,
    c("id", "item", "Anger", "Gender", "btype", "situ", "mode", "r2")),
  bacteria = second(from("bacteria", "MASS"), "y")[c("y", "week", "ID", "trt")],
  epil = named(from("epil", "MASS"), "subject")[
    c("y", "trt", "V4", "subject", "period", "lbase", "lage")],
  Traffic = named(from("Traffic", "MASS"), c("year", "day"))[c("year", "day", "limit", "y")],
  respiratory = named(from("respiratory", "geepack"), c("center", "id"))[
    c("center", "id", "treat", "sex", "age", "baseline", "visit", "outcome")],
  schizophrenia2 = na.omit(second(from("schizophrenia2", "HSAUR3"), "disorder"))[
    c("subject", "onset", "disorder", "month")],
  toenail = second(from("toenail", "HSAUR3"), "outcome")[
    c("patientID", "outcome", "treatment", "time")],
  Wheat = from("Wheat", "nlme")[c("Tray", "Moisture", "fertilizer", "DryMatter")]
)

shortest <- function(x) {
  for (digits in 15:17) {
    text <- sprintf(paste0("%.", digits, "g"), x)
    if (as.numeric(text) == x) return(text)
  }
}

as_text <- function(column) {
  if (is.factor(column)) trimws(as.character(column)) else vapply(column, shortest, "")
}

quoted <- function(x) paste0('"', x, '"')

levels_json <- function(data) {
  factors <- Filter(is.factor, data)
  each <- mapply(function(name, f)
    sprintf("    %s: [%s]", quoted(name), paste(quoted(trimws(levels(f))), collapse = ", ")),
    names(factors), factors)
  paste0("{\n", paste(each, collapse = ",\n"), "\n  }")
}

for (name in names(sets)) {
  text <- as.data.frame(lapply(sets[[name]], as_text), check.names = FALSE)
  write.csv(text, file.path(folder, paste0(name, ".csv")), row.names = FALSE, quote = FALSE, eol = "\n")
}
all <- mapply(function(name, data) sprintf("  %s: %s", quoted(name), levels_json(data)), names(sets), sets)
writeLines(paste0("{\n", paste(all, collapse = ",\n"), "\n}"), file.path(folder, "factors-real.json"))
