import Foundation
import Synchronization

/// Passes TCP connections on to a server on 127.0.0.1, and keeps how each of them begins.
///
/// All that changes is behind a mutex.
public final class RecordingRelay: Sendable {
    private let listener: Int32
    private let target: UInt16
    private let recorded = Mutex<[[UInt8]]>([])

    /// The port on 127.0.0.1.
    public let port: UInt16

    /// Starts a relay to a port on 127.0.0.1.
    public init(to target: UInt16) throws {
        (listener, port) = try FreePort.listen()
        self.target = target
        Thread.detachNewThread { self.acceptConnections() }
    }

    /// The first bytes that each client has sent, eight at most.
    public var beginnings: [[UInt8]] { recorded.withLock { $0 } }

    /// Ends it; connections that are open stay so.
    public func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private func acceptConnections() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            Thread.detachNewThread {
                let server = FreePort.connect(to: self.target, patience: 1)
                Relay.run(client, server) { bytes in self.recorded.withLock { $0.append(Array(bytes.prefix(8))) } }
                close(client)
                close(server)
            }
        }
    }
}

/// Two sockets that get what the other receives.
enum Relay {
    /// Passes bytes on in both directions until one side ends or both are silent for half a minute.
    static func run(_ client: Int32, _ server: Int32, onFirstBytes: (ArraySlice<UInt8>) -> Void = { _ in }) {
        var descriptors = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0),
            pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        var bytes = [UInt8](repeating: 0, count: 16 * 1024)
        var isFirst = true
        while poll(&descriptors, 2, 30_000) > 0 {
            for (source, target) in [(0, server), (1, client)] where descriptors[source].revents != 0 {
                let count = recv(descriptors[source].fd, &bytes, bytes.count, 0)
                guard count > 0 else { return }
                if source == 0, isFirst {
                    isFirst = false
                    onFirstBytes(bytes[..<count])
                }
                guard send(target, bytes, count, Int32(MSG_NOSIGNAL)) == count else { return }
            }
        }
    }
}
