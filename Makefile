# Liaison. `make` alone says what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash

ADDR ?= 127.0.0.1:8080
DATA ?= .liaison
STACK ?= liaison
BASE ?= http://$(ADDR)
FUNCTIONS := $(notdir $(wildcard functions/*))
# How a function is built, by make as by AWS SAM, which adds the rest by itself (its go1.x builder: go build -trimpath in the function's folder).
# infra/lambda/deployment has the same for its tests. AWS's interfaces speak HTTP/1.1, so the Lambdas go without HTTP/2 (decision 13).
# Inlined, the library of the pages would put a copy of its own code at each of their thousands of nodes (decision 22).
FLAGS = -tags=lambda.norpc,nethttpomithttp2 -trimpath -gcflags=maragu.dev/gomponents/...=-l "-ldflags=-s -w $(STAMP)"
LAMBDA = CGO_ENABLED=0 GOFLAGS='$(FLAGS)'

.PHONY: help run test test-aws test-deploy check race bench serve load bench-lambda sam-local smoke build sam-build deploy destroy-preview clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## the whole programme on this machine, with demo data (ADDR, DATA; needs Go alone)
	go run ./infra/local -addr $(ADDR) -data $(DATA) -demo=true

test: ## every test that needs Go alone, the smoke run among them
	go vet ./...
	go test ./...

test-aws: ## template.yaml under AWS's own tools; storage and end-to-end tests on a DynamoDB-compatible engine (installs both into .venv)
	infra/aws/lint.sh
	infra/aws/engine.sh go test -tags aws -count=1 -p 1 ./internal/table/dynamo ./infra/smoke ./infra/lambda

test-deploy: ## the template deployed to an emulator of AWS, and the main job walked through it (installs it into .venv)
	go test -tags aws -count=1 -timeout 10m ./infra/aws/deployment

check: ## formatting, staticcheck, tidy modules, known vulnerabilities, every function for linux/arm64
	infra/check.sh

race: ## the tests of what runs concurrently, under the race detector
	go test -race -short ./internal/table/... ./internal/distribution/... ./internal/mail/... ./internal/link/... ./internal/words/... ./internal/survey/... ./internal/subscription/... ./internal/presenter/... ./internal/event/... ./internal/newsletter/... ./internal/cloud/... ./infra/local/... ./infra/lambda/sandbox ./infra/lambda/gateway

bench: ## what an issue to 100,000 subscribers costs, against a stand-in of the mail service
	go run ./infra/bench

serve: ## the functions as they are built for AWS, on this machine, behind the template's routes (ADDR)
	infra/aws/engine.sh go run ./infra/lambda serve -addr $(ADDR)

sam-local: ## the functions under `sam local start-api` (needs Docker and the AWS SAM CLI); EVENT=intake invokes one with its event
	infra/events/sam-local.sh $(if $(EVENT),invoke $(EVENT))

load: ## 50 respondents at once for a minute on the functions as built for AWS; is each answer found? (needs Python, Linux)
	infra/aws/engine.sh go run ./infra/lambda load

bench-lambda: ## cold start and warm latency of each function beside a hello-world with the same clients (needs Python, Linux)
	infra/aws/engine.sh go run ./infra/lambda bench

smoke: ## the main job through HTTP against a running programme (BASE), each step printed
	go run ./infra/smoke -base $(BASE)

build: ## the eleven functions for AWS Lambda into bin/; prints their sizes and fails above the budget
	@for f in $(FUNCTIONS); do (cd functions/$$f && $(LAMBDA) GOOS=linux GOARCH=arm64 go build -o ../../bin/$$f/bootstrap .) || exit 1; done
	@infra/sizes.sh

sam-build: ## the same as AWS SAM builds it (needs the AWS SAM CLI)
	$(LAMBDA) sam build

# A version of a function is made of changed code only (decision 15): the stamp makes each deployment a release, so that changed parameters arrive.
deploy: STAMP = -buildid=$(shell date -u +%Y%m%dT%H%M%SZ)
deploy: sam-build ## deploy with AWS SAM; guided the first time (needs credentials); infra/runbook.md
	if [ -f samconfig.toml ]; then sam deploy; else sam deploy --guided --capabilities CAPABILITY_IAM; fi

destroy-preview: ## what would be lost, and what would stay, if the stack (STACK) were deleted; deletes nothing (needs credentials)
	go run ./infra/losses -stack $(STACK)

clean: ## remove what was built and installed here; the data of `make run` stays
	rm -rf bin .aws-sam .venv
