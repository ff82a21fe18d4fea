import Foundation
import FuzzedParsers
import Testing

/// Input that libFuzzer found worth keeping, once more: what has been mended stays mended.
@Suite struct CorpusTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fuzzing/Corpus", isDirectory: true)

    @Test(arguments: FuzzedParser.allCases)
    func keptInputIsHandled(parser: FuzzedParser) throws {
        let files = try FileManager.default.contentsOfDirectory(
            at: Self.folder.appendingPathComponent(parser.rawValue), includingPropertiesForKeys: nil)
        #expect(files.count >= 10)
        for file in files {
            do {
                try parser.check(Array(try Data(contentsOf: file)))
            } catch {
                Issue.record("\(parser.rawValue)/\(file.lastPathComponent): \(error)")
            }
        }
    }

    /// Of the folders, none is without a parser that would read it.
    @Test func everyFolderHasItsParser() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(folders.sorted() == FuzzedParser.allCases.map(\.rawValue).sorted())
    }
}
