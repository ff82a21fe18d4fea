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

    @Test func findsIDsThatCameInAscendingOrder() throws {
        var table = IdentifierTable(type: .bigint)
        let ids: [Int64] = [.min, -2, -1, 0, 1, 255, 256, .max]
        for (index, id) in ids.enumerated() {
            #expect(try withUnsafeBytes(of: id.bigEndian) { try table.insert($0) } == index)
        }
        for (index, id) in ids.enumerated() { #expect(table.index(ofText: "\(id)") == Int32(index)) }
        #expect(table.index(ofText: "2") == nil && table.index(ofText: "-3") == nil)
        #expect([].withUnsafeBytes { table.index(of: $0) } == nil)
        #expect(table.sorted().newIndexes == Array(0..<8))
    }

    @Test func aBatchEndsAtWhatIsNoID() {
        var (table, batch) = (IdentifierTable(type: .text), IdentifierBatch())
        for key in [Self.key("b"), Self.key("a"), [0xFF], Self.key("c")] {
            _ = key.withUnsafeBytes { batch.append($0) }
        }
        #expect(throws: IdentifierError.self) { try table.insert(batch) }
        #expect(table.count == 2 && table.index(ofText: "a") == 1)
    }

    /// Ids of every kind, in every order, alone and in batches, beside a dictionary and a plain sort.
    @Test(arguments: 0..<2000) func doesWhatADictionaryDoes(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed))
        let type = [IdentifierType.bigint, .text, .uuid, .numeric][seed % 4]
        let known = Self.ids(type, &random)
        var rows = known + (0..<known.count).compactMap { _ in known.randomElement(using: &random) }
        switch seed / 4 % 3 {
        case 0: rows.shuffle(using: &random)
        case 1: rows.sort { Self.precedes($0, $1, type) }
        default: rows = known.sorted { Self.precedes($0, $1, type) } + rows
        }
        var (table, reference) = (IdentifierTable(type: type), [[UInt8]: Int32]())
        let expected = rows.map { id in
            let index = reference[id] ?? Int32(reference.count)
            reference[id] = index
            return index
        }
        var indexes: [Int32] = []
        while indexes.count < rows.count {
            let next = rows[indexes.count...].prefix(.random(in: 1...300, using: &random))
            if Bool.random(using: &random) {
                for id in next { indexes.append(try Self.insert(id, into: &table)) }
            } else {
                var batch = IdentifierBatch()
                let places = next.map { id in id.withUnsafeBytes { batch.append($0) } }
                let found = try table.insert(batch)
                indexes += places.map { found[$0] }
            }
        }
        #expect(indexes == expected)
        let (sorted, newIndexes) = table.sorted()
        let order = reference.keys.sorted { Self.precedes($0, $1, type) }
        #expect((0..<Int32(sorted.count)).map { sorted.withBytes(at: $0) { Array($0) } } == order)
        var places: [[UInt8]: Int32] = [:]
        for (place, id) in order.enumerated() {
            places[id] = Int32(place)
            let index = reference[id] ?? -1
            #expect(newIndexes[Int(index)] == Int32(place) && table.withBytes(at: index) { Array($0) } == id)
        }
        for id in Self.ids(type, &random) + order + [[], [1]] {
            #expect(id.withUnsafeBytes { table.index(of: $0) } == reference[id])
            #expect(id.withUnsafeBytes { sorted.index(of: $0) } == places[id])
        }
    }

    /// Different ids in no order, of which many begin alike.
    private static func ids(_ type: IdentifierType, _ random: inout SeededGenerator) -> [[UInt8]] {
        let bound = [4, 300, 1 << 20, 1 << 62].randomElement(using: &random) ?? 1
        let beginnings = ["", "c", "customer-", "kunde é ", "a\0\0"].map(key).shuffled(using: &random).prefix(2)
        let ids = (0..<Int.random(in: 0...500, using: &random)).map { _ -> [UInt8] in
            let number = Int64.random(in: Int64(-bound)...Int64(bound), using: &random)
            switch type {
            case .bigint:
                let values: [Int64] = [number, .min + abs(number), .max - abs(number)]
                let value = values.randomElement(using: &random) ?? 0
                return withUnsafeBytes(of: value.bigEndian) { Array($0) }
            case .numeric:
                let zeros = String(repeating: "0", count: [0, 0, 3, 4, 40].randomElement(using: &random) ?? 0)
                return NumericBytes.bytes(ofText: "\(number)\(zeros)") ?? []
            case .uuid: return withUnsafeBytes(of: (number & 3, number)) { Array($0) }
            case .text:
                // More than a word of zeros tells from none only by its length.
                let zeros = [UInt8](repeating: 0, count: [0, 0, 1, 20].randomElement(using: &random) ?? 0)
                return (beginnings.randomElement(using: &random) ?? []) + key("\(abs(number))") + zeros
            }
        }
        return Array(Set(ids)).sorted { $0.lexicographicallyPrecedes($1) }.shuffled(using: &random)
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8], _ type: IdentifierType) -> Bool {
        func value(_ id: [UInt8]) -> Int64 { Int64(bitPattern: id.reduce(0) { $0 << 8 | UInt64($1) }) }
        switch type {
        case .bigint: return value(left) < value(right)
        case .numeric: return NumericBytesTests.precedes(left, right)
        case .text, .uuid: return left.lexicographicallyPrecedes(right)
        }
    }
}
