public import Foundation
import Synchronization

/// Whoever stands where the database should: takes a connection, asks for a password its own way, and keeps all it gets.
///
/// All that changes is behind a mutex.
public final class FakeServer: Sendable {
    /// What it asks of clients.
    public enum Demand: Sendable {
        /// The password as it is.
        case cleartext
        /// The password's MD5 hash with a salt, which is as good as the password.
        case md5
        /// SCRAM without channel binding, which a man in the middle can pass on.
        case scram
        /// Nothing: everybody is welcome.
        case nothing

        /// The message, as in "Message Formats" of PostgreSQL's manual.
        fileprivate var message: [UInt8] {
            switch self {
            case .cleartext: [0x52, 0, 0, 0, 8, 0, 0, 0, 3]
            case .md5: [0x52, 0, 0, 0, 12, 0, 0, 0, 5, 1, 2, 3, 4]
            case .scram: [0x52, 0, 0, 0, 23, 0, 0, 0, 10] + Array("SCRAM-SHA-256".utf8) + [0, 0]
            case .nothing: [0x52, 0, 0, 0, 8, 0, 0, 0, 0]
            }
        }
    }

    private struct State {
        var connectionCount = 0
        var received: [UInt8] = []
    }

    private let demand: Demand
    private let state = Mutex(State())
    private let listener: Int32
    private let tls: TLSServer?

    /// The port on 127.0.0.1.
    public let port: UInt16

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - demand: What it asks for.
    ///   - certificate: What it encrypts with; without one it does not encrypt.
    ///   - folder: Where files of a TLS server go.
    public init(asking demand: Demand, with certificate: Certificates.Pair?, in folder: URL) throws {
        self.demand = demand
        (listener, port) = try FreePort.listen()
        tls = try certificate.map { try TLSServer(certificate: $0, in: folder) }
        Thread.detachNewThread { self.acceptConnections() }
    }

    /// How many connections have come.
    public var connectionCount: Int { state.withLock { $0.connectionCount } }

    /// What clients have sent after the requests for encryption and the startup message, decrypted.
    public func answers() throws -> [UInt8] {
        var bytes = try tls?.received() ?? state.withLock { $0.received }
        // A request has a length of 8 and a code from 1234 * 65536 on; the startup message has version 3.
        while bytes.count >= 8, bytes[4] == 0x04, bytes[5] == 0xD2 { bytes.removeFirst(8) }
        guard bytes.count >= 8 else { return bytes }
        let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        return Array(bytes.dropFirst(length))
    }

    /// Ends it.
    public func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        tls?.stop()
    }

    private func acceptConnections() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            state.withLock { $0.connectionCount += 1 }
            Thread.detachNewThread {
                self.serve(client)
                close(client)
            }
        }
    }

    private func serve(_ client: Int32) {
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        var hasAsked = false
        while true {
            let count = recv(client, &bytes, bytes.count, 0)
            guard count > 0 else { return }
            let message = bytes[..<count]
            state.withLock { $0.received += message }
            let isRequest = count == 8 && message[4] == 0x04 && message[5] == 0xD2
            // SSLRequest ends in 47, GSSENCRequest in 48.
            if isRequest, message[7] == 0x2F, let tls {
                Self.send([UInt8(ascii: "S")], to: client)
                return tls.relay(client, greeting: demand.message)
            } else if isRequest {
                Self.send([UInt8(ascii: "N")], to: client)
            } else if !hasAsked {
                hasAsked = true
                Self.send(demand.message, to: client)
            }
        }
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

/// `openssl s_server`, which decrypts what comes into a file and encrypts what is written to it.
private final class TLSServer: Sendable {
    private let process: Process
    private let input = Pipe()
    private let output: URL
    private let port: UInt16

    init(certificate: Certificates.Pair, in folder: URL) throws {
        port = try FreePort.find()
        output = folder.appendingPathComponent("\(UUID().uuidString).decrypted")
        try Data().write(to: output)
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "s_server", "-quiet", "-accept", "127.0.0.1:\(port)", "-cert", certificate.certificate.path,
            "-key", certificate.key.path,
        ]
        process.standardInput = input
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    /// What it has decrypted.
    func received() throws -> [UInt8] {
        [UInt8](try Data(contentsOf: output))
    }

    /// Passes a connection on in both directions until it ends; the greeting is sent as soon as it is encrypted.
    func relay(_ client: Int32, greeting: [UInt8]) {
        // It has just been started.
        let server = FreePort.connect(to: port, patience: 500)
        try? input.fileHandleForWriting.write(contentsOf: Data(greeting))
        Relay.run(client, server)
        close(server)
    }

    func stop() {
        // Threads that run tests block nearly all other signals, and a child inherits that.
        kill(process.processIdentifier, SIGKILL)
    }
}

/// Ports on 127.0.0.1.
enum FreePort {
    /// A port that nobody listened on a moment ago.
    static func find() throws -> UInt16 {
        let (descriptor, port) = try listen()
        close(descriptor)
        return port
    }

    /// A socket that listens, and its port.
    static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return bind(descriptor, pointer, length) == 0 && Glibc.listen(descriptor, 64) == 0
                && getsockname(descriptor, pointer, &length) == 0
        }
        guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    /// A connection to a port; -1 if there is none after so many hundredths of a second.
    static func connect(to port: UInt16, patience: Int) -> Int32 {
        var address = loopback(port)
        for _ in 0..<patience {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            let isConnected = withUnsafeBytes(of: &address) { bytes in
                Glibc.connect(
                    descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count)) == 0
            }
            if isConnected { return descriptor }
            close(descriptor)
            usleep(10_000)
        }
        return -1
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = port.bigEndian
        return address
    }
}
