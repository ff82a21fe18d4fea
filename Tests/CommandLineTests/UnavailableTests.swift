import Foundation
import TestSupport
import Testing

/// Exit code 69: no database to work with, found out in time.
@Suite(.requiresServer) struct UnavailableTests {
    private static let commands = [
        ["check"], ["run"], ["runs"], ["rollback"], ["explain", "1"], ["migrate", "status"],
    ]

    private static func run(
        _ arguments: [String], connection: String, in folder: URL, within limit: Duration = .seconds(60)
    ) async throws -> ChildProcess.Outcome {
        let installation = Installation(administrator: "", folder: folder)
        try installation.write(GoldenWarehouse.mapping, connection: connection)
        return try await ChildProcess.run(
            PeerfolioBinary.url(),
            arguments + ["--config", installation.config.path, "--set", "timeouts.connect=1s"], in: folder,
            within: limit)
    }

    @Test(arguments: commands)
    func noServer(_ arguments: [String]) async throws {
        try await TemporaryFolder.with { folder in
            expectFailure(
                try await Self.run(arguments, connection: "host=\(folder.path) port=5433 dbname=x user=x", in: folder),
                69,
                saying: folder.path)
        }
    }

    @Test func noServerOnThePort() async throws {
        try await TemporaryFolder.with { folder in
            expectFailure(
                try await Self.run(["run"], connection: "host=127.0.0.1 port=1 dbname=x user=x", in: folder), 69,
                saying: "127.0.0.1", "port 1")
        }
    }

    @Test func aServerThatNeverAnswersIsGivenUpAfterTheConnectTimeout() async throws {
        try await TemporaryFolder.with { folder in
            let server = try SilentServer(folder: folder, port: 5434)
            defer { server.close() }
            expectFailure(
                try await Self.run(
                    ["run"], connection: "host=\(folder.path) port=5434 dbname=x user=x", in: folder,
                    within: .seconds(20)
                ), 69, saying: "no connection within 1")
        }
    }

    @Test func aDatabaseOrRoleThatDoesNotExist() async throws {
        try await TemporaryFolder.with { folder in
            let server = try #require(TestServer.conninfo)
            expectFailure(
                try await Self.run(["run"], connection: "\(server) dbname=peerfolio_absent", in: folder), 69,
                saying: "peerfolio_absent", "does not exist")
            // Trying again does not help, and may lock a role out.
            expectFailure(
                try await Self.run(["run"], connection: "\(server) user=peerfolio_absent", in: folder), 64,
                saying: "no such role")
        }
    }
}

/// A Unix socket that accepts connections and never answers.
private struct SilentServer {
    private let descriptor: Int32

    init(folder: URL, port: Int) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = folder.appendingPathComponent(".s.PGSQL.\(port)").path
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let socket = descriptor
        let isListening = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 && listen(socket, 8) == 0
            }
        }
        guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    }

    func close() {
        _ = Foundation.close(descriptor)
    }
}
