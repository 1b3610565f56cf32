# Each target does all that it needs from a fresh clone; `make help` lists them.
#   make test ARGS="-k datasets"     more arguments for the program that the target runs
#   make test PYTHON=python3.13      another Python than python3
#   make test REFMIXED_INSTALL=no    install nothing outside .venv
PYTHON ?= python3
VENV   ?= .venv
JOBS   ?= 2
DIST   ?= dist

# With more threads than one, OpenBLAS is hundreds of times slower on the small matrices here.
export OPENBLAS_NUM_THREADS := 1

BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup tools test test-kernels long book pdf trace wheel validate certify archive record course course-load studies peers bench bench-smoke picture lint format types clean

help: ## List the targets
	@echo "The main job is: make validate.  It, and every other, does all that it needs from a fresh clone."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make .venv and, where allowed, install R with lme4; the targets below do it first
	@sh validation/setup.sh "$(PYTHON)" "$(VENV)"

tools: ## Where allowed, install what builds the book (node, npm) and tests it (Chromium)
	@sh derivations/tools.sh

test: setup tools ## Run the tests; without R, node or Chromium some are skipped
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

test-kernels: setup ## Run the numerical tests as other processors see them
	$(BIN)/python tests/kernels.py -n $(JOBS) $(ARGS)

long: setup ## Run the tests of many models, pairs and pages over all of them, not a share
	REFMIXED_LONG=1 $(BIN)/python -m pytest -n $(JOBS) -m long $(ARGS)

book: setup tools ## Build the derivations: derivations/_build/html/index.html
	$(BIN)/python -m derivations._book.book

# Any Python that has pip will do; without one, .venv has it.
wheel: ## Build a package that pip and pipx install without a clone; the last line is its path
	@rm -f $(DIST)/*.whl
	@python="$(PYTHON)"; $$python -m pip --version >/dev/null 2>&1 || \
		{ $(MAKE) --no-print-directory setup && python=$(BIN)/python; } || exit; \
		$$python -m pip wheel --quiet --disable-pip-version-check --no-deps -w "$(DIST)" .
	@ls $(DIST)/*.whl

pdf: book ## Print the derivations: derivations/_build/refmixed.pdf
	$(BIN)/python -m derivations._book.print

trace: setup ## List each equation with its page, its checks, and the code that cites it
	$(BIN)/python -m derivations._book.trace

validate: setup ## Hold refmixed and lme4, live or as recorded, against the proven values
	$(BIN)/python -m validation $(ARGS)

certify: setup ## Prove all reference values again, and write the cases with them
	$(BIN)/python -m validation certify $(ARGS)
	$(BIN)/python -m validation.invariance

archive: setup ## Write the suite of this version, with its cases, data and digests: dist/refmixed-suite-*.tar.gz
	$(BIN)/python -m validation archive $(ARGS)

record: setup ## Write down what lme4 answers, for machines without R
	$(BIN)/python -m validation record $(ARGS)

course: book ## Write the course: its pages in the book, files and keys of all assignments in build/course
	rm -rf build/course
	for name in $$($(BIN)/refmixed course list | awk '{ print $$1 }'); do \
		$(BIN)/refmixed course make $$name --student example --out build/course/$$name && \
		$(BIN)/refmixed course make $$name --student example --out build/course/key --key || exit; done
	for page in c12_formulas c13_glossary; do $(BIN)/python -m derivations._book.print $$page || exit; done

course-load: setup ## Grade a class of 200 with two jobs, and say how long it takes
	$(BIN)/python tests/course_load.py $(ARGS)

studies: setup ## Run the simulations of the book again: derivations/results/*.parquet
	rm -rf derivations/results/*.parquet*
	for name in shrinkage raters coverage laplace; do \
		$(BIN)/refmixed study $$name --jobs $(JOBS) --out derivations/results || exit; done

peers: setup ## Run the suite on other packages, each in .peers/NAME, and write the page of results
	$(BIN)/python -m validation.peers $(ARGS)

bench: setup ## Time refmixed beside lme4 and other packages, and write the page of it
	$(BIN)/python -m validation.bench $(ARGS)

bench-smoke: setup ## Hold a few ratios of the times of refmixed's own routes
	$(BIN)/python -m validation.bench.smoke

picture: setup ## Draw the picture of the README
	$(BIN)/python -m refmixed.plots derivations/figures/sleepstudy.png

lint: setup ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup ## Repair style and formatting where that can be done
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup ## Check the types
	$(BIN)/mypy

clean: ## Remove .venv and everything that was generated
	rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -rf derivations/_build derivations/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
