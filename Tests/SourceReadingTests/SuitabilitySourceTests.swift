import Holdings
import Recommending
import TestSupport
import Testing

@testable import SourceReading

/// Risk and qualification as they lie in relations.
@Suite(.requiresServer) struct SuitabilitySourceTests {
    private static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        create table dwh.clients (client_id bigint, risk numeric, profile varchar(10), is_qualified boolean, day date);
        create table dwh.products (product_id text, risk real, class text, is_complex boolean, code integer);
        insert into dwh.holdings select i, p, 1 from generate_series(1, 5) i, unnest(array['A', 'B', 'C', 'D', 'X']) p
            where not (i < 5 and p = 'X');
        insert into dwh.clients values
            (1, 1, 'low', false), (2, 2.5, 'mid', true), (3, null, 'none', null), (4, 'NaN', null, true),
            (2, 2, 'high', true), (2, 9, 'mid', null);
        insert into dwh.products values
            ('A', 1, 'low', false), ('B', 2, 'mid', true), ('C', 3, 'high', null), ('D', null, 'odd', false),
            ('B', 1, 'low', false);
        """

    private static func mapping(
        risks: (String, String)? = nil, qualification: (String, String)? = nil, levels: [String]? = nil
    ) throws -> SourceMapping {
        var mapping = try SourceMapping.long()
        mapping.clients = ClientsMapping(
            source: try .named("dwh.clients"), id: "client_id", risk: risks?.0, qualified: qualification?.0)
        mapping.products = ProductsMapping(
            source: try .named("dwh.products"), id: "product_id", risk: risks?.1, requiresQualified: qualification?.1)
        mapping.riskLevels = levels
        return mapping
    }

    /// What may be offered to each of the clients 1 to 5.
    private static func offers(_ input: SourceInput) -> [String] {
        (0..<input.roster.clients.count).map { client in
            let suitabilityClass = input.policy.suitabilityClass(ofClient: client)
            return (0..<Int32(input.roster.products.count))
                .filter { input.policy.isOffered(product: $0, suitabilityClass: suitabilityClass) }
                .map { input.roster.products.text(at: $0) }.joined()
        }
    }

    /// Of several rows the strictest counts; NULL, NaN and what is in no relation is unknown and blocks.
    @Test func numbers() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let input = try await database.read(try Self.mapping(risks: ("risk", "risk")))
            #expect(Self.offers(input) == ["A", "AB", "", "", ""])
            #expect(input.finding(.unknownClientRisk)?.examples == ["3", "4", "5"])
            #expect(input.finding(.unknownProductRisk)?.examples == ["D", "X"])
            #expect(input.finding(.unknownQualification) == nil)
            #expect(input.finding(.unknownRequirement) == nil)
        }
    }

    @Test func levels() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let input = try await database.read(
                try Self.mapping(risks: ("profile", "class"), levels: ["low", "mid", "high"]))
            #expect(Self.offers(input) == ["A", "AB", "", "", ""])
            #expect(input.finding(.unknownClientRisk)?.examples == ["3", "4", "5"])
            #expect(input.finding(.unknownProductRisk)?.examples == ["D", "X"])
            // Another order is another rule.
            let reversed = try await database.read(
                try Self.mapping(risks: ("profile", "class"), levels: ["high", "mid", "low"]))
            #expect(Self.offers(reversed) == ["ABC", "C", "", "", ""])
        }
    }

    @Test func qualification() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let input = try await database.read(try Self.mapping(qualification: ("is_qualified", "is_complex")))
            // One of the rows of client 2 is silent, and B requires it in one of its rows.
            #expect(Self.offers(input) == ["AD", "AD", "AD", "ABCDX", "AD"])
            #expect(input.finding(.unknownQualification)?.examples == ["2", "3", "5"])
            #expect(input.finding(.unknownRequirement)?.examples == ["C", "X"])
            #expect(input.finding(.unknownClientRisk) == nil)
        }
    }

    /// What decides about offers is part of the fingerprint, and only then.
    @Test func changesTheFingerprint() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let both = try Self.mapping(risks: ("risk", "risk"), qualification: ("is_qualified", "is_complex"))
            let (bare, first) = (try await database.read(Self.mapping()), try await database.read(both))
            #expect(bare.policy.suitability == nil)
            #expect(bare.fingerprint != first.fingerprint)
            for change in [
                "update dwh.clients set risk = 7 where client_id = 1",
                "update dwh.products set risk = 0 where risk = 3",
                "update dwh.clients set is_qualified = true where client_id = 1",
                "update dwh.products set is_complex = true where product_id = 'A'",
            ] {
                let before = try await database.read(both).fingerprint
                try await database.execute(change)
                #expect(try await database.read(both).fingerprint != before, "\(change)")
                #expect(try await database.read(Self.mapping()).fingerprint == bare.fingerprint)
            }
        }
    }

    @Test func refusesOtherTypes() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let cases: [(SourceMapping, String, String)] = [
                (try Self.mapping(risks: ("profile", "risk")), "clients.risk", "suitability.levels"),
                (try Self.mapping(risks: ("risk", "class")), "products.risk", "suitability.levels"),
                (try Self.mapping(risks: ("day", "risk")), "clients.risk", "not a number"),
                (try Self.mapping(qualification: ("risk", "is_complex")), "clients.qualified", "boolean"),
                (try Self.mapping(qualification: ("is_qualified", "code")), "products.requires_qualified", "boolean"),
                (try Self.mapping(risks: ("rsik", "risk")), "clients.risk", "did you mean \"risk\"?"),
                (
                    try Self.mapping(qualification: ("is_qualified", "is_komplex")), "products.requires_qualified",
                    "did you mean \"is_complex\"?"
                ),
            ]
            for (mapping, key, words) in cases {
                let error = await database.sourceError(mapping)
                #expect(error?.key == key)
                #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
            }
        }
    }
}
