"""The course: assignments whose answer key is refmixed's own code, and their grader."""
