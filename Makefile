# Everything goes through .venv; PYTHON is only used to make it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Tests run side by side: much of their time is waiting for a disk, a browser or another process.
WORKERS ?= 3
# What one process compiles, the others shall find.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install demo test check lint bench mutants pictures lock clean

install: $(STAMP)
	@echo "Gerbang is installed in $(VENV)"

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Gerbang needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make environments; on Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@case "$$($(PYTHON) -c 'import os, sys; print(os.path.realpath(sys.executable))')" in /home/*|/root/*) echo "Note: $(PYTHON) lives in a home folder, where a service cannot start it; for a service: make install PYTHON=/usr/bin/python3";; esac
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: install
	$(BIN)/gerbang demo

test: install
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

check: lint test

bench: install
	$(BIN)/gerbang bench

mutants: install
	rm -rf mutants
	$(BIN)/mutmut run
	$(BIN)/mutmut results

pictures: install
	$(BIN)/python -m tests.browser.pictures

lock:
	uv pip compile pyproject.toml --no-strip-extras --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --output-file requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants
