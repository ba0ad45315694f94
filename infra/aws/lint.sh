#!/usr/bin/env bash
# lint.sh: what AWS's own tools say of template.yaml: nothing, or this fails. It installs AWS SAM and cfn-lint, pinned in sam.txt, into
# .venv/sam when needed; apart from the engine, whose pins differ. They need no credentials and ask nothing of AWS.
#
# sam validate asks for one region; cfn-lint then looks into each of the regions that have every kind of resource of the template.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

fail() { echo "lint.sh: $*" >&2; exit 1; }

regions=(us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 sa-east-1 eu-west-1 eu-west-2 eu-west-3 eu-central-1
	ap-south-1 ap-southeast-1 ap-southeast-2 ap-northeast-1 ap-northeast-2)
venv=.venv/sam
wanted=infra/aws/sam.txt
installed=$venv/installed.txt
if ! cmp -s "$wanted" "$installed"; then
	command -v python3 >/dev/null || fail "needs python3 (3.10 or newer) to install AWS SAM"
	echo "lint.sh: installing AWS SAM and cfn-lint into $venv" >&2
	python3 -m venv --clear "$venv" || fail "cannot make $venv (on Debian: apt install python3-venv)"
	"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted" || fail "cannot install $wanted"
	cp "$wanted" "$installed"
fi

export SAM_CLI_TELEMETRY=0
"$venv/bin/sam" validate --lint --region eu-west-1 --template template.yaml
"$venv/bin/cfn-lint" --non-zero-exit-code informational --include-checks I --regions "${regions[@]}" -- template.yaml
echo "template.yaml: cfn-lint has nothing to say, in ${#regions[@]} regions"
