#!/usr/bin/env bash
# sizes.sh: prints what each function in bin/ weighs and fails when one is above its budget. The budget is 12 MB of
# 1,048,576 bytes, as AWS counts its limits; decision 13 says, with figures, how they keep to it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

budget=12

heavy=0
for f in functions/*/; do
	name=$(basename "$f")
	bytes=$(wc -c <"bin/$name/bootstrap")
	mark=""
	if ((bytes > budget * 1048576)); then
		mark="  too heavy: at most $budget MB"
		heavy=1
	fi
	# The template engine calls methods by name, so that the linker must keep every exported method of every type that reflection can reach.
	# The import graph cannot tell: the library of the pages imports its escaping.
	if grep -qaF 'text/template.(*state)' "bin/$name/bootstrap"; then
		mark="$mark  links the template engine"
		heavy=1
	fi
	awk -v n="$name" -v b="$bytes" -v m="$mark" 'BEGIN {printf "  %-14s %6.2f MB%s\n", n, b / 1048576, m}'
done
exit $heavy
