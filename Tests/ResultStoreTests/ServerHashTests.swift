import Holdings
import Postgres
import TestSupport
import Testing

@testable import ResultStore

/// Our hash functions are the server's, and what a row adds to a checksum is what the functions of the schema say.
@Suite(.requiresServer) struct ServerHashTests {
    private static let seeds: [Int64] = [0, 1, 0xffff_ffff, 0x1_0000_0000, .max]

    /// Compares the hashes of values with what a query on their texts, `v.text`, says with `s.seed`.
    private static func compare<Value>(
        _ values: [Value], _ expression: String, text: (Value) -> String, hash: (Value, UInt64) -> UInt64
    ) async throws {
        let list = values.map { "\"\(text($0))\"" }.joined(separator: ",")
        var found: [[Int64]] = []
        try await TestServer.withConnection { connection in
            found = try await connection.withSession { session in
                try seeds.map { seed in
                    try session.execute(
                        """
                        select \(expression) from (select $2::bigint as seed) s,
                            unnest($1::text[]) with ordinality as v(text, place) order by v.place
                        """, [.text("{\(list)}"), .bigint(seed)]
                    ).rows.map { try $0.get(at: 0) }
                }
            }
        }
        for (seed, hashes) in zip(seeds, found) {
            #expect(hashes == values.map { Int64(bitPattern: hash($0, UInt64(seed))) }, "\(expression), seed \(seed)")
        }
    }

    @Test func areTheServersForNumbers() async throws {
        var random = SplitMix64(seed: 4, stream: 0)
        let integers =
            [0, 1, -1, .min, .max, 1 << 32, -(1 << 32)] + (0..<2000).map { _ in Int64(bitPattern: random.next()) }
        try await Self.compare(integers, "hashint8extended(v.text::bigint, s.seed)", text: { "\($0)" }) {
            ServerHash.hash($0, seed: $1)
        }
        let doubles =
            [0, -0.0, 1, -1, 0.1, .leastNonzeroMagnitude, .greatestFiniteMagnitude] + integers.map { Double($0) / 3 }
        try await Self.compare(doubles, "hashfloat8extended(v.text::float8, s.seed)", text: { "\($0)" }) {
            ServerHash.hash($0, seed: $1)
        }
        try await Self.compare(
            ["S", "F", "X"] as [Unicode.Scalar], "hashcharextended(v.text::\"char\", s.seed)", text: { "\($0)" }
        ) {
            ServerHash.hash(CharField($0), seed: $1)
        }
    }

    @Test func areTheServersForBytes() async throws {
        var random = SplitMix64(seed: 5, stream: 0)
        // Every length up to three blocks of twelve bytes, several times.
        let texts = (0..<2000).map { number in
            String((0..<number % 40).map { _ in "aбz0 日"[random.next() % 6] })
        }
        try await Self.compare(
            texts, "hash_array_extended(array[convert_to(v.text, 'UTF8')], s.seed)", text: { $0 }
        ) { text, seed in
            ServerHash.hash(id: text, seed: seed)
        }
    }

    /// Small texts and numbers, whatever the ids' types.
    @Test(arguments: [("bigint", "text"), ("text", "uuid"), ("uuid", "bigint")])
    func ofIdsAreThoseOfTheSchema(clientType: String, productType: String) async throws {
        func id(_ type: String, _ number: String) -> String {
            type == "uuid" ? "md5((\(number))::text)::uuid" : "(\(number))::text::\(type)"
        }
        try await TestServer.withMigratedDatabase(clientType: clientType, productType: productType) { database in
            try await database.execute(
                """
                create table dwh.holdings as
                select \(id(clientType, "c")) as client_id, \(id(productType, "p")) as product_id, 1::numeric as amount
                from generate_series(1, 60) c, generate_series(1, 9) p where (c * p) % 7 in (1, 2, 4);
                """)
            // It is published only if both sides have come to the same sums.
            let lease = try await database.publishRun(.long())
            let sums = try await database.rows(
                """
                select lists = 2, contents_checksum <> 0, checksum > 0 from peerfolio.runs where run_id = \(lease.runID)
                """)
            #expect(sums == [["t", "t", "t"]])
        }
    }
}

extension String {
    fileprivate subscript(place: UInt64) -> Character { self[index(startIndex, offsetBy: Int(place))] }
}
