#!/bin/sh
# The README shows what the program prints, and the examples behave as their first lines say.
set -u
cd "$(dirname "$0")/.." || exit

RACELINT=${RACELINT:-build/racelint}
passed=0 failed=0

# expect NAME STATUS COMMAND...
expect() {
    name=$1 wanted=$2
    shift 2
    output=$("$@" 2>&1)
    status=$?
    if [ "$status" = "$wanted" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s: status %s, not %s\n%s\n' "$name" "$status" "$wanted" "$output"
    fi
}

if [ -n "${UPDATE:-}" ]; then
    tools/readme_example.sh
fi
expect 'the finding in README.md is what racelint prints' 0 tools/readme_example.sh --check
expect 'examples/price_cache.py has findings' 1 "$RACELINT" check --isolated examples/price_cache.py
expect 'examples/order_desk.py has findings' 1 "$RACELINT" check --isolated examples/order_desk.py
expect 'examples/ticket_office.py has none' 0 "$RACELINT" check --isolated examples/ticket_office.py
for rule in RL101 RL202; do
    expect "examples/price_cache.py shows $rule" 0 sh -c "
        '$RACELINT' check --isolated --output-format concise examples/price_cache.py | grep -q ' $rule '"
done
expect 'examples/order_desk.py shows RL103' 0 sh -c "
    '$RACELINT' check --isolated --output-format concise examples/order_desk.py | grep -q ' RL103 '"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
