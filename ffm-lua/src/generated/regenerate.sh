#!/bin/sh
# Writes the bindings in java/ anew from the headers and symbols.args. Needs a jextract for JDK 22
# or newer, in JEXTRACT_HOME or on the PATH, and Lua's headers, which the native build has fetched.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..

if [ -n "${JEXTRACT_HOME:-}" ]; then
    jextract=$JEXTRACT_HOME/bin/jextract
else
    jextract=$(command -v jextract || true)
fi
if [ ! -x "$jextract" ]; then
    echo "regenerate.sh: no jextract in JEXTRACT_HOME or on the PATH;" \
        "get one from https://jdk.java.net/jextract/" >&2
    exit 1
fi

lua=$(find "$root/native/target" -name lua.h -exec dirname {} \; 2>/dev/null | head -n 1)
if [ -z "$lua" ]; then
    echo "regenerate.sh: Lua's headers are missing; run ./mvnw -pl native package first" >&2
    exit 1
fi

rm -rf "$here/java"
"$jextract" --output "$here/java" -I "$lua" -I "$root/native/include" \
    "@$here/symbols.args" "$here/headers.h"
