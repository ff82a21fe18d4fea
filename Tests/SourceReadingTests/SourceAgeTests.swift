import Postgres
import TestSupport
import Testing

@testable import Holdings
@testable import SourceReading

/// How old the sources are, by columns of every type that tells a day.
@Suite(.requiresServer) struct SourceAgeTests {
    private static func age(_ database: TestDatabase, zone: String, _ setting: String) async throws -> Double? {
        try await database.withSession(as: .runner) { session in
            try session.executeScript(setting)
            var mapping = try SourceMapping.long()
            mapping.holdings.timeZone = zone
            return try SourceAge.ofHoldings(mapping.holdings, column: "d", session: session)
        }
    }

    /// Days begin, and clocks without a zone go, in the zone of the configuration: not in that of the session.
    @Test(arguments: ["date", "timestamp", "timestamptz", "integer"], ["Asia/Kathmandu", "Pacific/Pago_Pago"])
    func agesAreThoseOfTheZone(type: String, zone: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            let today = "date_trunc('day', now() at time zone '\(zone)')"
            let value =
                switch type {
                case "date": "\(today)::date"
                case "timestamp": today
                case "timestamptz": "\(today) at time zone '\(zone)'"
                default: "to_char(\(today), 'YYYYMMDD')::integer"
                }
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric, d \(type));
                insert into dwh.holdings select 1, 'A', 1, \(value);
                """)
            if type == "integer" { try await database.execute("insert into dwh.holdings values (1, 'B', 1, 99999999)") }
            let expected = try await database.value(
                "select extract(epoch from (now() at time zone '\(zone)') - \(today))")
            for setting in ["set timezone = 'UTC'", "set timezone = 'Pacific/Kiritimati'; set datestyle = 'SQL, DMY'"] {
                let age = try #require(try await Self.age(database, zone: zone, setting))
                // Unless it has become midnight there in between.
                let difference = age - (Double(expected ?? "") ?? 0)
                #expect((0...600).contains(difference) || (-86_400 ... -85_000).contains(difference), "\(setting)")
            }
        }
    }

    @Test func nothingAndNoTimeTellNoAge() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                "create table dwh.holdings (client_id bigint, product_id text, amount numeric, d integer)")
            #expect(try await Self.age(database, zone: "UTC", "") == nil)
            try await database.execute("insert into dwh.holdings values (1, 'A', 1, 0), (1, 'B', 1, 20260231)")
            #expect(try await Self.age(database, zone: "UTC", "") == nil)
            try await database.execute("alter table dwh.holdings alter d type text")
            await #expect(throws: SourceError.self) { try await Self.age(database, zone: "UTC", "") }
            let error = await #expect(throws: SourceError.self) { try await Self.age(database, zone: "Mars/Base", "") }
            #expect(error?.key == "holdings.time_zone")
        }
    }
}
