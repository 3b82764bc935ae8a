# On a machine with Python 3.11 or newer and make, `make demo` and `make test` need nothing else:
# they make .venv from the lock files in requirements/, every file checked by its hash, and make it
# anew only when a lock or the interpreter changes. PYTHON=python3.12 picks another interpreter.

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
# For the tests and the benchmark that compare with it; TORCH= does without.
TORCH = torch==2.13.0
PYTEST = pytest
# By file: what one test compiled, the next one needs. A worker that crashed ends the tests: replaced,
# it may hang (pytest-xdist, issue 784).
TWO = -n 2 --dist loadfile --max-worker-restart 0

# Stamps. The interpreter's name is in the first, so that asking for another one is noticed.
UV = $(VENV)/.uv-$(notdir $(PYTHON))
READY = $(VENV)/.ready
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links

.PHONY: help demo test check test-heavy test-all faults fuzz bench docs lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## six activations on real images: a table and the tutorial's figures, in minutes
	$(BIN)/actscope demo

test: check ## lint, types and the quick tests, in less than ten minutes
	$(BIN)/$(PYTEST) -m "not heavy and not slow" $(TWO)

test-heavy: $(READY) ## the tests that take seconds or a minute each, as CI does after `make test`
	$(BIN)/$(PYTEST) -m "heavy and not slow" $(TWO)

check: $(READY) ## lint, format and types only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright --pythonpath $(BIN)/python

# PYENV_VERSION: pyenv's shims answer only to a version that is named; elsewhere it means nothing.
test-all: check torch ## all tests, the slow ones too, with torch, and on Python 3.12 and 3.13 where present
	$(VENV)-torch/bin/$(PYTEST)
	for version in 3.12 3.13; do \
		export PYENV_VERSION=$$version; \
		if ! python$$version -c '' 2>/dev/null; then echo "no python$$version: left out"; continue; fi; \
		$(MAKE) pytest PYTHON=python$$version VENV=$(VENV)-$$version || exit 1; \
	done

faults: $(READY) ## what goes wrong on a cluster of two nodes, and what comes of it: twenty minutes
	$(BIN)/python tools/faults.py

# Types are not checked meanwhile, as with users: what a wrong one does is what is looked for.
fuzz: $(READY) ## 10,000 damaged or hostile inputs for everything that reads: an hour or two
	ACTSCOPE_FUZZ=10000 JAXTYPING_DISABLE=1 $(BIN)/$(PYTEST) tests/fuzz

bench: torch ## speed beside the tutorial, torch and the machine's limit; how cost grows: over an hour
	$(VENV)-torch/bin/python benchmarks/speed.py
	$(VENV)-torch/bin/python benchmarks/scaling.py
	$(VENV)-torch/bin/python benchmarks/overhead.py
	$(VENV)-torch/bin/python benchmarks/many.py
	$(VENV)-torch/bin/python benchmarks/workers.py

docs: $(VENV)-docs/.ready ## the documentation, in site/: a gallery is drawn, the notebook is run
	$(VENV)-docs/bin/actscope study show docs/study/fashion --csv docs/study/scores.csv > /dev/null
	$(VENV)-docs/bin/actscope report docs/study/fashion
	$(VENV)-docs/bin/actscope report docs/study/digits
	$(VENV)-docs/bin/python tools/gallery.py
	$(VENV)-docs/bin/mkdocs build --strict

lock: $(UV) ## requirements/*.txt from pyproject.toml; `make lock UPGRADE=--upgrade` for newer versions
	$(COMPILE) $(UPGRADE) --group bootstrap --output-file requirements/bootstrap.txt
	$(COMPILE) $(UPGRADE) --group dev --output-file requirements/dev.txt pyproject.toml
	$(COMPILE) $(UPGRADE) --group docs --output-file requirements/docs.txt pyproject.toml

clean: ## remove what make and the tools made; results in actscope-runs/ stay
	rm -rf $(VENV) $(VENV)-torch $(VENV)-docs $(VENV)-3.12 $(VENV)-3.13
	rm -rf dist site docs/gallery docs/study/scores.csv docs/study/*/figures docs/study/*/report.html .pytest_cache .ruff_cache .hypothesis

# What the targets above stand on.

.PHONY: pytest torch

pytest: $(READY)
	$(BIN)/$(PYTEST)

$(UV): requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
		"error: $(PYTHON) is %d.%d; expected 3.11 or newer; name one: make PYTHON=python3.12" % sys.version_info[:2])'
	@echo "making $(VENV): about 430 MB of packages, each checked by its hash"
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes --requirement requirements/bootstrap.txt
	touch $@

# The bootstrap lock stands on the sync line, or uv would remove itself.
$(READY): $(UV) requirements/dev.txt pyproject.toml
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements/bootstrap.txt requirements/dev.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	touch $@

# Not in the lock: its default build brings a CUDA stack. Without it those tests are skipped.
torch:
	$(MAKE) VENV=$(VENV)-torch $(VENV)-torch/.ready
	test -z "$(TORCH)" || $(VENV)-torch/bin/python -m pip --disable-pip-version-check install --quiet "$(TORCH)" \
		|| echo "$(TORCH) cannot be had here: going on without it"

# With actscope and what it needs: the notebook among the pages is run.
$(VENV)-docs/.ready: $(UV) requirements/docs.txt pyproject.toml
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(VENV)-docs
	$(BIN)/uv pip sync --quiet --require-hashes --python $(VENV)-docs/bin/python requirements/docs.txt
	$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(VENV)-docs/bin/python --editable .
	touch $@
