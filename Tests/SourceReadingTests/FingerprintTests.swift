import Holdings
import TestSupport
import Testing

@testable import SourceReading

/// One fingerprint for one content: no row order changes it, and any cell does.
@Suite(.requiresServer) struct FingerprintTests {
    private static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount double precision);
        create table dwh.clients (client_id bigint, manager text);
        create table dwh.products (product_id text, name text, is_available boolean);
        create table dwh.exclusions (client_id bigint, product_id text, reason text);
        insert into dwh.holdings
            select i % 40, 'P' || (i * 7 % 9), 1.0 / i from generate_series(1, 300) i;
        insert into dwh.clients select i, 'M' || i % 3 from generate_series(0, 45) i;
        insert into dwh.clients values (3, 'Zoe'), (3, null), (4, 'Adam');
        insert into dwh.products select 'P' || i, 'Name ' || i, i <> 3 from generate_series(0, 9) i;
        insert into dwh.products values ('P1', 'A name', true), ('P2', null, false);
        insert into dwh.exclusions values (1, 'P1', 'a'), (2, null, 'b'), (null, 'P4', 'c'), (1, 'P1', 'd');
        """

    private static func mapping() throws -> SourceMapping {
        var mapping = try SourceMapping.long()
        mapping.clients = ClientsMapping(source: try .named("dwh.clients"), id: "client_id", manager: "manager")
        mapping.products = ProductsMapping(
            source: try .named("dwh.products"), id: "product_id", name: "name", available: "is_available")
        mapping.exclusions = ExclusionsMapping(query: "select client_id, product_id, reason from dwh.exclusions")
        return mapping
    }

    @Test func dependsOnNoOrderOfRows() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let first = try await database.read(Self.mapping())
            for seed in 1...8 {
                for table in ["holdings", "clients", "products", "exclusions"] {
                    try await database.execute(
                        """
                        select setseed(0.\(seed));
                        create table dwh.shuffled as select * from dwh.\(table) order by random();
                        truncate dwh.\(table);
                        insert into dwh.\(table) select * from dwh.shuffled;
                        drop table dwh.shuffled;
                        """)
                }
                let again = try await database.read(Self.mapping())
                #expect(again.fingerprint == first.fingerprint)
                #expect(again.held == first.held)
                #expect(again.clientTexts == first.clientTexts)
                #expect(again.roster.productNames == first.roster.productNames)
                #expect(again.roster.managerOfClient == first.roster.managerOfClient)
                #expect(again.quality == first.quality)
                #expect(again.finding(.duplicateClient)?.examples == first.finding(.duplicateClient)?.examples)
            }
            #expect(first.fingerprint.utf8.count == 32)
        }
    }

    @Test func changesWithEveryCell() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            var seen = [try await database.read(Self.mapping()).fingerprint: "nothing"]
            for change in [
                "update dwh.holdings set amount = amount + 1e-9 where client_id = 5 and product_id = 'P1'",
                "update dwh.holdings set product_id = 'P0' where client_id = 7",
                "update dwh.holdings set client_id = 41 where client_id = 7",
                "delete from dwh.holdings where client_id = 9",
                "insert into dwh.holdings values (44, 'P3', 1)",
                "update dwh.clients set manager = 'M9' where client_id = 5",
                "update dwh.clients set manager = null where client_id = 5",
                "update dwh.clients set manager = '' where client_id = 5",
                "insert into dwh.clients values (99, null)",
                "update dwh.products set name = 'name 5' where product_id = 'P5'",
                "update dwh.products set name = null where product_id = 'P5'",
                "update dwh.products set is_available = false where product_id = 'P5'",
                "insert into dwh.products values ('P10', null, true)",
                "insert into dwh.exclusions values (3, 'P5', 'x')",
                "insert into dwh.exclusions values (3, null, 'x')",
                "insert into dwh.exclusions values (null, 'P6', 'x')",
                "insert into dwh.exclusions values (null, null, 'x')",
            ] {
                try await database.execute(change)
                let fingerprint = try await database.read(Self.mapping()).fingerprint
                #expect(seen[fingerprint] == nil, "\(change) is like \(seen[fingerprint] ?? "")")
                seen[fingerprint] = change
            }
        }
    }

    /// Lengths and words are told apart: these differ only in where one value ends.
    @Test func tellsBordersApart() {
        func fingerprint(_ texts: [String?]) -> String {
            var fingerprint = InputFingerprint()
            texts.forEach { fingerprint.combine($0) }
            return fingerprint.text
        }
        let contents: [[String?]] = [
            [], [""], ["", ""], [nil], [nil, ""], ["", nil], ["ab"], ["a", "b"], ["ba"], ["ab\0"], ["\0ab"],
            ["12345678"], ["123456789"], ["1234567", "8"], ["12345678", ""], ["é"], ["e\u{301}"],
        ]
        #expect(Set(contents.map(fingerprint)).count == contents.count)
    }
}
