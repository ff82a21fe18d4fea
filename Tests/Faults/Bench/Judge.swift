import Foundation
import TestSupport

/// What is asserted after every trial: A1 to A7 of the catalogue.
struct Judge: Sendable {
    /// What the database knew before a fault.
    struct State: Sendable {
        let newestRun: Int64
        let liveRun: Int64
        let sources: String
    }

    /// What became of the run that met a fault.
    enum Claim: Equatable {
        /// It said that it has published.
        case published
        /// It said that it has not.
        case notPublished
        /// It said that it does not know.
        case unknown
        /// It could say nothing.
        case none
    }

    let testbed: Testbed

    /// The newest run, the live run, and the sources.
    func state() async throws -> State {
        let row = try await testbed.rows(
            """
            select coalesce(max(r.run_id), 0), (select live_run_id from peerfolio.publication where channel = 'live'),
                   (\(Warehouse.checksum))
            from peerfolio.runs r
            """)[0].map { $0 ?? "" }
        return State(newestRun: Int64(row[0]) ?? 0, liveRun: Int64(row[1]) ?? 0, sources: row[2])
    }

    /// What a program's ending and its last words claim.
    static func claim(of outcome: ChildProcess.Outcome) -> Claim {
        switch outcome.ending {
        case .exit(0): .published
        case .exit where outcome.errors.contains("may or may not be live"): .unknown
        case .exit: .notPublished
        case .signal: .none
        }
    }

    /// Right after the fault: reports see a whole run, and the program has claimed nothing that is not so.
    func afterFault(
        _ before: State, _ outcome: ChildProcess.Outcome, _ allowance: Allowance = Allowance()
    ) async throws -> [String] {
        var problems = try await wholeness()
        let published = try await testbed.rows(
            """
            select run_id from peerfolio.runs
            where run_id > \(before.newestRun) and status = 'succeeded' and published_at is not null order by run_id
            """
        ).compactMap { $0[0].flatMap(Int64.init) }
        let live = try await state().liveRun
        if published.count > allowance.runs { problems.append("A3: runs \(published) were all published") }
        if live != published.last ?? before.liveRun {
            problems.append("A2: run \(live) is live, and not \(published.last ?? before.liveRun)")
        }
        if live == before.liveRun || !allowance.otherSources { problems += try await sameness(since: before) }
        switch Self.claim(of: outcome) {
        case .published where published.isEmpty:
            problems.append("A2: it said that it has published, and has not")
        case .notPublished where !published.isEmpty:
            problems.append("A2: it said that it has not published, and has: \(outcome.errors)")
        case .unknown where !allowance.unknownEnding:
            problems.append("A2: it could have found out what became of its run: \(outcome.errors)")
        default: break
        }
        return problems
    }

    /// After a plain rerun: it has published, and nothing is left of what the fault broke off.
    func afterRerun(
        _ before: State, _ outcome: ChildProcess.Outcome, _ allowance: Allowance = Allowance()
    ) async throws -> [String] {
        var problems = try await wholeness()
        if outcome.ending != .exit(0) {
            problems.append("A3: the rerun ended with \(outcome.ending): \(outcome.errors)")
        }
        problems += try await sameness(since: allowance.otherSources ? state() : before)
        testbed.evidence.search(
            try await testbed.value(
                "select string_agg(to_jsonb(r)::text, ' ') from peerfolio.runs r where run_id > \(before.newestRun)"),
            "run log")
        let leftovers = try await testbed.rows(
            """
            select 'A3: the newest run is not live'
            from peerfolio.publication where channel = 'live' and live_run_id <> (select max(run_id) from peerfolio.runs)
            union all
            select 'A4: run ' || run_id || ' still counts as ' || status from peerfolio.runs
            where status in ('running', 'queued')
            union all
            select 'A4: rows of run ' || t.run_id || ' in slot ' || t.slot
            from (select distinct slot, run_id from peerfolio.run_lists
                  union select distinct slot, run_id from peerfolio.recommendations
                  union select distinct slot, run_id from peerfolio.run_clients) t
            where not exists (
                select from peerfolio.runs r
                where r.run_id = t.run_id and r.slot = t.slot and r.status = 'succeeded')
            union all
            select 'A4: a failed run keeps slot ' || slot from peerfolio.runs
            where status <> 'succeeded' and slot is not null
            """)
        problems += leftovers.compactMap { $0[0] }
        if try await state().sources != before.sources { problems.append("A7: the sources have changed") }
        return problems
    }

    /// Whether what reports see is the run that the pointer names, all of it, and what lies below is what it has written,
    /// in one snapshot.
    private func wholeness() async throws -> [String] {
        let row =
            try await testbed.rows(
                """
                select r.status = 'succeeded' and r.published_at is not null
                       and (v.rows, v.lowest, v.highest, v.checksum) = (r.recommendations, r.run_id, r.run_id, r.checksum)
                       and (select count(*) from peerfolio_bi.clients) = r.clients,
                       (w.lists, w.clients, w.recommendations, w.checksum, w.contents)
                       = (r.lists, r.clients, r.recommendations, r.checksum, r.contents_checksum)
                from peerfolio.publication p join peerfolio.runs r on r.run_id = p.live_run_id
                cross join (select count(*) as rows, min(run_id) as lowest, max(run_id) as highest,
                                   sum(round(score * 1073741824)::numeric * rank) as checksum
                            from peerfolio_bi.recommendations) v
                left join (\(Self.written)) w on (w.slot, w.run_id) = (p.live_slot, p.live_run_id)
                where p.channel = 'live'
                """
            ).first ?? [nil, nil]
        let problems = ["A1: reports do not see the whole live run", "A1: the live run has not the lists it wrote"]
        return zip(row, problems).filter { $0.0 != "t" }.map(\.1)
    }

    /// What the rows of each run add up to, whoever made them: a list is worth what its clients get of it, which are those
    /// who have it and not those whom it says it has.
    static let written = """
        select slot, run_id, k.clients, l.lists, k.recommendations, k.checksum, k.contents + l.contents + o.contents as contents
        from (select c.slot, c.run_id, count(*) as clients, sum(o.recommendations) as recommendations,
                     sum(o.checksum) as checksum,
                     sum(hash_array_extended(array[convert_to(c.client_id::text, 'UTF8')], c.list_number)) as contents
              from peerfolio.run_clients c
              left join (select slot, run_id, list_number, count(*) as recommendations,
                                sum(round(score * 1073741824)::numeric * rank) as checksum
                         from peerfolio.recommendations group by slot, run_id, list_number) o
              using (slot, run_id, list_number)
              group by c.slot, c.run_id) k
        join (select slot, run_id, count(*) as lists,
                     sum(hashfloat8extended(coalesce(kth_distance, -1),
                         hashcharextended(status,
                             hashint8extended((portfolio_size::bigint << 32) | peers,
                                 hashint8extended((list_number::bigint << 32) | clients, group_number))))) as contents
              from peerfolio.run_lists group by slot, run_id) l using (slot, run_id)
        join (select slot, run_id,
                     sum(hashcharextended(reason,
                         hashfloat8extended(peers_holding,
                             hash_array_extended(array[convert_to(product_id::text, 'UTF8')],
                                 (list_number::bigint << 16) | rank)))) as contents
              from peerfolio.recommendations group by slot, run_id) o using (slot, run_id)
        """

    /// What the live run has read, and all that reports see of it but its number and its times.
    ///
    /// A run is deterministic, so this is the same of all runs over the same sources.
    static let content = """
        select r.input_fingerprint, r.clients, r.holdings, r.recommendations, r.checksum, r.lists, r.contents_checksum,
               (select md5(string_agg((to_jsonb(v) - '{run_id,as_of_date,published_at}'::text[])::text, '|'
                                      order by v.client_id, v.rank)) from peerfolio_bi.recommendations v) as suggestions,
               (select md5(string_agg((to_jsonb(c) - '{run_id,as_of_date,published_at}'::text[])::text, '|'
                                      order by c.client_id)) from peerfolio_bi.clients c) as people
        from peerfolio.publication p join peerfolio.runs r on r.run_id = p.live_run_id
        where p.channel = 'live'
        """

    /// Where the template keeps it of its first run: the manifest of any other has been written by the program that is
    /// on trial.
    static let reference = "faults.reference"

    /// Whether the live run, and all that were published since a state, are what the first run was.
    private func sameness(since before: State) async throws -> [String] {
        let others = try await testbed.rows(
            """
            select 'R2: reports see another result than that of the first run'
            where not exists (select * from \(Self.reference) intersect \(Self.content))
            union all
            select 'R2: run ' || run_id || ' has read or written something else than the first run'
            from peerfolio.runs r
            where run_id > \(before.newestRun) and published_at is not null
              and not exists (
                  select r.input_fingerprint, r.clients, r.holdings, r.recommendations, r.checksum, r.lists,
                         r.contents_checksum
                  intersect select input_fingerprint, clients, holdings, recommendations, checksum, lists,
                                   contents_checksum
                  from \(Self.reference))
            """)
        return others.compactMap { $0[0] }
    }

    /// Waits until nobody is left of the program in the database (assertion A5).
    func awaitSilence(within limit: Duration = .seconds(15)) async throws -> [String] {
        do {
            try await testbed.wait(
                untilTrue: """
                    select not exists (
                        select from pg_stat_activity
                        where usename = '\(Testbed.serviceRole)' and datname = current_database())
                    and not exists (
                        select from pg_locks
                        where locktype = 'advisory'
                          and database = (select oid from pg_database where datname = current_database()))
                    """, within: limit)
            return []
        } catch is Failure {
            return ["A5: sessions or advisory locks of the program are left after \(limit)"]
        }
    }

    /// How long it takes, up to a minute, until nobody is left.
    func secondsToSilence(since start: ContinuousClock.Instant) async throws -> Double {
        _ = try await awaitSilence(within: .seconds(60))
        return (ContinuousClock.now - start) / .seconds(1)
    }
}
