#!/usr/bin/env bash
# install.sh: installs into .venv what infra/aws/requirements.txt pins, when it is not there yet.
set -euo pipefail

fail() { echo "install.sh: $*" >&2; exit 1; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$(cd "$here/../.." && pwd)/.venv
wanted=$here/requirements.txt
installed=$venv/installed-requirements.txt

cmp -s "$wanted" "$installed" && exit 0
command -v python3 >/dev/null || fail "needs python3 (3.10 or newer) to install the emulator of AWS"
echo "install.sh: installing into $venv" >&2
[ -x "$venv/bin/python" ] || python3 -m venv "$venv" || fail "cannot make $venv (on Debian: apt install python3-venv)"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted" || fail "cannot install $wanted"
cp "$wanted" "$installed"
