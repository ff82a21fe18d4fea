import Holdings
import Recommending
import TestSupport
import Testing

@testable import SourceReading

/// The reasons of exclusions: read where there are any, kept short, and the first by bytes wherever several rows agree.
@Suite(.requiresServer) struct ExclusionReasonTests {
    private static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        insert into dwh.holdings values (1, 'A', 1), (2, 'B', 1), (3, 'C', 1), (4, 'D', 1);
        create table dwh.barred (client_id bigint, product_id text, reason text);
        """

    private static func mapping(_ query: String) throws -> SourceMapping {
        var mapping = try SourceMapping.long()
        mapping.exclusions = ExclusionsMapping(query: query)
        return mapping
    }

    /// The exclusions of each client as lines such as `1: B (why), C`, a star for everything.
    private static func lines(_ input: SourceInput) -> [String] {
        (0..<input.roster.clients.count).map { client in
            let exclusions = input.policy.exclusions(ofClient: client).map { product, reason in
                (product.map { input.roster.products.text(at: $0) } ?? "*") + (reason.map { " (\($0))" } ?? "")
            }
            return "\(client + 1): \(exclusions.joined(separator: ", "))"
        }
    }

    private static func read(_ rows: String, _ database: TestDatabase) async throws -> SourceInput {
        try await database.execute("truncate dwh.barred; insert into dwh.barred values \(rows)")
        return try await database.read(Self.mapping("select * from dwh.barred"))
    }

    @Test func isOptional() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let input = try await Self.read(
                "(1, 'B', 'why'), (1, 'C', null), (1, 'D', ''), (2, null, 'all'), (3, null, null), (null, 'A', 'closed')",
                database)
            #expect(
                Self.lines(input)
                    == [
                        "1: A (closed), B (why), C, D", "2: * (all), A (closed)", "3: *, A (closed)", "4: A (closed)",
                    ])
            #expect(input.finding(.longReason) == nil)
            let without = try await database.read(Self.mapping("select client_id, product_id from dwh.barred"))
            #expect(Self.lines(without) == ["1: A, B, C, D", "2: *, A", "3: *, A", "4: A"])
            let none = try await database.read(.long())
            #expect(Self.lines(none) == ["1: ", "2: ", "3: ", "4: "])
            // Columns of one name are no reason, and no error either: such a query has always been fine.
            let several = try await database.read(
                Self.mapping("select b.*, 'other' as reason from dwh.barred as b"))
            #expect(Self.lines(several) == Self.lines(without))
        }
    }

    /// Several rows about one client and product, about the product or the client as a whole, in every order.
    @Test func theFirstByBytesCounts() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let rows = [
                "(1, 'B', 'b')", "(1, 'B', 'a')", "(1, 'B', null)", "(1, 'B', 'é')", "(1, 'C', 'Z')", "(1, 'C', 'a')",
                "(null, 'C', 'X')", "(null, 'C', 'Y')", "(null, 'C', null)", "(2, null, 'me')", "(2, null, 'again')",
                "(2, null, null)", "(2, 'C', 'Xa')", "(3, 'D', 'e\u{301}')", "(3, 'D', 'é')",
            ]
            var random = SeededGenerator(seed: 5)
            for _ in 0..<5 {
                let shuffled = rows.shuffled(using: &random).joined(separator: ", ")
                #expect(
                    try await Self.lines(Self.read(shuffled, database))
                        == ["1: B (a), C (X)", "2: * (again), C (X)", "3: C (X), D (e\u{301})", "4: C (X)"])
            }
            let everything = try await Self.read("(null, null, 'freeze'), (2, null, 'a'), (3, null, 'z')", database)
            #expect(Self.lines(everything) == ["1: * (freeze)", "2: * (a)", "3: * (freeze)", "4: * (freeze)"])
        }
    }

    /// At a character, whether it ends at the limit, begins at it, or lies across it.
    @Test(
        arguments: [
            (200, "", nil), (201, "", 200), (198, "é", nil), (198, "éy", 200), (199, "é", 199), (198, "🙂", 198),
            (197, "日本", 200), (0, "日", nil), (199, "🙂🙂", 199), (200, "é", 200),
        ] as [(Int, String, Int?)])
    func isCutAtACharacter(letters: Int, rest: String, keptBytes: Int?) async throws {
        let reason = String(repeating: "x", count: letters) + rest
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let input = try await Self.read("(1, 'B', '\(reason)'), (2, 'C', '\(reason)'), (3, 'D', 'short')", database)
            let kept = try #require(input.policy.exclusions(ofClient: 0)[0].reason)
            #expect(kept.utf8.elementsEqual(reason.utf8.prefix(keptBytes ?? reason.utf8.count)))
            let finding = input.finding(.longReason)
            #expect(finding?.severity == (keptBytes == nil ? nil : .info))
            #expect(finding?.occurrences == (keptBytes == nil ? nil : 2))
            #expect(finding?.message.contains("200 bytes") ?? true)
        }
    }

    @Test func isTheTextOfAnyType() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.tables + "create type dwh.cause as enum ('closed'); create domain dwh.words as varchar(9);")
            for (expression, text) in [
                ("42", "42"), ("1.50", "1.50"), ("true", "true"), ("date '2026-01-31'", "2026-01-31"),
                ("'closed'::dwh.cause", "closed"), ("'why'::dwh.words", "why"), ("'{\"a\": 1}'::jsonb", "{\"a\": 1}"),
                ("array['x', 'y']", "{x,y}"), ("'why'::char(5)", "why"), ("null", nil),
            ] as [(String, String?)] {
                let input = try await database.read(
                    Self.mapping("select 1::bigint as client_id, 'B' as product_id, \(expression) as reason"))
                #expect(input.policy.exclusions(ofClient: 0).map(\.reason) == [text], "\(expression)")
            }
        }
    }

    @Test func mustBeUTF8() async throws {
        try await TestServer.withMigratedDatabase(clientType: "bigint", encoding: "SQL_ASCII") { database in
            try await database.execute(Self.tables)
            let error = await #expect(throws: SourceError.self) {
                _ = try await Self.read("(1, 'B', E'caf\\xE9')", database)
            }
            #expect(error?.code == .invalidText)
            #expect(error?.message.contains("SQL_ASCII") == true)
            #expect(try await Self.lines(Self.read("(1, 'B', 'café')", database))[0] == "1: B (café)")
        }
    }

    /// No result depends on them, so another text is no other input: a run of a version that did not read them still
    /// counts as unchanged.
    @Test func isNoPartOfTheFingerprint() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let first = try await Self.read("(1, 'B', 'why'), (null, 'C', 'closed')", database)
            let second = try await Self.read("(1, 'B', 'because'), (null, 'C', null)", database)
            let without = try await database.read(Self.mapping("select client_id, product_id from dwh.barred"))
            #expect(first.fingerprint == second.fingerprint)
            #expect(first.fingerprint == without.fingerprint)
            let other = try await Self.read("(1, 'C', 'why'), (null, 'C', 'closed')", database)
            #expect(first.fingerprint != other.fingerprint)
        }
    }

    /// A million of them may cost no more than four bytes each.
    @Test func costsFourBytes() {
        struct Bare {
            var client: Int32?
            var product: Int32?
        }
        #expect(MemoryLayout<Policy.Exclusion>.stride == MemoryLayout<Bare>.stride + 4)
    }
}
