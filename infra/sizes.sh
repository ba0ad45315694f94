#!/usr/bin/env bash
# sizes.sh: prints what each function in bin/ weighs and fails when one is above its budget. The budget is 12 MB; decision 13 says, with
# figures, what keeps some functions above it. Their own limits below only ever go down.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

budget() { # hundredths of a MB
	case $1 in
	desk | press) echo 1650 ;;
	publications | intake) echo 1470 ;;
	presenters | recommend | subscriptions) echo 1420 ;;
	*) echo 1200 ;;
	esac
}

# templated: pages of these are templates still. No other function links the template engine, which calls methods by name, so that the linker
# must keep every exported method of every type that reflection can reach (decision 13).
templated() {
	case $1 in
	desk | intake | presenters | press | publications | recommend | subscriptions) return 0 ;;
	esac
	return 1
}

heavy=0
for f in functions/*/; do
	name=$(basename "$f")
	bytes=$(wc -c <"bin/$name/bootstrap")
	most=$(budget "$name")
	mark=""
	if ((bytes * 100 > most * 1048576)); then
		mark="  too heavy: at most $((most / 100)).$(printf %02d $((most % 100))) MB"
		heavy=1
	fi
	if ! templated "$name" && grep -qaF 'text/template.(*state)' "bin/$name/bootstrap"; then
		mark="$mark  links the template engine"
		heavy=1
	fi
	awk -v n="$name" -v b="$bytes" -v m="$mark" 'BEGIN {printf "  %-14s %6.2f MB%s\n", n, b / 1048576, m}'
done
exit $heavy
