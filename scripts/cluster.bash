# Private PostgreSQL clusters, for the other scripts to source: one folder holds data, log and Unix socket.
#
#   server_bin             prints the folder with initdb and pg_ctl of a server of version 13 or newer; fails if none.
#                          PEERFOLIO_TEST_POSTGRES_BIN names another folder than that of the newest installed server
#   server_user            prints the user a cluster runs as: postgres when called by root, else the caller
#   start_cluster FOLDER   starts the cluster in FOLDER unless it runs, created first if new; sets cluster_conninfo
#   cluster_runs FOLDER    whether it runs
#   stop_cluster FOLDER    stops it, if it runs
#   forget_other_servers   clears PG* and PEERFOLIO_* variables but PEERFOLIO_TEST_*
#   exit_on_signals        makes a signal end the script by its traps for EXIT
#   interruptibly COMMAND  runs a command, which gets the signals that the script gets; returns its exit code
#
# Nothing listens on TCP. Nothing survives a power failure, either: durability is switched off for speed.
# shellcheck shell=bash disable=SC2034 # The variables are for the scripts that source this.

# The number only names the socket, so it cannot collide with another server's.
cluster_port=55432

# What the caller's environment holds for another server (PGHOSTADDR, PEERFOLIO_CONNECTION, ...) would lead there.
forget_other_servers() {
    local name
    for name in "${!PG@}" "${!PEERFOLIO_@}"; do
        [[ $name == PEERFOLIO_TEST_* ]] || unset "$name"
    done
}

exit_on_signals() {
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# In the background, because bash handles signals only once a foreground command has ended; such a command would
# otherwise ignore interrupts.
interruptibly() {
    local command signal interrupted=yes status
    env --default-signal=INT,QUIT -- "$@" <&0 &
    command=$!
    for signal in HUP INT TERM; do
        # shellcheck disable=SC2064 # The values of now are wanted.
        trap "interrupted=yes; kill -$signal $command 2>/dev/null || true" "$signal"
    done
    while [[ $interrupted ]]; do
        interrupted=''
        status=0
        wait "$command" || status=$?
    done
    exit_on_signals
    return "$status"
}

server_bin() {
    local folder version
    while read -r folder; do
        [[ -x $folder/initdb && -x $folder/pg_ctl && -x $folder/postgres ]] || continue
        version=$("$folder/postgres" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')
        if ((version >= 13)); then
            echo "$folder"
            return
        fi
    done < <(
        if [[ ${PEERFOLIO_TEST_POSTGRES_BIN-} ]]; then
            echo "$PEERFOLIO_TEST_POSTGRES_BIN"
            exit
        fi
        pg_config --bindir 2>/dev/null || true
        printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort --reverse
    )
    return 1
}

server_user() {
    if ((EUID == 0)); then echo postgres; else id -un; fi
}

# PostgreSQL refuses to run as root. The working folder may be closed to the other user, so it is left first.
as_server_user() (
    cd /
    if ((EUID == 0)); then exec runuser -u postgres -- "$@"; else exec "$@"; fi
)

# A pid file outlives a crash, and its number may be another process's by now; a server works in its data folder.
cluster_runs() {
    local pid
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && [[ "/proc/$pid/cwd" -ef $1/data ]]
}

start_cluster() {
    local folder=$1 bin socket="$1/.s.PGSQL.$cluster_port"
    # 107 bytes is what the kernel allows; the plain characters need no quoting in a conninfo or a configuration file.
    if ((${#socket} > 100)) || [[ $folder =~ [^A-Za-z0-9_./+-] ]]; then
        echo "error: $folder cannot hold a socket; set TMPDIR to a shorter, plain path" >&2
        return 1
    fi
    if ! as_server_user test -w "$folder" -a -x "$folder"; then
        echo "error: user $(server_user) cannot write to $folder; set TMPDIR to a folder open to everyone" >&2
        return 1
    fi
    bin=$(server_bin) || {
        echo "error: no PostgreSQL server of version 13 or newer${PEERFOLIO_TEST_POSTGRES_BIN:+ in $PEERFOLIO_TEST_POSTGRES_BIN}; run scripts/prepare" >&2
        return 69
    }
    if [[ ! -e $folder/ready ]]; then
        rm -rf "$folder/data"
        as_server_user "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust \
            --locale=C.UTF-8 --encoding=UTF8 --no-sync >"$folder/initdb.log" || return
        cat >>"$folder/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$folder'
port = $cluster_port
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
CONF
        touch "$folder/ready"
    fi
    cluster_conninfo="host=$folder port=$cluster_port user=postgres"
    if cluster_runs "$folder"; then
        return
    fi
    # Left by a crash, the process number in these may be another process's or a zombie's.
    rm -f "$folder/data/postmaster.pid" "$folder"/.s.PGSQL.*
    if ! as_server_user "$bin/pg_ctl" -D "$folder/data" -l "$folder/server.log" -w -s start >&2; then
        tail -n 20 "$folder/server.log" >&2
        return 1
    fi
}

stop_cluster() {
    cluster_runs "$1" || return 0
    as_server_user "$(server_bin)/pg_ctl" -D "$1/data" -m immediate -w -s stop
}
