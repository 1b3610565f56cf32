# The data that the pairs were made of where no set of the package would do.  Run by make.py.

RNGkind("Mersenne-Twister", "Inversion", "Rejection")
write <- function(d, name) write.csv(d, file.path(Sys.getenv("REFMIXED_ROOT"), "tests/explained/data", paste0(name, ".csv")), row.names = FALSE, quote = FALSE)

# A trial with drop-out: 24 subjects, three arms, up to five visits; random lines.
set.seed(71)
trial <- expand.grid(week = 0:4, subject = sprintf("s%02d", 1:24))
who <- as.integer(trial$subject)
trial$arm <- c("placebo", "low", "high")[(who - 1) %% 3 + 1]
trial$sex <- c("f", "m")[(who %/% 2) %% 2 + 1]
a <- rnorm(24, 0, 4); s <- rnorm(24, 0, 0.9)
trial$score <- round(50 + a[who] + (1.2 + s[who] - 0.8 * (trial$arm == "high")) * trial$week +
  2 * (trial$sex == "m") + rnorm(120, 0, 2.5), 1)
trial <- trial[trial$week <= sample(1:4, 24, TRUE, c(1, 1, 2, 4))[who], c("subject", "week", "arm", "sex", "score")]
write(trial, "trial")

# The same with a baseline that is missing in some rows.
visits <- trial
visits$weight <- round(rnorm(nrow(visits), 70, 9), 1)
visits$weight[sample(nrow(visits), 9)] <- NA
write(visits, "visits")

# Twelve pairs, before and after.
set.seed(72)
paired <- data.frame(id = rep(sprintf("p%02d", 1:12), 2), time = rep(c("after", "before"), each = 12))
u <- rnorm(12, 5, 1.4)
paired$value <- round(c(u, u) + c(rep(0.9, 12), rep(0, 12)) + rnorm(24, 0, 0.8), 2)
write(paired, "paired")

# Doses whose order is not that of the alphabet; 15 plots, all doses in each, twice.
set.seed(73)
doses <- expand.grid(dose = c("low", "mid", "top"), plot = sprintf("q%02d", 1:15), again = 1:2)
doses$yield <- round(20 + rnorm(15, 0, 2)[as.integer(doses$plot)] + c(0, 3, 4.1)[as.integer(doses$dose)] + rnorm(90, 0, 1.2), 2)
write(doses[c("plot", "dose", "yield")], "doses")

# Eight animals in two treatments, two organs each.
set.seed(74)
organs <- data.frame(animal = rep(sprintf("a%d", 1:8), each = 2), organ = rep(c("liver", "spleen"), 8),
  treatment = rep(c("control", "treated"), each = 8))
organs$y <- round(12 + rep(rnorm(8, 0, 1.5), each = 2) + 1.6 * (organs$treatment == "treated") + rnorm(16, 0, 1), 2)
write(organs, "organs")

# Within groups the line falls, between them it rises: two minima of the REML criterion.
set.seed(75)
ladder <- data.frame(group = rep(sprintf("g%d", 1:5), each = 5), x = round(rep(5:1, each = 5) + rep(c(-0.1, -0.06, 0.01, 0.04, 0.11), 5), 2))
ladder$y <- round(3.9 - 0.19 * ladder$x + 0.42 * rep(c(-0.1, -0.06, 0.01, 0.04, 0.11), 5) + rnorm(25, 0, 0.004), 3)
write(ladder, "ladder")
