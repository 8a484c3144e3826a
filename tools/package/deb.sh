#!/bin/sh
# Builds a Debian package of the program, for this machine's architecture: tools/package/deb.sh VERSION FOLDER
# The maintainer is who DEBFULLNAME and DEBEMAIL name, as for Debian's own tools.
set -eu
cd "$(dirname "$0")/../.."

version=$1 folder=$2
for tool in dpkg-shlibdeps dpkg-buildflags dpkg-deb; do
    command -v $tool >/dev/null || {
        echo "$tool is missing; to install it: apt-get install dpkg-dev" >&2
        exit 1
    }
done
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-The racelint authors} <${DEBEMAIL:-racelint@users.noreply.github.com}>"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date -r Makefile +%s)}
export SOURCE_DATE_EPOCH
work=$folder/deb
root=$work/racelint
tree_sitter=node_modules/tree-sitter/vendor/tree-sitter/lib/src
doc=$root/usr/share/doc/racelint

# licence FILES NAME FILE: one paragraph of the copyright file, with the text of that licence.
licence() {
    holder=$(sed -n 's/^Copyright \((c)\|©\) //p' "$3" | head -n 1)
    printf '\nFiles: %s\nCopyright: %s\nLicense: %s\n' "$1" "$holder" "$2"
    sed 's/[[:space:]]*$//; s/^$/./; s/^/ /' "$3"
}

# Debian's flags; its -Werror=format-security asks for -Wformat, which -Wall has.
DEB_BUILD_MAINT_OPTIONS=hardening=+all
export DEB_BUILD_MAINT_OPTIONS
rm -rf "$root"
make BUILD="$work/build" install DESTDIR="$root" PREFIX=/usr PARTS=program ZSH_FUNCTIONS=zsh/vendor-completions \
    CFLAGS="$(dpkg-buildflags --get CPPFLAGS) $(dpkg-buildflags --get CFLAGS)" \
    LDFLAGS="$(dpkg-buildflags --get LDFLAGS)"

strip --remove-section=.comment --remove-section=.note --strip-unneeded "$root/usr/bin/racelint"
gzip -9n "$root"/usr/share/man/man*/*.[1-8]
rm "$doc/LICENSE" # `copyright` has it
gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
rm "$doc/CHANGELOG.md"
{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: racelint\n'
    licence '*' Expat LICENSE
    licence "$tree_sitter/*" Expat node_modules/tree-sitter/LICENSE
    licence "$tree_sitter/unicode/*" Unicode "$tree_sitter/unicode/LICENSE"
    licence 'node_modules/tree-sitter-python/*' Expat node_modules/tree-sitter-python/LICENSE
    licence 'node_modules/@tree-sitter-grammars/*' Expat node_modules/@tree-sitter-grammars/tree-sitter-toml/LICENSE
} >"$doc/copyright"
{
    echo "racelint ($version) unstable; urgency=medium"
    echo
    echo "  * Version $version; /usr/share/doc/racelint has its changes."
    echo
    echo " -- $maintainer  $(date -R -u -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9nc >"$doc/changelog.Debian.gz"

# dpkg-shlibdeps reads the libraries out of the program, and wants a source package around it.
mkdir -p "$work/debian" "$root/DEBIAN"
printf 'Source: racelint\n\nPackage: racelint\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O racelint/usr/bin/racelint | sed -n 's/^shlibs:Depends=//p')
cat >"$root/DEBIAN/control" <<CONTROL
Package: racelint
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -k -s --exclude=DEBIAN "$root" | cut -f1)
Depends: $depends
Section: devel
Priority: optional
Description: finds race hazards in Python code
$(sed 's/^$/./; s/^/ /' tools/package/description)
CONTROL
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -type d -exec chmod 755 {} +
chmod 644 "$root/DEBIAN/md5sums"
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group --build "$root" "$folder/racelint_${version}_$architecture.deb"
