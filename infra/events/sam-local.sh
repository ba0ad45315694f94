#!/usr/bin/env bash
# sam-local.sh: the functions under AWS SAM's own local tools, in Docker, over an emulator of AWS on this machine.
#
#   infra/events/sam-local.sh                 sam local start-api on http://127.0.0.1:3000
#   infra/events/sam-local.sh invoke intake   sam local invoke, with infra/events/intake.json; deliver-mail and press-minute are further events
#
# SAM reads the routes of template.yaml, but finds a function behind one only where the integration names the function itself and not its
# alias; its containers are this machine's kind and know only variables that the template has. So it is given a copy, .aws-sam/local/template.yaml,
# that differs in just that. Tables, queues and the secret of this folder are made anew each time; nothing is kept, no mail leaves. The
# events of presenters, recommend, deliver and feedback are about what an empty programme has not: their functions say so. The test of
# the events (internal/cloud) has all of it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

need() {
	{
		echo "make sam-local needs $1."
		echo "Without it: \`make run\` runs the programme, \`make serve\` the functions as they are built for AWS, each with Go and no container;"
		echo "\`go test ./internal/cloud -run Example\` puts every event of infra/events to its function."
	} >&2
	exit 1
}
command -v docker >/dev/null || need "Docker (https://docs.docker.com/get-docker/)"
docker info >/dev/null 2>&1 || need "Docker to be running (\`docker info\` cannot reach it)"
export PATH=$PATH:$PWD/.venv/sam/bin
command -v sam >/dev/null || need "the AWS SAM CLI (https://docs.aws.amazon.com/serverless-application-model/; infra/aws/lint.sh installs it into .venv/sam)"
infra/aws/install.sh

function= base=http://127.0.0.1:3000
if [ "${1:-}" = invoke ]; then
	folder=${2:-}
	folder=${folder%%-*}
	[ -f "infra/events/${2:-}.json" ] && [ -d "functions/$folder" ] || { echo "sam-local.sh: there is an event for each of: $(ls functions | xargs) deliver-mail press-minute" >&2; exit 2; }
	function=$(awk -v uri="functions/$folder" '/^  [A-Za-z]+Function:$/ {id = $1} index($0, "CodeUri:") && index($0, uri) {sub(":", "", id); print id; exit}' template.yaml)
	base=https://liaison.example.org # as the events have it: what a session is called hangs on it
fi

case $(uname -m) in arm64 | aarch64) arch=arm64 ;; *) arch=x86_64 ;; esac
local=.aws-sam/local
mkdir -p "$local"
sed -E -e 's/!Ref ([A-Za-z]+Function)\.Alias/!GetAtt \1.Arn/' -e "s/Architectures: \[arm64\]/Architectures: [$arch]/" \
	-e 's/^( +)LIAISON_PEOPLE_TABLE:/\1AWS_ENDPOINT_URL: ""\n&/' -e 's/^( +)CodeUri: /\1CodeUri: ..\/..\//' template.yaml >"$local/template.yaml"

scratch=$(mktemp -d)
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local SAM_CLI_TELEMETRY=0
env TMPDIR="$scratch" HOME="$scratch" SERVICES=dynamodb,sqs,ses,secretsmanager BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" LOG_LEVEL=WARNING \
	.venv/bin/ministack >"$scratch/emulator.log" 2>&1 &
emulator=$!
trap 'kill "$emulator" 2>/dev/null || true; wait "$emulator" 2>/dev/null || true; rm -rf "$scratch"' EXIT
.venv/bin/python infra/events/backing.py infra/events/secret.json "$local/env.json" "$base" || { cat "$scratch/emulator.log" >&2; exit 1; }
sed -e 's/2027-03-01/2020-01-01/' -e 's/2027-05-14/2099-12-31/' infra/configure/example.json >"$local/programme.json" # its surveys are open
go run ./infra/configure -table programme "$local/programme.json"

parameters=(ProgrammeId=update "ProgrammeName=Stewardship Update" "GroupName=Working group" SenderIdentity=example.org Sender=update@example.org
	Secretary=secretary@example.org "PostalAddress=1 Example Street, Geneva")
CGO_ENABLED=0 GOFLAGS='-tags=lambda.norpc' sam build --template "$local/template.yaml" --build-dir "$local/build" --parameter-overrides "${parameters[@]}"
common=(--template "$local/build/template.yaml" --env-vars "$local/env.json" --docker-network host --parameter-overrides "${parameters[@]}")
if [ -n "$function" ]; then
	sam local invoke "$function" --event "infra/events/$2.json" "${common[@]}"
else
	echo "http://127.0.0.1:3000/ when the next lines say so; links in mails lead there too. Mails are kept by nobody: sign in needs \`make run\`."
	sam local start-api --port 3000 --warm-containers LAZY "${common[@]}"
fi
