# make demo    the Angara case on this machine: needs Python 3.11 or newer, and nothing set up before
# make test    everything that this machine can test (what it cannot is skipped, with the reason)
# make crash   stages killed, paused and stopped on Apache Kafka and redis-server: is anything lost?
# make bench   how fast, as ratios measured in one run
# make locks   resolve the dependencies again        make clean    forget what was made here
#
#     make demo ARGS=recording.nmea        make test ARGS="-k strait"        make test PYTHON=python3.12
#     make test WORKERS=1                  one test after the other
#     make crash SEED=7 SECONDS_PER_CASE=180 CASES="detect-paused angara"

.DELETE_ON_ERROR:
.DEFAULT_GOAL := demo
.PHONY: demo test lint crash bench locks clean

VENV := .venv
WORKERS := 3
BIN := $(VENV)/bin
SOURCES := pyproject.toml setup.py alerts/dashboard/package-lock.json
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
FITS := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,\
	$(shell $(name) -c '$(FITS)' 2>/dev/null && echo $(name))))

demo: $(VENV)/demo.installed
	$(BIN)/hullwatch demo $(ARGS)

test: lint
	$(BIN)/pytest -ra $(if $(filter-out 1,$(WORKERS)),-n $(WORKERS) --dist loadfile --no-loadscope-reorder) $(ARGS)

lint: $(VENV)/test.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

crash: $(VENV)/test.installed
	$(BIN)/python -m tests.crash $(CASES) $(if $(SEED),--seed $(SEED)) \
		$(if $(SECONDS_PER_CASE),--seconds $(SECONDS_PER_CASE)) $(if $(filter off,$(CURES)),--no-cures)

bench: $(VENV)/test.installed
	$(BIN)/python -m tests.benchmarks $(ARGS)

# What a stamp stands for: this lock, and this package's own build (MapLibre and the land come with it, by npm lock).
$(VENV)/%.installed: deploy/locks/%.txt $(SOURCES) | $(BIN)/python
	@echo "installing deploy/locks/$*.txt into $(VENV)"
	$(PIP) install --require-hashes -r deploy/locks/$*.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(BIN)/python:
	@$(or $(PYTHON),false) -c '$(FITS)' 2>/dev/null || { \
		echo "make: expected Python 3.11 or newer with its modules venv and ensurepip (Debian: python3-venv);" >&2; \
		echo "make: $(or $(PYTHON),python3) is $$($(or $(PYTHON),python3) --version 2>&1 | head -n 1)" >&2; \
		echo "make: name another with make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# By uv, which is not needed for anything else.
locks:
	@command -v uv >/dev/null || { echo "make: expected uv on the PATH (pip install uv)" >&2; exit 1; }
	$(LOCK) -o deploy/locks/run.txt --extra build pyproject.toml
	$(LOCK) -o deploy/locks/demo.txt --extra build --extra demo pyproject.toml
	$(LOCK) -o deploy/locks/test.txt --extra build --extra test pyproject.toml
	$(LOCK) -o deploy/locks/tools.txt deploy/locks/tools.in

LOCK = UV_CUSTOM_COMPILE_COMMAND="make locks" uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url $(LOCK_ARGS)

clean:
	rm -rf $(VENV) .cache build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf alerts/dashboard/static/vendor
