# `make` lists the targets; each says behind its name what it does.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

programs := .build/release
# What Package.swift offers to the outside; what only tests stand on is not built for release.
products := $(shell sed -n 's/.*\.executable.name: "\([^"]*\)".*/\1/p' Package.swift)
# What system tests run besides.
test_programs := protoc-gen-sample $(shell sed -n '/^ *testProgram.$$/N; s/^ *testProgram.[[:space:]]*"\([^"]*\)".*/\1/p' Package.swift)
venv := .venv/complete
python := .venv/bin/python

# In CI a warning is an error. The flags are the same for every build of one run, so nothing is compiled twice.
export SWIFT_FLAGS := $(if $(filter true 1,$(CI)),-Xswiftc -warnings-as-errors)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## install what building, running and testing need (Debian packages; root or sudo)
	@scripts/install-dependencies build run test
	@$(MAKE) --silent $(venv)

.PHONY: build
build: ## compile the programs into .build/release
	@scripts/install-dependencies build
	@for product in $(products); do \
		echo "Building $$product"; \
		scripts/swift build -c release $(SWIFT_FLAGS) --product "$$product"; \
	done

.PHONY: test-programs
test-programs: ## compile what system tests run besides the programs, into the same folder
	@scripts/install-dependencies build
	@for product in $(test_programs); do scripts/swift build -c release $(SWIFT_FLAGS) --product "$$product"; done

.PHONY: test
test: deps ## lint, unit tests, the chart, system tests against real nginx, dnsmasq, grpcio, grpcurl, curl, h2load, Chromium, interop
	@$(python) scripts/test

.PHONY: interop
interop: deps ## gRPC's interop cases against grpcio and against frames, in every direction; ends with their table
	@$(python) scripts/test interop

.PHONY: test-all
test-all: deps ## the same, and what takes minutes: 100 000 calls while pods come and go, the whole demo
	@$(python) scripts/test lint unit rough chart system interop long

.PHONY: sanitize
sanitize: deps ## the unit tests under AddressSanitizer and ThreadSanitizer; builds twice, ten minutes
	@$(python) scripts/test address thread

.PHONY: lint
lint: ## check format, shell scripts, architecture, house rules, and that generated code is what the protos say
	@scripts/install-dependencies build test
	@$(MAKE) --silent $(venv)
	@$(python) scripts/test lint

.PHONY: proto
proto: ## write the messages, stubs and descriptors anew from the files in protos
	@scripts/install-dependencies build proto
	@scripts/proto

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

# PREFIX is where things are to run from; DESTDIR goes before it while they are copied, for who makes a package. Nothing is
# compiled here, so that what is installed by root was not built by root: make build && sudo make install
PREFIX ?= /usr/local
DESTDIR ?=
override install_root = $(shell realpath --canonicalize-missing -- "$(DESTDIR)$(PREFIX)")
# GNU's spelling, prefix=/usr, would be ignored; an empty PREFIX is /, and a ~ that the shell left is a folder of that name.
override checked_root = $(if $(filter command,$(firstword $(origin prefix))),$(error it is PREFIX=$(prefix) here, not prefix=))$(if \
    $(strip $(PREFIX)),,$(error PREFIX is empty))$(if $(filter ~%,$(firstword $(PREFIX)) $(firstword $(DESTDIR))),$(error \
    PREFIX and DESTDIR are whole paths; the shell has not replaced the ~))
# Nobody's commands: samplectl starts them.
services := $(filter-out samplectl,$(products))
installed_completions := share/bash-completion/completions/samplectl share/zsh/site-functions/_samplectl

.PHONY: install
install: ## copy what is built to PREFIX (/usr/local): samplectl with all that it needs, and completion for bash and zsh; DESTDIR
	$(checked_root)@for each in $(products); do [ -x "$(programs)/$$each" ] || { echo "make install: $(programs)/$$each is missing: make build comes first" >&2; exit 1; }; done
	install -d "$(install_root)/bin" "$(install_root)/libexec/sample-service" "$(install_root)/share/sample-service"
	install -m 0755 "$(programs)/samplectl" "$(install_root)/bin"
	install -m 0755 $(foreach each,$(services),"$(programs)/$(each)") "$(install_root)/libexec/sample-service"
	install -m 0644 helm/sample-service/files/nginx.conf helm/sample-service/files/envoy.yaml "$(install_root)/share/sample-service"
	@rm -rf "$(install_root)/share/sample-service/web"
	cd web; find . -type f -exec install -D -m 0644 "{}" "$(install_root)/share/sample-service/web/{}" ";"
	@cd "$(install_root)"; install -d $(dir $(installed_completions))
	"$(programs)/samplectl" completion bash >"$(install_root)/$(word 1,$(installed_completions))"
	"$(programs)/samplectl" completion zsh >"$(install_root)/$(word 2,$(installed_completions))"
	@cd "$(install_root)"; chmod 0644 $(installed_completions)

.PHONY: uninstall
uninstall: ## remove what make install has put there; with the same PREFIX and DESTDIR
	$(checked_root)rm -rf "$(install_root)/bin/samplectl" "$(install_root)/libexec/sample-service" "$(install_root)/share/sample-service"
	rm -f $(foreach each,$(installed_completions),"$(install_root)/$(each)")

.PHONY: demo
demo: build ## the story in a minute: who gets the calls and why, pods that come and go, none lost; ARGS="--list"
	@scripts/install-dependencies run
	@$(programs)/samplectl demo $(ARGS)

.PHONY: modes
modes: build $(venv) ## every load-balancing mode: spread, new pods, a restart under load, what it costs; ARGS="--chapter etcd"
	@scripts/install-dependencies run modes
	@$(programs)/samplectl demo --modes $(ARGS)

.PHONY: lab
lab: build $(venv) ## every mode through the same trials, each figure beside what theory predicts, in 8 minutes; ARGS="--quick": in 2
	@scripts/install-dependencies run modes
	@$(programs)/samplectl lab $(ARGS)

.PHONY: picture
picture: build deps ## draw the pictures in the README anew: the live page's own, in Chromium, from a running system
	@scripts/install-dependencies run test
	@$(python) scripts/picture

.PHONY: bench
bench: build ## CPU time per request and memory, beside a peer in the same run
	@scripts/install-dependencies bench test
	@scripts/bench $(ARGS)

.PHONY: chart-check
chart-check: deps ## lint, render and check the chart, and all that belongs to the cluster path
	@$(python) scripts/test chart

.PHONY: chart-golden
chart-golden: deps ## write the chart's golden file and the table in its README anew
	@$(python) -m pytest Tests/Chart --quiet --update-golden -k "golden or readme"

.PHONY: images-check
images-check: deps ## build the images without Docker, and start them as a pod does (root; some minutes)
	@scripts/install-dependencies images
	@$(python) scripts/test images

# The cluster path. Every command is shown as it runs, and speaks with the kind cluster only; set CONTEXT for another.
# RELEASE and NAMESPACE choose the installation, ARGS adds options. A second one in a cluster needs a port of its own:
# make deploy RELEASE=other ARGS="--set service.nodePort=null"
cluster := local-dev
version := $(shell sed -n 's/.*static let current = "\(.*\)"/\1/p' Sources/services/ServiceKit/ServiceIdentity.swift)
# What has an image: the targets that the images with nothing but a program are.
components := $(shell sed -n 's/^FROM base AS //p' docker/Dockerfile)
LAYOUT ?= kind.yaml
CONTEXT ?= kind-$(cluster)
NAMESPACE ?= default
RELEASE ?= sample-service
# What the names of its objects begin with; given another, `deploy` tells the chart.
FULLNAME ?= $(shell scripts/fullname "$(RELEASE)")
N ?= 10
# For deploy: clusterip, headless, kubernetes, envoy, envoy-sidecar, etcd, consul, nginx or mesh; empty: the mode that is
# installed, or what the chart says. With MODE the release keeps its values, without it they are the chart's.
MODE ?=
# For several processors: PLATFORMS=linux/amd64,linux/arm64 REGISTRY=registry.example.com/team
PLATFORMS ?=
REGISTRY ?=
# Images are tagged by their content, so that what was edited reaches the pods, and by the version, which the chart takes
# when nobody tells it a tag. The content's tag is noted when an image is built; `kind-load` and `deploy` go by that note.
TAG ?= $(shell scripts/image-tag || echo $(version))
tags := .build/image-tags
noted = $(shell cat $(tags)/$(1) 2>/dev/null)
image = $(if $(REGISTRY),$(REGISTRY)/)sample-service-$(1)
comma := ,
empty :=
# grpc.image.tag=…,gateway.image.tag=…: of those that were built here
noted_tags = $(subst $(empty) ,$(comma),$(strip $(foreach each,$(components),$(if $(call noted,$(each)),$(each).image.tag=$(call noted,$(each))))))
# A registry of ours has ours; nginx stays where it is, unlike with the chart's image.registry.
own_repositories = $(if $(REGISTRY),$(subst $(empty) ,$(comma),$(strip $(foreach each,$(components),$(each).image.repository=$(call image,$(each))))))
build_image := docker $(if $(PLATFORMS),buildx build --platform $(PLATFORMS) --push,build)
kubectl := kubectl --context $(CONTEXT) --namespace $(NAMESPACE)
helm := helm --kube-context $(CONTEXT) --namespace $(NAMESPACE)

.PHONY: kind-up
kind-up: ## create the kind cluster local-dev; LAYOUT=kind-ha.yaml has 3 control planes and 3 workers
	@scripts/need docker kind
	kind get clusters | grep --quiet --line-regexp $(cluster) || kind create cluster --config $(LAYOUT) --wait 3m

.PHONY: images
images: ## build the images, sample-service-<component>
	@scripts/need docker
	@mkdir -p $(tags)
	tag=$(TAG); for component in $(components); do \
	    $(build_image) --file docker/Dockerfile --target $$component --build-arg VERSION=$(version) \
	        --build-arg REVISION=$$(git describe --always --abbrev=40 --exclude '*' --dirty) \
	        --tag $(call image,$$component):$$tag --tag $(call image,$$component):$(version) $(ARGS) . || exit 1; \
	    echo $$tag >$(tags)/$$component; \
	done

.PHONY: kind-load
kind-load: ## copy the images into the nodes of the kind cluster
	@scripts/need docker kind
	kind load docker-image --name $(cluster) \
	    $(foreach each,$(components),$(addprefix $(call image,$(each)):,$(call noted,$(each)) $(version)))

.PHONY: deploy
deploy: ## install or upgrade the chart, e.g. MODE=envoy; from another mode in three upgrades, and no request fails
	@scripts/need helm kubectl
	@HELM="$(helm)" KUBECTL="$(kubectl)" scripts/deploy "$(RELEASE)" "$(MODE)" \
	    --set service.type=NodePort --set service.nodePort=31234 --set dnsutils.enabled=true \
	    $(addprefix --set-string ,$(noted_tags)) $(addprefix --set ,$(own_repositories)) $(if $(filter-out file,$(origin FULLNAME)),--set fullnameOverride=$(FULLNAME)) --wait --timeout 5m $(ARGS)

.PHONY: dev
dev: ## build one component anew, load it and roll its pods, e.g. C=grpc; for a release that is installed
	@scripts/need docker kind helm kubectl
	@case " $(components) " in *" $(or $(C),none) "*) ;; *) echo "make dev: say which component: $(addprefix C=,$(components))" >&2; exit 64 ;; esac
	@$(MAKE) images kind-load components=$(C)
	$(helm) upgrade $(RELEASE) helm/sample-service --reset-then-reuse-values \
	    --set-string $(C).image.tag=$$(cat $(tags)/$(C)) --wait --timeout 5m $(ARGS)
	scripts/settle $(RELEASE) $(kubectl)

.PHONY: curl
curl: ## one request through the whole system
	@scripts/need curl
	# A node takes a moment to open the port of a Service that is new.
	curl --fail --silent --show-error --max-time 70 --retry 5 --retry-delay 1 --retry-max-time 10 --retry-all-errors \
	    http://localhost:31234/go/sample$(QUERY)

.PHONY: logs
logs: ## follow the logs of the grpc pods
	@scripts/need stern
	stern --context $(CONTEXT) --namespace $(NAMESPACE) '^$(FULLNAME)-grpc-' $(ARGS)

.PHONY: scale
scale: ## N grpc pods, e.g. N=5; by helm, to whom the number belongs
	@scripts/need helm kubectl
	$(helm) upgrade $(RELEASE) helm/sample-service --reset-then-reuse-values --set grpc.replicas=$(N) --wait --timeout 5m $(ARGS)
	scripts/settle $(RELEASE) $(kubectl)

.PHONY: restart
restart: ## replace the grpc pods one after the other
	@scripts/need kubectl
	$(kubectl) rollout restart deployment/$(FULLNAME)-grpc
	$(kubectl) rollout status deployment/$(FULLNAME)-grpc --timeout 10m

.PHONY: top
top: ## CPU and memory of the pods; installs metrics-server for it
	@scripts/need helm kubectl
	helm --kube-context $(CONTEXT) upgrade --install metrics-server metrics-server --namespace kube-system \
	    --repo https://kubernetes-sigs.github.io/metrics-server --values helm/metrics-server.yaml --wait --timeout 3m
	# The first figures take a minute.
	for attempt in {1..12}; do $(kubectl) top pods && break; [ $$attempt -lt 12 ] && sleep 10; done

.PHONY: nslookup
nslookup: ## what the two names of the grpc service mean to a pod
	@scripts/need kubectl
	$(kubectl) exec deployment/$(FULLNAME)-dnsutils -- nslookup $(FULLNAME)-grpc
	$(kubectl) exec deployment/$(FULLNAME)-dnsutils -- nslookup $(FULLNAME)-grpc-headless

.PHONY: helm-test
helm-test: ## each route, and the spread over the pods
	@scripts/need helm
	# Before 4.1 Helm looks for the logs when it has deleted the pods: https://github.com/helm/helm/pull/31579
	case $$(helm version --short) in v3.*|v4.0.*) logs= ;; *) logs=--logs ;; esac; $(helm) test $(RELEASE) $$logs

.PHONY: undeploy
undeploy: ## uninstall the chart
	@scripts/need helm
	$(helm) uninstall $(RELEASE) --wait

.PHONY: kind-down
kind-down: ## delete the kind cluster local-dev
	@scripts/need docker kind
	kind delete cluster --name $(cluster)

.PHONY: clean
clean: ## remove everything that was built or fetched here
	rm -rf .build .venv

# Test tools live in a virtual environment of their own, made anew when their list changes.
pip_options := --disable-pip-version-check --no-compile
$(venv): Tests/System/requirements.txt Tests/Chart/requirements.txt Tests/Chart/checkov.txt
	@echo "Making .venv with the test tools"
	@rm -rf .venv
	@python3 -m venv .venv
	@python3 -m venv .venv/checkov
	@# Both at once. What is never used need not be compiled to bytecode: that was a quarter of the work.
	@.venv/checkov/bin/python -m pip install $(pip_options) --quiet --requirement Tests/Chart/checkov.txt & checkov=$$!; status=0; \
	$(python) -m pip install $(pip_options) \
	    --requirement Tests/System/requirements.txt --requirement Tests/Chart/requirements.txt || status=$$?; \
	wait $$checkov && exit $$status
	@touch $@
