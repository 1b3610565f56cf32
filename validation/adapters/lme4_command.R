# lme4 as a command, by SPEC.md, section 8:   Rscript lme4_command.R
# A pattern for commands in R of one's own: answers.R does the talking, respond() the work.

source_beside <- function(name) {
  script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
  sys.source(file.path(dirname(normalizePath(script)), name), globalenv())
}
for (name in c("answers.R", "lme4.R", "lme4_answers.R", "lme4_generalized.R")) source_beside(name)
suppressPackageStartupMessages(library(lme4))

serve(who("lme4"), respond)
