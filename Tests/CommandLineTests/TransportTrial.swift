import Foundation
import TestSupport

/// One attempt of the program to get at a database on "another machine", and what must come of it.
struct TransportTrial: Sendable {
    /// Who is at the other end.
    enum Server: Sendable {
        /// The cluster, with these settings in place of its own.
        case cluster([String: String] = [:])
        /// Somebody who asks for a password, with a certificate from the cluster's folder or without TLS.
        case fake(FakeServer.Demand, certificate: String? = nil)
    }

    /// What must come of it.
    enum Ending: Sendable {
        /// The program works.
        case connected
        /// It works, and warns on standard error with these words.
        case warned([String])
        /// It ends with this code and these words, and no password has left it.
        case refused(Int32, [String])
        /// The same, and it has not even begun to connect.
        case refusedAtOnce([String])
        /// The password is with whoever asked for it: what everything else here prevents.
        case betrayed
    }

    let name: String
    var server = Server.cluster()
    var role = TLSCluster.Role.scram
    /// Replaces the cluster's conninfo.
    var connection: (@Sendable (TLSCluster, UInt16) -> String)?
    /// What follows the conninfo of the role, `$` standing for the cluster's folder.
    var options = "sslrootcert=$/authority.crt"
    var environment: [String: String] = ["PGPASSWORD": Canary.password]
    var arguments: [String] = []
    /// Files to write into the cluster's folder before, with their modes.
    var files: [(name: String, text: String, mode: Int)] = []
    let ending: Ending
}

extension TransportTrial {
    /// Tries it, and returns what is wrong about the outcome.
    func violations(_ cluster: TLSCluster) async throws -> [String] {
        func inFolder(_ text: String) -> String { text.replacing("$", with: cluster.folder.path) }
        for file in files {
            let url = cluster.folder.appendingPathComponent(file.name)
            try Data(inFolder(file.text).replacing("PORT", with: "\(cluster.port)").utf8).write(to: url)
            try FileManager.default.setAttributes([.posixPermissions: file.mode], ofItemAtPath: url.path)
        }
        var fake: FakeServer?
        switch server {
        case .cluster(let settings): if !settings.isEmpty { try await cluster.reload(settings.mapValues(inFolder)) }
        case .fake(let demand, let certificate):
            fake = try FakeServer(asking: demand, with: certificate.map(cluster.pair), in: cluster.folder)
        }
        let port = fake?.port ?? cluster.port
        let conninfo = inFolder((connection?(cluster, port) ?? cluster.conninfo(role, port: port)) + " " + options)
        let logged = try cluster.log().count
        var environment = environment.mapValues(inFolder)
        environment["HOME"] = cluster.folder.path
        let outcome = try await ChildProcess.run(
            PeerfolioBinary.url(),
            ["demo", "--clients", "5", "--schema", "demo_\(role.rawValue)", "--connection", conninfo] + arguments,
            environment: environment, in: cluster.folder)
        fake?.stop()
        let log = String(try cluster.log().dropFirst(logged))
        if case .cluster(let settings) = server, !settings.isEmpty {
            try await cluster.reload(try cluster.ownSettings(settings.keys))
        }
        for file in files { try FileManager.default.removeItem(at: cluster.folder.appendingPathComponent(file.name)) }
        return try judge(outcome, log: log, fake: fake)
    }

    private func judge(_ outcome: ChildProcess.Outcome, log: String, fake: FakeServer?) throws -> [String] {
        var violations: [String] = []
        func require(_ isTrue: Bool, _ what: String) {
            if !isTrue { violations.append("\(what): \(outcome.ending) \(outcome.errors)") }
        }
        require(Canary.secrets(in: (outcome.output + outcome.errors).utf8).isEmpty, "a secret is printed")
        let answers = try fake?.answers() ?? []
        // A server that has got the password says how it went; log_connections is on.
        let isTried =
            log.contains("password authentication failed")
            || ["password", "md5", "scram-sha-256"].contains { log.contains("method=\($0) ") }
        switch ending {
        case .connected, .warned:
            require(outcome.ending == .exit(0), "not connected")
            require(log.contains("SSL enabled") || role == .nothing, "not by TLS: \(log)")
            var words: [String] = []
            if case .warned(let expected) = ending { words = expected }
            require(words.isEmpty != outcome.errors.contains("warning: "), "warning")
            for word in words { require(outcome.errors.contains(word), "no \"\(word)\" in the warning") }
        case .refused(let code, let words):
            require(outcome.ending == .exit(code), "not exit code \(code)")
            for word in words { require(outcome.errors.contains(word), "no \"\(word)\" in the message") }
            require(outcome.errorLines.count { $0.hasPrefix("error: ") } == 1, "not one line")
            require(answers.isEmpty, "the server has got an answer")
            require(!isTried, "the server has got a password: \(log)")
        case .refusedAtOnce(let words):
            require(outcome.ending == .exit(64), "not exit code 64")
            for word in words { require(outcome.errors.contains(word), "no \"\(word)\" in the message") }
            require(outcome.errorLines.count == 1, "not one line")
            require(fake?.connectionCount ?? 0 == 0 && !log.contains("connection received"), "it has connected")
        case .betrayed:
            require(Canary.secrets(in: answers).contains(Canary.password), "the password was not found: no fit test")
        }
        return violations
    }
}

extension TLSCluster {
    /// The values that the cluster has for these settings unless a trial changes them.
    fileprivate func ownSettings(_ names: some Sequence<String>) throws -> [String: String] {
        let own = [
            "ssl": "on", "ssl_cert_file": pair("server").certificate.path, "ssl_key_file": pair("server").key.path,
        ]
        return own.filter { names.contains($0.key) }
    }
}
