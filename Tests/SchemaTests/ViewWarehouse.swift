import TestSupport
import Testing

/// A database in which everything that a view must not show lies beside what it must.
enum ViewWarehouse {
    /// The run log of two channels: a run of every status, and which of them are published.
    ///
    /// Channel `live`: 1 failed, 2 the one before, 3 live, 4 lost its fence, 5 going on, 6 queued, 13 cancelled,
    /// 14 skipped. Channel `other`: 7 live, 8 failed, 9 succeeded and was never published, 10 and 11 queued, 12 going on.
    /// Nothing has ever started in the channel `fresh`, for which 15 is queued.
    private static let runs = """
        set role peerfolio_owner;
        select peerfolio.ensure_slots(6);
        reset role;
        insert into peerfolio.runs (channel, status, phase, trigger, term, as_of_date, config, config_hash, host,
            process_id, program_version, slot, reason_code, error, started_at, finished_at, published_at)
        select r.channel, r.status, r.phase, 'manual', 1, r.day::date, '{}', '', 'h', 1, '', r.slot, r.code, r.code,
               '2026-07-01', case when r.status not in ('queued', 'running') then '2026-07-01 00:00:09'::timestamptz end,
               case when r.is_published then '2026-07-02'::timestamptz end
        from (values
            (1, 'live', 'failed', 'read', '2026-06-28', null::smallint, 'EARLY', false),
            (2, 'live', 'succeeded', 'done', '2026-06-29', 1, null, true),
            (3, 'live', 'succeeded', 'done', '2026-06-30', 0, null, true),
            (4, 'live', 'failed', 'write', '2026-07-01', null, 'ABANDONED', false),
            (5, 'live', 'running', 'write', '2026-07-02', 3, null, false),
            (6, 'live', 'queued', 'start', null, null, null, false),
            (7, 'other', 'succeeded', 'done', '2026-05-31', 2, null, true),
            (8, 'other', 'failed', 'read', '2026-06-01', null, 'SOURCE_REFUSED', false),
            (9, 'other', 'succeeded', 'done', '2026-06-02', null, 'NOT_PUBLISHED', false),
            (10, 'other', 'queued', 'start', null, null, null, false),
            (11, 'other', 'queued', 'start', null, null, null, false),
            (12, 'other', 'running', 'search', '2026-06-03', 4, null, false),
            (13, 'live', 'cancelled', 'read', '2026-07-02', null, 'CANCELLED', false),
            (14, 'live', 'skipped', 'start', null, null, 'MISSED', false),
            (15, 'fresh', 'queued', 'start', null, null, null, false)
        ) r(number, channel, status, phase, day, slot, code, is_published)
        order by r.number;
        update peerfolio.publication set term = 5, live_run_id = 3, live_slot = 0, previous_run_id = 2, previous_slot = 1,
            published_at = '2026-07-03';
        insert into peerfolio.publication (channel, term, live_run_id, live_slot, published_at)
        values ('other', 5, 7, 2, '2026-06-04');
        insert into peerfolio.run_checks values
            (3, 'HELD_BY_NOBODY', 'info', 1, '{C}', 'live'), (4, 'NEGATIVE_AMOUNT', 'warning', 2, '{}', 'lost'),
            (7, 'NEGATIVE_AMOUNT', 'error', 3, '{}', 'other');
        insert into peerfolio.schedulers (channel, holder, host, process_id, program_version, lease, schedule, next_run_at,
            renewed_at)
        values ('live', 'a', 'h-live', 1, '', '1 day', '@daily', '2026-07-04', now()),
               ('other', 'b', 'h-other', 2, '', '1 day', '', null, now() - interval '2 days');
        """

    /// Seven evaluations; of each channel and kind, and of the backtests of runs, one is the latest.
    ///
    /// Number 2 is the newest of `live` that could calibrate scores.
    private static let evaluations = """
        insert into peerfolio.evaluations (channel, run_id, kind, config, model_hash, published_method, windows, clients,
            pairs, duration_ms, program_version, evaluated_at, is_calibration_earned, calibration_scores,
            calibration_propensities)
        select e.channel, e.run_id, e.kind, '{}', '', 'peers', 1, 9, 9, 1, '', '2026-07-01',
               e.scores is not null, e.scores::float8[], e.scores::float8[]
        from (values
            (1, 'live', null::bigint, 'temporal', '{0.1}'), (2, 'live', null, 'temporal', '{0.2}'),
            (3, 'live', null, 'leave_one_out', null), (4, 'live', 2, 'temporal', null), (5, 'live', 3, 'temporal', null),
            (6, 'other', 7, 'temporal', null), (7, 'other', null, 'temporal', '{0.3}')
        ) e(number, channel, run_id, kind, scores) order by e.number;
        insert into peerfolio.run_metrics
        select n, 0, null, null, null, m, 'ndcg@10', n / 10.0, 0, 1, null, 9
        from generate_series(1, 7) n, unnest('{peers,popularity}'::text[]) m;
        insert into peerfolio.calibration_bins
        select n, b, 0, 1, 10 * n, 0.5, 0.5, 0.5, 0, 1 from unnest('{1,2,7}'::bigint[]) n, generate_series(1, 2) b;
        """

    /// The live run: five clients, of whom one is offered nothing, under a hybrid model.
    private static let liveRows = """
        insert into peerfolio.run_products values
            (3, 'A', 'Fund A', 10, 0.5, true, null), (3, 'B', null, 4, 0.2, true, null),
            (3, 'C', 'New', 0, 0, true, 'attributes'), (3, 'D', 'Set', 1, 0.1, false, 'components'),
            (3, 'E', null, 9, 0.25, true, null);
        insert into flat.run_clients values
            (0, 3, 1, 'scored', 2, 10, 0.5, 'Ana'), (0, 3, 2, 'scored', 1, 10, 0.5, 'Bruno'),
            (0, 3, 3, 'fallback', 1, 0, null, 'Ana'), (0, 3, 4, 'no_portfolio', 0, 0, null, null),
            (0, 3, 5, 'excluded', 3, 10, 0.5, 'Ana');
        insert into flat.recommendations values
            (0, 3, 1, 1, 'A', 0.875, 10, 6, 'PEERS', 0.4, '{"peers": 0.6, "ease": 0.9}'),
            (0, 3, 1, 2, 'D', 0.5, 10, 0, 'HYBRID', null, '{"ease": 0.5}'),
            (0, 3, 1, 3, 'C', 0.25, 10, 0, 'COMPONENTS', null, '{"peers": 0.25}'),
            (0, 3, 1, 4, 'B', 0.125, 10, 1, 'PEERS', null, '{"peers": 0.1, "popularity": 0.2}'),
            (0, 3, 2, 1, 'B', 0.5, 10, 0, 'HYBRID', 0.2, '{"peers": 0, "ease": 1}'),
            (0, 3, 3, 1, 'A', 0.5, 0, 0, 'POPULAR', null, null),
            (0, 3, 4, 1, 'A', 0.5, 0, 0, 'POPULAR', null, null);
        insert into peerfolio.managers values ('\(TestDatabase.Role.manager.rawValue)', 'Ana');
        """

    /// What has been published, and nobody's rows but those of the live run.
    static let published = FlatRows.script + runs + evaluations + liveRows

    /// Rows that no report may show.
    struct Stray: CustomTestStringConvertible {
        /// How they come to be there.
        let testDescription: String
        /// Writes them.
        let script: String

        init(_ description: String, run: Int, slot: Int, products: Bool = true) {
            testDescription = description
            // Client 1 with two suggestions, and a client that the live run does not have.
            script =
                (products
                    ? """
                    insert into peerfolio.run_products
                    select \(run), p, p, 1, 0.25, true, null from unnest('{A,B,Z}'::text[]) p;
                    """ : "")
                    + """
                    insert into flat.run_clients
                    select \(slot), \(run), c, 'scored', 7, 3, 0.25, 'Ana' from unnest('{1,99}'::bigint[]) c;
                    insert into flat.recommendations
                    select \(slot), \(run), c, r, p, 0.25, 3, 1, 'PEERS', null, null
                    from unnest('{1,99}'::bigint[]) c, unnest('{A,B}'::text[]) with ordinality as x(p, r);
                    """
        }
    }

    static let strays = [
        Stray("a run that lost its fence has written into what is the live slot now", run: 4, slot: 0),
        Stray(
            "rows in the live slot are those of a run that the log has forgotten", run: 999, slot: 0, products: false),
        Stray("rows with the live run's number lie in a slot that is not its own", run: 3, slot: 5, products: false),
        Stray("the run before is kept for a rollback", run: 2, slot: 1),
        Stray("a run is going on", run: 5, slot: 3),
        Stray("another channel has published", run: 7, slot: 2),
        Stray("a run of another channel is going on", run: 12, slot: 4),
    ]

    /// All of ``published`` and all of ``strays``.
    static let everything = strays.map(\.script).reduce(published, +)
}
