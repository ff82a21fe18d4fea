import Testing

@testable import Configuration

/// Every mistake names the key, the line and what would be right, in one line, and never the value.
@Suite struct ConfigurationErrorTests {
    static let holdings = "holdings: {relation: dwh.h, client: c, product: p}\n"

    static func error(
        _ yaml: String,
        environment: [String: String] = [:],
        overrides: [String] = []
    ) -> ConfigurationError? {
        #expect(throws: ConfigurationError.self) {
            try ServiceConfiguration(yaml: yaml, environment: environment, overrides: overrides)
        }
    }

    @Test(arguments: [
        (
            "model: {kk: 5}",
            "model.kk (peerfolio.yaml:2): unknown key; the keys of model are encoding, distance, decimals, "
                + "k, informative, min_overlap"
        ),
        ("model: {K: 5}", "model.K (peerfolio.yaml:2): unknown key; did you mean model.k?"),
        ("model: {encodng: log}", "model.encodng (peerfolio.yaml:2): unknown key; did you mean model.encoding?"),
        ("modle: {k: 5}", "modle (peerfolio.yaml:2): unknown key; did you mean model?"),
        ("top_n: 5", "top_n (peerfolio.yaml:2): unknown key; did you mean output.top_n?"),
        ("model:\n  top_n: 5", "model.top_n (peerfolio.yaml:3): unknown key; did you mean output.top_n?"),
        ("model.k: 5", "model.k (peerfolio.yaml:2): unknown key; write k inside the section model"),
        (
            "weather: 5",
            "weather (peerfolio.yaml:2): unknown key; the keys at the top are connection, transport, holdings, clients, "
                + "products, exclusions, suitability, model, hybrid, output, publish, evaluate, retention, checks, timeouts, execution, schedule, retry, freshness, metrics"
        ),
        (
            "hunter 2: 5",
            "peerfolio.yaml:2: unknown key; the keys at the top are connection, transport, holdings, clients, products, "
                + "exclusions, suitability, model, hybrid, output, publish, evaluate, retention, checks, timeouts, execution, schedule, retry, freshness, metrics"
        ),
        ("? [a, b]\n: 5", "peerfolio.yaml:2: expected a key, found a list"),
    ])
    func namesUnknownKeys(_ yaml: String, _ description: String) {
        let error = Self.error(Self.holdings + yaml)
        #expect(error?.code == .unknownKey)
        #expect(error?.description == description)
    }

    @Test(arguments: ["5", "[5]"])
    func namesASectionWithoutKeys(_ value: String) {
        let error = Self.error(Self.holdings + "model: \(value)")
        #expect(error?.code == .invalidValue)
        #expect(
            error?.description == "model (peerfolio.yaml:2): expected a section with keys, found "
                + (value == "5" ? "text" : "a list")
        )
    }

    @Test(arguments: [
        (
            "{client: c, product: p}",
            "holdings.relation (peerfolio.yaml:1): missing; name a relation, or write a SELECT in holdings.query"
        ),
        ("{relation: h, product: p}", "holdings.client (peerfolio.yaml:1): missing; expected the name of a column"),
        (
            "{relation: h, client: c}",
            "holdings.product (peerfolio.yaml:1): missing; name the column with the product, or the columns of a wide relation in holdings.products"
        ),
        (
            "{relation: h, client: c, product: p, valid_from: f}",
            "holdings.valid_to (peerfolio.yaml:1): missing; a period of validity needs both its columns"
        ),
        (
            "{relation: h, client: c, product: p, valid_to: t}",
            "holdings.valid_from (peerfolio.yaml:1): missing; a period of validity needs both its columns"
        ),
        (
            "{relation: h, client: c, product: p}\nclients: {id: c}",
            "clients.relation (peerfolio.yaml:2): missing; name a relation, or write a SELECT in clients.query"
        ),
        (
            "{relation: h, client: c, product: p}\nproducts: {query: SELECT 1}",
            "products.id (peerfolio.yaml:2): missing; expected the name of a column"
        ),
        ("", "holdings.relation (peerfolio.yaml:1): missing; name a relation, or write a SELECT in holdings.query"),
    ])
    func namesMissingKeys(_ holdings: String, _ description: String) {
        let error = Self.error("holdings: " + holdings)
        #expect(error?.code == .missingKey)
        #expect(error?.description == description)
    }

    @Test func namesTheFileWhenASectionIsMissing() {
        let error = Self.error("connection: ''")
        #expect(error?.description.hasPrefix("holdings.relation (peerfolio.yaml): missing;") == true)
    }

    @Test(arguments: [
        (
            "relation: h\n  query: SELECT 1",
            "holdings.query (peerfolio.yaml:5): cannot stand together with holdings.relation (peerfolio.yaml:4): rows come from a relation or from a query, not from both"
        ),
        (
            "relation: h\n  products: \"x*\"",
            "holdings.product (peerfolio.yaml:3): cannot stand together with holdings.products (peerfolio.yaml:5): one row per product and one column per product exclude each other"
        ),
        (
            "relation: h\n  as_of: d\n  valid_from: f\n  valid_to: t",
            "holdings.valid_from (peerfolio.yaml:6): cannot stand together with holdings.as_of (peerfolio.yaml:5): rows have the date of a snapshot or a period of validity, not both"
        ),
        (
            "relation: h\n  as_of_window: 2h",
            "holdings.as_of_window (peerfolio.yaml:5): is about the times of snapshots; map holdings.as_of as well"
        ),
        (
            "relation: h\n  as_of: d\n  valid_to_inclusive: true",
            "holdings.valid_to_inclusive (peerfolio.yaml:6): is about the end of a period; map holdings.valid_to as well"
        ),
        (
            "query: SELECT 1\n  as_of: d",
            "holdings.as_of (peerfolio.yaml:5): cannot stand together with holdings.query (peerfolio.yaml:4): a query is dated by using :as_of in it; date columns need a relation"
        ),
        (
            "query: SELECT 1\n  valid_to: d",
            "holdings.valid_to (peerfolio.yaml:5): cannot stand together with holdings.query (peerfolio.yaml:4): a query is dated by using :as_of in it; date columns need a relation"
        ),
    ])
    func namesBothSidesOfAConflict(_ yaml: String, _ description: String) {
        let error = Self.error("holdings:\n  client: c\n  product: p\n  " + yaml)
        #expect(error?.code == .conflict)
        #expect(error?.description == description)
    }

    /// A mistake in an attribute names its column and its line.
    @Test(arguments: [
        ("{age: 0}", "clients.attributes.age (peerfolio.yaml:5)", "a number out of range"),
        ("{age: -1}", "clients.attributes.age (peerfolio.yaml:5)", "a number out of range"),
        ("{age: 1e400}", "clients.attributes.age (peerfolio.yaml:5)", "a number out of range"),
        ("{age: .nan}", "clients.attributes.age (peerfolio.yaml:5)", "text"),
        ("{age: '1'}", "clients.attributes.age (peerfolio.yaml:5)", "text in quotes"),
        ("{age: }", "clients.attributes.age (peerfolio.yaml:5)", "nothing"),
        ("{age: [1]}", "clients.attributes.age (peerfolio.yaml:5)", "a list"),
        ("\n    kind: 1\n    age: {a: 1}", "clients.attributes.age (peerfolio.yaml:7)", "a section"),
        ("\n    age: 1\n    !x age: 2", "clients.attributes.age (peerfolio.yaml:7)", "the same column twice"),
        ("{hunter 2: x}", "clients.attributes (peerfolio.yaml:5)", "text"),
        ("{? [a] : 1}", "clients.attributes (peerfolio.yaml:5)", "a column that is no text"),
        ("{'': 1}", "clients.attributes (peerfolio.yaml:5)", "an empty name"),
        ("{}", "clients.attributes (peerfolio.yaml:5)", "an empty section"),
        ("", "clients.attributes (peerfolio.yaml:5)", "nothing"),
        ("[age]", "clients.attributes (peerfolio.yaml:5)", "a list"),
        ("age", "clients.attributes (peerfolio.yaml:5)", "text that is not as customer_type=0.5,age=0.25"),
    ])
    func namesTheAttributeOfAMistake(_ attributes: String, _ place: String, _ found: String) {
        let error = Self.error(Self.holdings + "clients:\n  relation: c\n  id: i\n  attributes: \(attributes)")
        #expect(
            error?.description
                == "\(place): expected columns with a weight above 0 each, such as {customer_type: 0.5, age: 0.25}, "
                + "found \(found)"
        )
    }

    @Test func namesADuplicateAttribute() {
        let error = Self.error(Self.holdings + "clients:\n  attributes:\n    age: 1\n    age: 2")
        #expect(error?.code == .duplicateKey)
        #expect(error?.key == "age" && error?.location?.hasPrefix("peerfolio.yaml:") == true)
    }

    @Test(arguments: [
        ("age=0", "clients.attributes.age (--set clients.attributes)", "a number out of range"),
        ("age=1,age=2", "clients.attributes.age (--set clients.attributes)", "the same column twice"),
        ("age=1,", "clients.attributes (--set clients.attributes)", "text that is not as customer_type=0.5,age=0.25"),
        ("=1", "clients.attributes (--set clients.attributes)", "an empty name"),
        ("age=", "clients.attributes.age (--set clients.attributes)", "text"),
        ("", "clients.attributes (--set clients.attributes)", "nothing"),
    ])
    func namesTheAttributeOfAMistakeOnTheCommandLine(_ attributes: String, _ place: String, _ found: String) {
        let error = Self.error(
            Self.holdings + "clients: {relation: c, id: i}", overrides: ["clients.attributes=\(attributes)"])
        #expect(error?.description.hasPrefix("\(place): expected columns with a weight above 0") == true)
        #expect(error?.description.hasSuffix(", found \(found)") == true)
    }

    @Test func attributesNeedClients() {
        let error = Self.error(Self.holdings, overrides: ["clients.attributes=age=1"])
        #expect(error?.code == .missingKey)
        #expect(error?.key == "clients.relation")
    }

    @Test func refusesAnAmountInAWideRelation() {
        let error = Self.error("holdings: {relation: h, client: c, products: [a, b], amount: m}")
        #expect(error?.code == .conflict)
        #expect(error?.key == "holdings.amount")
    }

    @Test func namesAConflictBetweenFileAndEnvironment() {
        let error = Self.error(Self.holdings, environment: ["PEERFOLIO_HOLDINGS_QUERY": "SELECT 1"])
        #expect(error?.key == "holdings.query")
        #expect(error?.location == "environment PEERFOLIO_HOLDINGS_QUERY")
        #expect(error?.message.contains("holdings.relation (peerfolio.yaml:1)") == true)
    }

    @Test(arguments: [
        ("model: {k: 1, k: 2}", 2), ("model:\n  k: 1\n  \"k\": 2", 3), ("model:\n  k: 1\n  !x k: 2", 4),
        ("connection: a\nconnection: b", 2),
    ])
    func namesDuplicateKeys(_ yaml: String, _ line: Int) {
        let error = Self.error(Self.holdings + yaml)
        #expect(error?.code == .duplicateKey)
        #expect(error?.location == "peerfolio.yaml:\(line)")
        #expect(error?.key?.hasSuffix("k") == true || error?.key == "connection")
    }

    @Test(arguments: [
        ("password: hunter2", 2), ("connection: {host: h, password: hunter2}", 2), ("pgpassword: hunter2", 2),
        ("connection:\n  host: h\n  Password: hunter2", 4), ("db:\n  - {passwd: hunter2}", 3),
    ])
    func saysWherePasswordsBelong(_ yaml: String, _ line: Int) {
        let error = Self.error(Self.holdings + yaml)
        #expect(error?.code == .password)
        #expect(
            error?.description
                == "peerfolio.yaml:\(line): a password does not belong in the configuration; put it into a "
                + ".pgpass file, a libpq service file, or the environment variable PGPASSWORD"
        )
    }

    @Test(arguments: [
        ("model: {k: 1\noutput: {top_n: 5}", "peerfolio.yaml:3"), ("model:\n\tk: 1", "peerfolio.yaml:3"),
        ("holdings2: *", "peerfolio.yaml:2"), ("a: *unknown", "peerfolio.yaml:2"), ("a: \"open", "peerfolio.yaml:2"),
        ("a: \u{1}", "peerfolio.yaml:2"), ("---\na: 1", "peerfolio.yaml:2"),
    ])
    func namesTheLineOfASyntaxError(_ yaml: String, _ location: String) {
        let error = Self.error(Self.holdings + yaml)
        #expect(error?.code == .syntax)
        #expect(error?.location == location)
        #expect(error?.description.contains("\n") == false)
        #expect(error?.message.hasPrefix("not valid YAML: ") == true)
    }

    @Test(arguments: ["", "\n\n", "# nothing but a comment\n", "---\n", "~", "\u{FEFF}"])
    func explainsAnEmptyFile(_ yaml: String) {
        let error = Self.error(yaml)
        #expect(error?.code == .syntax)
        #expect(
            error?.description.hasPrefix("peerfolio.yaml: the file is empty; a minimal one is: {connection: ") == true
        )
    }

    @Test(arguments: [("[1, 2]", "a list"), ("hello", "text")])
    func explainsAFileWithoutKeys(_ yaml: String, _ found: String) {
        #expect(
            Self.error(yaml)?.description
                == "peerfolio.yaml:1: expected keys such as connection and holdings, found \(found)"
        )
    }

    @Test(arguments: [
        ("model.k", "--set: expected KEY=VALUE, such as model.k=100"),
        (
            "model.kay=1",
            "model.kay (--set): unknown key; the keys of model are encoding, distance, decimals, k, "
                + "informative, min_overlap"
        ),
        ("model.k=", "model.k (--set model.k): expected a whole number of at least 1, found nothing"),
        ("model.k= 5", "model.k (--set model.k): expected a whole number of at least 1, found text"),
        (
            "connection.password=x",
            "--set: a password does not belong in the configuration; put it into a .pgpass file, "
                + "a libpq service file, or the environment variable PGPASSWORD"
        ),
    ])
    func namesMistakesOnTheCommandLine(_ override: String, _ description: String) {
        #expect(Self.error(Self.holdings, overrides: [override])?.description == description)
    }

    @Test func namesMistakesInTheEnvironment() {
        let error = Self.error(Self.holdings, environment: ["PEERFOLIO_MODEL_K": "lots"])
        #expect(
            error?.description
                == "model.k (environment PEERFOLIO_MODEL_K): expected a whole number of at least 1, found text"
        )
    }
}
