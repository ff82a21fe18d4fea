import Testing

@testable import Postgres

/// What counts as this machine, and what is masked.
@Suite struct TransportPolicyTests {
    @Test(arguments: [
        ("", ""), ("/run/postgresql", ""), ("@abstract", ""), ("localhost", ""), ("LocalHost", ""), ("127.0.0.1", ""),
        ("127.3.2.1", ""), ("::1", ""), ("0:0:0:0:0:0:0:1", ""), ("::ffff:127.0.0.1", ""), ("", "127.0.0.1"),
        ("", "::1"), ("localhost", "127.0.0.1"), ("localhost,/tmp,127.0.0.2", ""), (",localhost", ""),
        ("", "127.0.0.1,::1"),
    ])
    func isThisMachine(host: String, hostaddr: String) {
        #expect(ServerAddress.list(host: host, hostaddr: hostaddr).allSatisfy { $0.isLocal })
    }

    @Test(arguments: [
        ("db", ""), ("db.example", "127.0.0.1"), ("localhost", "10.0.0.1"), ("", "10.0.0.1"), ("/tmp", "10.0.0.1"),
        ("localhost.example", ""), ("localhost.", ""), (" localhost", ""), ("127.0.0.1.example", ""), ("127.1", ""),
        ("2130706433", ""), ("128.0.0.1", ""), ("::2", ""), ("::ffff:10.0.0.1", ""), ("::127.0.0.1", ""),
        ("localhost,db", ""), ("db,localhost", ""), ("localhost,", "127.0.0.1,10.0.0.1"), ("127.0.0.1/8", ""),
        ("0.0.0.0", ""), ("[::1]", ""),
    ])
    func isAnotherMachine(host: String, hostaddr: String) {
        #expect(!ServerAddress.list(host: host, hostaddr: hostaddr).allSatisfy { $0.isLocal })
    }

    @Test(arguments: [
        "postgresql://app:Zeisig@geheim@host/db", "postgres://geheim@host",
        "see POSTGRESQL://app:geheim@[::1]:5432/db.",
        "postgresql://app:@\u{301}geheim@host/db", "password=geheim", "host=x password = 'a geheim' user=y",
        "host=x password='a\\' geheim", "sslpassword=geheim", "PGPASSWORD=geheim", "?user=u&password=geheim&host=h",
        "password=it's-geheim", "password=a&geheim", "password=a\"geheim", "password=a\\ geheim",
        "postgres://u:a geheim@h",
    ])
    func masksWhatMayBeAPassword(text: String) {
        let redacted = Redactor().redact(text)
        #expect(!redacted.contains("geheim") && redacted.contains("***"), "\(redacted)")
    }

    /// In whatever order secrets come, the longer one goes first: what it has beyond the shorter one is a secret, too.
    @Test(
        arguments: [
            (["geheim", "geheimer"], "a word geheimer than geheim", "a word *** than ***"),
            (["heim", "geheimnis", "geheim"], "geheimnis geheim heim", "*** *** ***"),
            (["heimer", "geheimer"], "geheimer heimer", "*** ***"),
            (["eheim", "geheimer"], "geheimer eheim", "*** ***"),
            (["geheim", "geheim"], "geheim", "***"),
            (["geheim", "kennwort"], "geheimkennwort kennwortgeheim", "****** ******"),
            (["geheim"], "geheimgeheim", "******"),
            (["geheim", "Geheim"], "Geheim geheim GEHEIM", "*** *** GEHEIM"),
            // A text of three characters is no secret that could be told from words, and one of four is.
            (["abc", "abcd"], "abc abcd", "abc ***"),
        ] as [([String], String, String)])
    func masksSecretsWhereverTheyAre(secrets: [String], text: String, masked: String) {
        #expect(Redactor(secrets: secrets).redact(text) == masked)
        #expect(Redactor(secrets: secrets.reversed()).redact(text) == masked)
    }

    @Test(arguments: [
        "postgresql://host/db", "the password file has no line", "a@b.example", "host=x user=y", "",
    ])
    func leavesOtherTextAlone(text: String) {
        #expect(Redactor(secrets: ["", "e", "fil"]).redact(text) == text)
    }

    @Test(arguments: [
        "postgresql://app:canary@part@host/db", "postgresql://app:canary/part@host/db",
        "postgres://app:4711/canary@host:1/db", "postgresql://app:@canary@host/db",
        "postgresql://app@\u{301}canary@host/db", "postgresql://app:x?canary@host/db",
    ])
    func refusesURIsThatComeApartInAPassword(conninfo: String) {
        let error = #expect(throws: PostgresError.self) { try ConnectionSettings(conninfo: conninfo) }
        #expect([.passwordInConninfo, .invalidConninfo].contains(error?.code))
        #expect(error.map { String(reflecting: $0).contains("canary") } == false)
    }

    @Test func refusesAPortThatIsNoNumber() {
        let error = #expect(throws: PostgresError.self) { try ConnectionSettings(conninfo: "port=canary") }
        #expect(error?.code == .invalidConninfo && error?.description.contains("canary") == false)
    }

    @Test func aServiceThatIsNowhereIsFoundOutWithoutAConnection() throws {
        let settings = try ConnectionSettings(conninfo: "service=peerfolio_absent")
        let error = #expect(throws: PostgresError.self) { _ = try settings.transportWarning() }
        #expect(error?.code == .invalidConninfo && error?.description.contains("peerfolio_absent") == true)
    }

    @Test func aLocalConnectionIsLeftAsItIs() throws {
        let settings = try ConnectionSettings(conninfo: "host=/tmp sslmode=disable")
        let options = try settings.decision().options
        #expect(options.count { $0.keyword == "sslmode" } == 1 && !options.contains { $0.keyword == "channel_binding" })
        #expect(try settings.transportWarning() == nil)
    }
}
