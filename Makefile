# Each target brings what it needs and is harmless the second time.
SHELL := /bin/sh
YARDSTICK := .venv/bin/yardstick

.DEFAULT_GOAL := help
.PHONY: help demo flights test deploy bench check docs psql down clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## a quality-management platform: metrics calculated, watched and queried
	@runner/bootstrap.sh
	@$(YARDSTICK) demo

flights: ## the same on 336,776 real flights
	@runner/bootstrap.sh flights
	@$(YARDSTICK) demo flights

test: ## every test, on a cluster of its own
	@runner/bootstrap.sh test
	@.venv/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST)

deploy: ## bring the database up to date: the embedded one, or DATABASE_URL
	@runner/bootstrap.sh $${DATABASE_URL:+client}
	@$(YARDSTICK) deploy

bench: ## each part beside hand-written SQL: prints the ratios
	@runner/bootstrap.sh flights
	@.venv/bin/python -m bench

check: ## what can be checked without a database
	@runner/bootstrap.sh check
	@.venv/bin/python -m runner.checks

docs: ## write docs/data-model.md and docs/api.md from the catalog
	@runner/bootstrap.sh
	@$(YARDSTICK) docs

psql: ## a session on the embedded database
	@runner/bootstrap.sh
	@$(YARDSTICK) psql

down: ## stop the embedded server
	@if [ -x $(YARDSTICK) ]; then $(YARDSTICK) down; else echo "nothing is installed here"; fi

clean: ## remove the embedded cluster and .venv
	@if [ -x $(YARDSTICK) ]; then $(YARDSTICK) down --remove; fi
	@rm -rf .venv yardstick.egg-info
