import Dispatch
import Holdings
import Postgres
import ResultStore
import TestSupport
import Testing

@testable import Scoring

/// What the heartbeat writes, and what makes it end a run.
@Suite(.requiresServer) struct HeartbeatTests {
    /// Lets the heart of a new run beat beside a closure; how it ended is given by the task.
    private static func withBeating(
        in phase: RunPhase, patience: Duration = .milliseconds(600), after preparation: String = "",
        _ body: (TestDatabase, RunProgress, Task<Void, any Error>) async throws -> Void
    ) async throws {
        try await TestServer.withMigratedDatabase { database in
            let asOf = try #require(BusinessDate("2026-06-30"))
            let request = RunRequest(
                channel: "live", trigger: .manual, asOf: asOf, configJSON: "{}", isForced: false, host: "h",
                processID: 1,
                programVersion: "test", lease: .seconds(30), slotCount: 4)
            let control = try await PostgresConnection.open(ConnectionSettings(conninfo: database.conninfo(.runner)))
            let lease = try await control.withSession { try RunLog($0).start(request) }
            try await database.execute(preparation)
            let progress = RunProgress { _ in }
            await progress.begin(phase)
            let heartbeat = Heartbeat(lease: lease, control: control, patience: patience, progress: progress)
            let beating = Task { try await heartbeat.beat() }
            // One that beats on where it should have ended fails its test, and does not hold up all others.
            let limit = Task {
                try await Task.sleep(for: .seconds(60) * TestPatience.factor)
                beating.cancel()
            }
            defer { limit.cancel() }
            try await body(database, progress, beating)
            beating.cancel()
            _ = await beating.result
            await control.close()
        }
    }

    private static let end = "update peerfolio.runs set status = 'failed', finished_at = now()"

    @Test func itSaysWhatTheRunDoesUntilItIsCancelled() async throws {
        try await Self.withBeating(in: .read) { database, progress, beating in
            try await database.execute("update peerfolio.runs set heartbeat_at = '2026-01-01'")
            progress.report(done: 7, total: 0)
            let recorded = "select phase, progress->>'done', progress->>'total' from peerfolio.runs"
            try await database.wait(untilTrue: "select heartbeat_at > '2026-01-01' from peerfolio.runs")
            try await database.wait(untilTrue: "select progress->>'done' = '7' from peerfolio.runs")
            #expect(try await database.rows(recorded) == [["read", "7", "0"]])
            await progress.begin(.search)
            progress.report(done: 3, total: 9)
            try await database.wait(
                untilTrue: "select phase = 'search' and progress->>'done' = '3' from peerfolio.runs")
            #expect(try await database.rows(recorded) == [["search", "3", "9"]])
            beating.cancel()
            try await beating.value
        }
    }

    @Test func whoWantsTheRunToStopIsNamed() async throws {
        try await Self.withBeating(in: .write) { database, _, beating in
            try await database.execute("select peerfolio.cancel_run(1)", as: .operator)
            let error = await #expect(throws: ScoringError.self) { try await beating.value }
            #expect(error?.code == .cancelRequested)
            #expect(error?.message.contains(TestDatabase.Role.operator.rawValue) == true)
        }
    }

    /// A beat that began before the run was through, and came to the server afterwards.
    @Test func aBeatThatTheRunHasOvertakenIsNoLoss() async throws {
        try await Self.withBeating(in: .check) { database, progress, beating in
            try await PostgresConnection.withSession(ConnectionSettings(conninfo: database.conninfo())) { session in
                try session.executeScript("begin; update peerfolio.runs set status = 'failed', finished_at = now()")
                let deadline = ContinuousClock.now + .seconds(30) * TestPatience.factor
                while ContinuousClock.now < deadline {
                    let waits: Bool = try session.execute(
                        "select exists (select from pg_locks where not granted and pid <> pg_backend_pid())"
                    ).rows[0].get(at: 0)
                    if waits { break }
                    _ = try session.execute("select pg_sleep(0.02)")
                }
                let done = DispatchSemaphore(value: 0)
                Task {
                    await progress.begin(.done)
                    done.signal()
                }
                done.wait()
                try session.executeScript("commit")
            }
            try await beating.value
        }
    }

    /// Too late to be cancelled: it goes on until the run has ended by its own hand, which is no loss of the fence.
    @Test(arguments: [RunPhase.publish, .done]) func aRunThatIsThroughIsNotStopped(phase: RunPhase) async throws {
        try await Self.withBeating(in: phase) { database, _, beating in
            try await database.execute(
                "select peerfolio.cancel_run(1); update peerfolio.runs set heartbeat_at = '2026-01-01'")
            try await database.wait(untilTrue: "select heartbeat_at > '2026-01-01' from peerfolio.runs")
            try await database.execute(Self.end)
            try await beating.value
        }
    }

    @Test(arguments: [RunPhase.start, .read, .encode, .search, .write, .check]) func aLostFenceStops(phase: RunPhase)
        async throws
    {
        try await Self.withBeating(in: phase) { database, _, beating in
            try await database.execute(Self.end)
            let error = await #expect(throws: RunError.self) { try await beating.value }
            #expect(error?.code == .fenceLost)
        }
    }

    /// The server refuses every beat, or the first few, with an error that may pass or will not.
    private static func refusing(_ state: String, times: Int) -> String {
        """
        create sequence dwh.beats;
        grant usage on schema dwh to public;
        grant usage on sequence dwh.beats to public;
        create function dwh.refuse() returns trigger language plpgsql as $$ begin
            if nextval('dwh.beats') <= \(times) then raise exception 'refused' using errcode = '\(state)'; end if;
            return new;
        end $$;
        create trigger refuse before update on peerfolio.runs for each row execute function dwh.refuse();
        """
    }

    @Test(arguments: ["55P03", "22012"]) func refusalsEndTheRunInTime(state: String) async throws {
        try await Self.withBeating(in: .read, after: Self.refusing(state, times: 1_000_000)) { database, _, beating in
            let error = await #expect(throws: PostgresError.self) { try await beating.value }
            #expect(error?.sqlState == state)
            let beats = try await database.value("select last_value from dwh.beats")
            // What will not pass ends it at the first beat.
            if state == "22012" { #expect(beats == "1") }
        }
    }

    /// A lock or a full server for one beat: nobody has missed the run yet.
    @Test func aRefusalThatPassesIsNotTheEnd() async throws {
        try await Self.withBeating(
            in: .read, patience: .seconds(12),
            after: "update peerfolio.runs set heartbeat_at = '2026-01-01';" + Self.refusing("55P03", times: 1)
        ) { database, _, _ in
            try await database.wait(untilTrue: "select heartbeat_at > '2026-01-01' from peerfolio.runs")
            #expect(try await database.value("select last_value from dwh.beats") == "2")
        }
    }
}
