import Postgres
import Testing

@Suite struct ConnectionSettingsTests {
    @Test(arguments: [
        "password=canary", "host=x password='canary'", "postgresql://app:canary@host/db",
        "postgresql://app:canary@part@host/db", "postgresql://host/db?password=canary", "sslpassword=canary host=x",
    ])
    func refusesPasswords(conninfo: String) {
        let error = #expect(throws: PostgresError.self) { try ConnectionSettings(conninfo: conninfo) }
        #expect(error?.code == .passwordInConninfo)
        #expect(error?.description.contains("canary") == false)
        #expect(error?.description.contains("PGPASSWORD") == true)
    }

    @Test(arguments: [
        "nonsense canary", "canary=1", "postgresql://[canary", "host='canary", "postgresql://h/db?canary=1",
        "dbname=postgresql://app:canary@host/db", "dbname='host=x password=canary'", "host=x\0canary",
        "postgresql:///canary%FF", "postgresql://h/db?application_name=canary%E9",
    ])
    func refusesWhatLibpqCannotReadWithoutAnEcho(conninfo: String) {
        let error = #expect(throws: PostgresError.self) { try ConnectionSettings(conninfo: conninfo) }
        #expect(error?.code == .invalidConninfo)
        #expect(error.map { String(reflecting: $0).contains("canary") } == false)
    }

    @Test(arguments: ["", "service=warehouse", "host=db port=5433 dbname=dwh", "postgresql://app@h1,h2:5433/dwh"])
    func acceptsStringsWithoutPasswords(conninfo: String) throws {
        _ = try ConnectionSettings(conninfo: conninfo)
    }

    @Test func connectTimeoutOfTheStringGoesFirst() throws {
        #expect(try ConnectionSettings(conninfo: "connect_timeout=9").connectTimeout == .seconds(9))
        #expect(try ConnectionSettings(conninfo: "", connectTimeout: .seconds(3)).connectTimeout == .seconds(3))
    }
}
