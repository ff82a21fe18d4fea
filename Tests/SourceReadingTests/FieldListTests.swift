import Holdings
import PeerSearch
import Postgres
import Recommending
import TestSupport
import Testing

@testable import SourceReading

/// Every value comes out of its own column, whatever else is mapped and in whatever order.
@Suite(.requiresServer) struct FieldListTests {
    private static let source = SourceRelation.query(
        "select 7::bigint as id, 2.5::numeric as size, 'x'::varchar as word, true as flag, date '1970-01-02' as day")

    /// One of its fields, and what it must read.
    private enum Wanted: CaseIterable {
        case id, size, word, flag, day, missing
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func readsByHandle(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let order = Wanted.allCases.shuffled(using: &random)
        try await TestServer.withMigratedDatabase { database in
            try await database.withSession(as: .runner) { session in
                var list = FieldList()
                var checks: [(BinaryCopyRow) throws -> Void] = []
                for wanted in order {
                    switch wanted {
                    case .id:
                        let field = list.add("id", key: "x.id", .id(.client))
                        checks.append { #expect($0[field].map(Array.init) == [0, 0, 0, 0, 0, 0, 0, 7]) }
                    case .size:
                        let field = list.add("size", key: "x.size", .amount)
                        checks.append { row in
                            let value = try row.numeric(field)
                            #expect(value.map { ($0.count, $0[0], $0[1]) } ?? (0, 0, 0) == (2, 2, 5000))
                        }
                    case .word:
                        let field = list.add("word", key: "x.word", .text)
                        checks.append { #expect($0[field].map(Array.init) == [UInt8(ascii: "x")]) }
                    case .flag:
                        let field = list.add("flag", key: "x.flag", .flag(in: "x"))
                        checks.append { row in
                            let value = try row[field]
                            #expect(value == true)
                        }
                    case .day:
                        let field: Field<Double> = list.add("day", key: "x.day", .attribute).typed()
                        checks.append { row in
                            let value = try row[field]
                            #expect(value == 86_400)
                        }
                    case .missing:
                        let field = list.add("nowhere", key: "x.nowhere", .text, isOptional: true)
                        checks.append { #expect($0[field] == nil) }
                    }
                }
                let condition = list.addCondition("day", key: "x.day", .day)
                let catalog = SourceCatalog(session: session, asOf: try #require(BusinessDate("2026-06-30")))
                let query = try catalog.query(list, of: Self.source, key: "x", nil)
                #expect(query.fieldCount == order.count)
                #expect(try query.days(of: condition, catalog).expression == "\"day\"")
                var rowCount = 0
                var decoder = BinaryCopyDecoder(fieldCount: query.fieldCount)
                try session.copyOut("copy (\(query.text)) to stdout (format binary)") { message in
                    try decoder.decode(message) { row in
                        for check in checks { try check(row) }
                        rowCount += 1
                    }
                }
                #expect(rowCount == 1)
            }
        }
    }

    /// All columns of the list are asked for, and those of conditions, which need rights as well.
    @Test func namesItsColumns() throws {
        var mapping = try SourceMapping.long(dating: .validity(from: "f", to: "t"))
        mapping.clients = ClientsMapping(
            source: try .named("dwh.clients"), id: "id", manager: "m", segment: "s",
            attributes: [AttributeMapping(column: "b", weight: 1), AttributeMapping(column: "a", weight: 1)],
            risk: "r", qualified: "q")
        mapping.products = ProductsMapping(
            source: try .named("dwh.products"), id: "id", name: "n", available: "v", risk: "r", requiresQualified: "q",
            components: try .named("dwh.parts"), attributes: ["i"])
        mapping.exclusions = ExclusionsMapping(query: "select 1")
        let sources = mapping.sources
        #expect(
            sources.map(\.key) == ["holdings", "clients", "products", "products.components", "exclusions.query"])
        #expect(
            sources.map { Set($0.columns) } == [
                ["client_id", "product_id", "amount", "f", "t"], ["id", "m", "s", "a", "b", "r", "q"],
                ["id", "n", "v", "r", "q", "i"], ["product", "component", "weight"],
                ["client_id", "product_id", "reason"],
            ])
    }

    /// With each of the optional columns and without: none is taken for another.
    @Test func everyChoiceOfColumns() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (1, 'A', 1), (2, 'B', 1);
                create table dwh.clients (client_id bigint, m text, s text, size real, kind text, risk integer, q boolean);
                insert into dwh.clients values (1, 'M1', 'S1', 1, 'K1', 1, true), (2, 'M2', 'S2', 2, 'K2', 2, false);
                create table dwh.products (product_id text, n text, v boolean, risk integer, q boolean);
                insert into dwh.products values ('A', 'Fund A', true, 2, false), ('B', 'Fund B', false, 1, true);
                """)
            for choice in 0..<64 {
                func chosen<Value>(_ bit: Int, _ value: Value) -> Value? { choice >> bit & 1 == 1 ? value : nil }
                var mapping = try SourceMapping.long()
                mapping.clients = ClientsMapping(
                    source: try .named("dwh.clients"), id: "client_id", manager: chosen(0, "m"),
                    segment: chosen(1, "s"),
                    attributes: [chosen(2, "size"), chosen(3, "kind")].compactMap(\.self).map {
                        AttributeMapping(column: $0, weight: 1)
                    }, risk: chosen(4, "risk"), qualified: chosen(5, "q"))
                mapping.products = ProductsMapping(
                    source: try .named("dwh.products"), id: "product_id", name: chosen(0, "n"),
                    available: chosen(1, "v"), risk: chosen(4, "risk"), requiresQualified: chosen(5, "q"))
                let input = try await database.read(mapping)
                #expect(input.roster.manager(ofClient: 1) == chosen(0, "M2"), "\(choice)")
                #expect(input.roster.productNames == [chosen(0, "Fund A"), chosen(0, "Fund B")], "\(choice)")
                #expect(input.roster.segment(ofClient: 1) == chosen(1, "S2"), "\(choice)")
                #expect(input.policy.isOffered(product: 1) == (chosen(1, false) ?? true), "\(choice)")
                let attributes: [ClientAttribute.Values?] = [
                    chosen(3, .categories([0, 1])), chosen(2, .numbers([1, 2])),
                ]
                #expect(input.attributes.map(\.values) == attributes.compactMap(\.self), "\(choice)")
                let suitability = input.policy.suitability
                #expect((suitability == nil) == (choice >> 4 == 0), "\(choice)")
                for client in 0..<2 {
                    let suits = (0..<2).map { product in
                        suitability?.suits(
                            product: product,
                            suitabilityClass: suitability?.suitabilityClass(ofClient: client) ?? 0) ?? true
                    }
                    let byRisk = chosen(4, client == 0 ? [false, true] : [true, true]) ?? [true, true]
                    let byQualification = chosen(5, client == 0 ? [true, true] : [true, false]) ?? [true, true]
                    #expect(suits == zip(byRisk, byQualification).map { $0 && $1 }, "\(choice) \(client)")
                }
            }
        }
    }
}
