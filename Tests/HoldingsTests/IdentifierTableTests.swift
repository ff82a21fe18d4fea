import TestSupport
import Testing

@testable import Holdings

@Suite struct IdentifierTableTests {
    private static func key(_ text: String) -> [UInt8] { Array(text.utf8) }

    private static func insert(_ key: [UInt8], into table: inout IdentifierTable) throws -> Int32 {
        try key.withUnsafeBytes { try table.insert($0) }
    }

    @Test func keepsCanonicallyEqualTextsApart() throws {
        var table = IdentifierTable(type: .text)
        #expect(try Self.insert(Self.key("é"), into: &table) == 0)
        #expect(try Self.insert(Self.key("e\u{301}"), into: &table) == 1)
        #expect(try Self.insert(Self.key("é"), into: &table) == 0)
        #expect(try Self.insert([], into: &table) == 2)
        #expect(table.count == 3)
        #expect(table.index(ofText: "e\u{301}") == 1)
        #expect(table.index(ofText: "") == 2)
        #expect(table.index(ofText: "E") == nil)
    }

    @Test(arguments: [1, 2, 3]) func findsManyIdsAgain(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var table = IdentifierTable(type: .bigint)
        var reference: [Int64: Int32] = [:]
        for _ in 0..<20_000 {
            let id = Int64.random(in: -6000...6000, using: &random)
            let index = try withUnsafeBytes(of: id.bigEndian) { try table.insert($0) }
            #expect(index == reference[id] ?? Int32(reference.count))
            reference[id] = index
        }
        #expect(table.count == reference.count)
        let (sorted, newIndexes) = table.sorted()
        let ids = (0..<Int32(sorted.count)).map { Int64(sorted.text(at: $0)) ?? 0 }
        #expect(ids == reference.keys.sorted())
        for (id, index) in reference {
            #expect(sorted.index(ofText: "\(id)") == newIndexes[Int(index)])
        }
        #expect(sorted.index(ofText: "6001") == nil)
    }

    @Test func sortsTextsByBytes() throws {
        var table = IdentifierTable(type: .text)
        for text in ["b", "é", "a", "", "Z", "ab", "e\u{301}", "日"] {
            _ = try Self.insert(Self.key(text), into: &table)
        }
        let sorted = table.sorted().table
        let texts = (0..<Int32(sorted.count)).map { Array(sorted.text(at: $0).utf8) }
        #expect(texts == ["", "Z", "a", "ab", "b", "e\u{301}", "é", "日"].map { Array($0.utf8) })
    }

    @Test func readsUUIDsAsPeopleWriteThem() throws {
        var table = IdentifierTable(type: .uuid)
        _ = try Self.insert((0..<16).map { UInt8($0) * 17 }, into: &table)
        #expect(table.text(at: 0) == "00112233-4455-6677-8899-aabbccddeeff")
        #expect(table.index(ofText: "00112233-4455-6677-8899-AABBCCDDEEFF") == 0)
        #expect(table.index(ofText: "00112233445566778899aabbccddeeff") == 0)
        for text in ["", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeefg", "ü"] {
            #expect(table.index(ofText: text) == nil)
        }
    }

    @Test func refusesWhatIsNoId() throws {
        for (type, bytes) in [
            (IdentifierType.text, [0x61, 0xFF] as [UInt8]), (.text, [0xC0, 0x80]), (.text, [0xED, 0xA0, 0x80]),
            (.bigint, [0, 1]), (.uuid, [UInt8](repeating: 0, count: 15)),
        ] {
            var table = IdentifierTable(type: type)
            let error = #expect(throws: IdentifierError.self) { _ = try Self.insert(bytes, into: &table) }
            #expect(error?.code == (type == .text ? .invalidText : .invalidLength))
            #expect(table.count == 0)
        }
    }
}
