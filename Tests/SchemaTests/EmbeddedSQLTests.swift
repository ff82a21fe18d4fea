import Foundation
import Testing

@testable import Schema

/// What is shipped is what lies in `sql/`.
@Suite struct EmbeddedSQLTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(path: "sql")

    private static func files(in subfolder: String) throws -> [URL] {
        try FileManager.default
            .contentsOfDirectory(at: folder.appending(path: subfolder), includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    @Test func embedsEveryFileInOrder() throws {
        let folders = [
            ("migrations", EmbeddedSQL.migrations), ("functions", EmbeddedSQL.functions), ("views", EmbeddedSQL.views),
        ]
        for (subfolder, embedded) in folders {
            let files = try Self.files(in: subfolder)
            #expect(files.count == embedded.count, "a file of sql/\(subfolder) is missing in EmbeddedSQL")
            for (number, (file, shipped)) in zip(files, embedded).enumerated() {
                let digits = subfolder == "migrations" ? 4 : 2
                let prefix = String(repeating: "0", count: digits - String(number + 1).count) + "\(number + 1)"
                #expect(file.lastPathComponent == "\(prefix)_\(shipped.name).sql")
                #expect(try Data(contentsOf: file) == Data(shipped.text.utf8), "\(file.lastPathComponent)")
            }
        }
        for file in [EmbeddedSQL.roles, EmbeddedSQL.bootstrap, EmbeddedSQL.comments, EmbeddedSQL.retired] {
            #expect(
                try Data(contentsOf: Self.folder.appending(path: "\(file.name).sql")) == Data(file.text.utf8),
                "\(file.name)")
        }
    }

    @Test func hasNoOtherFolders() throws {
        let entries = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        let shipped = [
            "bootstrap.sql", "comments.sql", "functions", "migrations", "retired.sql", "roles.sql", "views",
        ]
        #expect(entries.sorted() == shipped)
    }

    @Test func fillsInTheTypes() {
        let parameters = SchemaParameters(clientIDType: "uuid", productIDType: "bigint", slots: 3)
        let text = "a {{client_id_type}}, b {{product_id_type}}, c {{client_id_type}}"
        #expect(parameters.apply(to: text) == "a uuid, b bigint, c uuid")
        for file in EmbeddedSQL.migrations {
            #expect(!parameters.apply(to: file.text).contains("{{"), "\(file.name)")
        }
    }
}
