import Foundation

/// One of the servers that a connection may go to, as it is named.
struct ServerAddress: Hashable {
    /// A host name, an address, or the folder of a Unix socket; empty where there is none.
    let host: String
    /// The address to connect to in place of looking the name up; empty where there is none.
    let hostaddr: String

    /// The servers of a connection, one at least.
    ///
    /// - Parameters:
    ///   - host: libpq's `host`, a list with commas; nil or empty means the socket in libpq's own folder.
    ///   - hostaddr: libpq's `hostaddr`, a list of the same length.
    static func list(host: String?, hostaddr: String?) -> [ServerAddress] {
        let hosts = (host ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let addresses = (hostaddr ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return (0..<max(hosts.count, addresses.count)).map { index in
            ServerAddress(
                host: index < hosts.count ? hosts[index] : "",
                hostaddr: index < addresses.count ? addresses[index] : "")
        }
    }

    /// Whether the server is on this machine by its name and, where one is given, by its address: a Unix socket,
    /// `localhost`, 127.0.0.0/8 or ::1.
    ///
    /// A name that only resolves to such an address is not: what a name resolves to is up to somebody else.
    var isLocal: Bool {
        let isLocalName =
            host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host.lowercased() == "localhost"
            || Self.isLoopback(host)
        return isLocalName && (hostaddr.isEmpty || Self.isLoopback(hostaddr))
    }

    /// The name for messages.
    var name: String { host.isEmpty ? hostaddr : host }

    private static func isLoopback(_ text: String) -> Bool {
        var version4 = in_addr()
        if inet_pton(AF_INET, text, &version4) == 1 { return UInt32(bigEndian: version4.s_addr) >> 24 == 127 }
        var version6 = in6_addr()
        guard inet_pton(AF_INET6, text, &version6) == 1 else { return false }
        let bytes = withUnsafeBytes(of: version6) { [UInt8]($0) }
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return bytes == [UInt8](repeating: 0, count: 15) + [1] || isMapped && bytes[12] == 127
    }
}
