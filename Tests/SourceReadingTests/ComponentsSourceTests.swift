import Holdings
import Recommending
import TestSupport
import Testing

@testable import SourceReading

/// Components and attributes as they lie in relations.
@Suite(.requiresServer) struct ComponentsSourceTests {
    private static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        create table dwh.products (product_id text, issuer text, currency varchar(3), note integer);
        create table dwh.components (product text, component varchar(9), weight numeric, code bigint);
        insert into dwh.holdings select i, p, 1 from generate_series(1, 5) i, unnest(array['A', 'B', 'C']) p;
        insert into dwh.products values ('A', 'x', 'EUR'), ('B', 'y', 'EUR'), ('N', 'y', 'EUR'), ('M', null, null),
            ('N', 'z', null);
        insert into dwh.components values ('M', 'A', 30), ('M', 'B', 5), ('M', 'B', 5), ('F', 'M', 1), ('F', 'C', 1);
        insert into dwh.products values ('F');
        """

    private static func mapping(
        components: String? = "dwh.components", attributes: [String] = [], query: String? = nil
    ) throws -> SourceMapping {
        var mapping = try SourceMapping.long()
        mapping.products = ProductsMapping(
            source: try .named("dwh.products"), id: "product_id",
            components: try query.map(SourceRelation.query) ?? components.map(SourceRelation.named),
            attributes: attributes)
        return mapping
    }

    private static func text(_ input: SourceInput) -> [String] {
        (input.components?.products ?? []).map { product in
            let parts = (input.components?.parts(of: product) ?? []).map { part in
                "\(input.roster.products.text(at: part.product)) \(part.weight)"
            }
            return "\(input.roster.products.text(at: product)): \(parts.joined(separator: ", "))"
        }
    }

    @Test func readsAndResolves() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let input = try await database.read(Self.mapping())
            #expect(Self.text(input) == ["F: A 0.375, B 0.125, C 0.5", "M: A 0.75, B 0.25"])
            // Rows in another order, and by a query.
            let reordered = try await database.read(
                Self.mapping(query: "select * from dwh.components where :as_of > '2000-01-01' order by weight desc"))
            #expect(reordered.fingerprint == input.fingerprint)
            let bare = try await database.read(Self.mapping(components: nil))
            #expect(bare.components == nil)
            #expect(bare.fingerprint != input.fingerprint)
            try await database.execute("update dwh.components set weight = 31 where component = 'A'")
            #expect(try await database.read(Self.mapping()).fingerprint != input.fingerprint)
        }
    }

    /// N has two rows, of which the first value by bytes counts; M has no known value, and components are better.
    @Test func findsWhatIsAlike() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let alike = try await database.read(Self.mapping(components: nil, attributes: ["issuer", "currency"]))
            #expect(Self.text(alike) == ["N: B 1.0"])
            let byCurrency = try await database.read(Self.mapping(attributes: ["currency"]))
            #expect(
                Self.text(byCurrency)
                    == ["F: A 0.375, B 0.125, C 0.5", "M: A 0.75, B 0.25", "N: A 0.5, B 0.5"])
        }
    }

    @Test func countsWhatCannotBeRight() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.tables + """
                    insert into dwh.components values ('A', 'Z', 1), ('Y', 'A', 1), ('Y', 'Z', 1), (null, 'A', 1),
                        ('A', null, 1), ('A', 'A', 1), ('B', 'A', null), ('B', 'A', -1), ('B', 'A', 'NaN'),
                        ('C', 'A', 0), ('N', 'F', 1), ('M', 'F', 1);
                    """)
            let input = try await database.read(Self.mapping())
            #expect(input.finding(.unknownComponent)?.occurrences == 3)
            #expect(input.finding(.unknownComponent)?.examples == ["Y", "Z"])
            #expect(input.finding(.ownComponent)?.examples == ["A"])
            #expect(input.finding(.invalidWeight)?.occurrences == 4)
            #expect(input.finding(.invalidWeight)?.examples == ["B", "C"])
            #expect(input.finding(.componentCycle)?.examples == ["F", "M"])
            #expect(input.finding(.nullKey)?.occurrences == 2)
        }
    }

    @Test func refusesWhatCannotBeRead() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.tables + "create table dwh.hidden (product text, component text, weight real);"
                    + "revoke all on dwh.hidden from public, peerfolio_test_runner;")
            let cases: [(SourceMapping, SourceError.Code, String, String)] = [
                (try Self.mapping(components: "dwh.component"), .relation, "products.components", "did you mean"),
                (try Self.mapping(components: "dwh.products"), .column, "products.components", "no column \"product\""),
                (try Self.mapping(components: "dwh.hidden"), .privilege, "products.components", "GRANT SELECT"),
                (try Self.mapping(query: "select 1 from nowhere"), .relation, "products.components", "cannot be run"),
                (
                    try Self.mapping(query: "select code as product, component, weight from dwh.components"), .type,
                    "products.components", "type of the ids in holdings, text"
                ),
                (
                    try Self.mapping(query: "select product, component, product as weight from dwh.components"), .type,
                    "products.components", "must be a number"
                ),
                (try Self.mapping(attributes: ["isuer"]), .column, "products.attributes", "did you mean \"issuer\"?"),
            ]
            for (mapping, code, key, words) in cases {
                let error = await database.sourceError(mapping)
                #expect(error?.code == code, "\(words)")
                #expect(error?.key == key, "\(words)")
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
        }
    }
}
