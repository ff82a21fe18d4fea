import PeerSearch
import Scheduling
import SourceReading
import Testing

@testable import Configuration

/// A value that its key cannot hold is an error that says what would be right and what kind of value was found.
@Suite struct ConfigurationValueTests {
    /// Values that one key refuses, as written in YAML, each with the kind that the message names.
    struct Refusal: Sendable {
        let key: String
        let expectation: String
        let values: KeyValuePairs<String, String>
    }

    static let refusals = [
        Refusal(
            key: "connection",
            expectation: "text",
            values: ["[a]": "a list", "{a: b}": "a section", #""a\0b""#: "text with the character NUL"]
        ),
        Refusal(
            key: "holdings.min_amount",
            expectation: "a number of at least 0",
            values: [
                "1e400": "a number out of range", "-1": "a number out of range", "1_000": "text", ".5": "text",
                "+5": "text", "1,5": "text", "'5'": "text in quotes",
            ]
        ),
        Refusal(
            key: "holdings.products",
            expectation: #"the name of a column, a pattern such as "prod_*", or a list of them"#,
            values: ["[]": "an empty list", "[[a]]": "a list", "{a: b}": "a section", "['']": "an empty name"]
        ),
        Refusal(key: "holdings.amount", expectation: "the name of a column", values: ["[a]": "a list", "": "nothing"]),
        Refusal(
            key: "clients.id",
            expectation: "the name of a column",
            values: [
                "''": "an empty name", #""a\0b""#: "text with the character NUL",
                String(repeating: "é", count: 32): "a name longer than PostgreSQL's 63 bytes",
            ]
        ),
        Refusal(
            key: "clients.relation",
            expectation: "a relation as schema.name",
            values: [
                "a.b.c": "more than two parts; a part with a dot in it belongs in double quotes",
                "pg_temp.x": "a schema that begins with pg_, which PostgreSQL keeps for itself",
            ]
        ),
        Refusal(
            key: "exclusions.query",
            expectation: "a SELECT statement",
            values: [
                "' ; '": "an empty statement", "SELECT 1;;": "more than one semicolon at the end", "": "nothing",
            ]
        ),
        Refusal(
            key: "model.encoding",
            expectation: "binary, amount, log or share",
            values: ["banana": "another text", "[log]": "a list", "": "nothing"]
        ),
        Refusal(
            key: "model.distance",
            expectation: "cosine, manhattan or euclidean",
            values: ["cosin": "another text; did you mean cosine?", "Cosine": "another text; did you mean cosine?"]
        ),
        Refusal(
            key: "model.decimals",
            expectation: "a whole number from 0 to 15",
            values: ["16": "a whole number out of range", "-1": "a whole number out of range"]
        ),
        Refusal(
            key: "model.k",
            expectation: "a whole number of at least 1",
            values: [
                "0": "a whole number out of range",
                "99999999999999999999": "a whole number out of range; it can be at most 2147483647",
                "many": "text", "0x10": "text", "0o10": "text", "'200'": "text in quotes", "": "nothing",
                "2.5": "a number with a fraction or an exponent", "1e2": "a number with a fraction or an exponent",
                "010": "a number with a leading zero", "[1]": "a list", "{a: 1}": "a section", "٣": "text",
            ]
        ),
        Refusal(
            key: "model.informative",
            expectation: "true or false",
            values: [
                "yes": "a word that only old YAML takes for true or false", "1": "text", "'true'": "text in quotes",
                "True": "text",
            ]
        ),
        Refusal(
            key: "publish.channel",
            expectation: "a name of 1 to 63 characters from a-z, 0-9 and _",
            values: ["Live": "another text", "é": "another text", "''": "another text", "[a]": "a list"]
        ),
        Refusal(
            key: "retention.slots",
            expectation: "a whole number from 3 to 64",
            values: ["2": "a whole number out of range", "65": "a whole number out of range"]
        ),
        Refusal(
            key: "checks.max_fall",
            expectation: "a number from 0 to 1",
            values: [
                "1.5": "a number out of range", "1e-400": "a number out of range", ".nan": "text", "nan": "text",
                ".inf": "text", "inf": "text", "00.5": "a number with a leading zero", "20%": "text",
            ]
        ),
        Refusal(
            key: "timeouts.lock",
            expectation: "a duration such as 250ms, 30s, 15min or 1h",
            values: [
                "5": "a number without a unit", "5 s": "text", "1d": "text", "-5s": "text", "1.5h": "text",
                "0s": "a duration of zero or of more than 24 days",
                "600h": "a duration of zero or of more than 24 days",
                "9999999999999999999h": "a duration of zero or of more than 24 days",
                "05s": "a number with a leading zero", "[5s]": "a list",
            ]
        ),
        Refusal(
            key: "schedule.cron",
            expectation: #"cron expressions such as "30 5 * * mon-fri", in quotes"#,
            values: ["[]": "an empty list", "{a: b}": "a section", "": "nothing"]
        ),
        Refusal(
            key: "schedule.time_zone",
            expectation: "a time zone of the IANA database such as Europe/Lisbon",
            values: [
                "Europe/Lisboa": "another text; did you mean Europe/Lisbon?",
                "new york": "another text; did you mean America/New_York?", "WET-1": "another text",
            ]
        ),
        Refusal(
            key: "execution.width",
            expectation: "a whole number from 1 to 1024, or nothing",
            values: ["0": "a whole number out of range", "all": "text"]
        ),
    ]

    @Test(arguments: refusals)
    func saysWhatWouldBeRight(_ refusal: Refusal) throws {
        for (value, found) in refusal.values {
            let parts = refusal.key.split(separator: ".")
            let section = parts.count == 2 ? "\(parts[0]):\n  \(parts[1])" : refusal.key
            let yaml =
                refusal.key.hasPrefix("holdings")
                ? "\(section): \(value)\n  relation: h\n  client: c\n"
                : "\(section): \(value)\nholdings: {relation: h, client: c, product: p}\n"
            let error = #expect(throws: ConfigurationError.self, "\(value)") { try ServiceConfiguration(yaml: yaml) }
            #expect(error?.code == .invalidValue)
            #expect(
                error?.description
                    == "\(refusal.key) (peerfolio.yaml:\(parts.count)): expected \(refusal.expectation), "
                    + "found \(found)"
            )
        }
    }

    @Test(arguments: ["1", "200", "2147483647"])
    func takesWholeNumbers(_ value: String) throws {
        let yaml = ConfigurationTests.minimal + "\nmodel: {k: \(value)}"
        #expect(try ServiceConfiguration(yaml: yaml).model.k == Int(value))
    }

    @Test(arguments: [("0", 0), ("-0", 0), ("0.25", 0.25), ("1e2", 100), ("1.5E+3", 1500), ("2.5e-300", 2.5e-300)])
    func takesDecimalNumbers(_ value: String, _ number: Double) throws {
        let yaml = ConfigurationTests.minimal + "\n  min_amount: \(value)"
        #expect(try ServiceConfiguration(yaml: yaml).source.holdings.minAmount == number)
    }

    @Test(arguments: [
        ("'30 5 * * mon-fri'", ["30 5 * * mon-fri"]),
        ("['30 5 * * mon-fri', '@daily']", ["30 5 * * mon-fri", "@daily"]),
        ("'0 5 * * *; 0 18 * * *'", ["0 5 * * *", "0 18 * * *"]),
    ])
    func takesSeveralCronExpressions(_ value: String, _ expressions: [String]) throws {
        let yaml = ConfigurationTests.minimal + "\nschedule: {cron: \(value), time_zone: Europe/Lisbon}"
        let schedule = try ServiceConfiguration(yaml: yaml).scheduling.schedule
        #expect(schedule.expressions == (try expressions.map { try CronExpression($0) }))
        #expect(schedule.clock.zoneName == "Europe/Lisbon")
    }

    @Test func readsRelationsAndStatements() throws {
        func components(_ text: String) throws -> SourceRelation? {
            try ServiceConfiguration(
                yaml: ConfigurationErrorTests.holdings + "products: {relation: p, id: p}",
                overrides: ["products.components=\(text)"]
            ).source.products?.components
        }
        for statement in ["select 1", "WITH x AS (select 2) select * from x", "(select 1)", "values(1)", "select\n1"] {
            #expect(try components(statement) == .query(statement))
        }
        #expect(try components("dwh.parts") == .relation(RelationName(parsing: "dwh.parts")))
        #expect(try components("selected") == .relation(RelationName(parsing: "selected")))
        #expect(try components("select 1;") == .query("select 1"))
        #expect(throws: ConfigurationError.self) { try components("a.b.c") }
    }
}
