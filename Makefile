# Everything a person does with this project, in one list. The work is in ops/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow bench bench-rebuild lint format audit lock base-images image compose-env

RUN := . ops/site-env && exec

help: ## List what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## Lay .venv/, a Docker Engine and base images; says first what it installs.
	@ops/setup setup

demo: ## Start the portal with four example models and verify them before your eyes.
	@ops/setup demo
	@$(RUN) .venv/bin/python manage.py demo

test: ## Run every test but the long ones, with real Docker, PostgreSQL, Redis and Chromium.
	@ops/setup test
	@$(RUN) .venv/bin/python ops/test

test-slow: ## Run the tests that take minutes: packages of the index, many examples, the other database.
	@ops/setup test
	@$(RUN) .venv/bin/python ops/test --slow

bench: ## Measure pages and a verification against their floors (docs/performance.md).
	@ops/setup setup
	@$(RUN) .venv/bin/python -m benchmarks.pages
	@$(RUN) .venv/bin/python -m benchmarks.verification

bench-rebuild: ## Rebuild repositories that nobody prepared, with and without repairs; hours (docs/rebuild.md).
	@ops/setup demo
	@$(RUN) .venv/bin/python -m benchmarks.rebuild benchmarks/rebuild.toml --ablate $(if $(MIRRORS),--mirrors $(MIRRORS))

lint: ## Check style, types, floors, migrations, templates, shell, lock files and known weaknesses.
	@ops/setup lint
	@$(RUN) ops/lint

audit: ## Look the locked packages up in the databases of known weaknesses.
	@ops/setup lint
	@$(RUN) env REPRISE_AUDIT=required .venv/bin/python ops/audit

format: ## Rewrite Python files and templates in the project's style.
	@ops/setup lint
	@.venv/bin/ruff check --quiet --fix . ; .venv/bin/ruff format --quiet . ; .venv/bin/djlint --quiet --reformat templates

lock: ## Resolve pyproject.toml into requirements/*.txt; UPGRADE=1 takes the newest of everything.
	@ops/setup lint
	@$(RUN) ops/lock

base-images: ## Make six Python base images from packages, for a site without an image hub.
	@ops/setup setup
	@$(RUN) ops/base-images

image: ## Build the portal's own image, for docker compose.
	@ops/setup setup
	@$(RUN) ops/image

compose-env: ## Write .env with new secrets for docker compose, unless it is there.
	@ops/compose-env
