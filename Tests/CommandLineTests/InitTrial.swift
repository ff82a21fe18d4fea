import Foundation
import TestSupport
import Testing

/// What `peerfolio init` makes of a warehouse: the file that it wrote, and what it printed.
struct InitTrial {
    let yaml: String
    let output: String

    /// Runs `init` as the service, who can do nothing but read.
    init(_ installation: Installation, _ options: String...) async throws {
        let file = installation.folder.appendingPathComponent("proposed.yaml")
        let outcome = try await ChildProcess.run(
            PeerfolioBinary.url(),
            ["init", "--connection", installation.service, "--output", file.path] + options, in: installation.folder)
        output = expectSuccess(outcome)
        yaml = try String(contentsOf: file, encoding: .utf8)
    }

    /// Runs `init` on a warehouse that SQL makes in the schema `dwh`.
    static func with(_ sql: String, _ body: (InitTrial, Installation) async throws -> Void) async throws {
        try await Installation.withWarehouse(sql, mapping: "", isMigrated: false) { installation in
            try await body(InitTrial(installation), installation)
        }
    }

    /// Expects lines of the file, each as it is.
    func expect(_ lines: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        for line in lines {
            #expect(
                yaml.split(separator: "\n").contains { $0 == line }, "\(line) is not in:\n\(yaml)",
                sourceLocation: sourceLocation)
        }
    }

    /// Expects what the check of the proposal counted.
    func expect(
        clients: Int, holdings: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let line = output.split(separator: "\n").first { $0.hasPrefix("as of ") }.map(String.init) ?? output
        let numbers = line.replacing(",", with: "")
        #expect(numbers.contains(": \(clients) clients"), "\(line)\n\(yaml)", sourceLocation: sourceLocation)
        #expect(numbers.hasSuffix("; \(holdings) holdings"), "\(line)\n\(yaml)", sourceLocation: sourceLocation)
    }

    /// Clients whose suggestions it showed.
    var shownClients: Int { output.split(separator: "\n").count { $0.hasPrefix("Client ") } }
}
