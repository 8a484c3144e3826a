#!/bin/sh
# Runs the unit tests and every tests/run_*.py and tests/run_*.sh on the program in $BUILD, and adds up their results.
# With the name of a folder of runners, runs these instead: tools/test.sh tests/packages
#
# Each runner finds RACELINT (the program) and BUILD in its environment, runs in the repository's root, and prints as
# its last line "N passed, N failed". JOBS=N runs so many at a time (default: the number of processors); what they print
# comes one after the other all the same. ONLY=NAME runs what has NAME in its name.
set -u
cd "$(dirname "$0")/.." || exit

BUILD=${BUILD:-build}
RACELINT=$BUILD/racelint
export BUILD RACELINT

# tools/test.sh --one LOGS RUNNER: leaves what the runner prints in LOGS, and its exit status when it has ended.
if [ "${1:-}" = --one ]; then
    log=$2/$(basename "$3")
    case $3 in
    *.py) "${PYTHON:-python3}" "$3" ;;
    *.sh) sh "$3" ;;
    *) "$3" ;;
    esac >"$log" 2>&1 </dev/null
    echo $? >"$log.part"
    mv "$log.part" "$log.status"
    exit 0
fi

processors() {
    getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1
}

# The runners to run, in the order in which they are told.
runners() {
    if [ "$folder" = tests ]; then
        echo "$BUILD/unit_tests"
    fi
    for runner in "$folder"/run_*.py "$folder"/run_*.sh; do
        [ -e "$runner" ] && echo "$runner"
    done
}

chosen() {
    while read -r runner; do
        case $(basename "$runner") in
        *"${ONLY:-}"*) echo "$runner" ;;
        esac
    done
}

folder=${1:-tests}
logs=$(mktemp -d)
passed=0 failed=0
trap 'rm -rf "$logs"' EXIT
runners | chosen >"$logs/list"
{
    [ ! -s "$logs/list" ] || xargs -P "${JOBS:-$(processors)}" -n 1 sh tools/test.sh --one "$logs" <"$logs/list"
    : >"$logs/end"
} &

# told NAME: a runner that fails without saying what failed counts as one failure.
told() {
    name=$1
    echo "== $name"
    until [ -e "$logs/$name.status" ] || [ -e "$logs/end" ]; do
        sleep 0.1
    done
    [ -e "$logs/$name.status" ] || echo unknown >"$logs/$name.status" # killed
    cat "$logs/$name"
    result=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$logs/$name" | tail -n 1)
    status=$(cat "$logs/$name.status")
    good=${result%% passed*}
    bad=${result#*, }
    bad=${bad% failed}
    if [ -z "$result" ]; then
        echo "$name did not print its result (exit status $status)"
        good=0 bad=1
    elif [ "$bad" -eq 0 ] && [ "$status" != 0 ]; then
        echo "$name ended with status $status"
        bad=1
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
}

while read -r runner; do
    told "$(basename "$runner")"
done <"$logs/list"
wait
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
