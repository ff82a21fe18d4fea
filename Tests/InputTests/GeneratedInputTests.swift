import DemoWarehouse
import FuzzedParsers
import TestSupport
import Testing

/// More than ten thousand inputs a run for each parser that reads text.
@Suite struct GeneratedInputTests {
    private static let countPerSeed = 2600

    @Test(arguments: TestSeed.list(4))
    func configurations(seed: UInt64) throws {
        var random = RandomInput(seed: seed)
        let files = [
            DemoWarehouse.configuration(connection: "host=/tmp"), Self.everySection,
            "{connection: \"service=w\", holdings: {relation: d.h, client: c, product: p, amount: a}}",
        ]
        let words = [
            "holdings", "client", "model", "k", "&a", "*a", "<<", "null", "~", "1e3", "0x1", "true", "h.x", "- a",
        ]
        for number in 0..<Self.countPerSeed {
            let isSentence = number % 5 == 0
            let yaml =
                isSentence
                ? random.sentence(words, separators: [": ", "\n", "\n  ", ", ", "{", "}", "[", "]"], upTo: 9)
                : random.mutated(random.one(of: files))
            try Self.check(.config, Array(yaml.utf8))
        }
    }

    @Test(arguments: TestSeed.list(4))
    func identifiers(seed: UInt64) throws {
        var random = RandomInput(seed: seed)
        var count = 0
        while count < Self.countPerSeed {
            var pool = (0..<30).map { _ in Array(random.text(upTo: random.isTrue(oneOf: 20) ? 200 : 5).utf8) }
            pool += (0..<5).map { _ in random.bytes(random.one(of: [8, 16])) }
            var input = [UInt8(random.number(in: 0...255))]
            for _ in 0..<80 {
                let id = random.isTrue(oneOf: 4) ? random.mutated(random.one(of: pool)) : random.one(of: pool)
                input += [UInt8(id.count % 250)] + id
                count += 1
            }
            try Self.check(.identifiers, input)
        }
    }

    @Test(arguments: TestSeed.list(4))
    func namesOfRelations(seed: UInt64) throws {
        var random = RandomInput(seed: seed)
        let words = [
            "dwh", "holdings", "pg_temp", "pg_catalog", "pg_class", "\"", "\"\"", String(repeating: "é", count: 31),
        ]
        for _ in 0..<Self.countPerSeed {
            let name = random.sentence(words, separators: [".", "", "", "\"", "\".\"", " "], upTo: 4)
            try Self.check(.relation, Array(name.utf8))
        }
    }

    @Test(arguments: TestSeed.list(4))
    func queries(seed: UInt64) throws {
        var random = RandomInput(seed: seed)
        let words = ["select", ":as_of", "::as_of", ":as_of2", "x", "E'", "$$", "$a$", "$1", "U&\"", "date"]
        for _ in 0..<Self.countPerSeed {
            let separators = [" ", "", "'", "''", "\"", "\\", "--", "\n", "/*", "*/", "(", ")", ";"]
            let query = random.sentence(words, separators: separators, upTo: 12)
            try Self.check(.query, Array(query.utf8))
        }
    }

    @Test(arguments: TestSeed.list(4))
    func connectionStrings(seed: UInt64) throws {
        var random = RandomInput(seed: seed)
        let canary = "Canary7f3a!"
        let words = [
            "host", "password", "dbname", "user", "port", "service", "sslmode", "passfile", "options", canary, "5432",
            "postgresql://", "postgres://", "db.example", "%43anary7f3a!", "sslpassword", "require", "app",
            "'\(canary) x'",
        ]
        let strings = [
            "host=db.example port=5432 dbname=w user=app sslmode=require",
            "postgresql://app@db.example/w?sslmode=require",
            "host=db.example user=app password='\(canary) x'", "dbname='host=db.example password=\(canary)' user=app",
            "postgresql://app:%43anary7f3a!@db.example:5432/w", "postgres://db.example/w?password=Canary7f%33a%21",
        ]
        for _ in 0..<Self.countPerSeed {
            let conninfo =
                random.isTrue(oneOf: 2)
                ? random.mutated(random.one(of: strings))
                : random.sentence(words, separators: ["=", " ", ":", "@", "/", "?", "&", "'", ",", ""], upTo: 8)
            try Self.check(.conninfo, Array(conninfo.utf8))
        }
    }

    @Test(arguments: TestSeed.list(4))
    func cronLines(seed: UInt64) throws {
        var random = RandomInput(seed: seed)
        let zones = [
            "UTC", "Europe/Lisbon", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "../etc/passwd",
        ]
        let words = [
            "*", "*/2", "0", "5", "29", "31", "1-5", "8-18/3", "59", "60", "mon", "Feb", "sun-sat", "@daily", "7",
        ]
        for _ in 0..<Self.countPerSeed {
            let zone = random.isTrue(oneOf: 10) ? random.text(upTo: 8) : random.one(of: zones)
            var line = (0..<5).map { _ in random.one(of: words) }.joined(separator: " ")
            if random.isTrue(oneOf: 2) { line = random.mutated(line) }
            if random.isTrue(oneOf: 4) { line = random.sentence(words, separators: [" ", ",", "-", "/", ""], upTo: 9) }
            try Self.check(.cron, Array("\(zone)\n\(line)".utf8))
        }
    }

    private static func check(_ parser: FuzzedParser, _ input: [UInt8]) throws {
        do {
            try parser.check(input)
        } catch {
            Issue.record("\(error)\nwith \(String(decoding: input, as: UTF8.self).debugDescription)")
        }
    }

    private static let everySection = """
        connection: "service=warehouse"
        holdings: {relation: dwh.h, client: c, products: [x, "p*"], as_of: d}
        clients: {relation: dwh.c, id: c, manager: m, segment: s, attributes: {age: 0.5, "e\u{301}": 1}, risk: r}
        products: {query: "select 1 as id, :as_of", id: id, name: n, risk: r, components: dwh.parts, attributes: [a, b]}
        suitability: {require: "risk <= risk", levels: [low, mid, high]}
        exclusions: {query: "select client_id, product_id from dwh.x;"}
        schedule: {cron: ["30 5 * * mon-fri", "@monthly"], time_zone: Europe/Lisbon, grace: 12h, notify: loaded}
        model: {k: 200, distance: euclidean, decimals: 4}
        timeouts: {run: 1h, lock: 250ms}
        execution: {width: null, chunk: 64}
        """
}
