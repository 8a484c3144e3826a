#!/bin/sh
# Checks that our C files are laid out as .clang-format says; with --fix, lays them out.
# The public headers are left alone: their tables are laid out by hand.
set -eu
cd "$(dirname "$0")/../.."

CLANG_FORMAT=${CLANG_FORMAT:-clang-format}
if [ "${1:-}" = --fix ]; then
    set -- -i
else
    set -- --dry-run -Werror
fi
find analyzer rules tests tools -name '*.[ch]' | LC_ALL=C sort | xargs "$CLANG_FORMAT" --style=file "$@"
