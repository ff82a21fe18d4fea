import DemoWarehouse
import SourceReading
import TestSupport
import Testing

@testable import Configuration

/// Whatever stands in a file, it is a configuration or a `ConfigurationError` of one line without the file's values.
@Suite struct ConfigurationFuzzTests {
    private static let canary = "canary7f3a"

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func survivesMutatedFiles(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let files = [
            DemoWarehouse.configuration(connection: "host=\(Self.canary)"),
            ConfigurationTests.minimal + "\nmodel: {k: 1e3, informative: \(Self.canary)}\nexecution: {width: null}\n",
            "holdings: &a {query: |\n  SELECT '\(Self.canary)';\n, client: *a, products: [x, \"p*\"]}\n",
        ]
        for _ in 0..<1000 {
            let yaml = Self.mutated(files.randomElement(using: &random) ?? "", &random)
            do throws(ConfigurationError) {
                _ = try ServiceConfiguration(yaml: yaml).recordedJSON()
            } catch {
                // A mutation may make a value a key, and keys are shown.
                #expect(!error.message.contains(Self.canary))
                #expect(!error.description.contains { $0.isNewline })
                #expect(!error.description.isEmpty)
            }
        }
    }

    @Test func survivesDeepNesting() {
        for opening in ["[", "{a: ", "- ", "? "] {
            _ = try? ServiceConfiguration(yaml: String(repeating: opening, count: 20_000))
        }
    }

    /// A few hundred bytes that stand for 2^40 nodes, as a key, which the parser compares, or as a value.
    @Test(arguments: ["? *a39\n: 1\n? [*a39]\n: 2", "holdings: *a39", "{*a39: 1}", "holdings: {client: *a39}"])
    func refusesAliasesThatMultiply(last: String) {
        let lines = ["x0: &a0 [x, x]"] + (1..<40).map { "x\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
        let error = #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(yaml: (lines + [last]).joined(separator: "\n"))
        }
        #expect(error?.code == .syntax)
        #expect(error?.message.contains("aliases") == true)
        let flow = "[" + (0..<40).map { "&b\($0) [*b\(max($0 - 1, 0)), *b0]" }.joined(separator: ", ") + "]"
        #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(yaml: ConfigurationTests.minimal, overrides: ["holdings.products=\(flow)"])
        }
    }

    /// What people use aliases for, and what only looks like one.
    @Test func readsSomeAliases() throws {
        let yaml =
            ConfigurationTests.minimal
            + "\nclients: {relation: &c dwh.c, id: id, attributes: {a: &w 0.5, b: *w}}\nproducts: {relation: *c, id: id}"
        #expect(
            try ServiceConfiguration(yaml: yaml).source.products?.source == .relation(RelationName(parsing: "dwh.c")))
        let query = (0..<100).map { "a\($0) * b" }.joined(separator: ", ")
        _ = try ServiceConfiguration(
            yaml: "{holdings: {query: \"select \(query), count(*) from t\", client: c, product: p}}")
    }

    private static func mutated(_ file: String, _ random: inout SeededGenerator) -> String {
        var scalars = Array(file.unicodeScalars)
        let inserts = Array("{}[]:,&*!|>'\"%@`#?- \n\t~0\u{0}\u{1}\u{FEFF}é\u{2028}🙂x".unicodeScalars)
        for _ in 0..<Int.random(in: 1...6, using: &random) where !scalars.isEmpty {
            let at = Int.random(in: 0..<scalars.count, using: &random)
            let end = min(scalars.count, at + Int.random(in: 1...20, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: scalars.insert(inserts.randomElement(using: &random) ?? "x", at: at)
            case 1: scalars[at] = inserts.randomElement(using: &random) ?? "x"
            case 2: scalars.removeSubrange(at..<end)
            case 3: scalars.insert(contentsOf: scalars[at..<end], at: Int.random(in: 0..<scalars.count, using: &random))
            default: scalars.removeSubrange(at...)
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
