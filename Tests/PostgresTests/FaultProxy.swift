import Foundation
import Synchronization

/// A TCP proxy in front of the test server that can fall silent or hang up, as networks do.
///
/// All that changes is behind a mutex.
final class FaultProxy: Sendable {
    enum Fault: Sendable {
        /// Passes everything on.
        case none
        /// Keeps connections open, and passes nothing on in either direction.
        case silence
        /// Passes a client's message that contains the word on, and then hangs up without an answer.
        case hangUpAfter(String)
        /// Hangs up in place of passing on a client's message that contains the word.
        case hangUpBefore(String)
    }

    private struct State {
        var fault = Fault.none
        var isStopped = false
    }

    private let state = Mutex(State())
    private let listener: Int32

    /// The port on 127.0.0.1.
    let port: UInt16

    /// Starts a proxy in front of the server's Unix socket; without one it accepts and never answers.
    init(socketPath: String?) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutableBytes(of: &address) { bytes in
            let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return bind(listener, pointer, length) == 0 && listen(listener, 64) == 0
                && getsockname(listener, pointer, &length) == 0
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = UInt16(bigEndian: address.sin_port)
        guard let socketPath else { return }
        Thread.detachNewThread { self.acceptConnections(socketPath) }
    }

    func setFault(_ fault: Fault) {
        state.withLock { $0.fault = fault }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private var fault: Fault {
        state.withLock { $0.fault }
    }

    private var isStopped: Bool {
        state.withLock { $0.isStopped }
    }

    private func acceptConnections(_ socketPath: String) {
        while !isStopped {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            Thread.detachNewThread { self.serve(client, socketPath) }
        }
    }

    private func serve(_ client: Int32, _ socketPath: String) {
        let server = Self.connect(to: socketPath)
        defer {
            close(client)
            close(server)
        }
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        while !isStopped {
            if case .silence = fault {
                usleep(20_000)
                continue
            }
            var descriptors = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&descriptors, 2, 20) > 0 else { continue }
            if descriptors[0].revents != 0 {
                let count = recv(client, &bytes, bytes.count, 0)
                guard count > 0, forward(bytes[..<count], to: server) else { return }
            }
            if descriptors[1].revents != 0 {
                if case .silence = fault { continue }
                let count = recv(server, &bytes, bytes.count, 0)
                guard count > 0, Self.sendAll(bytes[..<count], to: client) else { return }
            }
        }
    }

    /// Passes a client's bytes on, and returns whether the connection goes on.
    private func forward(_ bytes: ArraySlice<UInt8>, to server: Int32) -> Bool {
        switch fault {
        case .hangUpBefore(let word) where bytes.contains(word.utf8):
            return false
        case .hangUpAfter(let word) where bytes.contains(word.utf8):
            _ = Self.sendAll(bytes, to: server)
            // The server's answer: it has done its work when this arrives, and it goes no further.
            var answer = [UInt8](repeating: 0, count: 1024)
            _ = recv(server, &answer, answer.count, 0)
            return false
        default:
            return Self.sendAll(bytes, to: server)
        }
    }

    private static func connect(to path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        withUnsafeBytes(of: &address) { bytes in
            let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            _ = Glibc.connect(descriptor, pointer, socklen_t(bytes.count))
        }
        return descriptor
    }

    private static func sendAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
