import Configuration
import Holdings
import SourceReading
import TestSupport
import Testing

@testable import Scoring

/// Ids that are blank, that stand for what is unknown, or that do not meet those of the relation that lists them.
@Suite(.requiresServer) struct IDChecksTests {
    private static let yaml = """
        holdings: {relation: dwh.holdings, client: client_id, product: product_id}
        clients: {relation: dwh.clients, id: id}
        products: {relation: dwh.products, id: "Id"}
        """

    private static let tables = """
        create table dwh.holdings (client_id text, product_id text);
        create table dwh.clients (id text); create table dwh.products ("Id" text);
        """

    /// Lists and holdings of 40 clients with two of 20 products each.
    private static let good = """
        insert into dwh.holdings
        select 'c' || c, 'p' || p from generate_series(1, 40) c, lateral (values (c % 20), ((c + 1) % 20)) v (p);
        insert into dwh.clients select distinct client_id from dwh.holdings;
        insert into dwh.products select distinct product_id from dwh.holdings;
        """

    private static func findings(
        _ database: TestDatabase, _ yaml: String = yaml, overrides: [String] = []
    ) async throws -> [Finding] {
        let installation = try database.installation(yaml, overrides: overrides)
        return try await ServiceCheck(installation).report(asOf: nil).findings
    }

    private static func finding(
        _ code: Finding.Code, after change: String, overrides: [String] = []
    ) async throws -> Finding? {
        var found: Finding?
        try await TestServer.withMigratedDatabase(clientType: "text") { database in
            try await database.execute(tables + good + change)
            found = try await findings(database, overrides: overrides).first { $0.code == code }
        }
        return found
    }

    @Test func saysNothingOfGoodIDs() async throws {
        try await TestServer.withMigratedDatabase(clientType: "text") { database in
            try await database.execute(Self.tables + Self.good)
            #expect(try await Self.findings(database).isEmpty)
        }
    }

    // MARK: Ids that do not meet

    /// Of 40 clients, and of 20 products.
    @Test(
        arguments: [
            (.unknownClient, 2, .info), (.unknownClient, 3, .warning), (.unknownClient, 20, .warning),
            (.unknownClient, 21, .error), (.unknownProduct, 1, .info), (.unknownProduct, 2, .warning),
            (.unknownProduct, 10, .warning), (.unknownProduct, 11, .error),
        ] as [(Finding.Code, Int, Finding.Severity)])
    func isAsSevereAsItsShare(code: Finding.Code, count: Int, severity: Finding.Severity) async throws {
        let (table, id) = code == .unknownClient ? ("clients", "id") : ("products", "\"Id\"")
        let change =
            "delete from dwh.\(table) where \(id) in (select \(id) from dwh.\(table) order by 1 limit \(count));"
        let found = try await Self.finding(code, after: change)
        #expect(found?.severity == severity && found?.occurrences == count)
        #expect(found?.examples.count == min(5, count))
        #expect(found?.message.contains("\(count) of \(code == .unknownClient ? 40 : 20)") == true)
        #expect((found?.message.contains("checks.max_unknown (0.5)") == true) == (severity == .error))
        for (limit, refused) in [("0", true), ("1", false)] {
            let other = try await Self.finding(code, after: change, overrides: ["checks.max_unknown=\(limit)"])
            #expect((other?.severity == .error) == refused)
        }
    }

    /// Clients whose positions are closed are counted, and do not refuse a run.
    @Test func onlyWhatIsHeldCounts() async throws {
        let found = try await TestServer.withClosedPositions { try await Self.findings($0, $1) }
        #expect(found.first { $0.code == .unknownClient }?.severity == .info)
        #expect(found.first { $0.code == .unknownClient }?.occurrences == 100)
    }

    private struct Difference: CustomTestStringConvertible, Sendable {
        let listed: String
        let words: String
        let example: String
        let remedy: String
        var testDescription: String { words }
    }

    /// How the clients relation writes the ids of the holdings, c1 to c40 or 1 to 40.
    private static let differences = [
        Difference(
            listed: "rpad(id, 10)", words: "ids differ in padding:", example: #"holdings "c1", clients "c1        ""#,
            remedy: "map trim(id) as id in clients.query"),
        Difference(
            listed: #"e' \t' || id || e'\u00a0'"#, words: "ids differ in padding:",
            example: "holdings \"c10\", clients \" \\tc10\u{A0}\"",
            remedy: #"map btrim(id, e' \t\n\r\u00a0') as id in clients.query"#),
        Difference(
            listed: "upper(id)", words: "ids differ in letter case:", example: #"holdings "c1", clients "C1""#,
            remedy: "map lower(id) as id in clients.query"),
        Difference(
            listed: "substr(id, 2) || '.0'", words: "ids differ in decimals:", example: #"holdings "1", clients "1.0""#,
            remedy: "map split_part(id, '.', 1) as id in clients.query"),
        Difference(
            listed: "lpad(substr(id, 2), 8, '0')", words: "ids differ in leading zeros:",
            example: #"holdings "1", clients "00000001""#, remedy: "map ltrim(id, '0') as id in clients.query"),
        Difference(
            listed: "' ' || upper(id)", words: "ids differ in padding and letter case:",
            example: #"holdings "c1", clients " C1""#, remedy: "map lower(trim(id)) as id in clients.query"),
    ]

    @Test(arguments: differences) private func showsHowIDsDiffer(difference: Difference) async throws {
        let areNumbers = difference.listed.contains("substr")
        let change = """
            update dwh.clients set id = \(difference.listed);
            update dwh.holdings set client_id = substr(client_id, 2) where \(areNumbers);
            """
        let found = try await Self.finding(.unknownClient, after: change)
        #expect(found?.severity == .error && found?.occurrences == 40)
        #expect(found?.examples.first == difference.example)
        for text in [difference.words, difference.remedy] {
            #expect(found?.message.contains(text) == true, "\(found?.message ?? "")")
        }
        // Ids are data.
        #expect(found?.message.contains("c1") == false)
        // What it says works.
        let expression = difference.remedy.split(separator: " as ")[0].dropFirst(4)
        let query = "clients.query=select \(expression) as id from dwh.clients"
        try await TestServer.withMigratedDatabase(clientType: "text") { database in
            try await database.execute(Self.tables + Self.good + change)
            let yaml = Self.yaml.split(separator: "\n").filter { !$0.hasPrefix("clients") }.joined(separator: "\n")
            #expect(try await Self.findings(database, yaml, overrides: [query, "clients.id=id"]).isEmpty)
        }
    }

    @Test func namesTheSideThatIsToChange() async throws {
        let products = try await Self.finding(
            .unknownProduct, after: "update dwh.holdings set product_id = '0' || upper(product_id);")
        #expect(products?.examples.first == #"holdings "0P0", products "p0""#)
        #expect(products?.message.contains("map ltrim(lower(product_id), '0') as product_id in holdings.query") != true)
        #expect(products?.message.contains("lower(ltrim(product_id, '0')) as product_id in holdings.query") == true)
        let both = try await Self.finding(
            .unknownProduct,
            after: """
                update dwh.holdings set product_id = ' ' || product_id;
                update dwh.products set "Id" = upper("Id");
                """)
        #expect(
            both?.message.hasSuffix(
                "map trim(product_id) as product_id in holdings.query, and lower(\"Id\") as \"Id\" in products.query")
                == true, "\(both?.message ?? "")")
        let composed = try await Self.finding(
            .unknownClient,
            after: """
                update dwh.holdings set client_id = 'é' || client_id;
                update dwh.clients set id = e'e\\u0301' || id;
                """)
        #expect(composed?.message.contains("the composition of characters") == true)
        #expect(composed?.message.contains("normalize(client_id)") == true)
        let different = try await Self.finding(.unknownClient, after: "update dwh.clients set id = 'x' || id;")
        #expect(different?.severity == .error && different?.message.contains("differ") == false)
    }

    /// An exclusion that nobody knows excludes nothing.
    @Test(arguments: [(1, Finding.Severity.info), (2, .warning)])
    func tellsOfExclusionsThatMeetNobody(unknown: Int, severity: Finding.Severity) async throws {
        let query =
            "exclusions.query=select case when i <= \(unknown) then ' ' else '' end || 'c' || i as client_id,"
            + " 'p0' as product_id from generate_series(1, 3) i where i < 3 or \(unknown) = 1"
        let found = try await Self.finding(.unknownExclusion, after: "", overrides: [query])
        #expect(found?.severity == severity && found?.occurrences == unknown)
    }

    // MARK: Blank ids

    @Test func countsBlankIDs() async throws {
        let found = try await Self.finding(
            .blankID,
            after: """
                insert into dwh.holdings values ('', 'p1'), ('', 'p2'), (e'\\t ', 'p1'), (e'\\u00a0', 'p1'), ('c1', ' ');
                insert into dwh.holdings values ('.', 'p1'), ('-', 'p1'), ('日', 'p1');
                """)
        #expect(found?.severity == .warning && found?.occurrences == 4)
        #expect(
            found?.examples == [#"client """#, "client \"\t \"", "client \"\u{A0}\"", #"product " ""#],
            "\(found?.examples ?? [])")
        for words in ["clients (3)", "products (1)", "holdings (5)"] {
            #expect(found?.message.contains(words) == true, "\(found?.message ?? "")")
        }
    }

    // MARK: Clients who are none

    @Test(
        arguments: [
            // 19 of 20 products where the median is 2.
            ("insert into dwh.holdings select '-1', 'p' || p from generate_series(0, 18) p", ["-1"]),
            ("insert into dwh.holdings select '-1', 'p' || p from generate_series(0, 17) p", []),
            // Everybody holds half of them.
            ("insert into dwh.holdings select c.id, 'p' || p from dwh.clients c, generate_series(0, 18) p", []),
            // More than a hundred times the median, which is 2.
            (
                "insert into dwh.holdings select n, 'q' || p from (values ('0', 200), ('?', 201)) v (n, c), "
                    + "generate_series(1, 400) p where p <= c", ["?"]
            ),
        ] as [(String, [String])])
    func namesCatchAllClients(change: String, expected: [String]) async throws {
        let found = try await Self.finding(.catchAllClient, after: change)
        #expect((found?.examples ?? []) == expected)
        #expect(found == nil || found?.severity == .warning && found?.occurrences == expected.count)
    }
}

extension TestServer {
    /// 40 clients who hold something, and a hundred whose positions are closed and whom no relation lists.
    fileprivate static func withClosedPositions(
        _ body: (TestDatabase, String) async throws -> [Finding]
    ) async throws -> [Finding] {
        var found: [Finding] = []
        try await withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings select c, 'p' || (c + p) % 7, 1 from generate_series(1, 40) c, generate_series(0, 1) p;
                create table dwh.clients as select distinct client_id as id from dwh.holdings;
                insert into dwh.holdings select c, 'p1', 0 from generate_series(101, 200) c;
                """)
            found = try await body(
                database, SmallWarehouse.yaml + "\nclients: {relation: dwh.clients, id: id}")
        }
        return found
    }
}
