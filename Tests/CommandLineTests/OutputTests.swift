import Foundation
import TestSupport
import Testing

/// What goes to which stream, and where settings come from.
@Suite(.requiresServer) struct OutputTests {
    @Test func jsonIsAloneOnStandardOutput() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            for command in [
                ["run"], ["run", "--dry-run"], ["run", "--no-publish"], ["check"], ["runs"], ["explain", "1"],
                ["migrate", "status"],
            ] {
                let outcome = try await ChildProcess.run(
                    PeerfolioBinary.url(), command + ["--json", "--config", installation.config.path],
                    in: installation.folder)
                // JSONSerialization refuses anything before or after one value.
                let value = try JSONSerialization.jsonObject(with: Data(expectSuccess(outcome).utf8))
                #expect(command == ["runs"] || command[0] == "migrate" ? value is [Any] : value is [String: Any])
            }
        }
    }

    /// A reason is somebody's text: it stays on its line and tells the terminal nothing.
    @Test func reasonsStayOnTheirLine() async throws {
        let sql =
            GoldenWarehouse.sql
            + "insert into dwh.exclusions values (2, 'E', E'bad\\nnews\\x1B[31m \u{202E}Zoë'), (2, 'F', null);"
        try await Installation.withWarehouse(sql, mapping: GoldenWarehouse.mapping) { installation in
            let explained = expectSuccess(try await installation.peerfolio("explain", "2"))
            let list = "Not offered: E Product E (bad news [31m  Zoë); F Product F; K Product K (closed)"
            #expect(explained.split(separator: "\n").contains { $0 == list })
            let json = try jsonObject(expectSuccess(try await installation.peerfolio("explain", "2", "--json")))
            let reasons = (json["not_offered"] as? [[String: String]])?.map { $0["reason"] }
            #expect(reasons == ["bad\nnews\u{1B}[31m \u{202E}Zoë", nil, "closed"])
        }
    }

    @Test func progressIsPlainLinesWithoutATerminal() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            let outcome = try await installation.peerfolio("run")
            #expect(expectSuccess(outcome).hasPrefix("run 1 succeeded: published in channel live"))
            #expect(!outcome.errors.contains("\r") && !outcome.errors.contains("\u{1B}"))
            let phases = [
                "run 1 started", "reading holdings", "encoding portfolios", "searching peers",
                "writing recommendations", "verifying", "publishing",
            ]
            #expect(outcome.errorLines.filter { phases.contains(String($0)) }.map(String.init) == phases)
        }
    }

    /// Runs the program with its streams redirected by a shell.
    private static func run(
        _ arguments: [String], redirected: String, _ installation: Installation
    ) async throws -> ChildProcess.Outcome {
        try await ChildProcess.run(
            URL(fileURLWithPath: "/bin/sh"),
            ["-c", "exec \"$@\" \(redirected)", "sh", try PeerfolioBinary.url().path] + arguments
                + ["--config", installation.config.path],
            in: installation.folder)
    }

    @Test func aFullDiskUnderStandardErrorEndsNoRun() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            let outcome = try await Self.run(["run"], redirected: "2>/dev/full", installation)
            #expect(expectSuccess(outcome).hasPrefix("run 1 succeeded: published in channel live"))
        }
    }

    /// What was asked for is missing then; what was done is not.
    @Test func aFullDiskUnderStandardOutputIsNotTakenForAnAnswer() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            let run = try await Self.run(["run"], redirected: ">/dev/full", installation)
            #expect(run.ending == .exit(0))
            #expect(run.errors.contains("warning: standard output cannot be written; what was asked for is done"))
            for command in [["runs", "--json"], ["runs"], ["explain", "1"], ["check"], ["runs", "--help"]] {
                expectFailure(
                    try await Self.run(command, redirected: ">/dev/full", installation), 75,
                    saying: "standard output cannot be written")
            }
        }
    }

    @Test func aTrainedModelIsInTheLog() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            for command in ["run", "evaluate"] {
                let outcome = try await installation.peerfolio(command, "--set", "hybrid.softmax=1")
                #expect(outcome.ending == .exit(0), "\(outcome.errors)")
                let line = /softmax model trained on [0-9]+ distinct portfolios: loss [0-9.]+ after [0-9]+ iterations/
                #expect(outcome.errors.contains(line), "\(outcome.errors)")
                #expect(!outcome.output.contains("softmax model trained"))
            }
        }
    }

    @Test func progressIsABarOnATerminal() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            let command = "'\(try PeerfolioBinary.url().path)' run --config '\(installation.config.path)'"
            let outcome = try await ChildProcess.run(
                URL(fileURLWithPath: "/usr/bin/script"), ["-qec", command, "/dev/null"],
                environment: ["TERM": "xterm", "SHELL": "/bin/sh"], in: installation.folder)
            #expect(outcome.ending == .exit(0), "\(outcome.errors)")
            #expect(outcome.output.contains("\r\u{1B}[K["))
            #expect(outcome.output.contains("] searching peers"))
            // The bar is gone before the summary is printed.
            let summary = try #require(outcome.output.range(of: "run 1 succeeded"))
            #expect(outcome.output[..<summary.lowerBound].hasSuffix("\r\u{1B}[K"))
            #expect(!outcome.output[summary.lowerBound...].contains("\u{1B}"))
        }
    }

    @Test func theFlagBeatsTheEnvironmentWhichBeatsTheFile() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            let most = "select max(rank) from peerfolio_bi.recommendations"
            _ = try await installation.succeed("run")
            #expect(try await installation.value(most) == "3")
            _ = try await installation.succeed("run", environment: ["PEERFOLIO_OUTPUT_TOP_N": "2"])
            #expect(try await installation.value(most) == "2")
            _ = try await installation.succeed(
                "run", "--set", "output.top_n=4", "--set", "output.top_n=1",
                environment: ["PEERFOLIO_OUTPUT_TOP_N": "2"])
            #expect(try await installation.value(most) == "1")
        }
    }

    @Test func theConfigurationIsFoundInItsPlaces() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            let moved = installation.folder.appendingPathComponent("elsewhere.yaml")
            try FileManager.default.moveItem(at: installation.config, to: moved)
            expectSuccess(
                try await installation.peerfolio(
                    "runs", environment: ["PEERFOLIO_CONFIG": moved.path], configured: false))
            let here = installation.folder.appendingPathComponent("peerfolio.yaml")
            try FileManager.default.moveItem(at: moved, to: here)
            expectSuccess(try await installation.peerfolio("runs", configured: false))
            // A place that was named is the only one that is looked at.
            expectFailure(
                try await installation.peerfolio(
                    "runs", environment: ["PEERFOLIO_CONFIG": moved.path], configured: false), 64,
                saying: "elsewhere.yaml")
            expectFailure(try await installation.peerfolio("runs"), 64, saying: "config.yaml")
        }
    }
}
