#!/bin/sh
# Runs fuzzers for a while each: tools/fuzz.sh NAME... with BUILD (where they are) and FUZZ_TIME (seconds).
#
# A fuzzer starts from tests/fuzz/<name>/ and what it found earlier; what makes it fail is kept in $BUILD/found/.
set -u
cd "$(dirname "$0")/.." || exit

BUILD=${BUILD:-build/fuzz}
FUZZ_TIME=${FUZZ_TIME:-20}
status=0

for name in "$@"; do
    corpus=$BUILD/corpus/$name
    mkdir -p "$corpus" "$BUILD/found"
    seeds=tests/fuzz/${name#fuzz_}
    if [ ! -d "$seeds" ]; then
        seeds=
    fi
    echo "== $name, $FUZZ_TIME seconds"
    # shellcheck disable=SC2086 # no seeds, no argument
    if "$BUILD/$name" -max_total_time="$FUZZ_TIME" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="$BUILD/found/$name-" "$corpus" $seeds >"$BUILD/$name.log" 2>&1; then
        sed -n 's/^stat::number_of_executed_units: */  inputs tried: /p' "$BUILD/$name.log"
    else
        tail -n 60 "$BUILD/$name.log"
        echo "$name failed; the input is in $BUILD/found/"
        status=1
    fi
done
exit "$status"
