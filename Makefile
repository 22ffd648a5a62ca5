# What a person types; `make help` lists it. Each target installs what it needs first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := $(CURDIR)/node_modules/.bin
# npm itself runs on the machine's Node: while it replaces node_modules, the Node in there isn't to be relied upon.
MACHINE_PATH := $(subst $(BIN):,,$(PATH))
export PATH := $(BIN):$(PATH)
NODE := $(BIN)/node
# Node keeps what it has made of the sources: a command starts three times as fast.
export NODE_COMPILE_CACHE := $(CURDIR)/node_modules/.cache/node

MODULES := node_modules/.package-lock.json
WEB_MODULES := services/web/node_modules/.package-lock.json
PAGE := services/web/dist/index.html
PAGE_SOURCES := $(shell find services/web services/client services/contract -type f -not -path '*/node_modules/*' -not -path '*/dist/*')
PACKAGES := mosquitto mosquitto-dev redis-server libcurl4-openssl-dev libcjson-dev gcc make
TEST_PACKAGES := chromium
BENCH_PACKAGES := nginx-light
MODEL_PACKAGES := spin gcc
FAULTS_PACKAGES := faketime
# Suites that neither kill Redis nor stand between it and a service (redis/durability, …/redis-outage), nor have a near cache.
CLUSTER_TESTS := $(wildcard tests/cluster/*.test.ts) $(patsubst %,tests/%.test.ts,\
	redis/renew-session redis/change-email redis/devices broker/revocation-denies broker/revocation-renewal \
	broker/device-denies broker/device-kick broker/kick-revoked broker/kick-tickets broker/disconnect-clients \
	http/sessions http/renewal http/guessing http/second-factor-sign-in http/admin-accounts http/deleted-accounts \
	webhook/decisions redis/session-attacks rules/set-roles housekeeping/sweep cli/explain)

.PHONY: help page setup up down status logs demo test test-rabbitmq test-cluster bench performance-page pictures model faults planted check format plugin valgrind packages clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' Makefile

setup: packages $(MODULES) plugin page ## Install and build what `make up` needs, start nothing

up: setup ## Start Redis, Mosquitto and both services; return when all are healthy
	@$(NODE) services/stack/main.ts up

down: $(MODULES) ## Stop them all
	@$(NODE) services/stack/main.ts down

status: $(MODULES) ## Show which parts run, and whether they are healthy
	@$(NODE) services/stack/main.ts status

logs: $(MODULES) ## Show the ends of all logs, and on a terminal what comes next
	@$(NODE) services/stack/main.ts logs

demo: $(MODULES) ## On the running stack: two people meet on MQTT, one is revoked, each step timed
	@$(NODE) services/cli/demo/main.ts

test: setup ## Check types and format, run all tests (FILES="tests/…" for some)
	@services/stack/install-packages $(TEST_PACKAGES)
	@$(NODE) tests/support/run-tests.ts $(FILES)

test-rabbitmq: setup ## Install RabbitMQ (200 MB) and run its tests
	@services/stack/install-packages rabbitmq-server
	@$(NODE) tests/support/run-tests.ts tests/broker/rabbitmq.test.ts

test-cluster: setup ## Run tests and faults on a Redis Cluster, and behind Sentinels
	@TEST_REDIS=cluster $(NODE) tests/support/run-tests.ts $(CLUSTER_TESTS)

bench: setup ## Measure everything against what people use, about a quarter of an hour
	@services/stack/install-packages $(BENCH_PACKAGES)
	@$(NODE) tests/bench/main.ts

performance-page: bench ## Measure, then write docs/performance.md, its charts and the README's table
	@$(NODE) tests/bench/page/main.ts

pictures: setup ## Take the README's pictures of the page
	@services/stack/install-packages $(TEST_PACKAGES)
	@TAP_TIMEOUT=240 $(NODE) tests/browser/pictures.ts > /dev/null

model: $(MODULES) ## Check the protocol of both caches, and of a fail-over, in all states (spin)
	@services/stack/install-packages $(MODEL_PACKAGES)
	@$(NODE) tests/model/main.ts

faults: setup ## Many clients, revokers and faults, then a check of all that happened (docs/strictness.md)
	@services/stack/install-packages $(FAULTS_PACKAGES)
	@$(NODE) tests/faults/main.ts

planted: setup ## Plant eight bugs, one at a time, and let people and faults show the checker each of them
	@PLANTED=all TAP_TIMEOUT=1200 $(NODE) tests/support/run-tests.ts tests/faults/planted.test.ts

check: $(MODULES) $(WEB_MODULES) ## Check types and format only
	@tsc --noEmit
	@tsc --noEmit -p services/client
	@tsc --noEmit -p services/web
	@prettier --check --log-level warn .

format: $(MODULES) ## Format all files
	@prettier --write --log-level warn .

valgrind: setup ## Run the plugin's tests with the broker under valgrind (slow)
	@services/stack/install-packages valgrind
	@$(MAKE) -C mosquitto-conf/plugin valgrind

page: $(PAGE) ## Build the web page and the browser library

plugin: packages ## Build the Mosquitto plugin
	@$(MAKE) -s -C mosquitto-conf/plugin

clean: ## Remove what was built and installed here; keeps the run folder with its accounts
	rm -rf node_modules .tap services/web/node_modules services/web/dist services/client/dist
	@$(MAKE) -s -C mosquitto-conf/plugin clean

packages:
	@services/stack/install-packages $(PACKAGES)

$(MODULES): package.json package-lock.json
	@echo "Installing Node packages"
	@PATH='$(MACHINE_PATH)' npm ci --ignore-scripts=false --loglevel=error
	@$(NODE) --version | grep -q '^v24\.' || { echo 'bednet: npm did not install Node 24 (package `node`)' >&2; exit 1; }
	@touch $@

$(WEB_MODULES): services/web/package.json services/web/package-lock.json
	@echo "Installing packages of the web page"
	@PATH='$(MACHINE_PATH)' npm ci --prefix services/web --loglevel=error
	@touch $@

$(PAGE): $(MODULES) $(WEB_MODULES) $(PAGE_SOURCES)
	@echo "Building the web page"
	@cd services/web && node_modules/.bin/vite build --logLevel warn -c vite.client.config.ts
	@cd services/web && node_modules/.bin/vite build --logLevel warn
	@touch $@
