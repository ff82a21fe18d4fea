-- Who may do what: each role has the rights that it uses, by column where a statement names columns, and no other.

-- A function that is created later is not open to everybody by accident.
alter default privileges revoke execute on functions from public;

-- May become the owner, and look whether that is needed.
grant usage on schema peerfolio to peerfolio_migrator;
grant select on peerfolio.schema_migrations, peerfolio.schema_objects to peerfolio_migrator;

-- Calls functions; USAGE shows no table.
grant usage on schema peerfolio to peerfolio_operator;

grant usage on schema peerfolio_bi to peerfolio_manager;

-- The service. A right on a table goes with its columns, so it is taken back before columns are granted.
revoke all on peerfolio.runs, peerfolio.publication, peerfolio.schedulers, peerfolio.evaluations, peerfolio.run_metrics,
    peerfolio.calibration_bins, peerfolio.run_checks, peerfolio.run_products
    from peerfolio_runner;
grant select, delete on peerfolio.runs to peerfolio_runner;
grant insert (
    channel, term, status, phase, trigger, requested_by, as_of_date, config, config_hash, is_forced, slot, host,
    process_id, program_version, backend_pid, backend_started_at, requested_at, request_reason, scheduled_for,
    not_before, attempt, retry_of, reason_code, error, started_at, finished_at
) on peerfolio.runs to peerfolio_runner;
grant update (
    term, status, phase, as_of_date, config, config_hash, slot, host, process_id, program_version, backend_pid,
    backend_started_at, started_at, heartbeat_at, not_before, clients, clients_with_portfolio, products, holdings,
    findings, input_fingerprint, compared_run_id, distinct_portfolios, recommendations, checksum, kernel, width,
    phases_ms, progress, finished_at, published_at, reason_code, error, error_sqlstate, grade, grade_reason,
    clients_compared, lists_changed, suggestions_compared, suggestions_new, first_choices_compared,
    first_choices_changed
) on peerfolio.runs to peerfolio_runner;
grant select, insert (channel), update (
    term, live_run_id, live_slot, previous_run_id, previous_slot, published_at, published_by
) on peerfolio.publication to peerfolio_runner;
grant select, insert (
    channel, holder, host, process_id, program_version, lease, schedule, next_run_at
), update (
    holder, term, host, process_id, program_version, acquired_at, renewed_at, lease, schedule, scheduled_since,
    next_run_at
) on peerfolio.schedulers to peerfolio_runner;
grant select, delete, insert (
    channel, run_id, kind, config, model_hash, published_method, windows, clients, pairs, best_baseline, duration_ms,
    program_version, brier, constant_brier, calibration_gain, calibration_gain_low, calibration_gain_high,
    is_calibration_earned, calibration_scores, calibration_propensities
) on peerfolio.evaluations to peerfolio_runner;
-- Read through the views, and deleted along with their run or evaluation.
grant insert on peerfolio.run_metrics, peerfolio.calibration_bins, peerfolio.run_checks, peerfolio.run_products
    to peerfolio_runner;

-- Which clients a manager sees in peerfolio_bi.my_clients and my_suggestions: none until somebody writes it here.
create table peerfolio.managers (
    role_name name not null,
    manager text not null,
    primary key (role_name, manager)
);
comment on table peerfolio.managers is
    'Which clients the members of peerfolio_manager see: one row per role and manager. Kept by hand; empty after installing.';
comment on column peerfolio.managers.role_name is
    'Role that reports run as, by its name: a row outlives its role, so delete both together.';
comment on column peerfolio.managers.manager is 'Manager as clients.manager has it, byte for byte.';

-- Without a key, rows could not be deleted while the table is part of a publication for logical replicas.
alter table peerfolio.run_metrics replica identity full;
