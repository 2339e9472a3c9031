# What people and CI run. `make run` starts Kassa; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help run check test bench lint format docs screenshots audit-dependencies clean lock

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-virtualenv
RUNTIME := .venv/runtime.stamp
DEVELOPMENT := .venv/development.stamp

help:
	@sed -nE -e 's/^##@ (.*)/\n\1/p' -e 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 28

##@ Use it

run: $(RUNTIME) ## install what is missing and start everything
	@$(BIN)/kassa serve

##@ Change it

format: $(DEVELOPMENT) ## put the source into its written form
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lint: $(DEVELOPMENT) ## only the checks that do not run Kassa
	@scripts/check $(BIN) --lint

check: $(DEVELOPMENT) ## the checks, and the tests of what differs from main
	@scripts/check $(BIN) --changed

test: $(DEVELOPMENT) ## all checks and all tests
	@scripts/check $(BIN)

##@ Show it

docs: $(DEVELOPMENT) ## build the documentation into site/
	@$(BIN)/mkdocs build --strict

screenshots: $(DEVELOPMENT) ## take the pictures of the documentation anew
	@scripts/screenshots

bench: $(DEVELOPMENT) ## measure how fast Kassa sells
	@$(BIN)/python -m benchmarks

##@ Look after it

audit-dependencies: $(DEVELOPMENT) ## look for known faults in what Kassa depends on
	@$(BIN)/python -m scripts.audit_dependencies $(OPTIONS)

lock: $(DEVELOPMENT) ## pin the newest versions of all requirements
	@for name in runtime development; do \
		$(BIN)/uv pip compile --quiet --universal --upgrade --python-version 3.11 --generate-hashes --no-header \
			requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

clean: ## remove .venv and what the tools leave behind; .kassa, with the data, stays
	rm -rf .venv site dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Installed again only when the pinned versions or the project's own description change. The source
# is compiled here because many containers forbid Python to do it by itself, and each start pays.
$(RUNTIME): requirements/runtime.txt pyproject.toml
	@scripts/make-venv
	@echo "Installing what Kassa needs into .venv; this takes a minute the first time." >&2
	@$(PIP) --require-hashes -r requirements/runtime.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(DEVELOPMENT): requirements/development.txt requirements/runtime.txt pyproject.toml
	@scripts/make-venv
	@echo "Installing what the tests and tools need into .venv; this takes a minute the first time." >&2
	@$(PIP) --require-hashes -r requirements/development.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $@ $(RUNTIME)
