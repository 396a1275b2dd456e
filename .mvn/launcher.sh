# What mvnw, moonpool and benchmark share. Sourced, with $root set to the project's folder.

required_jdk=25
program=$(basename -- "$0")

fail() {
    echo "$program: $*" >&2
    exit 1
}

# Prints the feature release of the JDK in folder $1; nothing if there is none.
jdk_release() {
    [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
    sed -n 's/^JAVA_VERSION="\([0-9][0-9]*\).*/\1/p' "$1/release"
}

is_new_enough() {
    release=$(jdk_release "$1")
    [ -n "$release" ] && [ "$release" -ge "$required_jdk" ]
}

# Prints the folder of the JDK whose javac is on the PATH, through symbolic links.
jdk_on_path() {
    file=$(command -v javac) || return 0
    while [ -L "$file" ]; do
        link=$(readlink "$file")
        case $link in
            /*) file=$link ;;
            *) file=$(dirname -- "$file")/$link ;;
        esac
    done
    dirname -- "$(dirname -- "$file")"
}

# JAVA_HOME, then the PATH, then the folders where the systems keep their JDKs.
find_jdk() {
    for candidate in "${JAVA_HOME:-}" "$(jdk_on_path)" \
        /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/*; do
        if is_new_enough "$candidate"; then
            JAVA_HOME=$candidate
            export JAVA_HOME
            return 0
        fi
    done
    fail "no JDK $required_jdk or newer in JAVA_HOME, on the PATH or in the usual folders;" \
        "install one, or set JAVA_HOME to it"
}

# Builds module $1 without its tests, unless the file $2 is newer than all that follows.
build_if_stale() {
    module=$1
    built=$2
    shift 2
    is_fresh "$built" "$@" && return 0
    mkdir -p "$(dirname -- "$built")" "$root/native/target"
    take_lock "$root/native/target/building"
    if ! is_fresh "$built" "$@"; then
        echo "$program: building" >&2
        log=$(dirname -- "$built")/build.log
        if ! "$root/mvnw" -B -ntp -pl "$module" -am -Dmaven.test.skip -DskipTests package \
            </dev/null >"$log" 2>&1; then
            grep -E '^mvnw:|ERROR|CMake Error' "$log" >&2 || cat "$log" >&2
            fail "the build failed; all of its output is in $log"
        fi
        : >"$built"
    fi
    release_lock
}

is_fresh() {
    [ -e "$1" ] || return 1
    newer_than=$1
    shift
    [ -z "$(find "$@" -newer "$newer_than" -print | head -n 1)" ]
}

# Two that build at once would write the same files. A lock whose owner is gone is nobody's.
take_lock() {
    lock=$1
    until mkdir "$lock" 2>/dev/null; do
        owner=$(cat "$lock/owner" 2>/dev/null)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$lock"
        else
            sleep 1
        fi
    done
    echo $$ >"$lock/owner"
    trap release_lock EXIT
    trap 'exit 130' INT TERM
}

release_lock() {
    rm -rf "$lock"
    trap - EXIT INT TERM
}
