#!/usr/bin/env bash
# Restarts and crashes the server under the daemon in the middle of runs, on a private cluster; for RestartTests.
#
#   scripts/with-postgres Tests/CommandLineTests/try-restart.bash PROGRAM FOLDER
#
# Prints what became of the runs of each trial, a line for each run.
set -euo pipefail

program=$1 folder=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source-path=SCRIPTDIR source=../../scripts/cluster.bash
source "$top/scripts/cluster.bash"

cd "$folder"
daemon=''
trap '[[ ! $daemon ]] || kill -KILL "$daemon" 2>/dev/null || true' EXIT

sql() { psql --no-psqlrc --quiet --tuples-only --no-align -v ON_ERROR_STOP=1 --dbname "$database" --command "$1"; }

# CONDITION [SECONDS]: waits until a query yields t; the server may be away meanwhile.
wait_until() {
    local deadline=$((SECONDS + ${2-40}))
    until [[ $(sql "$1" 2>/dev/null) == t ]]; do
        if ((SECONDS > deadline)); then
            echo "never true: $1" >&2
            cat "$folder/daemon.log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

wait_for_log() {
    local deadline=$((SECONDS + 40))
    until grep --quiet "$1" "$folder/daemon.log"; do
        if ((SECONDS > deadline)); then
            echo "never logged: $1" >&2
            exit 1
        fi
        sleep 0.05
    done
}

# MODE PHASE: a trial of its own database.
trial() {
    local mode=$1 phase=$2
    database=trial_${mode}_$phase
    psql --no-psqlrc --quiet --dbname postgres --command "create database $database"
    local connection="host=$PGHOST port=$PGPORT user=$PGUSER dbname=$database"
    "$program" demo --clients 400 --connection "$connection" >/dev/null
    "$program" demo --print-config --connection "$connection" >config.yaml
    "$program" migrate up --config config.yaml >/dev/null
    rm -f go
    : >daemon.log
    PEERFOLIO_PAUSE_AT=$phase PEERFOLIO_PAUSE_UNTIL=$folder/go "$program" schedule --config config.yaml \
        --set schedule.poll=250ms --set timeouts.lease=2s --set retry.delay=200ms --set retry.max_delay=500ms \
        2>daemon.log &
    daemon=$!
    wait_for_log "this daemon acts"
    sql "select peerfolio.request_run()" >/dev/null
    wait_for_log "paused at $phase"
    as_server_user "$(server_bin)/pg_ctl" -D "$PGHOST/data" -m "$mode" -w -s -l "$PGHOST/server.log" restart
    touch go
    wait_until "select count(*) = 1 from peerfolio.runs where status = 'succeeded'"
    wait_until "select count(*) = 0 from peerfolio.runs where status in ('queued', 'running')"
    kill -TERM "$daemon"
    local status=0
    wait "$daemon" || status=$?
    daemon=''
    sql "select '$mode $phase', status, attempt, coalesce(reason_code, '') from peerfolio.runs order by run_id"
    sql "select '$mode $phase', 'published', (select count(*) from peerfolio_bi.recommendations) = recommendations, $status
         from peerfolio.publication join peerfolio.runs on run_id = live_run_id"
}

# A throwaway cluster does not wait for its log; what it has answered shall survive the crashes here.
psql --no-psqlrc --quiet --dbname postgres --command "alter system set synchronous_commit = on" \
    --command "select pg_reload_conf()" >/dev/null

for phase in read search write publish; do
    trial fast "$phase"
    trial immediate "$phase"
done
