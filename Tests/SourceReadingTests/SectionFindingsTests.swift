import Holdings
import SourceReading
import TestSupport
import Testing

/// What each section says about itself: kind, severity, how often, and where.
@Suite(.requiresServer) struct SectionFindingsTests {
    private static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        insert into dwh.holdings
            select i, p, 1 from generate_series(1, 9) i, unnest(array['A', 'B', 'C', 'D', 'E', 'F']) p;
        insert into dwh.holdings values
            (1, 'G', null), (2, 'G', 'NaN'), (3, 'G', 1e309), (4, 'G', -1), (5, 'A', 2), (null, 'A', 1), (6, null, 1);
        create table dwh.clients (id bigint, risk integer, qualified boolean, size numeric, same text);
        insert into dwh.clients values
            (1, 1, true, 1, 'x'), (1, 1, true, 1, 'x'), (2, null, null, 2, 'x'), (null, 1, true, 1, 'x'),
            (10, 1, false, 'NaN', null);
        create table dwh.products (id text, risk integer, qualified boolean);
        insert into dwh.products values
            ('A', 1, true), ('A', 1, true), ('A', 1, true), ('B', null, null), (null, 1, true), ('C', 1, false),
            ('D', 1, false), ('E', 1, false), ('F', 1, false);
        create table dwh.components (product text, component text, weight numeric);
        insert into dwh.components values
            ('G', 'A', 1), ('A', 'Z', 1), ('A', 'A', 1), ('B', 'A', -1), (null, 'A', 1), ('M', 'A', 1);
        insert into dwh.products values ('M', 1, false), ('N', 1, false), ('O', 1, false);
        insert into dwh.components values ('N', 'O', 1), ('O', 'N', 1);
        """

    private static func mapping() throws -> SourceMapping {
        var mapping = try SourceMapping.long()
        mapping.clients = ClientsMapping(
            source: try .named("dwh.clients"), id: "id",
            attributes: ["size", "same"].map { AttributeMapping(column: $0, weight: 1) }, risk: "risk",
            qualified: "qualified")
        mapping.products = ProductsMapping(
            source: try .named("dwh.products"), id: "id", risk: "risk", requiresQualified: "qualified",
            components: try .named("dwh.components"))
        mapping.exclusions = ExclusionsMapping(
            query: "select 1::bigint as client_id, 'nowhere' as product_id union all select 77, 'A'")
        return mapping
    }

    @Test func saysWhatIsOdd() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let input = try await database.read(Self.mapping(), asOf: BusinessDate("2020-01-31"))
            let expected: [(Finding.Code, Finding.Severity, Int, [String])] = [
                (.nullAmount, .warning, 1, ["1 / G"]), (.nanAmount, .warning, 1, ["2 / G"]),
                (.infiniteAmount, .warning, 1, ["3 / G"]), (.negativeAmount, .warning, 1, ["4 / G"]),
                (.duplicateHolding, .info, 1, ["5 / A"]),
                // Two of the holdings, one of the clients, one of the products and one of the components.
                (.nullKey, .warning, 5, []),
                (.undatedSource, .warning, 1, []),
                (.duplicateClient, .warning, 1, ["1"]),
                (.unknownClientRisk, .warning, 8, ["2", "3", "4", "5", "6"]),
                (.unknownQualification, .warning, 8, ["2", "3", "4", "5", "6"]),
                (.uselessAttribute, .error, 1, ["same"]), (.unusableAttribute, .warning, 1, ["10"]),
                (.duplicateProduct, .warning, 2, ["A"]),
                (.unknownProductRisk, .warning, 2, ["B", "G"]), (.unknownRequirement, .warning, 2, ["B", "G"]),
                (.unknownComponent, .error, 1, ["Z"]), (.invalidWeight, .error, 1, ["B"]),
                (.ownComponent, .error, 1, ["A"]), (.componentCycle, .error, 2, ["N", "O"]),
                (.unknownExclusion, .warning, 2, []),
            ]
            for (code, severity, occurrences, examples) in expected {
                let found = input.finding(code)
                #expect(found?.severity == severity, "\(code)")
                #expect(found?.occurrences == occurrences, "\(code)")
                #expect(found?.examples == examples, "\(code)")
                #expect(found?.message.isEmpty == false, "\(code)")
            }
            #expect(Set(input.findings.map(\.code)) == Set(expected.map(\.0)))
            #expect(input.findings.count == expected.count)
            #expect(input.unlistedClients?.count == 7 && input.unlistedClients?.share == 7.0 / 9)
            #expect(input.unlistedClients?.examples == ["3", "4", "5", "6", "7"])
            // Nobody holds G.
            #expect(input.unlistedProducts?.count == 1 && input.unlistedProducts?.share == 0)
            #expect(input.unlistedProducts?.examples == ["G"])
        }
    }

    @Test func saysNothingOfGoodData() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (1, 'A', 1), (2, 'B', 1);
                """)
            #expect(try await database.read(.long(), asOf: nil).findings == [])
            try await database.execute("delete from dwh.holdings")
            #expect(try await database.read(.long(), asOf: nil).findings.map(\.code) == [.emptySource])
        }
    }
}
