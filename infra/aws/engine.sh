#!/usr/bin/env bash
# engine.sh COMMAND…: runs the command with LIAISON_TEST_DYNAMODB set to a DynamoDB-compatible engine, which it installs
# into .venv when needed, starts on a free loopback port and stops in the end. Answers with the command's own status.
# With LIAISON_TEST_DYNAMODB set already (AWS's DynamoDB Local, say, whose licence is yours to accept), it only runs the
# command.
#
# The engine is ministack (MIT, PyPI). moto was tried too (5.2.5): its server does not make conditional writes and sums
# atomic under concurrent requests, refuses some items just under 400 KB, and breaks with an internal error on ADD to a text
# and on comparing values of different types, all of which DynamoDB gets right and the conformance suite asks for.
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT…]" >&2; exit 2; }
if [ -n "${LIAISON_TEST_DYNAMODB:-}" ]; then
	exec "$@"
fi

fail() { echo "engine.sh: $*" >&2; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$(cd "$here/../.." && pwd)/.venv
"$here/install.sh" || fail "or set LIAISON_TEST_DYNAMODB to the address of an engine"

scratch=$(mktemp -d)
log=$scratch/engine.log
engine=
stop() {
	if [ -n "$engine" ]; then
		kill "$engine" 2>/dev/null || true
		wait "$engine" 2>/dev/null || true
		engine=
	fi
}
trap 'stop; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

free_port() {
	"$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

healthy() {
	"$venv/bin/python" - "$1" <<'PYTHON' 2>/dev/null
import sys, urllib.request
no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
no_proxy.open(f"http://127.0.0.1:{sys.argv[1]}/_ministack/health", timeout=2).read()
PYTHON
}

# Another program may take the port between the question and the start, so there is more than one try.
start() {
	local port
	port=$(free_port)
	env TMPDIR="$scratch" SERVICES=dynamodb BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" LOG_LEVEL=WARNING \
		"$venv/bin/ministack" >"$log" 2>&1 &
	engine=$!
	for _ in $(seq 1 150); do
		if healthy "$port" && kill -0 "$engine" 2>/dev/null; then
			export LIAISON_TEST_DYNAMODB=http://127.0.0.1:$port
			return 0
		fi
		kill -0 "$engine" 2>/dev/null || return 1
		sleep 0.2
	done
	return 1
}

if ! start && { stop; ! start; }; then
	cat "$log" >&2
	fail "the engine did not start"
fi

status=0
"$@" || status=$?
if [ "$status" -ne 0 ] && [ -s "$log" ]; then
	echo "engine.sh: the engine said:" >&2
	tail -n 20 "$log" >&2
fi
exit "$status"
