-- Has pg_cron ask Peerfolio's scheduler for runs; `peerfolio schedule` must be running, and carries them out.
--
--   psql "service=warehouse dbname=postgres user=postgres" --file pg_cron.sql
--
-- In the database that cron.database_name names, as a superuser. Put in your own names for warehouse and warehouse_jobs.
-- For fixed times schedule.cron in Peerfolio's configuration is simpler: it knows time zones, and catches up after
-- downtime. pg_cron is for what only SQL knows, such as that the night's load is done.
--
-- A job's session ends as soon as it has asked: the request is a row, so that it waits even for a scheduler that is
-- down. What became of it is in peerfolio_bi.run_history; cron.job_run_details only knows that it was asked for.

-- Whoever asks needs this membership and nothing else; it shows no data.
create role warehouse_jobs login;
grant peerfolio_operator to warehouse_jobs;

-- At 03:30 in the zone of cron.timezone, which is GMT unless it is set, from Monday to Friday.
select cron.schedule_in_database('peerfolio', '30 3 * * 1-5', $$
    select peerfolio.request_run(reason => 'pg_cron')
$$, 'warehouse', 'warehouse_jobs');

-- Every five minutes: a run as soon as all loads of the day are done, once a day. The role then also needs
-- peerfolio_reader, for run_history, and to read the table of loads, which is granted in the warehouse; a view of yours may
-- take its place.
--
-- grant peerfolio_reader to warehouse_jobs;
-- select cron.schedule_in_database('peerfolio-after-load', '*/5 * * * *', $$
--     select peerfolio.request_run(reason => 'loaded ' || current_date)
--      where (select bool_and(finished_at is not null) from dwh.loads where load_date = current_date)
--        and not exists (select from peerfolio_bi.run_history where request_reason = 'loaded ' || current_date)
-- $$, 'warehouse', 'warehouse_jobs');
--
-- \connect warehouse
-- grant usage on schema dwh to warehouse_jobs;
-- grant select on dwh.loads to warehouse_jobs;
