#!/bin/sh
# Installs what was built: tools/install.sh BUILD DESTDIR PREFIX LIBS. VERSION is racelint's.
# PARTS=program leaves out the library and its headers. ZSH_FUNCTIONS: where zsh looks for completions, in PREFIX/share.
set -eu
cd "$(dirname "$0")/.."

build=$1 prefix=$3 libs=$4
to=$2$prefix

install -d "$to/bin" "$to/share/doc/racelint"
install -m 755 "$build/racelint" "$to/bin/"
install -m 644 README.md LICENSE CHANGELOG.md "$to/share/doc/racelint/"
for page in man/*.[1-8]; do
    if [ -f "$page" ]; then
        section=${page##*.}
        install -d "$to/share/man/man$section"
        install -m 644 "$page" "$to/share/man/man$section/"
    fi
done

# add_completions SHELL FOLDER NAME
add_completions() {
    install -d "$to/share/$2"
    "$build/racelint" completions "$1" >"$to/share/$2/$3"
    chmod 644 "$to/share/$2/$3"
}
add_completions bash bash-completion/completions racelint
add_completions zsh "${ZSH_FUNCTIONS:-zsh/site-functions}" _racelint
add_completions fish fish/vendor_completions.d racelint.fish

if [ "${PARTS:-}" = program ]; then
    exit
fi
install -d "$to/lib/pkgconfig" "$to/include/racelint"
install -m 644 "$build/libracelint.a" "$to/lib/"
install -m 644 include/racelint/*.h include/racelint/*.def "$to/include/racelint/"
cat >"$to/lib/pkgconfig/racelint.pc" <<PC
prefix=$prefix
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: racelint
Description: finds race hazards in Python code
Version: $VERSION
Cflags: -I\${includedir}
Libs: -L\${libdir} -lracelint $libs
PC
