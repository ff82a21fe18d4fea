import Foundation

/// The sources of the package, as text: what the rules of the architecture are checked on.
struct SourceTree {
    struct File {
        /// Path below `Sources`, such as `Scoring/Run/ScoringRun.swift`.
        let path: String
        let text: String

        var target: String { path.split(separator: "/").first.map(String.init) ?? "" }
        /// The folder inside the target; nil for a file at the target's top, its front door.
        var folder: String? {
            let parts = path.split(separator: "/")
            return parts.count > 2 ? String(parts[1]) : nil
        }
        /// Modules that the file imports.
        var imports: Set<String> {
            Set(text.matches(of: /(?m)^(?:@testable |public |package |internal )*import (\w+)/).map { String($0.1) })
        }
        /// The types that the file declares outside of others.
        var declaredTypes: Set<String> {
            Set(
                text.matches(
                    of:
                        /(?m)^(?:@\S+\s+)*(?:public |package |internal |private |fileprivate )?(?:final |indirect )?(?:struct|enum|class|actor|protocol|typealias) (\w+)/
                ).map { String($0.1) })
        }
        /// The words of the file that could name types, those of comments and literals left out.
        var capitalizedWords: Set<String> {
            let code = text.replacing(/(?m)\/\/.*$/, with: "").replacing(/"(?:[^"\\\n]|\\.)*"/, with: "\"\"")
            return Set(code.matches(of: /\b[A-Z]\w*/).map { String($0.0) })
        }
    }

    /// The folder of the package.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    let files: [File]

    init() throws {
        let sources = Self.root.appendingPathComponent("Sources")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.path).sorted()
        files = try paths.filter { $0.hasSuffix(".swift") }.map { path in
            File(path: path, text: try String(contentsOf: sources.appendingPathComponent(path), encoding: .utf8))
        }
    }

    init(files: [File]) {
        self.files = files
    }

    var targets: Set<String> { Set(files.map(\.target)) }

    /// Imports of one target of the package by another.
    var arrows: Set<Arrow> {
        let targets = targets
        return Set(
            files.flatMap { file in
                file.imports.filter { targets.contains($0) && $0 != file.target }
                    .map { Arrow(from: file.target, to: $0) }
            })
    }

    /// Uses of types of one folder by another of the same target.
    func folderArrows(in target: String) -> Set<Arrow> {
        let files = files.filter { $0.target == target }
        var owners: [String: String] = [:]
        for file in files {
            for type in file.declaredTypes { owners[type] = file.folder }
        }
        return Set(
            files.flatMap { file -> [Arrow] in
                guard let folder = file.folder else { return [] }
                return file.capitalizedWords.compactMap { owners[$0] }.filter { $0 != folder }
                    .map { Arrow(from: folder, to: $0) }
            })
    }
}

struct Arrow: Hashable, CustomStringConvertible {
    let from: String
    let to: String

    var description: String { "\(from) -> \(to)" }

    /// The arrows of some that lie on a cycle.
    static func cyclic(_ arrows: Set<Arrow>) -> Set<Arrow> {
        var left = arrows
        while true {
            let (froms, tos) = (Set(left.map(\.from)), Set(left.map(\.to)))
            let dead = left.filter { !froms.contains($0.to) || !tos.contains($0.from) }
            if dead.isEmpty { break }
            left.subtract(dead)
        }
        return left
    }
}
