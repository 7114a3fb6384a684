# `make help` lists the targets. `make demo` and `make test` do all the set-up themselves.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
# On copy-on-write and overlay file systems hard links fail; copying always works.
export UV_LINK_MODE := copy
# Else the first run of each command compiles what it imports, and every run where it may not write.
export UV_COMPILE_BYTECODE := 1
# Else each run compiles the tests anew, in every process: 15 s.
unexport PYTHONDONTWRITEBYTECODE

PACKAGES := estate correspondence telemetry ingest billing alerts reports operations portal fairvarme firmware-sim/firmware_sim
CHECKED := $(PACKAGES) tests benchmarks
FAST := -m "not integration and not slow"
NEWEST ?= python3.13
# Fill an environment: $(call fill,where,what).
fill = $(UV) pip install --quiet --python $(1)/bin/python $(2) && \
  $(UV) pip install --quiet --python $(1)/bin/python --no-deps --no-build-isolation --editable .
# A module's tests run in one process, for they share what it has made; tests/conftest.py sets the order.
BY_MODULE := --maxprocesses 8 --dist loadfile --no-loadscope-reorder
SIDE_BY_SIDE := --numprocesses auto $(BY_MODULE)
# Of the time of all tests a third is spent waiting for servers, browsers and clocks.
ONE_MORE = --numprocesses $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)') $(BY_MODULE)

.PHONY: help newcomer demo test test-fast test-lowest test-newest cover mutants fuzz partial check format bench faults approvals cuts flood docs pages pins servers clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# Stamps are written last: a broken set-up is not taken for a finished one.
.tools/stamp:
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools --upgrade uv
	touch $@

.venv/stamp-run: .tools/stamp requirements.txt pyproject.toml
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q $(PACKAGES)
	touch $@

.venv/stamp-dev: .venv/stamp-run requirements-dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	touch $@

demo: .venv/stamp-run ## the main job on simulated boxes: readings, bill, alerts, reports in demo-out/
	@CI= scripts/bring-servers mosquitto
	$(BIN)/fairvarme demo --no-serve --out demo-out

servers: ## install Mosquitto, InfluxDB, PostgreSQL, LibreOffice, Chromium, nginx and strace for the integration tests, where that is allowed
	@scripts/bring-servers

test: .venv/stamp-dev servers ## every test; brings the servers that the integration tests need
	$(BIN)/pytest $(ONE_MORE) $(PYTEST_ARGS)

test-fast: .venv/stamp-dev ## what needs no server and little time, before a commit
	$(BIN)/pytest $(FAST) $(SIDE_BY_SIDE) --quiet --durations 5 --durations-min 1 $(PYTEST_ARGS)

test-lowest: .tools/stamp ## the fast tests with the oldest versions that pyproject.toml allows
	$(UV) venv --quiet --clear --python $(PYTHON) .venv-lowest
	$(UV) pip compile --quiet --resolution lowest-direct --python .venv-lowest/bin/python \
	  pyproject.toml --all-extras -o .venv-lowest/program.txt
	$(UV) pip compile --quiet --python .venv-lowest/bin/python --group dev \
	  -c .venv-lowest/program.txt -o .venv-lowest/tools.txt
	$(call fill,.venv-lowest,-r .venv-lowest/program.txt -r .venv-lowest/tools.txt)
	.venv-lowest/bin/pytest $(FAST) $(SIDE_BY_SIDE) --quiet $(PYTEST_ARGS)

test-newest: .tools/stamp ## the fast tests with the newest Python, where it is installed (NEWEST=python3.13)
	$(UV) venv --quiet --clear --python $(NEWEST) .venv-newest
	$(call fill,.venv-newest,--require-hashes -r requirements-dev.txt)
	.venv-newest/bin/pytest $(FAST) $(SIDE_BY_SIDE) --quiet $(PYTEST_ARGS)

cover: .venv/stamp-dev servers ## every test with the commands that they start, and which branches none of them takes
	$(BIN)/pytest $(ONE_MORE) --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGS)
	@mkdir -p .cache && $(BIN)/coverage json --quiet --fail-under=0 -o .cache/coverage.json && \
	  $(BIN)/python scripts/branch-floor .cache/coverage.json

mutants: .venv/stamp-dev ## small faults put into money, keys, splitting and law: which of them the tests see
	$(BIN)/mutmut run $(MUTANTS)
	$(BIN)/mutmut results
	@$(BIN)/mutmut results --all true | scripts/mutation-score

fuzz: .venv/stamp-dev ## a million broken payloads through every decoder; a part of it is in `test`
	$(BIN)/python -m tests.support.fuzz $(FUZZ_ARGS)

partial: .venv/stamp-dev ## 300 bills of partial data: moves, gaps, late and lost meters; a part of it is in `test`
	$(BIN)/python -m tests.support.partial_data $(PARTIAL_ARGS)

check: .venv/stamp-dev ## format, lint, types, floors, spelling, docstrings
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python scripts/check_wording.py
	$(BIN)/numpydoc lint $$(find $(PACKAGES) -name '*.py')

format: .venv/stamp-dev ## write the formatting that `check` wants
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .

bench: .venv/stamp-dev servers ## measure; each benchmark compares two things in one run
	$(BIN)/python -m benchmarks

newcomer: ## docs/thirty-minutes.md on a Debian with nothing on it (root, debootstrap): the time to the first bill and a resident's log-in
	scripts/newcomer

evaluate: .venv/stamp-dev ## how well alerts find what is put into simulated homes, and how often they are wrong
	$(BIN)/python -m benchmarks.evaluate $(EVALUATE_ARGS)
	$(BIN)/python -m benchmarks.evaluate_water $(EVALUATE_ARGS)
	$(BIN)/python -m benchmarks.evaluate_best $(EVALUATE_ARGS)
	$(BIN)/python -m benchmarks.evaluate_mould
	$(BIN)/python -m benchmarks.evaluate_heating $(EVALUATE_ARGS)
	$(BIN)/python -m benchmarks.evaluate_real_heat

faults: .venv/stamp-dev servers ## kill worker, broker and store over 100,000 messages; power cuts, flipped bits and the other faults
	$(BIN)/python -m tests.faults $(FAULTS_ARGS)
	$(BIN)/python -m tests.faults.matrix $(MATRIX_ARGS)

cuts: .venv/stamp-dev ## cut a year of readings at every day: nothing that was raised before may change
	CUT_EVERY_DAYS=1 $(BIN)/pytest -q -n 2 -o addopts= -k any_day tests/alerts/detectors/test_no_look_ahead.py

approvals: .venv/stamp-dev ## kill approvals and a batch at 50 random moments, and look at the ledger after each
	$(BIN)/python -m tests.faults.approvals $(APPROVALS_ARGS)
	BATCH_KILLS=50 $(BIN)/pytest -q -p no:xdist -o addopts= --timeout 3000 -k killed_at_any_moment tests/fairvarme/test_stored_bills.py

flood: .venv/stamp-dev servers ## flood by one log-in, measure another's readings, and fill the quarantine (root, nft)
	$(BIN)/python -m tests.faults.flood --limited $(FLOOD_ARGS)
	$(BIN)/python -m tests.faults.fill $(FILL_ARGS)

pages: .venv/stamp-dev ## write the pages of docs/ that are made from tables
	@mkdir -p .cache; for page in findings=estate.findings law=billing.law.page exchange-columns=billing.exchange.page \
	    purposes=estate.purposes.page; do \
	  $(BIN)/python -m $${page#*=} > .cache/page.md && mv .cache/page.md docs/$${page%=*}.md; \
	done
	$(BIN)/python -m billing.bill.schemas docs/schemas

docs: pages ## the pages and the reference as a site in site/; a broken link is an error
	$(BIN)/sphinx-build --jobs auto --quiet --fail-on-warning --builder html --doctree-dir site/.doctrees docs site

pins: .tools/stamp ## resolve the pinned requirement files anew from pyproject.toml
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  pyproject.toml --extra demo --group build -o requirements.txt
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	  pyproject.toml --extra dask --extra demo --extra postgresql --extra sms --group dev -c requirements.txt -o requirements-dev.txt

clean: ## remove what the targets made
	rm -rf .venv .venv-lowest .venv-newest .tools demo-out site mutants htmlcov .coverage .mypy_cache .pytest_cache .ruff_cache
