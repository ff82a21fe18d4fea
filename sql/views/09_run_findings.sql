-- Data-quality findings of every run in the log.
create or replace view peerfolio_bi.run_findings as
select f.run_id, r.as_of_date, f.code, f.severity, f.occurrences, f.examples, f.message
from peerfolio.run_checks f
join peerfolio.runs r using (run_id);

comment on view peerfolio_bi.run_findings is 'Data-quality findings: one row per run and kind of finding.';
comment on column peerfolio_bi.run_findings.as_of_date is 'Business date of the run.';
grant select on peerfolio_bi.run_findings to peerfolio_reader, peerfolio_runner;
