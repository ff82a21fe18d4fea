public import Foundation

/// Authorities and certificates that `openssl` makes in a folder, good for a day.
public struct Certificates: Sendable {
    /// A certificate and its key.
    public struct Pair: Sendable {
        /// The certificate's file.
        public let certificate: URL
        /// The key's file, for its owner only.
        public let key: URL
    }

    private let folder: URL
    private let prefix: [String]

    /// Makes certificates in a folder.
    ///
    /// - Parameters:
    ///   - folder: Where they go.
    ///   - prefix: A command before `openssl`, so that the files belong to another user.
    public init(in folder: URL, prefix: [String] = []) {
        self.folder = folder
        self.prefix = prefix
    }

    /// Makes an authority.
    public func authority(_ name: String) async throws -> Pair {
        let pair = pair(name)
        try await openssl(
            ["req", "-x509", "-days", "1", "-subj", "/CN=\(name)", "-out", pair.certificate.path] + newKey(pair))
        return pair
    }

    /// Makes a certificate that an authority has signed.
    ///
    /// - Parameters:
    ///   - name: The file's name.
    ///   - subject: The common name: a server's host name, or a client's role.
    ///   - authority: Who signs it.
    ///   - days: How long it is valid; negative for one that has expired.
    public func leaf(_ name: String, subject: String, signedBy authority: Pair, days: Int = 1) async throws -> Pair {
        let pair = pair(name)
        let request = folder.appendingPathComponent("\(name).csr").path
        try await openssl(
            ["req", "-subj", "/CN=\(subject)", "-addext", "subjectAltName=DNS:\(subject)", "-out", request]
                + newKey(pair))
        try await openssl([
            "x509", "-req", "-in", request, "-CA", authority.certificate.path, "-CAkey", authority.key.path,
            "-CAcreateserial", "-days", "\(days)", "-copy_extensions", "copyall", "-out", pair.certificate.path,
        ])
        return pair
    }

    private func pair(_ name: String) -> Pair {
        Pair(
            certificate: folder.appendingPathComponent("\(name).crt"), key: folder.appendingPathComponent("\(name).key")
        )
    }

    private func newKey(_ pair: Pair) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", pair.key.path]
    }

    private func openssl(_ arguments: [String]) async throws {
        try await Command.run(prefix + ["openssl"] + arguments, in: folder)
    }
}

/// A program that must succeed.
enum Command {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func run(_ command: [String], in folder: URL) async throws {
        let outcome = try await ChildProcess.run(URL(fileURLWithPath: "/usr/bin/env"), command, in: folder)
        guard outcome.ending == .exit(0) else {
            throw Failure(description: "\(command.joined(separator: " ")): \(outcome.output)\(outcome.errors)")
        }
    }
}
