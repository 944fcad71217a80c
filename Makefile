# The commands of this project. `make help` lists them; the work is done by cargo and by the scripts in tools/.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run dev test test-unit test-it test-sdk test-browser lint format setup setup-wasm setup-tests \
	site build bench bench-money soak conformance

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## Build what is missing and start the hub with a demo provider on 127.0.0.1:8080
	@tools/build-browser.sh
	@cargo build --workspace --exclude browser
	@exec "$${CARGO_TARGET_DIR:-target}/debug/aigne-hub" serve --demo

dev: ## The same, and rebuild and restart on every change
	@tools/dev.sh

test: ## Pass every test (V=1 shows all output)
	@tools/test.sh

test-unit: ## Unit tests and doc tests
	@tools/test.sh unit

test-it: ## Integration tests: the real binary on SQLite and PostgreSQL
	@tools/test.sh it

test-sdk: ## The official Python and Node SDKs against the hub
	@tools/test.sh sdk

test-browser: ## The console in Chromium, with and without JavaScript
	@tools/test.sh browser

lint: ## Formatting and clippy, warnings refused
	@tools/test.sh lint

format: ## Rewrite the sources in the project's format
	@cargo fmt --all

setup: setup-wasm ## Set up what `make run` needs

setup-wasm:
	@tools/setup-wasm.sh

setup-tests: ## Set up what `make test` needs
	@tools/setup-system.sh
	@tools/setup-wasm.sh
	@tools/setup-tests.sh

site: setup-wasm ## Make the console's static files under target/site
	@tools/build-browser.sh

build: ## One release binary with the site embedded: target/release/aigne-hub
	@tools/build-release.sh

bench: build ## The gateway against a bare proxy over the same upstream, and converted calls against passed ones
	@cargo build --quiet --release -p tests --bins
	@"$${CARGO_TARGET_DIR:-target}/release/load" --hub "$${CARGO_TARGET_DIR:-target}/release/aigne-hub"
	@"$${CARGO_TARGET_DIR:-target}/release/load" --hub "$${CARGO_TARGET_DIR:-target}/release/aigne-hub" --everything
	@"$${CARGO_TARGET_DIR:-target}/release/load" --hub "$${CARGO_TARGET_DIR:-target}/release/aigne-hub" --converted

bench-money: build ## The hub with money against the hub without, on both databases
	@cargo build --quiet --release -p tests --bins
	@tools/postgres.sh "$${CARGO_TARGET_DIR:-target}/release/load" --hub "$${CARGO_TARGET_DIR:-target}/release/aigne-hub" --money

conformance: ## Drive the matrix and the real clients, and write docs/conformance.md
	@tools/conformance.sh

soak: ## Kill the hub under load again and again, MINUTES=5 on each database, and look for lost calls
	@tools/setup-system.sh postgres
	@cargo build --workspace --exclude browser
	@HUB_BINARY="$${CARGO_TARGET_DIR:-target}/debug/aigne-hub" tools/postgres.sh "$${CARGO_TARGET_DIR:-target}/debug/soak" $(if $(MINUTES),--minutes $(MINUTES))
