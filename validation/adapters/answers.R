# What the commands in R have in common: requests and answers of the protocol (SPEC.md, section 8).
# A command defines respond(request), which gives list(answers =, skipped =), and calls serve().

# JSON, with numbers as strings: jsonlite rounds them.
parse <- function(line) jsonlite::fromJSON(line, simplifyVector = TRUE,
                                           simplifyDataFrame = FALSE, simplifyMatrix = FALSE)
text <- function(value) as.character(jsonlite::toJSON(value, auto_unbox = TRUE, null = "null"))

# Decimal strings as the doubles nearest to them, which as.numeric() is not always.
decimals <- function(strings)
  as.numeric(jsonlite::fromJSON(paste0("[", paste(unlist(strings), collapse = ","), "]")))

# Nested lists of decimal strings as a matrix.
decimal_matrix <- function(rows)
  matrix(decimals(rows), nrow = length(rows), byrow = TRUE)

# Numbers as strings with all their digits, arrays as nested lists, rows first. A list stays a list.
numbers <- function(value) {
  if (is.list(value)) return(lapply(unname(value), numbers))
  rest <- dim(value)[-1]
  if (length(rest) == 0)
    return(I(sub("NaN|NA", "nan", sub("Inf", "inf", sprintf("%.17g", as.numeric(value))))))
  lapply(seq_len(nrow(value)), function(i)
    numbers(if (length(rest) == 1) value[i, ] else array(value[i, , ], rest)))
}
scalar <- function(value) unclass(numbers(value))

# The data as a data frame: factors with the levels in their order.
data_frame <- function(data) {
  columns <- lapply(names(data$columns), function(name) {
    levels <- data$factors[[name]]
    if (is.null(levels)) decimals(data$columns[[name]])
    else factor(unlist(data$columns[[name]]), levels = unlist(levels))
  })
  structure(columns, names = names(data$columns), class = "data.frame",
            row.names = seq_along(columns[[1]]))
}

# The columns of a grouping factor: c, b and a of c:(b:a).
group_columns <- function(group) strsplit(gsub("[()]", "", group), ":", fixed = TRUE)[[1]]

# What tells a level of a grouping factor: the labels of its columns, whatever their order.
level_key <- function(group, levels) {
  columns <- group_columns(group)
  vapply(strsplit(levels, ":", fixed = TRUE),
         function(labels) paste(labels[order(columns)], collapse = ":"), "")
}

# The place of each wanted name among one's own.
places <- function(own, wanted) {
  if (!setequal(own, wanted))
    stop("the names are ", toString(own), ", and the request has ", toString(wanted))
  match(wanted, own)
}

# Evaluate what is asked for and there is a way to; a condition of class "skip" is a reason.
collect <- function(request, ways, missing) {
  answers <- skipped <- structure(list(), names = character())
  for (quantity in unlist(request$asked)) {
    value <- if (is.null(ways[[quantity]])) skip(missing(quantity))
             else tryCatch(ways[[quantity]](), skip = identity)
    if (inherits(value, "skip")) skipped[[quantity]] <- conditionMessage(value)
    else answers[[quantity]] <- value
  }
  list(id = request$id, answers = answers, skipped = skipped)
}
# The same ways, of which one that fails gives NaN, and says why on standard error.
forgiving <- function(ways) lapply(ways, function(way) function() tryCatch(way(), error = function(e) {
  message(conditionMessage(e))
  "nan"
}))
skip <- function(reason) structure(class = c("skip", "condition"), list(message = reason, call = NULL))
unless <- function(condition, reason) if (!condition) stop(skip(reason))

# The answer to one line; errors are answers, too.
respond_line <- function(line, respond) {
  request <- parse(line)
  text(tryCatch(respond(request),
                skip = function(reason) list(id = request$id, skip = conditionMessage(reason)),
                error = function(e) list(id = request$id, error = conditionMessage(e))))
}

serve <- function(implementation, respond) {
  input <- file("stdin", "r")
  while (length(line <- readLines(input, n = 1)) > 0) {
    command <- parse(line)$cmd
    if (command == "stop") break
    answer <- if (command == "start") text(list(version = 1, implementation = implementation))
              else suppressMessages(suppressWarnings(respond_line(line, respond)))
    cat(answer, "\n", sep = "")
    flush(stdout())
  }
}

who <- function(package)
  list(name = package, version = as.character(packageVersion(package)),
       language = paste("R", getRversion()))

# The entries below the diagonal, column by column, where neither standard deviation is zero.
below <- function(covariance) {
  sds <- sqrt(diag(covariance))
  correlation <- covariance / outer(sds, sds)
  found <- correlation[lower.tri(correlation)]
  found[outer(sds, sds)[lower.tri(correlation)] > 0]
}
