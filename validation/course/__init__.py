"""The course: assignments cut from the package, and a grader that names the mistake."""
