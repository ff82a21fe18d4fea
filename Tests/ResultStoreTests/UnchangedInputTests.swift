import TestSupport
import Testing

@testable import ResultStore

/// When a run need not publish, since the live one has read the same under the same configuration.
@Suite(.requiresServer) struct UnchangedInputTests {
    private static let model = #"{"model": {"k": 200}}"#

    /// A live run of each of two channels, and a run going on that has read the same under the same configuration.
    private static let runs = """
        insert into peerfolio.runs (channel, status, phase, trigger, term, as_of_date, config, config_hash, host,
            process_id, program_version, slot, input_fingerprint, started_at, finished_at)
        values ('live', 'succeeded', 'done', 'manual', 1, '2026-06-29', '{}', 'c', '', 1, '', 0, 'f', '2026-07-01', now()),
               ('other', 'succeeded', 'done', 'manual', 1, '2026-06-29', '{}', 'd', '', 1, '', 1, 'g', '2026-07-01', now()),
               ('live', 'running', 'read', 'manual', 2, '2026-06-30', '{}', 'c', '', 1, '', 2, 'f', '2026-07-02', null);
        update peerfolio.publication set live_run_id = 1, live_slot = 0;
        insert into peerfolio.publication (channel, live_run_id, live_slot) values ('other', 2, 1);
        """

    private static func evaluation(
        channel: String = "live", model: String = model, at time: String = "2026-07-01 12:00",
        scores: String = "'{0.5}'"
    ) -> String {
        """
        insert into peerfolio.evaluations (channel, kind, config, model_hash, published_method, windows, clients, pairs,
            duration_ms, program_version, evaluated_at, calibration_scores, calibration_propensities)
        values ('\(channel)', 'temporal', '{}', \(EvaluationLog.modelHash("'\(model)'")), 'peers', 1, 1, 1, 1, '',
            '\(time)', \(scores), \(scores))
        """
    }

    @Test(
        arguments: [
            ("nothing has changed", "", 1),
            ("other data", "update peerfolio.runs set input_fingerprint = 'h' where run_id = 3", nil),
            ("another configuration", "update peerfolio.runs set config_hash = 'e' where run_id = 3", nil),
            ("nobody knows what the live run has read", "update peerfolio.runs set input_fingerprint = null", nil),
            ("nothing is published", "update peerfolio.publication set live_run_id = null, live_slot = null", nil),
            (
                "an earlier run that is not live any more has read the same",
                """
                insert into peerfolio.runs (channel, status, phase, trigger, term, as_of_date, config, config_hash, host,
                    process_id, program_version, input_fingerprint, started_at, finished_at)
                values ('live', 'succeeded', 'done', 'manual', 2, '2026-06-30', '{}', 'c', '', 1, '', 'x', now(), now());
                update peerfolio.publication set previous_run_id = 1, previous_slot = 0, live_run_id = 4, live_slot = 3
                where channel = 'live'
                """, nil
            ),
            ("the run is another channel's", "update peerfolio.runs set channel = 'other' where run_id = 3", nil),
            (
                "the other channel's live run has read the same",
                "update peerfolio.runs set channel = 'other', input_fingerprint = 'g', config_hash = 'd' where run_id = 3",
                2
            ),
            ("a newer calibration", evaluation(), nil),
            ("an older calibration", evaluation(at: "2026-06-30"), 1),
            ("a calibration of another channel", evaluation(channel: "other"), 1),
            ("a calibration of another model", evaluation(model: #"{"model": {"k": 100}}"#), 1),
            ("the model in other letters", evaluation(model: #"{ "model" : {"k":200} }"#), nil),
            ("an evaluation that calibrates nothing", evaluation(scores: "null"), 1),
        ] as [(String, String, Int64?)])
    func whatCountsAsAChange(what: String, script: String, unchanged: Int64?) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.runs)
            try await database.execute(script)
            let channel = try await database.value("select channel from peerfolio.runs where run_id = 3") ?? ""
            let found = try await database.withSession(as: .runner) { session in
                try RunLog.unchangedSince(
                    RunLease(runID: 3, term: 2, slot: 2, channel: channel), modelJSON: Self.model, session: session)
            }
            #expect(found == unchanged, "\(what)")
        }
    }
}
