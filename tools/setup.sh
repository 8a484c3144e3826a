#!/bin/sh
# Sees to what racelint needs on this machine.
#
#   tools/setup.sh GROUP...          install what is missing
#   tools/setup.sh --check GROUP...  only name what is missing, and fail where anything is
#   tools/setup.sh --fetch           install no packages, but fetch the grammars where they are missing
#
# Groups: build (compiler, libraries, grammars), test, lint, fuzz, packages (what tests of packages, hooks and
# completions need), sarif (a validator that the tests use where it is there), pythons (further versions of Python that
# they compare the models with where they are there). CC names the compiler to look for.
set -eu
cd "$(dirname "$0")/.."

CC=${CC:-cc}
check_only=false
if [ "${1:-}" = --check ]; then
    check_only=true
    shift
fi

missing='' debian='' fedora='' macos=''

# need DESCRIPTION DEBIAN FEDORA MACOS COMMAND...: notes the packages where the command fails.
need() {
    what=$1 on_debian=$2 on_fedora=$3 on_macos=$4
    shift 4
    if ! "$@" >/dev/null 2>&1; then
        missing="$missing
  $what"
        debian="$debian $on_debian" fedora="$fedora $on_fedora" macos="$macos $on_macos"
    fi
}

# Where there is no compiler yet, that alone must not make every header look missing.
header() {
    if $CC --version; then
        # shellcheck disable=SC2046 # a list of flags
        echo "#include <$1>" | $CC -E -x c $(brew_flags) -
    else
        [ -e "/usr/include/$1" ]
    fi
}

brew_flags() {
    if [ "$(uname -s)" = Darwin ] && command -v brew >/dev/null 2>&1; then
        echo "-I$(brew --prefix)/include"
    fi
}

compiler() {
    echo 'int main(void) { return 0; }' | $CC -x c -o /dev/null -
}

fuzzing_compiler() {
    out=$(mktemp)
    echo '#include <stddef.h>
int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n); int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n) { return p == 0 && n; }' |
        clang -fsanitize=fuzzer,address,undefined -x c -o "$out" - && rm -f "$out"
}

compiler_package() {
    case $CC in
    *clang*) echo clang ;;
    *) echo gcc ;;
    esac
}

# libFuzzer's package carries the version of clang; Debian 12's where the package lists are not there yet.
fuzzer_package() {
    version=$(apt-cache depends clang 2>/dev/null | sed -n 's/^ *Depends: clang-\([0-9]*\)$/\1/p')
    echo "libfuzzer-${version:-14}-dev"
}

look_for() {
    case $1 in
    build)
        need "a C compiler ($CC)" "$(compiler_package) libc6-dev" "$(compiler_package)" llvm compiler
        need 'GNU make' make make make command -v make
        need 'cJSON (cjson/cJSON.h)' libcjson-dev cjson-devel cjson header cjson/cJSON.h
        need 'xxHash (xxhash.h)' libxxhash-dev xxhash-devel xxhash header xxhash.h
        need 'utf8proc (utf8proc.h)' libutf8proc-dev utf8proc-devel utf8proc header utf8proc.h
        if ! grammars_match; then
            need 'npm, which fetches the grammars' 'npm ca-certificates' nodejs-npm node command -v npm
        fi
        ;;
    test)
        need 'Check (check.h)' 'check libsubunit-dev' 'check-devel subunit-devel' check header check.h
        need 'Python 3, for the test runners' python3 python3 python3 command -v python3
        need 'xmllint, which checks reports' libxml2-utils libxml2 libxml2 command -v xmllint
        need 'Git' git git git command -v git
        ;;
    lint)
        need 'clang-format' clang-format clang-tools-extra clang-format command -v clang-format
        need 'clang-tidy' clang-tidy clang-tools-extra llvm command -v clang-tidy
        need 'Python 3' python3 python3 python3 command -v python3
        ;;
    fuzz)
        need 'clang with libFuzzer' "clang libclang-rt-dev $(fuzzer_package)" 'clang compiler-rt' llvm fuzzing_compiler
        ;;
    packages)
        need 'pip and venv' 'python3-pip python3-venv' python3-pip python3 can_make_environments
        need 'dpkg-shlibdeps' dpkg-dev dpkg-dev dpkg command -v dpkg-shlibdeps
        need 'lintian' lintian lintian lintian command -v lintian
        need 'pre-commit' pre-commit pre-commit pre-commit command -v pre-commit
        need 'tox' tox tox tox command -v tox
        need 'nox' nox nox nox command -v nox
        need 'zsh' zsh zsh zsh command -v zsh
        need 'fish' fish fish fish command -v fish
        ;;
    sarif)
        if ! validator_matches; then
            need 'npm, which fetches the validator of SARIF logs' 'npm ca-certificates' nodejs-npm node command -v npm
        fi
        ;;
    pythons)
        need 'Node, which runs further versions of Python' nodejs nodejs node command -v node
        if ! pythons_match; then
            need 'npm, which fetches them' 'npm ca-certificates' nodejs-npm node command -v npm
        fi
        ;;
    *)
        echo "tools/setup.sh: no group is called $1" >&2
        exit 2
        ;;
    esac
}

can_make_environments() {
    python3 -c 'import ensurepip, pip'
}

wants_grammars() {
    case " $* " in *' build '*) true ;; *) false ;; esac
}

# The lock file of the last `npm ci` is kept beside what it installed.
grammars_match() {
    cmp -s package-lock.json node_modules/.racelint-lock
}

wants_validator() {
    case " $* " in *' sarif '*) true ;; *) false ;; esac
}

validator_matches() {
    cmp -s tools/sarif/package-lock.json tools/sarif/node_modules/.racelint-lock
}

wants_pythons() {
    case " $* " in *' pythons '*) true ;; *) false ;; esac
}

pythons_match() {
    cmp -s tools/pythons/package-lock.json tools/pythons/node_modules/.racelint-lock
}

name_packages() {
    echo "  Debian, Ubuntu:  apt-get install$debian"
    echo "  Fedora:          dnf install$fedora"
    echo "  macOS:           brew install$macos"
}

cannot_install() {
    echo "racelint needs what this script cannot install here:$missing" >&2
    echo 'Please install the packages, or ask whoever looks after this machine:' >&2
    name_packages >&2
    exit 1
}

install_packages() {
    as_root=''
    if [ "$(id -u)" != 0 ]; then
        as_root=sudo
        command -v sudo >/dev/null 2>&1 || cannot_install
    fi
    command -v apt-get >/dev/null 2>&1 || cannot_install
    echo "installing:$debian"
    # shellcheck disable=SC2086 # a list of packages
    {
        $as_root apt-get -qq update
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $debian
    } >/dev/null || cannot_install
}

fetch_grammars() {
    echo 'fetching the grammars'
    npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
    cp package-lock.json node_modules/.racelint-lock
}

if [ "${1:-}" = --fetch ]; then
    if ! grammars_match; then
        command -v npm >/dev/null 2>&1 || {
            echo 'npm is missing; it fetches the tree-sitter grammars, which racelint is compiled with' >&2
            exit 1
        }
        fetch_grammars
    fi
    exit 0
fi

for group in "$@"; do
    look_for "$group"
done

if $check_only; then
    if wants_grammars "$@" && ! grammars_match; then
        missing="$missing
  the grammars in node_modules/, as package-lock.json pins them (npm ci --ignore-scripts)"
    fi
    if wants_validator "$@" && ! validator_matches; then
        missing="$missing
  the validator of SARIF logs, as tools/sarif/package-lock.json pins it"
    fi
    if wants_pythons "$@" && ! pythons_match; then
        missing="$missing
  further versions of Python, as tools/pythons/package-lock.json pins them"
    fi
    if [ -n "$missing" ]; then
        echo "this is missing:$missing" >&2
        if [ -n "$debian" ]; then
            echo 'The packages are:' >&2
            name_packages >&2
        fi
        case " $* " in
        *' lint '* | *' fuzz '* | *' packages '* | *' sarif '* | *' pythons '*) echo "To install it: tools/setup.sh $*" >&2 ;;
        *) echo 'To install it: make setup' >&2 ;;
        esac
        exit 1
    fi
    exit 0
fi

if [ -n "$debian" ]; then
    install_packages
    missing='' debian='' fedora='' macos=''
    for group in "$@"; do
        look_for "$group"
    done
    if [ -n "$missing" ]; then
        echo "still missing after the installation:$missing" >&2
        exit 1
    fi
fi
if wants_grammars "$@" && ! grammars_match; then
    fetch_grammars
fi
if wants_validator "$@" && ! validator_matches; then
    echo 'fetching the validator of SARIF logs'
    (cd tools/sarif && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    cp tools/sarif/package-lock.json tools/sarif/node_modules/.racelint-lock
fi
if wants_pythons "$@" && ! pythons_match; then
    echo 'fetching further versions of Python'
    (cd tools/pythons && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    cp tools/pythons/package-lock.json tools/pythons/node_modules/.racelint-lock
fi
