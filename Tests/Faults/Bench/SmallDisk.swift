import Foundation

/// A file system in memory that is soon full; needs the right to mount.
struct SmallDisk: Sendable {
    /// Where it is mounted.
    let folder: URL

    /// Why there can be none here; nil if there can.
    static var obstacle: String? { geteuid() == 0 ? nil : "mounting needs root" }

    /// Runs `body` with an empty disk that belongs to the server's user, and is gone afterwards.
    static func with<Value: Sendable>(
        _ bench: Bench, _ name: String, megabytes: Int, _ body: (SmallDisk) async throws -> Value
    ) async throws -> Value {
        let folder = bench.folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try await bench.tools.shell(
            ["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0700", "faults", folder.path], in: bench.folder)
        return try await cleaningUp {
            try await bench.tools.handOver(folder)
            return try await body(SmallDisk(folder: folder))
        } with: {
            try await bench.tools.shell(["umount", folder.path], in: bench.folder)
            try FileManager.default.removeItem(at: folder)
        }
    }

    private var ballast: URL { folder.appendingPathComponent("ballast") }

    /// Leaves no byte free.
    func fill() throws {
        let descriptor = open(ballast.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        guard descriptor >= 0 else { throw Failure("no ballast: errno \(errno)") }
        defer { close(descriptor) }
        let zeros = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, zeros, zeros.count) > 0 {}
        guard errno == ENOSPC else { throw Failure("the disk did not fill up: errno \(errno)") }
    }

    /// Takes the ballast away.
    func free() throws {
        try FileManager.default.removeItem(at: ballast)
    }
}
