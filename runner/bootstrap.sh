#!/bin/sh
# Brings a Debian machine to where .venv/bin/yardstick runs: apt packages and a venv, each only when missing.
# usage: bootstrap.sh [client|flights|check|test]   the extra that is needed besides the runner itself;
# with "client" no server is installed, since the database is somewhere else.
set -eu
cd "$(dirname "$0")/.."
extra=${1:-run}

say() { printf '%s\n' "$*" >&2; }
refuse() { say "yardstick: $*"; exit 1; }

server_bin() { # the newest server on this machine
    ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -t/ -k5 -n | tail -n 1 | xargs -r dirname
}

missing() { # names the apt packages that this use lacks
    /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    case $extra in client | check) return ;; esac
    bin=$(server_bin)
    if [ -z "$bin" ]; then
        version=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p')
        [ -n "$version" ] || version=unknown
        echo "postgresql-$version"
    else
        version=$(basename "$(dirname "$bin")")
    fi
    extensions=/usr/share/postgresql/$version/extension
    [ -e "$extensions/plpython3u.control" ] || echo "postgresql-plpython3-$version"
    [ -e "$extensions/pg_cron.control" ] || echo "postgresql-$version-cron"
    [ -e "$extensions/plpgsql_check.control" ] || echo "postgresql-$version-plpgsql-check"
    if [ "$extra" = test ]; then
        [ -e "$extensions/pgtap.control" ] || echo "postgresql-$version-pgtap"
        [ -x /usr/sbin/pgbouncer ] || echo pgbouncer
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -- "$@"; fi
}

# $1: the log of a command that failed
last_words() {
    if grep -q 'No space left on device' "$1"; then
        say 'yardstick: the disk is full: make room, then run this again.'
    else
        tail -n 5 "$1" >&2
    fi
}

install_packages() {
    command -v apt-get >/dev/null || refuse "this machine has no apt-get; install $1 by hand, or point DATABASE_URL at a server."
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            refuse "there is no sudo here; have an administrator run: apt-get install $1"
        if [ ! -t 0 ] && ! sudo -n true 2>/dev/null; then
            refuse "sudo asks for a password and there is no terminal; run this yourself: sudo apt-get install $1"
        fi
        sudo -v 2>/dev/null || sudo -n true 2>/dev/null ||
            refuse "you may not use sudo here; have an administrator run: apt-get install $1"
    fi
    log=$(mktemp)
    say 'yardstick: reading the package lists'
    as_root apt-get update >"$log" 2>&1 || { last_words "$log"; refuse 'apt-get update failed.'; }
    packages=$(missing | tr '\n' ' ') # the lists may only now tell the version of PostgreSQL
    case $packages in *unknown*) refuse 'apt knows no package postgresql.' ;; esac
    say "yardstick: installing $packages"
    # Debian starts a cluster "main" with a new server; this project has one of its own.
    case $packages in
        *postgresql-[0-9]*)
            if [ -z "$(server_bin)" ] && [ ! -e /etc/postgresql-common/createcluster.d/no-main.conf ]; then
                as_root mkdir -p /etc/postgresql-common/createcluster.d
                echo 'create_main_cluster = false' |
                    as_root tee /etc/postgresql-common/createcluster.d/no-main.conf >/dev/null
            fi ;;
    esac
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages >"$log" 2>&1 ||
        { last_words "$log"; refuse "apt-get could not install $packages"; }
    rm -f "$log"
}

# Metrics can be estimated with these, and are exact without them: tests that need one say so where it is missing.
install_optional() {
    command -v apt-get >/dev/null || return 0
    version=$(basename "$(dirname "$(server_bin)")")
    for name in tdigest hll; do
        package=postgresql-$version-$name
        [ ! -e "/usr/share/postgresql/$version/extension/$name.control" ] || continue
        apt-cache show "$package" >/dev/null 2>&1 || continue
        [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null || continue
        say "yardstick: installing $package"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package" >/dev/null 2>&1 ||
            say "yardstick: $package could not be installed; its tests are left out"
    done
}

packages=$(missing | tr '\n' ' ')
if [ -n "$packages" ]; then install_packages "$packages"; fi
if [ "$extra" = test ]; then install_optional; fi

mkdir -p .venv 2>/dev/null || refuse "$(pwd) is not writable for $(id -un)."
exec 9>.venv/.lock
flock 9

wanted=$({ cat pyproject.toml; /usr/bin/python3 --version; pwd; } | sha256sum | cut -c1-64)
stamp() { cat ".venv/.stamp-$1" 2>/dev/null || true; }
[ "$extra" = client ] && extra=run
if [ "$(stamp "$extra")" != "$wanted" ] && { [ "$extra" != run ] || [ "$(stamp any)" != "$wanted" ]; }; then
    log=$(mktemp)
    # A venv of another Python, or of a folder that was moved, is made anew.
    if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
        say 'yardstick: making .venv'
        /usr/bin/python3 -m venv --clear .venv >"$log" 2>&1 || { last_words "$log"; refuse 'the venv could not be made.'; }
    fi
    what='.'
    [ "$extra" = run ] || what=".[$extra]"
    say "yardstick: installing the runner${1:+ and what \"$1\" needs}"
    .venv/bin/python -m pip install --quiet --editable "$what" >"$log" 2>&1 || { last_words "$log"; refuse 'pip could not install it.'; }
    rm -f "$log"
    echo "$wanted" >".venv/.stamp-$extra"
    echo "$wanted" >.venv/.stamp-any
fi
