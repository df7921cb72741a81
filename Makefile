# `make demo` needs git, make and Python 3.11 or newer: the rest is fetched into .venv, each file checked by its hash.
PORT ?= 8400
SECONDS ?= 300
EXAMPLES ?= 40
RATE ?= 50
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.made-from-lock

.PHONY: help demo test test-everything quick test-rt torture soak hostile coverage mutants clocks pictures check lint again format bench \
	lock clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

demo: $(READY)  ## the bot in a workspace of its own, at http://127.0.0.1:8400 (PORT=… for another)
	@exec $(BIN)/backstop demo --port $(PORT)

test: $(READY)  ## every test (those that need PostgreSQL or Chromium say so when they are skipped)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

test-everything: $(READY)  ## every test, on SQLite and on PostgreSQL both, and all of the slow ones
	BACKSTOP_TEST_EVERYTHING=1 $(BIN)/python -m pytest --numprocesses auto --dist worksteal

quick: $(READY)  ## the tests that take seconds
	$(BIN)/python -m pytest -q --numprocesses auto --dist worksteal -m "not slow and not browser"

test-rt: $(READY)  ## our reading of Request Tracker, tried on RT itself (installed from Debian if need be, as root)
	@.ci/install-rt
	BACKSTOP_TEST_RT=1 $(BIN)/python -m pytest -q tests/bot/helpdesks/test_rt_itself.py

check: lint test  ## what CI runs: format, lint, types, tests

lint: $(READY)  ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

torture: $(READY)  ## random kills for SECONDS=300 (or while OBLIGATIONS=10000 are met), and what was lost or doubled
	$(BIN)/python -m tests.bot.torture --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) \
		$(if $(OBLIGATIONS),--obligations $(OBLIGATIONS)) $(if $(REPLICAS),--replicas $(REPLICAS))

soak: $(READY)  ## RATE=50 events a second for SECONDS: memory, descriptors and latencies at the start and at the end
	$(BIN)/python -m tests.bot.soak --seconds $(SECONDS) --rate $(RATE)

mutants: $(READY)  ## changes the rules, a bit at a time, and names what no test of theirs notices (MODULE="handlers.goals*")
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .ci/mutants.lock
	$(BIN)/mutmut run $(if $(MODULE),"$(MODULE)")
	$(BIN)/mutmut results

hostile: $(READY)  ## EXAMPLES=40 broken payloads for each listener, others each time, on both databases (SEED= again)
	BACKSTOP_HOSTILE_EXAMPLES=$(EXAMPLES) BACKSTOP_HOSTILE_SEED=$(or $(SEED),$(shell date +%s)) \
		$(BIN)/python -m pytest -q tests/hostile/test_broken_payloads.py

coverage: $(READY)  ## which branches of the rules and of storage the tests take, and whether it is 95 % of each
	$(BIN)/coverage erase
	@failed=0; $(BIN)/coverage run -m pytest -q -o timeout=600 --numprocesses auto --dist worksteal \
		-m "not browser and not slow" tests/handlers tests/storage tests/bot || failed=$$?; \
	$(BIN)/coverage combine --quiet && $(BIN)/coverage report; \
	$(BIN)/coverage json --quiet -o .coverage.json && $(BIN)/python -m tests.branches .coverage.json && exit $$failed

clocks: $(READY)  ## local times of every zone, 2024 to 2030, every quarter hour: each date once
	BACKSTOP_EVERY_QUARTER_HOUR=1 $(BIN)/python -m pytest -q --numprocesses auto tests/handlers/test_local_time.py

pictures: $(READY)  ## takes the README's pictures anew, on the way through the stories (needs Chromium)
	BACKSTOP_PICTURES=1 $(BIN)/python -m pytest -q tests/story

again: $(READY)  ## what failed last time, one test at a time
	$(BIN)/python -m pytest --last-failed --last-failed-no-failures none

format: $(READY)  ## formats the code and mends what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## every benchmark, as a table
	$(BIN)/python -m benchmarks all

lock: $(READY)  ## resolves pyproject.toml anew into requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-tools
	$(BIN)/pip-compile --quiet --extra dev --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-emit-trusted-host --no-header --strip-extras --allow-unsafe -o requirements.lock pyproject.toml

clean:  ## removes the environment and what the tools keep
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build *.egg-info

# The lock names every dependency, so pip needn't look for any; it compiles nothing that isn't imported.
# The stamp is written last: an installation that was cut off is made again.
$(READY): requirements.lock pyproject.toml
	@for python in python3.13 python3.12 python3.11 python3; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Backstop needs Python 3.11 or newer, and neither python3.13, python3.12, python3.11 nor python3 is one." >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$found (once; about a minute)…"; \
	$$found -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
