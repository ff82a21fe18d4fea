-- What a run records of its lists, which the next migration brings. By itself, since it locks the run log, which every report
-- reads: for a moment, and not for as long as results are converted.

alter table peerfolio.runs
    add column lists bigint,
    add column contents_checksum numeric;
grant update (lists, contents_checksum) on peerfolio.runs to peerfolio_runner;
comment on column peerfolio.runs.recommendations is 'Recommendations to all clients: the lengths of the lists, each times its clients.';
comment on column peerfolio.runs.lists is 'Rows written to run_lists.';
comment on column peerfolio.runs.checksum is
    'Sum over the recommendations to all clients of round(score * 2^30) * rank, verified in SQL after loading.';
comment on column peerfolio.runs.contents_checksum is
    'Sum of the hashes of what the checksum leaves out: products, reasons, lists, and who gets which; verified likewise.';
