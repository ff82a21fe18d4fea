import Foundation

/// A network of its own: a namespace for a server, and cables from it to namespaces of clients, which can be cut.
///
/// Nothing in it reaches the machine's own network. It needs root, `ip` and `iptables`.
struct Network: Sendable {
    private let tools: ServerTools
    private let folder: URL
    /// The namespace of the server, which is to listen on all addresses in it.
    let server: String

    /// How the service asks for a connection over a cable that is ours from end to end.
    static let transport = "sslmode=disable channel_binding=disable"

    /// Why there can be none here; nil if there can.
    static var obstacle: String? {
        guard geteuid() == 0 else { return "network namespaces need root" }
        let missing = ["ip", "iptables"].first { tool in
            !["/usr/sbin", "/sbin", "/usr/bin", "/bin"].contains {
                FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
            }
        }
        return missing.map { "\($0) is not installed" }
    }

    /// Runs `body` with a network, which is gone afterwards.
    ///
    /// - Parameter name: A name that is free in this bench.
    static func with<Value: Sendable>(
        _ bench: Bench, _ name: String, _ body: (Network) async throws -> Value
    ) async throws -> Value {
        // The folder of all benches has a name that no other harness on the machine has; scripts/faults finds what is
        // left by it.
        let prefix = bench.folder.pathComponents.suffix(2).joined(separator: "-")
        let network = Network(tools: bench.tools, folder: bench.folder, server: "\(prefix)-\(name)")
        try await network.ip("netns", "add", network.server)
        return try await cleaningUp {
            try await network.ip("-n", network.server, "link", "set", "lo", "up")
            try await network.ip("-n", network.server, "route", "add", "blackhole", "\(Cable.blackHole)/32")
            return try await body(network)
        } with: {
            try await network.ip("netns", "delete", network.server)
        }
    }

    /// Runs `body` with a namespace for a client, and a cable from it to the server.
    ///
    /// - Parameters:
    ///   - number: From 1 to 200, another one for every cable of the network.
    ///   - buffer: Bytes that the kernel keeps of a connection in either direction; nil for its own choice.
    func withCable<Value: Sendable>(
        _ number: Int, buffer: Int? = nil, _ body: (Cable) async throws -> Value
    ) async throws -> Value {
        let cable = Cable(network: self, client: "\(server)-\(number)", number: number)
        try await ip("netns", "add", cable.client)
        return try await cleaningUp {
            let ends = [(server, "c\(number)", cable.serverAddress), (cable.client, "c0", cable.clientAddress)]
            try await ip(
                "link", "add", ends[0].1, "netns", ends[0].0, "type", "veth", "peer", "name", ends[1].1, "netns",
                ends[1].0)
            for (namespace, device, address) in ends {
                try await ip("-n", namespace, "address", "add", "\(address)/24", "dev", device)
                try await ip("-n", namespace, "link", "set", device, "up")
                guard let buffer else { continue }
                for direction in ["rmem", "wmem"] {
                    try await shell(
                        namespace, "sh", "-c", "echo 4096 \(buffer) \(buffer) > /proc/sys/net/ipv4/tcp_\(direction)")
                }
            }
            // All other addresses lead to the server's namespace too, and to the black hole in it.
            try await ip("-n", cable.client, "route", "add", "default", "via", cable.serverAddress)
            return try await body(cable)
        } with: {
            try await ip("netns", "delete", cable.client)
        }
    }

    private func ip(_ words: String...) async throws {
        try await tools.shell(["ip"] + words, in: folder)
    }

    fileprivate func shell(_ namespace: String, _ words: String...) async throws {
        try await tools.shell(["ip", "netns", "exec", namespace] + words, in: folder)
    }
}

/// A cable between a client's namespace and the server's.
struct Cable: Sendable {
    fileprivate let network: Network
    /// The client's namespace.
    let client: String
    fileprivate let number: Int

    fileprivate var clientAddress: String { "10.55.\(number).2" }
    /// Where the server is, for the client.
    var serverAddress: String { "10.55.\(number).1" }
    /// Where packets get lost without a word.
    static let blackHole = "10.66.0.1"

    /// Runs a command at the client's end.
    var wrapper: [String] { ["ip", "netns", "exec", client] }

    /// From now on every packet gets lost, in both directions.
    func cut() async throws {
        for chain in ["INPUT", "OUTPUT"] {
            try await network.shell(client, "iptables", "-w", "-A", chain, "-j", "DROP")
        }
    }

    /// Packets get through again.
    func heal() async throws {
        try await network.shell(client, "iptables", "-w", "-F")
    }
}
