# `make` lists the targets; each says behind its name what it does.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

programs := .build/release
# What Package.swift offers to the outside; what only tests stand on is not built for release.
products := $(shell sed -n 's/.*\.executable.name: "\([^"]*\)".*/\1/p' Package.swift)
venv := .venv/complete
python := .venv/bin/python

# In CI a warning is an error. The flags are the same for every build of one run, so nothing is compiled twice.
export SWIFT_FLAGS := $(if $(filter true 1,$(CI)),-Xswiftc -warnings-as-errors)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## install what building, running and testing need (Debian packages; root or sudo)
	@scripts/install-dependencies build run test
	@$(MAKE) --silent $(venv)

.PHONY: build
build: ## compile the programs into .build/release
	@scripts/install-dependencies build
	@for product in $(products); do \
		echo "Building $$product"; \
		swift build -c release $(SWIFT_FLAGS) --product "$$product"; \
	done

.PHONY: test
test: deps ## lint, unit tests, then system tests against real nginx, dnsmasq, grpcio, grpcurl, curl, h2load
	@$(python) scripts/test

.PHONY: lint
lint: ## check format, shell scripts, architecture and house rules
	@scripts/install-dependencies test
	@$(MAKE) --silent $(venv)
	@$(python) scripts/test lint

.PHONY: format
format: ## lay out every Swift file as .swift-format says
	swift format --in-place --recursive --parallel Sources Tests Package.swift

.PHONY: up
up: build ## start the whole system on this machine; options in ARGS, e.g. ARGS="--mode clusterip"
	@scripts/install-dependencies run
	@$(programs)/samplectl up $(ARGS)

.PHONY: down
down: ## stop what `make up` started
	@[ -x $(programs)/samplectl ] || { echo "samplectl is not built, so nothing runs (make build)"; exit 0; }; \
	$(programs)/samplectl down $(ARGS)

.PHONY: demo
demo: build ## the story in under two minutes: four ways to balance gRPC, three of them stuck on one pod
	@scripts/install-dependencies run
	@$(programs)/samplectl demo $(ARGS)

.PHONY: bench
bench: build ## CPU time per request and memory, beside a peer in the same run
	@scripts/install-dependencies bench test
	@scripts/bench $(ARGS)

.PHONY: clean
clean: ## remove everything that was built or fetched here
	rm -rf .build .venv

# Test tools live in a virtual environment of their own, made anew when their list changes.
$(venv): Tests/System/requirements.txt
	@echo "Making .venv with the test tools"
	@rm -rf .venv
	@python3 -m venv .venv
	@$(python) -m pip install --disable-pip-version-check --requirement $<
	@touch $@
