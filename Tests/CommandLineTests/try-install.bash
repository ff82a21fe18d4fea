#!/usr/bin/env bash
# Tries scripts/install and scripts/uninstall in a temporary folder, with a program that is none; touches nothing else.
#
#   Tests/CommandLineTests/try-install.bash
#
# Exit code 1 when something is not as it should be; everything is tried all the same.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/try-install.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # Another user runs the scripts in there below.

checkout=$work/checkout root=$work/root
units=$root/etc/systemd/system
config=$root/etc/peerfolio/peerfolio.yaml
log=$root/usr/local/share/peerfolio/installed
mkdir -p "$checkout/scripts"
cp -R "$top/scripts/install" "$top/scripts/uninstall" "$top/scripts/systemd" "$checkout/scripts"

failures=0 checks=0
# NAME COMMAND...: the command must succeed.
must() {
    local name=$1
    shift
    checks=$((checks + 1))
    if ! "$@"; then
        failures=$((failures + 1))
        echo "FAILED: $name" >&2
        sed 's/^/    /' "$work/output" >&2
    fi
}

# STATUS COMMAND...: must exit with this code; its output is in $work/output.
exits() {
    local expected=$1 status=0
    shift
    "$@" >"$work/output" 2>&1 || status=$?
    must "exit code of $* is $status, not $expected" test "$status" = "$expected"
}

says() { must "the output lacks: $1" grep --quiet --fixed-strings -- "$1" "$work/output"; }
silent_on() { must "the output has: $1" not grep --quiet --fixed-strings -- "$1" "$work/output"; }
not() { ! "$@"; }
mode() { must "mode of $2 is $(stat -c %a "$2"), not $1" test "$(stat -c %a "$2")" = "$1"; }
files() { (cd "$root" && find . -type f | sort); }
# Expected files as arguments.
left() { must "files left: $(files | tr '\n' ' '), expected: $*" test "$(files)" = "$(printf '%s\n' "$@" | sort)"; }
listed_is_there() {
    must "files and list differ" env -C "$work" sha256sum --check --status <(sed "s|  /|  $root/|" "$log")
}
new_program() {
    mkdir -p "$checkout/.build/release"
    printf '#!/bin/sh\necho %s\n' "$1" >"$checkout/.build/release/peerfolio"
    chmod 755 "$checkout/.build/release/peerfolio"
}
install_() { "$checkout/scripts/install" --destdir "$root" "$@"; }
uninstall_() { "$checkout/scripts/uninstall" --destdir "$root" "$@"; }
as_nobody() { if ((EUID == 0)); then setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"; else "$@"; fi; }

daemon=(./etc/systemd/system/peerfolio.service ./etc/systemd/system/peerfolio.service.d/10-hardening.conf)
timer=(./etc/systemd/system/peerfolio-run.{service,timer}
    ./etc/systemd/system/peerfolio-run.service.d/10-hardening.conf)
always=(./usr/local/bin/peerfolio ./usr/local/share/peerfolio/installed ./etc/peerfolio/peerfolio.yaml)

echo "== refused"
touch "$work/output"
exits 69 install_
says "run scripts/build first"
must "something was installed without a program" not test -e "$root"
new_program one
exits 64 install_ --unknown
exits 64 install_ --prefix
exits 64 install_ --prefix relative
exits 64 install_ --prefix "/with space"
exits 64 install_ --prefix /opt/../etc
exits 64 install_ --prefix /home/me
exits 77 as_nobody "$checkout/scripts/install"
exits 77 as_nobody "$checkout/scripts/uninstall"
exits 64 uninstall_ --unknown
exits 69 uninstall_
must "something was installed by refused calls" not test -e "$root"
exits 0 install_ --help
says "--destdir"

echo "== first"
# Whatever the caller's umask is.
exits 0 env -C / bash -c "umask 077; exec $checkout/scripts/install --destdir $root"
says "migrate up"
says "enable --now peerfolio.service"
left "${always[@]}" "${daemon[@]}"
must "another program" cmp "$checkout/.build/release/peerfolio" "$root/usr/local/bin/peerfolio"
mode 755 "$root/usr/local/bin/peerfolio"
mode 755 "$root/usr/local/bin"
mode 644 "$units/peerfolio.service"
mode 640 "$config"
mode 750 "${config%/*}"
listed_is_there
must "the list has not 3 files" test "$(grep --count --invert-match '^#' "$log")" = 3

echo "== again, unchanged"
before=$(cd "$root" && find . -type f -exec sha256sum {} + | sort)
exits 0 install_
must "a second time changes something" test "$before" = "$(cd "$root" && find . -type f -exec sha256sum {} + | sort)"

echo "== upgrade"
new_program two
echo "# mine" >>"$config"
sed -i 's/^Description=.*/Description=an older release/' "$units/peerfolio.service"
sum=$(sha256sum <"$units/peerfolio.service")
sed -i "s|^[0-9a-f]*\(  .*/peerfolio.service\)$|${sum%% *}\1|" "$log"
exits 0 install_
must "the old program" grep --quiet two "$root/usr/local/bin/peerfolio"
must "the configuration was replaced" grep --quiet "# mine" "$config"
must "the old unit" cmp --quiet "$top/scripts/systemd/peerfolio.service" "$units/peerfolio.service"
must "an unchanged unit was put aside" not test -e "$units/peerfolio.service.old"
listed_is_there

echo "== upgrade of a unit that was changed by hand"
echo "# by hand" >>"$units/peerfolio.service"
exits 0 install_
says "peerfolio.service.old"
must "the changed unit is lost" grep --quiet "# by hand" "$units/peerfolio.service.old"
must "the changed unit stayed" not grep --quiet "# by hand" "$units/peerfolio.service"
rm "$units/peerfolio.service.old"

echo "== timer"
exits 0 install_ --timer
says "enable --now peerfolio-run.timer"
left "${always[@]}" "${daemon[@]}" "${timer[@]}"
sed -i 's/^OnCalendar=.*/OnCalendar=an older release/' "$units/peerfolio-run.timer"
exits 0 install_
left "${always[@]}" "${daemon[@]}" "${timer[@]}" ./etc/systemd/system/peerfolio-run.timer.old
must "an upgrade leaves the timer as it was" not grep --quiet "an older release" "$units/peerfolio-run.timer"
rm "$units/peerfolio-run.timer.old"
listed_is_there
if command -v systemd-analyze >/dev/null; then
    # It takes the program and the folders of the system from this root, too.
    mkdir -p "$root"/{bin,usr/bin,lib}
    for other in bin/kill usr/bin/install; do
        printf '#!/bin/sh\n' >"$root/$other"
        chmod 755 "$root/$other"
    done
    cp -R /lib/systemd "$root/lib/"
    exits 0 systemd-analyze verify --root="$root" --man=no --recursive-errors=no \
        peerfolio.service peerfolio-run.service peerfolio-run.timer
    must "systemd-analyze has something to say" test ! -s "$work/output"
    rm -rf "${root:?}"/{bin,usr/bin,lib}
fi

echo "== uninstall refused while enabled"
mkdir "$units/timers.target.wants"
ln -s ../peerfolio-run.timer "$units/timers.target.wants/peerfolio-run.timer"
exits 0 install_
says "systemctl restart peerfolio-run.timer"
exits 75 uninstall_
says "systemctl disable --now peerfolio-run.timer"
left "${always[@]}" "${daemon[@]}" "${timer[@]}"
rm -r "$units/timers.target.wants"
mkdir "$units/multi-user.target.wants"
ln -s ../peerfolio.service "$units/multi-user.target.wants/peerfolio.service"
exits 0 install_
says "systemctl restart peerfolio.service"
exits 0 install_ --timer
says "systemctl disable --now peerfolio.service && systemctl enable --now peerfolio-run.timer"
exits 75 uninstall_ --purge
rm -r "$units/multi-user.target.wants"

echo "== uninstall refused with a damaged list"
cp "$log" "$work/log"
echo "nonsense" >>"$log"
exits 65 uninstall_
printf '%064d  /../../etc/passwd\n' 0 >>"$work/log"
cp "$work/log" "$log"
exits 65 uninstall_
left "${always[@]}" "${daemon[@]}" "${timer[@]}"
sed -i '$d' "$log"

echo "== uninstall keeps what was changed"
echo "# by hand" >>"$units/peerfolio-run.timer"
echo "MemoryMax=8G" >"$units/peerfolio.service.d/override.conf"
exits 0 uninstall_
says "removed files: 5"
says "kept /etc/systemd/system/peerfolio-run.timer: changed"
says "kept /etc/systemd/system/peerfolio.service.d/override.conf"
says "kept /etc/peerfolio"
silent_on "peerfolio-run.service"
mine=./etc/systemd/system/peerfolio.service.d/override.conf
left ./usr/local/share/peerfolio/installed ./etc/peerfolio/peerfolio.yaml \
    ./etc/systemd/system/peerfolio-run.timer "$mine"
must "an empty folder is left" not test -e "$units/peerfolio-run.service.d"

echo "== uninstall --purge removes that, too"
mkdir -p "$root/var/lib/systemd/timers"
touch "$root/var/lib/systemd/timers/stamp-peerfolio-run.timer" "$root/etc/peerfolio/pgpass"
exits 0 uninstall_ --purge
says "removed files: 1"
left "$mine"
must "the folder of the list is left" test ! -e "${log%/*}"
must "/etc/peerfolio is left" not test -e "$root/etc/peerfolio"
exits 69 uninstall_ --purge
rm "$root/$mine"

echo "== --purge after uninstall without it"
exits 0 install_
exits 0 uninstall_
left ./etc/peerfolio/peerfolio.yaml
exits 69 uninstall_
exits 0 uninstall_ --purge
must "files left: $(files)" test -z "$(files)"

echo "== another prefix"
exits 0 install_ --prefix /opt/peerfolio
must "the unit starts another program" grep --quiet "^ExecStart=/opt/peerfolio/bin/peerfolio schedule" \
    "$units/peerfolio.service"
exits 69 uninstall_
exits 0 uninstall_ --prefix /opt/peerfolio --purge
must "files left: $(files)" test -z "$(files)"

echo "$checks checks, $failures failed"
((failures == 0))
