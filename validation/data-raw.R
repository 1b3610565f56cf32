# Writes the real data sets of the suite, as R's packages have them.
#
#     Rscript --vanilla validation/data-raw.R FOLDER
#
# needs nlme, mlmRev and MASS (Debian: r-cran-nlme r-cran-mlmrev r-cran-mass). One CSV a data set:
# factors by their labels, numbers with the fewest digits that read back to the same double. The
# levels of the factors, in R's order, go to factors-real.json. Ordered factors are plain ones here.
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

exam <- from("Exam", "mlmRev")
scots <- from("ScotsSec", "mlmRev")
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
  coop = rows(from("coop", "MASS"), TRUE, c("Lab", "Spc", "Bat", "Conc"))
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
