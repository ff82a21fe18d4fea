import Postgres
import TestSupport
import Testing

@testable import ResultStore
@testable import SourceReading

/// Ids go through a run byte for byte, in the warehouse's own type.
@Suite struct IdentifierTests {
    private static let odd = [
        "", " ", "  both ends  ", "\n", "line\nbreak\r\n", "tab\t", #"back\slash \N \."#, "it's", #"say "hi""#, "NULL",
        "café", "cafe\u{301}", "日本語", "👩‍👩‍👧‍👦", "\u{FEFF}bom", "\u{1}\u{7F}", "a", "A", "%s {} $1 :as_of",
        String(repeating: "long ", count: 520),
    ]

    @Test(.requiresServer, arguments: ["text", "varchar", "varchar(20000)"])
    func textComesBackByteForByte(type: String) async throws {
        try await TestServer.withMigratedDatabase(clientType: "text", productType: "text") { database in
            try await database.execute("create table dwh.holdings (client_id \(type), product_id \(type), amount real)")
            try await database.withSession { session in
                for (number, id) in Self.odd.enumerated() {
                    // Pairs of neighbors share a product, so that there are peers.
                    for product in [number, (number + 1) % Self.odd.count] {
                        _ = try session.execute(
                            "insert into dwh.holdings values ($1, $2, 1)", [.text(id), .text(Self.odd[product])])
                    }
                }
            }
            let lease = try await database.publishRun(.long())
            let source = try await database.rows(
                "select distinct encode(convert_to(client_id, 'UTF8'), 'hex') from dwh.holdings order by 1")
            #expect(source.count == Self.odd.count)
            for table in ["clients", "recommendations"] {
                let written = try await database.rows(
                    """
                    select distinct encode(convert_to(client_id, 'UTF8'), 'hex') from peerfolio_bi.\(table)
                    where run_id = \(lease.runID) order by 1
                    """)
                #expect(written == source, "\(table)")
            }
            let products = try await database.rows(
                "select encode(convert_to(product_id, 'UTF8'), 'hex') from peerfolio.run_products order by 1")
            #expect(products == source)
        }
    }

    /// A report joins views and warehouse without a cast, and finds every client.
    @Test(
        .requiresServer,
        arguments: [
            ("smallint", "bigint", "-32768, 0, 32767"), ("integer", "bigint", "-2147483648, -1, 2147483647"),
            ("bigint", "bigint", "-9223372036854775808, 7, 9223372036854775807"),
            (
                "uuid", "uuid",
                "'00000000-0000-0000-0000-000000000000', '0A0B0C0D-FFFF-0000-8000-fffffffffffe', 'ffffffff-ffff-ffff-ffff-ffffffffffff'"
            ),
            ("char(9)", "text", "'a', 'bb  ', '  c'"),
        ])
    func joinsWithoutCasts(type: String, installed: String, ids: String) async throws {
        try await TestServer.withMigratedDatabase(clientType: installed, productType: installed) { database in
            try await database.execute(
                """
                create table dwh.holdings as
                select c as client_id, p as product_id, 1 as amount
                from unnest(array[\(ids)]::\(type)[]) with ordinality as c (c, i)
                cross join unnest(array[\(ids)]::\(type)[]) with ordinality as p (p, j) where i <> j
                """)
            _ = try await database.publishRun(.long())
            let joined = try await database.value(
                """
                select count(distinct h.client_id) from dwh.holdings h
                join peerfolio_bi.recommendations r on r.client_id = h.client_id
                join dwh.holdings p on p.product_id = r.product_id
                """)
            #expect(joined == "3")
        }
    }
}
