import Foundation
import SourceReading
import Testing

@testable import Configuration

@Suite struct ConfigurationLoadTests {
    /// As people write them in a file, too.
    @Test(arguments: ["a,b", "[a, b]", "[ a , \"b\" ]"]) func listsOnTheCommandLine(_ text: String) throws {
        let yaml = ConfigurationErrorTests.holdings + "products: {relation: p, id: i}"
        let list = try ServiceConfiguration(yaml: yaml, overrides: ["products.attributes=\(text)"])
        #expect(list.source.products?.attributes == ["a", "b"])
    }

    @Test(arguments: ["age=0.25,kind=1", "{age: 0.25, kind: 1}"]) func weightsOnTheCommandLine(_ text: String) throws {
        let yaml = ConfigurationErrorTests.holdings + "clients: {relation: c, id: i}"
        let weights = try ServiceConfiguration(yaml: yaml, overrides: ["clients.attributes=\(text)"])
        #expect(weights.source.clients?.attributes.map(\.weight) == [0.25, 1])
    }

    @Test func prefersTheNamedFileToTheEnvironmentToTheCurrentFolder() throws {
        try Folder.with(["peerfolio.yaml": "here", "env.yaml": "env", "named.yaml": "named"]) { folder throws in
            func connection(file: String? = nil, environment: [String: String] = [:]) throws -> String {
                try folder.load(file: file, environment: environment).connection.conninfo
            }
            #expect(try connection() == "here")
            #expect(try connection(environment: ["PEERFOLIO_CONFIG": ""]) == "here")
            #expect(try connection(environment: ["PEERFOLIO_CONFIG": "env.yaml"]) == "env")
            #expect(try connection(file: "named.yaml", environment: ["PEERFOLIO_CONFIG": "env.yaml"]) == "named")
            #expect(try connection(file: folder.path + "/named.yaml") == "named")
            #expect(try folder.load(file: "./named.yaml").location(of: "connection") == "./named.yaml:1")
            #expect(try folder.load().location(of: "connection") == "peerfolio.yaml:1")
        }
    }

    @Test func showsAMinimalFileWhenThereIsNone() throws {
        guard !FileManager.default.fileExists(atPath: "/etc/peerfolio/peerfolio.yaml") else { return }
        try Folder.with([:]) { folder throws in
            let error = #expect(throws: ConfigurationError.self) { try folder.load() }
            #expect(error?.code == .fileNotFound)
            #expect(error?.description.hasPrefix("no configuration file: name one with --config") == true)
            #expect(error?.description.contains("\n") == false)
        }
    }

    @Test func readsItsOwnMinimalExample() throws {
        _ = try ServiceConfiguration(yaml: ServiceConfiguration.minimalExample)
    }

    @Test func namesAMissingFile() throws {
        try Folder.with(["peerfolio.yaml": "here"]) { folder throws in
            let error = #expect(throws: ConfigurationError.self) { try folder.load(file: "other.yaml") }
            #expect(error?.description == "other.yaml: there is no such file")
        }
    }

    @Test func refusesAFolder() throws {
        try Folder.with([:]) { folder throws in
            let error = #expect(throws: ConfigurationError.self) { try folder.load(file: folder.path) }
            #expect(error?.code == .fileUnreadable)
        }
    }

    @Test(arguments: [
        (Data([0x61, 0x3A, 0x20, 0xFF]), "peerfolio.yaml: the file is not UTF-8 text; save it as UTF-8"),
        (Data(repeating: 0x23, count: 1_048_577), "peerfolio.yaml: larger than 1 MiB, so not a configuration"),
    ])
    func refusesWhatIsNoText(_ content: Data, _ description: String) throws {
        try Folder.with([:]) { folder throws in
            try content.write(to: folder.url.appendingPathComponent("peerfolio.yaml"))
            let error = #expect(throws: ConfigurationError.self) { try folder.load() }
            #expect(error?.code == .fileUnreadable)
            #expect(error?.description == description)
        }
    }
}

/// A folder with configurations that differ in their connection; removed afterwards.
private struct Folder {
    let url: URL

    var path: String { url.path }

    static func with(_ files: [String: String], _ body: (Folder) throws -> Void) throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: url) }
        for (name, connection) in files {
            let yaml = "connection: \(connection)\nholdings: {relation: h, client: c, product: p}\n"
            try Data(yaml.utf8).write(to: url.appendingPathComponent(name))
        }
        try body(Folder(url: url))
    }

    func load(file: String? = nil, environment: [String: String] = [:]) throws -> ServiceConfiguration {
        try ServiceConfiguration.load(file: file, environment: environment, currentDirectory: path)
    }
}
