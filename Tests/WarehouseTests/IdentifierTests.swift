import Postgres
import Recommending
import TestSupport
import Testing

@testable import Warehouse

/// Ids go through a run byte for byte, in the warehouse's own type.
@Suite struct IdentifierTests {
    private static let odd = [
        "", " ", "  both ends  ", "\n", "line\nbreak\r\n", "tab\t", #"back\slash \N \."#, "it's", #"say "hi""#, "NULL",
        "café", "cafe\u{301}", "日本語", "👩‍👩‍👧‍👦", "\u{FEFF}bom", "\u{1}\u{7F}", "a", "A", "%s {} $1 :as_of",
        String(repeating: "long ", count: 2000),
    ]

    @Test(.requiresServer, arguments: ["text", "varchar", "varchar(20000)"])
    func textComesBackByteForByte(type: String) async throws {
        try await TestServer.withMigratedDatabase(clientType: "text", productType: "text") { database in
            try await database.execute("create table dwh.holdings (client_id \(type), product_id \(type), amount real)")
            try await database.withSession { session in
                for (number, id) in Self.odd.enumerated() {
                    // Pairs of neighbors share a product, so that there are peers.
                    for product in [number, (number + 1) % Self.odd.count] {
                        _ = try session.execute(
                            "insert into dwh.holdings values ($1, $2, 1)", [.text(id), .text(Self.odd[product])])
                    }
                }
            }
            let lease = try await database.publishRun(.long())
            let source = try await database.rows(
                "select distinct encode(convert_to(client_id, 'UTF8'), 'hex') from dwh.holdings order by 1")
            #expect(source.count == Self.odd.count)
            for table in ["run_clients", "recommendations"] {
                let written = try await database.rows(
                    """
                    select distinct encode(convert_to(client_id, 'UTF8'), 'hex') from peerfolio.\(table)
                    where run_id = \(lease.runID) order by 1
                    """)
                #expect(written == source, "\(table)")
            }
            let products = try await database.rows(
                "select encode(convert_to(product_id, 'UTF8'), 'hex') from peerfolio.run_products order by 1")
            #expect(products == source)
        }
    }

    /// A report joins views and warehouse without a cast, and finds every client.
    @Test(
        .requiresServer,
        arguments: [
            ("smallint", "bigint", "-32768, 0, 32767"), ("integer", "bigint", "-2147483648, -1, 2147483647"),
            ("bigint", "bigint", "-9223372036854775808, 7, 9223372036854775807"),
            (
                "uuid", "uuid",
                "'00000000-0000-0000-0000-000000000000', '0A0B0C0D-FFFF-0000-8000-fffffffffffe', 'ffffffff-ffff-ffff-ffff-ffffffffffff'"
            ),
            ("char(9)", "text", "'a', 'bb  ', '  c'"),
        ])
    func joinsWithoutCasts(type: String, installed: String, ids: String) async throws {
        try await TestServer.withMigratedDatabase(clientType: installed, productType: installed) { database in
            try await database.execute(
                """
                create table dwh.holdings as
                select c as client_id, p as product_id, 1 as amount
                from unnest(array[\(ids)]::\(type)[]) with ordinality as c (c, i)
                cross join unnest(array[\(ids)]::\(type)[]) with ordinality as p (p, j) where i <> j
                """)
            _ = try await database.publishRun(.long())
            let joined = try await database.value(
                """
                select count(distinct h.client_id) from dwh.holdings h
                join peerfolio_bi.recommendations r on r.client_id = h.client_id
                join dwh.holdings p on p.product_id = r.product_id
                """)
            #expect(joined == "3")
        }
    }

    // MARK: The table

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
            let error = #expect(throws: SourceError.self) { _ = try Self.insert(bytes, into: &table) }
            #expect(error?.code == (type == .text ? .invalidText : .protocolViolation))
            #expect(table.count == 0)
        }
    }
}
