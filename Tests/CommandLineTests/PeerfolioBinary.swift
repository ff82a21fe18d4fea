import Foundation

/// The binary that was built together with the tests.
enum PeerfolioBinary {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// The top folder of the checkout.
    static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The binary's file, beside the test bundle or in the build folder.
    static func url() throws -> URL {
        let folders = [
            URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent(),
            Bundle.main.bundleURL,
            Bundle.main.bundleURL.deletingLastPathComponent(),
            checkout.appendingPathComponent(".build/debug"),
        ]
        let candidates = folders.map { $0.appendingPathComponent("peerfolio") }
        let found = candidates.first { file in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder) && !isFolder.boolValue
        }
        guard let found else {
            let places = candidates.map(\.path).joined(separator: ", ")
            throw Missing(description: "no debug binary of peerfolio at \(places); run swift build")
        }
        return found
    }
}
