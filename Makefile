# `make demo` and `make test` need Python 3.11 or later and a package index, nothing else; `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo install test check bench docs lock fuzz chaos odd looks arc lighthouse postgres mutants

BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
# Tests have an environment of their own, so that they take no package from a desk that runs in this clone.
PY := .test-venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)/python
FIND := sh tools/find-python.sh

# Without bytecode every start of Vigie takes two to four times as long.
unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH
unexport PYTHONHOME
unexport VIRTUAL_ENV

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: ## install, start a simulated live market and all of Vigie on it, print one link
	@python="$$($(FIND))" && "$$python" tools/install.py run
	@$(BIN)/vigie demo

install: ## install Vigie with everything it can use: venues, search, clusters
	@python="$$($(FIND))" && "$$python" tools/install.py all
	@echo "vigie: ready; try $(BIN)/vigie --help"

test: ## install what tests need, run all tests but those of `make chaos`
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@$(PY) tools/run_tests.py all

check: ## check what your change can break: format, lint, types, layers, nearby tests; SINCE=commit, SECONDS=of processor, WHY=word
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@$(PY) tools/run_tests.py check $(if $(SINCE),--since $(SINCE)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(WHY),--why $(WHY))

fuzz: ## send each operation of the API a hundred requests for each input, at most two thousand, and each page and form a hundred; up to an hour
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@FUZZ_EXAMPLES=2000 $(PY) -m pytest tests/api -q -n 2

postgres: ## run the tests of pages, alerts and news on PostgreSQL instead of SQLite; some twenty minutes on two cores
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@VIGIE_TEST_DATABASE=postgresql $(PY) -m pytest tests/unit/views/web tests/unit/views/test_news_commands.py tests/unit/services/alerting tests/unit/services/news tests/security tests/api/test_many_streams.py -q -n 2

mutants: ## insert ten faults, one per package; the tests that make check runs must notice each; some ten minutes
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@$(PY) -m tests.mutation.planted

chaos: ## run more cases of one kind, then kill traders at random points, with faults in pairs, for MINUTES (60); Linux
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@VIGIE_TEST_CHAOS=1 $(PY) -m pytest -q -n 2 -m chaos tests
	@$(PY) -m tests.crash.chaos --minutes $(or $(MINUTES),60)

odd: ## run the tests of the simulated world at ten odd hours: around midnight, funding, ends of months; HOURS=1,4 runs some
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@$(PY) -m tests.contracts.odd $(if $(HOURS),--hours $(HOURS))

looks: ## redraw the reference pictures of the pages; look at them before you commit them
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@$(PY) -m tests.e2e.looks

arc: ## find each scene of a demonstration where a person sees it, from a setup's mail to the record; some twenty minutes
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@$(PY) -m tests.arc.run

lighthouse: ## run Lighthouse over a demonstration, median of five; needs Chromium and npm
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@cd tests/lighthouse && npm ci --no-audit --no-fund --ignore-scripts
	@$(PY) -m tests.lighthouse.run

bench: ## measure against the yardstick and two other backtesters, write benchmarks/latest.json
	@python="$$($(FIND))" && "$$python" tools/install.py test && "$$python" tools/install.py bench
	@$(PY) -m benchmarks

docs: ## build the documentation into site/
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@$(PY) tools/build_docs.py

lock: ## pin and hash the requirements again
	@python="$$($(FIND))" && "$$python" tools/install.py test
	@$(PY) tools/lock.py
