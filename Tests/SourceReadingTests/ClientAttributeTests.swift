import Holdings
import PeerSearch
import TestSupport
import Testing

@testable import SourceReading

/// Segments and attributes as the warehouse has them.
@Suite(.requiresServer) struct ClientAttributeTests {
    private static func mapping(
        _ attributes: String..., segment: String? = nil, source: SourceRelation? = nil
    ) throws -> SourceMapping {
        var mapping = try SourceMapping.long()
        mapping.clients = ClientsMapping(
            source: try source ?? .named("dwh.clients"), id: "client_id", segment: segment,
            attributes: attributes.map { AttributeMapping(column: $0, weight: 1) })
        return mapping
    }

    private static let holdings = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        insert into dwh.holdings values (2, 'A', 1), (9, 'B', 1);
        """

    /// Every client's number, nil where it is not known.
    private static func numbers(_ attribute: ClientAttribute?) -> [Double?] {
        guard case .numbers(let numbers) = attribute?.values else { return [] }
        return numbers.map { $0.isNaN ? nil : $0 }
    }

    private static func categories(_ attribute: ClientAttribute?) -> [Int32] {
        guard case .categories(let categories) = attribute?.values else { return [] }
        return categories
    }

    @Test func readsEveryType() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.holdings + """
                    create type dwh.kind as enum ('retail', 'private');
                    create domain dwh.share as numeric(4, 2);
                    create table dwh.clients (
                        client_id bigint, s smallint, i integer, b bigint, n numeric, r real, d double precision,
                        m money, share dwh.share, t text, c char(3), flag boolean, kind dwh.kind, u uuid,
                        since date, seen timestamp, met timestamptz);
                    insert into dwh.clients values
                        (1, 1, 2, 3, 4.5, 5.5, 6.5, 7.5, 0.25, 'z', 'b', true, 'retail',
                         '00000000-0000-0000-0000-000000000002', '1970-01-02', '1970-01-01 00:01', '1970-01-01 00:00:01+00'),
                        (2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
                        (3, -1, -2, -3, 'NaN', 'infinity', '-infinity', -7, 9, '', 'a', false, 'private',
                         '00000000-0000-0000-0000-000000000001', 'infinity', '1969-12-31 23:59', null);
                    """)
            let input = try await database.read(
                Self.mapping(
                    "s", "i", "b", "n", "r", "d", "m", "share", "t", "c", "flag", "kind", "u", "since", "seen", "met"))
            #expect(input.clientTexts == ["1", "2", "3", "9"])
            // In the order of names by bytes, not in that of the mapping; clients who are not listed are not known.
            let names = [
                "b", "c", "d", "flag", "i", "kind", "m", "met", "n", "r", "s", "seen", "share", "since", "t", "u",
            ]
            #expect(input.attributes.map(\.name) == names)
            func attribute(_ name: String) -> ClientAttribute? { input.attributes.first { $0.name == name } }
            for (name, numbers) in [
                ("s", [1, nil, -1, nil]), ("i", [2, nil, -2, nil]), ("b", [3, nil, -3, nil]),
                ("n", [4.5, nil, nil, nil]), ("r", [5.5, nil, nil, nil]), ("d", [6.5, nil, nil, nil]),
                ("m", [7.5, nil, -7, nil]), ("share", [0.25, nil, 9, nil]), ("since", [86_400, nil, nil, nil]),
                ("seen", [60, nil, -60, nil]), ("met", [1, nil, nil, nil]),
            ] as [(String, [Double?])] {
                #expect(Self.numbers(attribute(name)) == numbers, "\(name)")
            }
            // Categories by the bytes of their text: '' < 'z', 'a' < 'b', 'false' < 'true', 'private' < 'retail'.
            for name in ["t", "c", "flag", "kind", "u"] {
                #expect(Self.categories(attribute(name)) == [1, -1, 0, -1], "\(name)")
            }
            #expect(input.finding(.unusableAttribute)?.occurrences == 4)
            #expect(input.finding(.unusableAttribute)?.examples == ["3"])
            #expect(input.roster.segments == [] && input.roster.segmentOfClient == [-1, -1, -1, -1])
        }
    }

    /// Of several rows the least number counts, and the first text, whatever their order and whatever is NULL.
    @Test func severalRowsOfAClient() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.holdings + "create table dwh.clients (client_id bigint, age real, kind text, area integer)")
            let rows = [
                "(2, null, 'b', null)", "(2, 30, null, 2)", "(2, 20, 'a', 10)", "(2, 'NaN', null, null)",
                "(7, null, null, null)", "(9, 40, 'c', 3)",
            ]
            var fingerprints: Set<String> = []
            var random = SeededGenerator(seed: 1)
            for _ in 0..<6 {
                try await database.execute(
                    "truncate dwh.clients; insert into dwh.clients values "
                        + rows.shuffled(using: &random).joined(separator: ", "))
                let input = try await database.read(Self.mapping("kind", "age", segment: "area"))
                #expect(Self.numbers(input.attributes.first) == [20, nil, 40])
                // The text 'b' is not chosen, but keeps its place.
                #expect(Self.categories(input.attributes.last) == [0, -1, 2])
                #expect((0..<3).map { input.roster.segment(ofClient: $0) } == ["10", nil, "3"])
                #expect(input.roster.segments == ["10", "2", "3"])
                #expect(input.finding(.duplicateClient)?.occurrences == 3)
                #expect(input.finding(.unusableAttribute)?.occurrences == 1)
                fingerprints.insert(input.fingerprint)
            }
            #expect(fingerprints.count == 1)
        }
    }

    @Test func everyCellIsPartOfTheFingerprint() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.holdings + """
                    create table dwh.clients (client_id bigint, age integer, kind text, area text);
                    insert into dwh.clients select i, 20 + i, 'K' || i % 3, 'S' || i % 2 from generate_series(1, 9) i;
                    """)
            let plain = try await database.read(Self.mapping()).fingerprint
            var seen: [String: String] = [plain: "no attributes"]
            for change in [
                "select 1", "update dwh.clients set age = 21 where client_id = 2",
                "update dwh.clients set age = null where client_id = 3",
                "update dwh.clients set kind = 'K0' where client_id = 1",
                "update dwh.clients set kind = null where client_id = 3", "update dwh.clients set kind = 'X' || kind",
                "update dwh.clients set area = 'S0' where client_id = 1",
                "update dwh.clients set area = null where client_id = 4", "update dwh.clients set area = 'X' || area",
            ] {
                try await database.execute(change)
                let fingerprint = try await database.read(Self.mapping("age", "kind", segment: "area")).fingerprint
                #expect(seen[fingerprint] == nil, "\(change) is like \(seen[fingerprint] ?? "")")
                seen[fingerprint] = change
            }
        }
    }

    @Test func mistakesNameTheKey() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                Self.holdings + """
                    create table dwh.clients (client_id bigint, age integer, note text);
                    insert into dwh.clients select i, i, 'Geheim ' || i from generate_series(1, 1001) i;
                    """)
            let missing = await database.sourceError(try Self.mapping("agee"))
            #expect(missing?.code == .column && missing?.key == "clients.attributes")
            #expect(missing?.message.contains("did you mean \"age\"?") == true)
            let segment = await database.sourceError(try Self.mapping(segment: "area"))
            #expect(segment?.code == .column && segment?.key == "clients.segment")
            let many = await database.sourceError(try Self.mapping("age", "note"))
            #expect(many?.code == .values && many?.key == "clients.attributes")
            #expect(many?.message.contains("\"note\" has more than 1000 different values") == true)
            #expect(many?.message.contains("Geheim") == false)
            let segments = await database.sourceError(try Self.mapping(segment: "note"))
            #expect(segments?.code == .values && segments?.key == "clients.segment")
            #expect(segments?.message.contains("Geheim") == false)
            try await database.execute("delete from dwh.clients where client_id = 1001")
            #expect(try await database.read(Self.mapping(segment: "note")).roster.segments.count == 1000)
            #expect(try await database.read(Self.mapping("age", "note")).attributes.last?.distinctValueCount == 1000)
        }
    }

    @Test func readsAQuery() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.holdings)
            let query =
                "select 2::bigint as client_id, 5 as \"Odd \"\"Age\", 'x' as kind, date '2026-01-01' < :as_of as old"
            let mapping = try Self.mapping("Odd \"Age", "old", segment: "kind", source: .query(query))
            let input = try await database.read(mapping)
            #expect(Self.numbers(input.attributes.first) == [5, nil])
            #expect(Self.categories(input.attributes.last) == [0, -1])
            #expect(input.roster.segment(ofClient: 0) == "x")
        }
    }
}
