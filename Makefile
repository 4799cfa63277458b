# Two commands for a newcomer: `make report` and `make test`. Everything lives in .venv/ in this folder.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
YEAR ?= 2024

.PHONY: help report test demo lint lock bench clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

report: $(VENV)/.report data/demo/fls-db-extract.csv  ## make the environment and build the report on the synthetic extract
	$(BIN)/fls build $(YEAR)

test: $(VENV)/.test data/demo/fls-db-extract.csv  ## make the environment and run every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -n 2 --dist loadfile --cov=fls_research --cov-report=term
	$(BIN)/python -m pytest -q -o addopts= --nbval-lax --nbval-current-env notebooks

demo: $(VENV)/.report  ## write the synthetic extract again
	$(BIN)/fls demo

data/demo/fls-db-extract.csv: $(VENV)/.report
	$(BIN)/fls demo

bench: $(VENV)/.test  ## measure speed into benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

lint: $(VENV)/.test  ## style only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Extras are kept in the lines: pip refuses a pin without the extra as soon as a newer release is out.
LOCK := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-strip-extras \
  pyproject.toml --extra batch --extra build --extra notebook --extra publish

lock:  ## resolve pyproject.toml into the two lock files again (needs uv on the PATH)
	$(LOCK) -o requirements.lock
	$(LOCK) --extra test -o requirements-test.lock

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.report: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.report
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	touch $@

clean:  ## remove what was built (not the environment, not your data)
	rm -rf reports/_output reports/_executed _variables.yml .pytest_cache .ruff_cache .coverage
