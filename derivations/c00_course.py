# %% [markdown]
# # The course
#
# Nine assignments and a capstone lead from the matrices of a mixed model to its standard errors.
# In each you write a few short functions, derive a formula or two on paper, and find some numbers
# in data of your own. Code grades them, and where an answer is wrong in a way that it knows, it
# says which step is missing.

# %% tags=["remove-input"]
from validation.course.pages import overview

overview()

# %% [markdown]
# ## What you need
#
# Regression with matrices, the multivariate normal distribution, and Python with numpy. The
# prerequisites of each assignment are pages of this book; read them first, with a pencil.
#
# ## How an assignment works
#
# 1. You get three files, here those of the first assignment: `hw1.py` or `hw1.ipynb`, whichever
#    you like better, `test_hw1.py`, and for some assignments data of your own, `hw3.csv`. Who has
#    refmixed makes them by `refmixed course make hw1 --student ada --out hw1`.
# 2. Fill in the functions. Their names and arguments stay. What an argument is, and its shape,
#    stands beneath each name.
# 3. A formula is text: `mean = "sigma^2 * (n - 1) / n"`. Write it as you would on paper, `2*n`
#    with its sign of multiplication. It is compared as a formula, so that any equal form is right,
#    and it must hold for all values of its symbols.
# 4. Try `python test_hw1.py`. It asks for the numbers that the page works out by hand, for four
#    rows. It is there to find slips and is worth no points.
# 5. Hand in the file. It is asked for values on other, random inputs. Each task is given what it
#    needs: an error in the first one costs nothing in the second.
#
# ## What you may use
#
# numpy and scipy, and sympy for formulas. Packages that fit mixed models are not there when your
# file is graded. A loop is as good as a product of matrices; nobody counts lines or seconds, up to
# some seconds a task.
#
# ## What is wrong with my answer?
#
# The report has a line for each task. *Right* is all points. A *near miss* is an answer which one
# mistake explains: the report names the step, and the equation to read. Otherwise it says what was
# expected of the answer's shape, or that your function raised an error, and where. *Ungraded*
# means that a person will look at it.
#
# If a formula on these pages seems wrong: run its page. Every equation of the book is checked by
# the code in the page itself, and {doc}`errata` has those of other texts that did not pass.
