import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// A run that dies at any moment leaves the published run as it was, and the next run goes on as if nothing had been.
    @Suite(.serialized) struct KillTests {
        enum Death: String, CaseIterable {
            case killed, terminated, disconnected
        }

        private static let pausePoints = [
            "started", "read", "encode", "search", "write", "check", "publish", "published",
        ]

        @Test(arguments: Death.allCases)
        func aRunThatDiesAtAPhase(_ death: Death) async throws {
            try await Installation.withDemo { installation in
                _ = try await installation.succeed("run")
                try await ReportReaders.reading(installation, [.simple, .prepared]) {
                    for point in Self.pausePoints {
                        try await Self.die(death, at: point, installation)
                        try await Self.expectRecovery(installation)
                    }
                }
            }
        }

        /// Lets a run die at a pause point, and expects what it leaves.
        private static func die(_ death: Death, at point: String, _ installation: Installation) async throws {
            let before = try await content(installation)
            let outcome = try await installation.withRunning("run", environment: ["PEERFOLIO_PAUSE_AT": point]) { run in
                try await run.waitForError(containing: "paused at \(point)")
                switch death {
                case .killed: await run.send(SIGKILL)
                case .terminated: await run.send(SIGTERM)
                case .disconnected:
                    _ = try await installation.value(
                        """
                        select count(pg_terminate_backend(pid)) from pg_stat_activity
                        where application_name = 'peerfolio' and datname = current_database()
                        """)
                }
                return try await run.outcome(within: .seconds(20))
            }
            let isPublished = point == "published"
            switch death {
            case .killed: #expect(outcome.ending == .signal(SIGKILL))
            case .terminated: #expect(outcome.ending == .exit(isPublished ? 0 : 143), "\(point): \(outcome.errors)")
            case .disconnected: #expect(outcome.ending == .exit(isPublished ? 0 : 69), "\(point): \(outcome.errors)")
            }

            let newest = try await installation.rows(
                "select run_id, status, reason_code from peerfolio.runs order by run_id desc limit 1")[0]
            if isPublished {
                #expect(newest[1] == "succeeded")
                #expect(try await installation.value("select live_run_id from peerfolio.publication") == newest[0])
                #expect(try await content(installation) != before)
            } else {
                let expected: [String?] =
                    switch death {
                    case .killed: ["running", nil]
                    case .terminated: ["cancelled", "CANCELLED"]
                    case .disconnected: ["failed", "DATABASE_UNAVAILABLE"]
                    }
                #expect(Array(newest.dropFirst()) == expected, "\(point)")
                #expect(try await content(installation) == before, "\(point)")
            }
        }

        @Test func runsKilledAtRandomMoments() async throws {
            try await Installation.withDemo { installation in
                _ = try await installation.succeed("run")
                let usual = try await ContinuousClock().measure { _ = try await installation.succeed("run") }
                var generator = SplitMix(state: 25)
                try await ReportReaders.reading(installation, [.simple, .prepared]) {
                    for trial in 0..<25 {
                        let before = try await installation.value("select live_run_id from peerfolio.publication")
                        let delay = usual * (Double(generator.next() % 1000) / 1000)
                        try await installation.withRunning("run") { run in
                            try await Task.sleep(for: delay)
                            await run.send(SIGKILL)
                            _ = try await run.outcome()
                        }
                        let state = try await installation.rows(
                            """
                            select p.live_run_id, r.status from peerfolio.publication p, peerfolio.runs r
                            order by r.run_id desc limit 1
                            """)[0]
                        #expect(
                            state[0] == before || state[1] == "succeeded",
                            "trial \(trial), killed after \(delay)")
                        // The server may still be busy with the dead run's last statement.
                        try await installation.wait(
                            untilTrue: """
                                select not exists (select from pg_stat_activity where application_name = 'peerfolio'
                                                   and datname = current_database())
                                """)
                        try await Self.expectRecovery(installation)
                    }
                }
            }
        }

        /// Expects that a plain run succeeds at once, and that nothing is left of any dead one.
        private static func expectRecovery(_ installation: Installation) async throws {
            expectSuccess(try await installation.peerfolio("run", within: .seconds(20)))
            #expect(
                try await installation.value(
                    """
                    select count(*) from peerfolio.runs
                    where status = 'running' or status = 'failed'
                      and reason_code not in ('ABANDONED', 'DATABASE_UNAVAILABLE')
                    """) == "0")
            for table in Installation.resultTables {
                #expect(
                    try await installation.value(
                        """
                        select count(*) from peerfolio.\(table) t where not exists (
                            select from peerfolio.runs r
                            where r.run_id = t.run_id and r.slot = t.slot and r.status = 'succeeded')
                        """) == "0", "\(table)")
            }
            #expect(
                try await installation.value(
                    "select bool_and(slot is null) from peerfolio.runs where status <> 'succeeded'") != "f")
        }

        /// Everything that reports see, as one text.
        private static func content(_ installation: Installation) async throws -> String {
            try await installation.value(
                """
                select (select string_agg(r::text, E'\\n' order by r.client_id, r.rank)
                        from peerfolio_bi.recommendations r)
                    || (select string_agg(c::text, E'\\n' order by c.client_id) from peerfolio_bi.clients c)
                """)
        }
    }
}

/// SplitMix64, so that a failure can be repeated.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
