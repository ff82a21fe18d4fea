import Foundation

extension Bench {
    /// Runs `body` with a server that nothing else uses: a copy of the template, gone after `body`.
    ///
    /// - Parameters:
    ///   - name: A folder's name that is free in this bench.
    ///   - namespace: The network namespace that the server lives in.
    ///   - prepare: Done before the server starts.
    func withServer<Value: Sendable>(
        _ name: String, namespace: String? = nil, prepare: (Cluster) async throws -> Void = { _ in },
        _ body: (Testbed) async throws -> Value
    ) async throws -> Value {
        let place = folder.appendingPathComponent(name)
        let cluster = try await template.copy(to: place, namespace: namespace)
        return try await cleaningUp {
            try await prepare(cluster)
            try await cluster.start()
            return try await body(
                Testbed(
                    cluster: cluster, database: Testbed.template, folder: folder.appendingPathComponent("\(name)-work"),
                    program: program, evidence: evidence))
        } with: {
            if cluster.isRunning { try await cluster.stop(.immediate) }
            try FileManager.default.removeItem(at: place)
        }
    }

    /// Runs `body` with a primary, and a standby that streams from it.
    ///
    /// - Parameter settings: More configuration of the standby.
    func withStandby<Value: Sendable>(
        _ name: String, settings: String = "",
        _ body: (_ primary: Testbed, _ standby: Testbed) async throws -> Value
    ) async throws -> Value {
        try await withServer("\(name)-1") { primary in
            try await withServer("\(name)-2") { cluster in
                try cluster.configure("primary_conninfo = '\(primary.cluster.administrator)'\n\(settings)")
                let sign = cluster.data.appendingPathComponent("standby.signal")
                try Data().write(to: sign)
                try await tools.handOver(sign)
            } _: { standby in
                try await primary.wait(
                    untilTrue: "select exists (select from pg_stat_replication where state = 'streaming')")
                return try await body(primary, standby)
            }
        }
    }
}

/// Runs `body`, and whatever comes of it then cleans up after it.
///
/// - Throws: What `body` throws, else what the cleaning throws.
func cleaningUp<Value>(
    _ body: () async throws -> Value, with cleaning: () async throws -> Void
) async throws -> Value {
    let value: Value
    do {
        value = try await body()
    } catch {
        try? await cleaning()
        throw error
    }
    try await cleaning()
    return value
}
