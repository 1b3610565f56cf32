"""The programs that are timed, each a file that says how the package is asked for one fit."""
