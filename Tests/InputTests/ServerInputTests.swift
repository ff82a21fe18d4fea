import Holdings
import Postgres
import SourceReading
import TestSupport
import Testing

/// Ids and names on their way to a real server and back.
@Suite(.requiresServer) struct ServerInputTests {
    private static let oddIDs = [
        "", " ", "  both ends  ", "\\.", "\\N", "\\", "\t", "\r\n", "tab\tbed", "\"", "\"quoted\"", "'", "NULL", "null",
        ",",
        "\u{202E}desrever", "\u{200F}", "שלום", "👩‍👩‍👧‍👦", "🙂", "caf\u{E9}", "cafe\u{301}", "\u{212B}", "\u{C5}", "A\u{30A}",
        "\u{FEFF}",
        "\u{1}", "\u{7F}", "\u{85}", "\u{A0}", "\u{FFFF}", "\u{10FFFF}", "A", "a",
        String(repeating: "x", count: 10_000),
        String(repeating: "日", count: 10_000), "-1", "1e5", "%s", "$1", ":as_of", "; drop table ids; --",
    ]

    /// What PostgreSQL keeps apart stays apart, byte for byte, and nothing is added or lost.
    @Test(arguments: TestSeed.list(2))
    func idsComeBackByteForByte(seed: UInt64) async throws {
        var random = RandomInput(seed: seed)
        var sent = Set(Self.oddIDs.map { Array($0.utf8) })
        #expect(sent.count == Self.oddIDs.count)
        while sent.count < 3000 {
            let id = Array(random.text(upTo: random.isTrue(oneOf: 200) ? 3000 : 5).utf8)
            if !id.contains(0) { sent.insert(id) }
        }
        let ids = sent
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript("CREATE TABLE ids (id text COLLATE \"C\")")
                let count = try session.copyIn("COPY ids FROM STDIN (FORMAT binary)") { writer in
                    let encoder = BinaryCopyEncoder(writer)
                    for id in ids {
                        try encoder.beginRow(fieldCount: 1)
                        try encoder.append(String(decoding: id, as: UTF8.self))
                    }
                    try encoder.finish()
                }
                #expect(count == ids.count)
                let distinct = try session.execute("SELECT count(DISTINCT id) FROM ids").rows[0].get(
                    at: 0, as: Int.self)
                #expect(distinct == ids.count)

                var table = IdentifierTable(type: .text)
                var decoder = BinaryCopyDecoder(fieldCount: 1)
                try session.copyOut("COPY ids TO STDOUT (FORMAT binary)") { message in
                    try decoder.decode(message) { row in
                        if let id = row[0] { _ = try table.insert(id) }
                    }
                }
                try decoder.finish()
                #expect(decoder.rowCount == ids.count)
                let received = (0..<Int32(table.count)).map { place in table.withBytes(at: place) { Array($0) } }
                #expect(received.count == ids.count)
                #expect(Set(received) == ids)
            }
        }
    }

    /// No text of PostgreSQL holds NUL: the server refuses all of the COPY, and cuts nothing off.
    @Test func anIDWithNULIsRefused() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript("CREATE TABLE ids (id text)")
                let error = #expect(throws: PostgresError.self) {
                    try session.copyIn("COPY ids FROM STDIN (FORMAT binary)") { writer in
                        let encoder = BinaryCopyEncoder(writer)
                        for id in ["before", "canary\0after"] {
                            try encoder.beginRow(fieldCount: 1)
                            try encoder.append(id)
                        }
                        try encoder.finish()
                    }
                }
                #expect(error?.sqlState == "22021")
                #expect(error.map { String(reflecting: $0).contains("canary") } == false)
                #expect(try session.execute("SELECT * FROM ids").rows.isEmpty)
            }
        }
    }

    /// A quoted name is that name to the server, and a quoted text that text, whatever is in them.
    @Test(arguments: TestSeed.list(4))
    func quotedNamesAndTextsAreExact(seed: UInt64) async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                var random = RandomInput(seed: seed)
                for _ in 0..<1300 {
                    let text = random.text(upTo: 20)
                    guard !text.utf8.contains(0) else {
                        #expect(throws: PostgresError.self) { try session.escapeIdentifier(text) }
                        #expect(throws: PostgresError.self) { try session.escapeLiteral(text) }
                        continue
                    }
                    let literal = try session.escapeLiteral(text)
                    // A name is never empty, and the server would shorten a long one: RelationName refuses both.
                    let name = (1...63).contains(text.utf8.count) ? text : "x"
                    let result = try session.execute("SELECT \(literal) AS \(try session.escapeIdentifier(name))")
                    let value = try result.rows[0].get(at: 0, as: String.self)
                    #expect(value.utf8.elementsEqual(text.utf8))
                    #expect(result.columns[0].name.utf8.elementsEqual(name.utf8))
                }
            }
        }
    }

    /// What a configuration may name, it may make a run read, and nothing else: neither made, nor changed, nor dropped.
    @Test(arguments: TestSeed.list(4))
    func configuredNamesChangeNothing(seed: UInt64) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                "create table dwh.holdings (client_id bigint, product_id text, amount real);"
                    + " insert into dwh.holdings values (1, 'A', 1)")
            let objects = """
                select string_agg(format('%s %s %s', n.nspname, c.relname, c.xmin), ',' order by c.oid)
                from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname !~ '^pg_toast'
                """
            let before = try await database.value(objects)
            try await database.withSession { session in
                var random = RandomInput(seed: seed)
                let words = [
                    "dwh", "holdings", "client_id", "\"", "; drop table dwh.holdings; --", ") to '/tmp/x'; --",
                    "pg_temp",
                    "pg_catalog", "pg_class", "peerfolio", "publication", "$1", "' or true --", "*/", "\\", "x\ny",
                ]
                let separators = [".", "", " ", "\".\"", "\""]
                var plannedCount = 0
                for _ in 0..<400 {
                    let parts = (0..<4).map { _ in random.sentence(words, separators: separators, upTo: 3) }
                    let isUsual = random.isTrue(oneOf: 4)
                    guard let name = try? RelationName(parsing: isUsual ? "dwh.holdings" : parts[0]) else { continue }
                    plannedCount += 1
                    let columns = parts[1...].map { isUsual && random.isTrue(oneOf: 3) ? "client_id" : $0 }
                    let mapping = SourceMapping(
                        holdings: HoldingsMapping(
                            source: .relation(name), client: columns[0],
                            layout: .long(product: columns[1], amount: columns[2])))
                    do {
                        _ = try SourcePlan(mapping, asOf: nil, session: session)
                    } catch is SourceError {
                    } catch let error as PostgresError {
                        // A column that a configuration would have refused.
                        let isRefused = columns.contains { $0.utf8.contains(0) || $0.isEmpty }
                        #expect(isRefused, "\(name) \(columns): \(error)")
                    }
                }
                #expect(plannedCount > 50)
            }
            #expect(try await database.value(objects) == before)
            #expect(try await database.value("select count(*) from dwh.holdings") == "1")
        }
    }
}
