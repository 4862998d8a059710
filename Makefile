# Everything a person, the hook and CI run. `make` alone lists it.
PORT ?= 8080
DATA ?= ./data
ARGS ?=
PROCESSES ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))

locks := pyproject.toml scripts/setup requirements/setup.txt requirements/run.txt
run_ready := .venv/.run-ready
dev_ready := .venv/.dev-ready

# What a tool says is shown only when it has something to complain of.
quietly = echo "$(1)"; said=$$($(1) 2>&1) || { printf '%s\n' "$$said"; exit 1; }

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench bench-growth bench-search campaign lock

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(dev_ready) ## everything for running, checking and testing, into .venv

run: $(run_ready) ## the sandbox: PORT=8080 DATA=./data
	.venv/bin/tillway sandbox --port $(PORT) --data $(DATA)

test: $(dev_ready) ## all tests, on SQLite and PostgreSQL: ARGS=tests/domain
	.venv/bin/python -m pytest --numprocesses $(PROCESSES) --dist worksteal $(ARGS)

check: $(dev_ready) ## style, types, layers, dependencies, and what every file keeps to
	@$(call quietly,.venv/bin/ruff check)
	@$(call quietly,.venv/bin/ruff format --check)
	@$(call quietly,.venv/bin/pyright --warnings)
	@$(call quietly,.venv/bin/lint-imports --no-logo --no-cache)
	@$(call quietly,.venv/bin/deptry src)
	@$(call quietly,.venv/bin/python -m pytest -q tests/checks/test_sources.py)

bench: $(dev_ready) ## the gateway against its limits and its peers: ARGS=--json
	.venv/bin/python -m bench $(ARGS)

bench-growth: $(dev_ready) ## the same rates with millions of payments in place
	.venv/bin/python -m bench.growth $(ARGS)

bench-search: $(dev_ready) ## lists and searches of payment orders among two million
	.venv/bin/python -m bench.orders_search $(ARGS)

campaign: $(dev_ready) ## kill the server under load, again and again, for long
	.venv/bin/python -m tests.campaigns $(ARGS)

lock: ## the locked requirements anew: UPGRADE=1 for the newest versions
	scripts/lock

$(run_ready): $(locks)
	scripts/setup run
	@touch $@

$(dev_ready): $(locks) requirements/dev.txt
	scripts/setup dev
	@touch $(run_ready) $@
