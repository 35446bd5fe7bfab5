# The two commands of the README, `make book` and `make test`, start from nothing
# but Python 3.11+ and make. Everything else is listed by `make help`.
WINDOWS := $(filter Windows_NT,$(OS))
PYTHON ?= $(if $(WINDOWS),python,python3)
VENV   := .venv
BIN    := $(VENV)/$(if $(WINDOWS),Scripts,bin)
SHELL  := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# One BLAS thread: the matrices here are small, and sums come out in the same order everywhere.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DENO_NO_UPDATE_CHECK := 1

COURSE ?= classroom
SUBMISSIONS ?= $(COURSE)/downloads
VERSIONS ?= lowest highest
SECONDS ?= 60

.PHONY: help book pdf test test-portable test-versions fuzz audit release grade mark bench studies lab lite
.PHONY: serve refresh spread lint lock links clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

book: $(VENV)/book.stamp  ## render the book into _build/html
	$(BIN)/jupyter-book build . -W -n --keep-going
	@echo "The book is ready: open _build/html/index.html"

pdf: book  ## print the whole book as one PDF into _build/pdf (needs Chromium)
	$(BIN)/python tools/pdf.py

test: $(VENV)/test.stamp $(VENV)/classroom.stamp book lite  ## render the book, then run every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deno lint --quiet
	$(BIN)/deno fmt --check --quiet
	$(BIN)/pytest -n 2 --dist loadfile --nbval --nbval-sanitize-with tests/sanitize.cfg -ra

test-portable: $(VENV)/test.stamp  ## run the chapters as if on other processors and in other places (ONLY=slug)
	$(BIN)/python tools/portable.py $(ONLY)

fuzz: $(VENV)/test.stamp $(VENV)/classroom.stamp  ## try hostile inputs on what reads files and states (SECONDS=60 for each target)
	PYTHONPATH=. $(BIN)/python tests/fuzz --seconds $(SECONDS)

test-versions: $(VENV)/upkeep.stamp  ## test with the lowest and the highest versions of all packages (VERSIONS=lowest)
	$(BIN)/python tools/versions.py $(VERSIONS)

audit: $(VENV)/upkeep.stamp  ## ask whether a pinned package has a known vulnerability
	$(BIN)/python tools/audit.py

release: $(VENV)/classroom.stamp  ## write the assignments for students into classroom/ (COURSE=folder)
	$(BIN)/python -m netlib.classroom release --course "$(COURSE)"

grade: $(VENV)/classroom.stamp  ## grade what lies in classroom/downloads (SUBMISSIONS=folder COURSE=folder)
	$(BIN)/python -m netlib.classroom grade "$(SUBMISSIONS)" --course "$(COURSE)"

mark: $(VENV)/classroom.stamp  ## mark by hand what students wrote in words (COURSE=folder)
	cd "$(COURSE)" && "$(abspath $(BIN))/jupyter" server --ServerApp.open_browser=True \
		--ServerApp.default_url=/formgrader/gradebook

bench: $(VENV)/bench.stamp $(VENV)/test.stamp book  ## time netlib beside PyTorch and scikit-learn, and the pages (10 minutes)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.pages --output benchmarks/pages.json

studies: $(VENV)/book.stamp  ## run all studies again, or go on where they were stopped (2.5 hours)
	$(BIN)/python -m netlib.studies all --jobs 2 $(if $(wildcard netlib/studies/results/*.part),,--again)
	$(BIN)/python -m netlib.studies.reaching

lab: $(VENV)/book.stamp  ## open the chapters in JupyterLab
	$(BIN)/jupyter lab book

lite: $(VENV)/lite.stamp  ## build a site into _build/lite that runs the chapters in a browser
	$(BIN)/python tools/lite.py

serve: book  ## read the book at http://localhost:8000
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory _build/html

refresh: $(VENV)/book.stamp  ## run the chapters again and store what they print (ONLY=slug, TIMINGS=1)
	$(BIN)/python tools/refresh.py $(if $(TIMINGS),--timings) $(ONLY)

spread: $(VENV)/book.stamp  ## measure how much numbers after ≈ change with other seeds (ONLY=slug)
	$(BIN)/python tools/spread.py $(ONLY)

lint: $(VENV)/test.stamp  ## format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/deno fmt --quiet

lock: $(VENV)/upkeep.stamp  ## compile requirements*.txt again from pyproject.toml
	$(BIN)/python tools/lock.py

links: $(VENV)/book.stamp  ## ask whether every page outside that the book links to is still there
	$(BIN)/jupyter-book build . --builder linkcheck

clean:  ## remove what was built, and keep the installed packages
	rm -rf _build .pytest_cache .ruff_cache .hypothesis
	@echo "The installed packages stay. To remove them too: rm -rf $(VENV)"

$(VENV)/python.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 book")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/book.stamp: requirements.txt pyproject.toml | $(VENV)/python.stamp
	$(BIN)/pip install -q -r requirements.txt
	touch $@

$(VENV)/test.stamp: requirements-test.txt $(VENV)/book.stamp
	$(BIN)/pip install -q -r requirements-test.txt
	touch $@

$(VENV)/classroom.stamp: requirements-classroom.txt $(VENV)/book.stamp
	$(BIN)/pip install -q -r requirements-classroom.txt
	touch $@

$(VENV)/lite.stamp: requirements-lite.txt $(VENV)/book.stamp
	$(BIN)/pip install -q -r requirements-lite.txt
	touch $@

$(VENV)/upkeep.stamp: requirements-upkeep.txt | $(VENV)/python.stamp
	$(BIN)/pip install -q -r requirements-upkeep.txt
	touch $@

$(VENV)/bench.stamp: pyproject.toml $(VENV)/book.stamp
	$(BIN)/pip install -q -e '.[bench]'
	touch $@
