#!/bin/sh
# Writes the finding that README.md shows, as the program prints it; with --check, only says whether it is up to date.
# RACELINT names the program.
set -eu
cd "$(dirname "$0")/.."

racelint=${RACELINT:-build/racelint}
case $racelint in
/*) ;;
*) racelint=$PWD/$racelint ;;
esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The example is a project of its own, so that nothing around it counts; the first finding is what the README shows.
mkdir "$work/examples"
cp examples/price_cache.py "$work/examples/"
touch "$work/racelint.toml"
status=0
(cd "$work" && "$racelint" check --color never examples/price_cache.py) >"$work/report" 2>"$work/errors" || status=$?
if [ "$status" != 1 ]; then
    echo "racelint check examples/price_cache.py ended with status $status:" >&2
    cat "$work/errors" >&2
    exit 1
fi
awk '
    /^examples\/[^ ]*: RL[0-9]+ / || /^[0-9]+ findings? \(/ { findings++ }
    findings == 1 { lines[++count] = $0 }
    END {
        while (count > 0 && lines[count] == "") count--
        for (i = 1; i <= count; i++) print lines[i]
    }' "$work/report" >"$work/finding"
if [ ! -s "$work/finding" ]; then
    echo 'racelint reports no finding in examples/price_cache.py' >&2
    exit 1
fi
awk -v finding="$work/finding" '
    /^<!-- end of finding -->$/ { inside = 0 }
    !inside { print }
    /^<!-- finding: / {
        inside = 1
        print "```"
        while ((getline line < finding) > 0) print line
        print "```"
    }' README.md >"$work/README.md"

if [ "${1:-}" = --check ]; then
    diff -u README.md "$work/README.md"
else
    cp "$work/README.md" README.md
fi
