#!/bin/sh
# Runs the unit tests and every tests/run_*.py and tests/run_*.sh on the program in $BUILD, and adds up their results.
# With the name of a folder of runners, runs these instead: tools/test.sh tests/packages
#
# Each runner finds RACELINT (the program) and BUILD in its environment, runs in the repository's root, and prints as
# its last line "N passed, N failed". ONLY=NAME runs what has NAME in its name.
set -u
cd "$(dirname "$0")/.." || exit

BUILD=${BUILD:-build}
ONLY=${ONLY:-}
RACELINT=$BUILD/racelint
export BUILD RACELINT
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0

# run NAME COMMAND...: a runner that fails without saying what failed counts as one failure.
run() {
    name=$1
    shift
    case $name in
    *"$ONLY"*) ;;
    *) return ;;
    esac
    echo "== $name"
    { "$@" 2>&1; echo "exit $?"; } | tee "$log" | grep -v '^exit [0-9]*$'
    result=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1)
    status=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$log" | tail -n 1)
    good=${result%% passed*}
    bad=${result#*, }
    bad=${bad% failed}
    if [ -z "$result" ]; then
        echo "$name did not print its result (exit status $status)"
        good=0 bad=1
    elif [ "$bad" -eq 0 ] && [ "$status" -ne 0 ]; then
        echo "$name ended with status $status"
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
}

folder=${1:-tests}
if [ "$folder" = tests ]; then
    run unit_tests "$BUILD/unit_tests"
fi
for runner in "$folder"/run_*.py "$folder"/run_*.sh; do
    case $runner in
    *\**) ;;
    *.py) run "$(basename "$runner")" "${PYTHON:-python3}" "$runner" ;;
    *) run "$(basename "$runner")" sh "$runner" ;;
    esac
done
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
