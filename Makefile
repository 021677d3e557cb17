# `make` alone lists the targets.
SHELL := /bin/bash
PYTHON := $(firstword $(wildcard /usr/bin/python3) python3)
JOBS ?= $(shell nproc)
export NINJA_STATUS ?= [%f/%t, %es]$(space)
LOCAL := $(PYTHON) deploy/local/steward_local.py

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: install-run build ## Install, build and start everything on this machine; Ctrl-C stops it, the data stays
	@$(LOCAL) $(OPTIONS) up

.PHONY: demo
demo: ## Load the demonstration data into what `make run` runs: 8,800 opportunities with all that follows, 445 tickets
	@$(LOCAL) demo $(OPTIONS)

.PHONY: demo-check
demo-check: ## Compute every figure of `make demo` again from its files, in Python, and compare
	@cd tests && PYTHONDONTWRITEBYTECODE=1 $$(../tools/venv.sh) -m reference $(OPTIONS)

.PHONY: test
test: ## All checks: lint, layers, unit, component, end to end on the real stores
	@deploy/local/install.sh build run test
	@$(LOCAL) prepare
	@$(PYTHON) tools/test.py --jobs $(JOBS)

.PHONY: test-unit test-component test-e2e
test-unit: ## Unit tests alone (ONLY=rpc picks binaries by name)
	@$(PYTHON) tools/test.py --jobs $(JOBS) --stages unit $(if $(ONLY),--only $(ONLY))
test-component: ## Component tests alone, on private PostgreSQL and Redis (ONLY=...)
	@$(PYTHON) tools/test.py --jobs $(JOBS) --stages component $(if $(ONLY),--only $(ONLY))
test-e2e: ## End-to-end tests alone (ONLY=... is pytest's -k)
	@$(PYTHON) tools/test.py --jobs $(JOBS) --stages e2e $(if $(ONLY),--only $(ONLY))

.PHONY: chaos bench
chaos: ## Every kill test in full, with audit, and leads by the ten thousand (long)
	@deploy/local/install.sh build run test
	@$(LOCAL) prepare
	@$(PYTHON) tools/test.py --jobs $(JOBS) --stages chaos --full
	@$(PYTHON) tools/test.py --jobs $(JOBS) --stages e2e --full --only test_leads_hard
bench: install-run build ## Ratios against rivals, measured in interleaved rounds
	@$(PYTHON) tests/bench/run.py $(OPTIONS)

.PHONY: lint format tidy baseline
lint: ## Format, layers, protos, scripts, links
	@$(PYTHON) tools/test.py --stages lint
format: ## Lay the sources out as .clang-format says
	@$(PYTHON) tools/format.py --write
tidy: ## clang-tidy's short error list (slow)
	@deploy/local/install.sh tidy
	@$(PYTHON) tools/tidy.py --jobs $(JOBS)
baseline: ## Accept the protos as they are: writes proto/baseline.json
	@tools/buf.sh baseline

.PHONY: build debug
build: ## Release build of the services and stewardctl
	@test -f build/release/build.ninja || cmake --preset release --log-level=NOTICE
	@ninja -C build/release -j $(JOBS)
debug: ## Debug build (ASan + UBSan) of everything, tests included
	@test -f build/debug/build.ninja || cmake --preset debug --log-level=NOTICE
	@ninja -C build/debug -j $(JOBS) all steward_tests

.PHONY: install-run stores token clean-data clean
install-run:
	@deploy/local/install.sh build run
	@$(LOCAL) prepare
stores: install-run ## PostgreSQL, Redis and Kafka of `make run` without the services
	@$(LOCAL) $(OPTIONS) up --stores-only
token: ## Print an operator's token for the running stack
	@$(LOCAL) $(OPTIONS) token
clean-data: ## Forget the data of `make run`
	@$(LOCAL) $(OPTIONS) clean-data
clean: ## Forget the builds
	rm -rf build
