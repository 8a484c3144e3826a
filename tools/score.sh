#!/bin/sh
# Scores the program: tools/score.sh RACELINT INPUTS CORPUS
#
# INPUTS holds suite/ (small programs with known verdicts) and corpus/ (real bugs with their fixes), each with a `score`
# program. CORPUS is the folder of the corpus's files, which are third-party code and lie elsewhere.
set -u
cd "$(dirname "$0")/.." || exit

racelint=$1 inputs=$2 corpus=$3
status=0

score_suite() {
    for confidence in medium high; do
        echo "== suite, findings at $confidence and above"
        "$inputs/suite/score" --racelint "$racelint" --min-confidence "$confidence" || status=1
    done
}

score_corpus() {
    for confidence in low medium; do
        echo "== corpus, findings at $confidence and above"
        "$inputs/corpus/score" --racelint "$racelint" --files "$corpus" --min-confidence "$confidence" || status=1
    done
}

if [ -x "$inputs/suite/score" ]; then
    score_suite
else
    echo "skipped the suite: there is no $inputs/suite/score (SCORE_INPUTS=DIR names the folder)"
fi
if [ ! -x "$inputs/corpus/score" ]; then
    echo "skipped the corpus: there is no $inputs/corpus/score (SCORE_INPUTS=DIR names the folder)"
elif [ ! -d "$corpus" ]; then
    echo 'skipped the corpus: CORPUS=DIR must name the folder of its files'
else
    score_corpus
fi
exit "$status"
