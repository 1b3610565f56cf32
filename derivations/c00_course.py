# %% [markdown]
# # The course
#
# Nine assignments and a capstone lead from the matrices of a mixed model to its standard errors.
# In each you write a few short functions and derive a formula or two on paper; in some you also
# find numbers in data of your own. A program grades your answers. If it knows the mistake that you
# made, it says which step is missing.

# %% tags=["remove-input"]
from validation.course.pages import overview

overview()

# %% [markdown]
# ## What you need
#
# Regression with matrices, the multivariate normal distribution, and Python with numpy. Each
# assignment names the pages of this book that you need; read them first, with a pencil.
#
# ## How an assignment works
#
# 1. You get the same tasks as a file, `hw1.py`, and as a notebook, `hw1.ipynb`: use one of them.
#    With them comes `test_hw1.py`, and in some assignments data of your own, `hw3.csv`. If you have
#    refmixed, `refmixed course make hw1 --student ada --out hw1` makes these files; your name goes
#    in the place of `ada`, for it decides which data you get.
# 2. Fill in the functions. Keep their names and arguments. The shape and the meaning of each
#    argument stand below the first line of the function.
# 3. A formula is text, in quotation marks: `mean = "sigma^2 * (n - 1) / n"`. Use the symbols that
#    the task names, and write products with a sign, `2*n`. Every form that is equal to the answer
#    is right. It must hold for all values of its symbols.
# 4. Numbers from your data are typed, `variances = [1.25, 1.5]`, to five digits or more. Compute
#    them with any program you like, but not in this file: your data are not there when it is
#    graded.
# 5. Try `python test_hw1.py`. It asks your functions for the numbers that the page works out by
#    hand, for four rows. This finds slips and is worth no points.
# 6. Hand in the file or the notebook. Your functions are now given other, random inputs. Each task
#    gets all that it needs, so an error in the first costs nothing in the second.
#
# ## What you may use
#
# numpy and scipy, and sympy for formulas. Other packages are not there when your file is graded.
# A loop is as good as a product of matrices. Nobody counts lines, and a task may take some seconds.
#
# ## What is wrong with my answer?
#
# The report says one of five things about each task.
#
# | report | what it means |
# |---|---|
# | right | all points |
# | nearly | a known mistake explains your answer: you are told which step, and what to read |
# | wrong | no points: the report says what is known about the error, and where |
# | missing | there is no answer of this name, or it is not done yet |
# | ungraded | a person will look at it, for example because a formula could not be read |
#
# If a formula on these pages seems wrong, run its page. Every equation of the book is checked by
# the code in the page itself. Equations of other texts that did not pass are in {doc}`errata`.
