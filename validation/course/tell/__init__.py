"""A grade, and a class, in words: terminal, page, Gradescope, JUnit, gradebook."""
