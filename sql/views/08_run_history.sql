-- The run log for people: newest first by run_id.
create or replace view peerfolio_bi.run_history as
select
    r.run_id,
    r.channel,
    r.status,
    r.reason_code,
    r.trigger,
    r.requested_by,
    r.as_of_date,
    r.started_at,
    r.finished_at,
    r.published_at,
    coalesce(r.run_id = c.live_run_id, false) as is_live,
    r.slot is not null and r.status = 'succeeded' as is_restorable,
    r.is_forced,
    r.phase,
    (extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at) * 1000)::bigint as duration_ms,
    r.clients,
    r.clients_with_portfolio,
    r.products,
    r.holdings,
    r.distinct_portfolios,
    r.recommendations,
    r.findings,
    r.phases_ms,
    r.kernel,
    r.width,
    r.host,
    r.program_version,
    r.error,
    r.error_sqlstate,
    r.requested_at,
    r.request_reason,
    r.scheduled_for,
    r.attempt,
    r.retry_of,
    r.cancel_requested_at,
    r.cancel_requested_by,
    r.grade,
    r.grade_reason,
    r.compared_run_id,
    r.clients_compared,
    r.lists_changed::double precision / nullif(r.clients_compared, 0) as changed_list_share,
    r.suggestions_new::double precision / nullif(r.suggestions_compared, 0) as new_suggestion_share,
    r.first_choices_changed::double precision / nullif(r.first_choices_compared, 0) as changed_first_choice_share,
    r.coverage,
    r.gini,
    r.top3_share
from peerfolio.runs r
left join peerfolio.publication c on c.channel = r.channel;

comment on view peerfolio_bi.run_history is 'Every run in the run log and what became of it.';
comment on column peerfolio_bi.run_history.run_id is 'Number of the run.';
comment on column peerfolio_bi.run_history.channel is 'Publication channel; reports see the channel live.';
comment on column peerfolio_bi.run_history.status is 'queued, running, succeeded, failed, cancelled or skipped.';
comment on column peerfolio_bi.run_history.reason_code is 'Why it did not succeed or was not published.';
comment on column peerfolio_bi.run_history.trigger is 'What started it: manual, schedule, request, notify or catch_up.';
comment on column peerfolio_bi.run_history.requested_by is 'Login role that asked for it.';
comment on column peerfolio_bi.run_history.as_of_date is 'Business date: holdings as of the end of this day; null while it is queued for the day on which it starts.';
comment on column peerfolio_bi.run_history.started_at is 'When it started; null if it never did.';
comment on column peerfolio_bi.run_history.finished_at is 'When it ended; null while it is running.';
comment on column peerfolio_bi.run_history.published_at is 'When it was first published; null if never.';
comment on column peerfolio_bi.run_history.is_live is 'Whether it is the published run of its channel now.';
comment on column peerfolio_bi.run_history.is_restorable is 'Whether its rows are still there, so that it can be published again.';
comment on column peerfolio_bi.run_history.is_forced is 'Whether it was told to publish in spite of findings that refuse.';
comment on column peerfolio_bi.run_history.phase is 'What it is doing or was doing last.';
comment on column peerfolio_bi.run_history.duration_ms is 'Milliseconds from start to end, or until now.';
comment on column peerfolio_bi.run_history.clients is 'Clients known.';
comment on column peerfolio_bi.run_history.clients_with_portfolio is 'Clients that hold at least one product.';
comment on column peerfolio_bi.run_history.products is 'Products known.';
comment on column peerfolio_bi.run_history.holdings is 'Pairs of client and product that are held.';
comment on column peerfolio_bi.run_history.distinct_portfolios is 'Different portfolios after encoding.';
comment on column peerfolio_bi.run_history.recommendations is 'Recommendations written.';
comment on column peerfolio_bi.run_history.findings is 'Data-quality findings; see run_findings.';
comment on column peerfolio_bi.run_history.phases_ms is 'Milliseconds per phase: read, encode, search, score, write, check, publish, total.';
comment on column peerfolio_bi.run_history.kernel is 'Distance kernel that was used.';
comment on column peerfolio_bi.run_history.width is 'Workers that computed at once.';
comment on column peerfolio_bi.run_history.host is 'Machine that ran it.';
comment on column peerfolio_bi.run_history.program_version is 'Version of peerfolio.';
comment on column peerfolio_bi.run_history.error is 'Why it failed, in words; never contains data.';
comment on column peerfolio_bi.run_history.error_sqlstate is 'SQLSTATE of the failure, if the server gave one.';
comment on column peerfolio_bi.run_history.requested_at is 'When it was asked for or found due.';
comment on column peerfolio_bi.run_history.request_reason is 'Why it was asked for, in the words of who did.';
comment on column peerfolio_bi.run_history.scheduled_for is 'The due moment of the schedule that it stands for.';
comment on column peerfolio_bi.run_history.attempt is '1 for the first attempt; a passing fault is followed by another.';
comment on column peerfolio_bi.run_history.retry_of is 'The first attempt, for those after it: select ... where 17 in (run_id, retry_of) follows request 17.';
comment on column peerfolio_bi.run_history.cancel_requested_at is 'When peerfolio.cancel_run was called for it.';
comment on column peerfolio_bi.run_history.cancel_requested_by is 'Login role that called it.';
comment on column peerfolio_bi.run_history.grade is 'What its own backtest says against popularity: A better, B not worse, C worse; null without publish.gate.';
comment on column peerfolio_bi.run_history.grade_reason is 'The grade in words and figures.';
comment on column peerfolio_bi.run_history.compared_run_id is 'The run that was live when this one read its sources: its lists are compared with it; null for the first.';
comment on column peerfolio_bi.run_history.clients_compared is 'Clients in both runs.';
comment on column peerfolio_bi.run_history.changed_list_share is 'Share of them whose list has other products or another order, 0...1.';
comment on column peerfolio_bi.run_history.new_suggestion_share is 'Share of the suggestions to them that were not in their list before, 0...1.';
comment on column peerfolio_bi.run_history.changed_first_choice_share is 'Share of the clients with a best suggestion in both runs for whom it is another product now, 0...1.';
comment on column peerfolio_bi.run_history.coverage is 'Share of the products that can be suggested (available and held by anybody, or suggested) that it suggests to anybody, 0...1; null where it suggests nothing, and for runs of before it was counted.';
comment on column peerfolio_bi.run_history.gini is 'How unevenly its suggestions are spread over these products: 0 when all get equally many, towards 1 when one gets everything.';
comment on column peerfolio_bi.run_history.top3_share is 'Share of its suggestions that go to the three most suggested products, 0...1.';
grant select on peerfolio_bi.run_history to peerfolio_reader, peerfolio_runner;
