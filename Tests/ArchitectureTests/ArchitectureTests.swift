import Foundation
import Testing

/// Arrows between targets point down only, and folders of a target are in no cycle.
@Suite struct ArchitectureTests {
    /// The targets, lowest first: each may import those before it.
    private static let levels = [
        "CLibPQ", "CProcessor", "Postgres", "Schema", "DistanceKernels", "DistanceKernelsAVX2", "DistanceKernelsAVX512",
        "Scheduling", "Holdings", "PeerSearch", "Recommending", "Evaluation", "SourceReading", "ResultStore",
        "Configuration", "DemoWarehouse", "Reporting", "Scoring", "Daemon", "peerfolio", "peerfolio-bench",
    ]

    /// What must not be imported although it would be an arrow down.
    private static let nevers: [(from: [String], to: [String])] = [
        (["ResultStore"], ["SourceReading"]),
        (["DemoWarehouse", "Reporting"], ["ResultStore"]),
        (levels.filter { !["DemoWarehouse", "Scoring", "Daemon", "peerfolio"].contains($0) }, ["Configuration"]),
        (levels.filter { !["Scoring", "peerfolio"].contains($0) }, ["Reporting"]),
        (
            [
                "Holdings", "PeerSearch", "Recommending", "DistanceKernels", "DistanceKernelsAVX2",
                "DistanceKernelsAVX512",
            ],
            ["Foundation", "FoundationEssentials", "Dispatch", "Postgres", "CLibPQ", "Scheduling", "Schema"]
        ),
        (["Evaluation", "Reporting", "Scheduling"], ["Postgres", "CLibPQ", "Schema"]),
        (levels.filter { $0 != "Postgres" }, ["CLibPQ"]),
        (levels.filter { $0 != "Configuration" }, ["Yams"]),
    ]

    private static func isUp(_ arrow: Arrow) -> Bool {
        guard let from = levels.firstIndex(of: arrow.from), let to = levels.firstIndex(of: arrow.to) else {
            return true
        }
        return to >= from
    }

    private static func forbidden(_ file: SourceTree.File) -> [String] {
        file.imports.filter { module in
            nevers.contains { $0.from.contains(file.target) && $0.to.contains(module) }
        }.map { "\(file.path) imports \($0)" }
    }

    @Test func importsPointDown() throws {
        let tree = try SourceTree()
        #expect(tree.files.count > 100)
        #expect(tree.arrows.filter(Self.isUp).map(\.description).sorted() == [])
        #expect(tree.files.flatMap(Self.forbidden).sorted() == [])
        // A target that is not listed has no level.
        let unlisted = tree.targets.subtracting(Self.levels)
        #expect(unlisted == [])
    }

    @Test func theManifestSaysWhatTheFilesImport() throws {
        let tree = try SourceTree()
        let declared = try Self.declaredDependencies()
        // Those for one instruction set each are there on one platform only.
        let arrows = tree.arrows.filter { !$0.to.hasPrefix("DistanceKernelsAVX") }
        for target in tree.targets.sorted() where !target.hasPrefix("DistanceKernelsAVX") {
            let imported = Set(arrows.filter { $0.from == target }.map(\.to))
            let listed = Set(declared[target] ?? []).intersection(tree.targets)
            #expect(imported.subtracting(listed) == [], "imports of \(target) that Package.swift does not list")
            #expect(listed.subtracting(imported) == [], "dependencies of \(target) that no file imports")
            #expect(listed.filter { Self.isUp(Arrow(from: target, to: $0)) } == [], "dependencies of \(target)")
        }
    }

    @Test func foldersAreInNoCycle() throws {
        let tree = try SourceTree()
        for target in tree.targets.sorted() {
            let cyclic = Arrow.cyclic(tree.folderArrows(in: target))
            #expect(cyclic.map(\.description).sorted() == [], "folders of \(target)")
        }
    }

    /// Else a build in which the module happens to be there already hides that a clean one fails.
    @Test func testsImportWhatTheyDependOn() throws {
        let declared = try Self.declaredDependencies()
        func reached(from target: String) -> Set<String> {
            (declared[target] ?? []).reduce(into: []) { $0.formUnion(reached(from: $1).union([$1])) }
        }
        let tests = try SourceTree(folder: "Tests")
        for target in tests.targets.sorted() where target.hasSuffix("Tests") {
            let imported = Set(tests.files.filter { $0.target == target }.flatMap { $0.imports })
            let ours = imported.intersection(declared.keys).subtracting([target])
            #expect(ours.subtracting(reached(from: target)) == [], "\(target)")
        }
    }

    @Test func everyTargetHasAFolderOfTests() throws {
        let tests = Set(
            try FileManager.default.contentsOfDirectory(atPath: SourceTree.root.appendingPathComponent("Tests").path))
        let missing = try SourceTree().targets.subtracting(["DistanceKernelsAVX2", "DistanceKernelsAVX512"])
            .filter { !tests.contains("\($0)Tests") && Self.testsOfProgram[$0].map(tests.contains) != true }
        #expect(missing == [])
    }

    /// Programs are tested as such.
    private static let testsOfProgram = ["peerfolio": "CommandLineTests", "peerfolio-bench": "BenchmarkTests"]

    @Test func filesAndFunctionsAreShort() throws {
        let (sources, tests) = (try SourceTree().files, try SourceTree(folder: "Tests").files)
        for file in sources + tests {
            let count = file.text.utf8.count { $0 == UInt8(ascii: "\n") }
            #expect(count <= 350, "\(file.path) has \(count) lines")
        }
        // A test may be long where it tells one story.
        for file in sources {
            let longest = Self.longestFunction(in: file.text.split(separator: "\n", omittingEmptySubsequences: false))
            #expect(longest <= 60, "\(file.path) has a function of \(longest) lines")
        }
    }

    /// Lines from a function's first to the brace that ends it, by indentation, as the formatter leaves it.
    private static func longestFunction(in lines: [Substring]) -> Int {
        var longest = 0
        for (start, line) in lines.enumerated() {
            let words = line.drop { $0 == " " }
            guard words.contains("func ") || words.contains("init"), !words.hasPrefix("//"),
                words.wholeMatch(of: /(?:@\w+ )*(?:[a-z]+ )*(?:func |init[?(<]).*/) != nil
            else { continue }
            // What a protocol requires has no body.
            let signatureEnd = lines[start...].firstIndex { $0.hasSuffix("{") || $0.isEmpty } ?? start
            guard lines[signatureEnd].hasSuffix("{") else { continue }
            let brace = String(repeating: " ", count: line.count - words.count) + "}"
            let end = lines[signatureEnd...].firstIndex { $0 == brace } ?? signatureEnd
            longest = max(longest, end - start + 1)
        }
        return longest
    }

    // MARK: The rules are seen to work

    @Test(arguments: [
        ("Holdings/A.swift", "import PeerSearch", "Holdings -> PeerSearch"),
        ("ResultStore/A.swift", "public import Scoring", "ResultStore -> Scoring"),
        ("Daemon/A.swift", "import peerfolio", "Daemon -> peerfolio"),
    ])
    func anArrowUpIsSeen(path: String, text: String, arrow: String) {
        let other = text.split(separator: " ").last.map { "\($0)/B.swift" } ?? ""
        let tree = SourceTree(files: [.init(path: path, text: text), .init(path: other, text: "")])
        #expect(tree.arrows.filter(Self.isUp).map(\.description) == [arrow])
    }

    @Test(arguments: [
        ("ResultStore/A.swift", "package import SourceReading"), ("Recommending/Signals/A.swift", "import Foundation"),
        ("Evaluation/A.swift", "@testable import Postgres"), ("SourceReading/A.swift", "import Yams"),
    ])
    func whatMustNeverBeImportedIsSeen(path: String, text: String) {
        #expect(Self.forbidden(.init(path: path, text: text)).count == 1)
    }

    @Test func aCycleOfFoldersIsSeen() {
        let tree = SourceTree(files: [
            .init(path: "T/A/X.swift", text: "struct X { var y: Y } // Z"),
            .init(path: "T/B/Y.swift", text: "enum Y { case z(Z) }"),
            .init(path: "T/C/Z.swift", text: "final class Z { let x: X? = nil }"),
            .init(path: "T/D/W.swift", text: "struct W { var x: X }"),
        ])
        #expect(
            Arrow.cyclic(tree.folderArrows(in: "T")).map(\.description).sorted() == ["A -> B", "B -> C", "C -> A"])
    }
}

extension ArchitectureTests {
    /// The targets of the package with the names that they depend on, as the package manager reads its manifest.
    fileprivate static func declaredDependencies() throws -> [String: [String]] {
        let manifest = try String(
            contentsOf: SourceTree.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        var dependencies: [String: [String]] = [:]
        for match in manifest.matches(
            of: /\.(?:target|executableTarget|testTarget)\(\s*name: "([\w-]+)"(?:,\s*dependencies: \[(.*?)\])?/
                .dotMatchesNewlines())
        {
            let names = (match.2 ?? "").matches(of: /"([\w-]+)"/).map { String($0.1) }
            dependencies[String(match.1), default: []] += names
        }
        return dependencies
    }
}

extension ArchitectureTests {
    /// What the article and the README name is there; a star stands for any name.
    @Test(arguments: ["README.md", "Sources/peerfolio/Documentation.docc/Architecture.md"])
    func pathsInTheDocumentsExist(document: String) throws {
        let text = try String(contentsOf: SourceTree.root.appendingPathComponent(document), encoding: .utf8)
        let paths = text.matches(of: /\b(?:Sources|Tests|sql|scripts)\/[\w.+\/-]*[\w]/).map { String($0.0) }
        #expect(paths.count > 5)
        let missing = Set(paths).filter {
            !FileManager.default.fileExists(atPath: SourceTree.root.appendingPathComponent($0).path)
        }
        #expect(missing.sorted() == [])
    }
}
