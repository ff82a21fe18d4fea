import DemoWarehouse
import PeerSearch
import SourceReading
import Testing

@testable import Configuration

@Suite struct ConfigurationTests {
    static let minimal = """
        connection: "service=warehouse"
        holdings:
          relation: dwh.client_holdings
          client: client_id
          product: product_id
          amount: market_value
        """

    @Test func fillsInTheDefaults() throws {
        let configuration = try ServiceConfiguration(yaml: Self.minimal)
        #expect(configuration.connection.conninfo == "service=warehouse")
        #expect(
            configuration.source
                == SourceMapping(
                    holdings: HoldingsMapping(
                        source: .relation(try RelationName(schema: "dwh", name: "client_holdings")),
                        client: "client_id",
                        layout: .long(product: "product_id", amount: "market_value")
                    )
                )
        )
        #expect(configuration.model == PeerModel())
        #expect(configuration.output.topN == 5)
        #expect(configuration.publish.channel == "live")
        #expect(configuration.retention.slots == 4)
        #expect(configuration.retention.runs == 400)
        #expect(configuration.checks.maxFall == 0.2)
        #expect(configuration.checks.maxRejected == 0.001)
        let timeouts = configuration.timeouts
        #expect(timeouts.connect == .seconds(5))
        #expect(timeouts.statement == .seconds(900))
        #expect(timeouts.lock == .seconds(5))
        #expect(timeouts.run == .seconds(3600))
        #expect(timeouts.lease == .seconds(30))
        #expect(configuration.execution.width == nil)
        #expect(configuration.execution.chunk == 256)
        #expect(configuration.location(of: "model.k") == nil)
    }

    @Test func readsEveryKey() throws {
        let configuration = try ServiceConfiguration(
            yaml: """
                connection:
                holdings: {query: "SELECT * FROM h WHERE d = :as_of;", client: C, products: ["prod_*", no], min_amount: 0.5}
                clients:
                  relation: '"My ""odd"" schema".T'
                  id: Id
                  manager: Ma nager
                  segment: seg
                  attributes: {type: 0.5, age: 2}
                products: {query: SELECT 1, id: i, name: n, available: on}
                exclusions:
                  query: |
                    SELECT client_id, product_id, reason
                    FROM x;
                model: {encoding: log, distance: euclidean, decimals: 0, k: 7, informative: false, min_overlap: 0}
                output: {top_n: 1}
                publish: {channel: test_2}
                retention: {slots: 64, runs: 1}
                checks: {max_fall: 1, max_rejected: 0}
                timeouts: {connect: 250ms, statement: 1h, lock: 1s, run: 2min, lease: 10s}
                execution: {width: 3, chunk: 1}
                """
        )
        #expect(configuration.connection.conninfo == "")
        let expected = SourceMapping(
            holdings: HoldingsMapping(
                source: .query("SELECT * FROM h WHERE d = :as_of"),
                client: "C",
                layout: .wide(products: ["prod_*", "no"]),
                minAmount: 0.5
            ),
            clients: ClientsMapping(
                source: .relation(try RelationName(schema: #"My "odd" schema"#, name: "T")),
                id: "Id",
                manager: "Ma nager",
                segment: "seg",
                attributes: [AttributeMapping(column: "age", weight: 2), AttributeMapping(column: "type", weight: 0.5)]
            ),
            products: ProductsMapping(source: .query("SELECT 1"), id: "i", name: "n", available: "on"),
            exclusions: ExclusionsMapping(query: "SELECT client_id, product_id, reason\nFROM x")
        )
        #expect(configuration.source == expected)
        #expect(
            configuration.model
                == PeerModel(
                    encoding: .log,
                    distance: .euclidean,
                    decimals: 0,
                    k: 7,
                    isInformative: false,
                    minOverlap: 0
                )
        )
        #expect(configuration.output.topN == 1)
        #expect(configuration.publish.channel == "test_2")
        #expect(configuration.retention.slots == 64)
        #expect(configuration.retention.runs == 1)
        #expect(configuration.checks.maxFall == 1)
        #expect(configuration.checks.maxRejected == 0)
        let timeouts = configuration.timeouts
        #expect(timeouts.connect == .milliseconds(250))
        #expect(timeouts.statement == .seconds(3600))
        #expect(timeouts.lock == .seconds(1))
        #expect(timeouts.run == .seconds(120))
        #expect(timeouts.lease == .seconds(10))
        #expect(configuration.execution.width == 3)
        #expect(configuration.execution.chunk == 1)
    }

    @Test(
        arguments: [
            ("", .undated), ("as_of: day", .snapshot(column: "day")),
            ("as_of: day\n  as_of_window: 90min", .snapshot(column: "day", window: .seconds(5400))),
            ("valid_from: f\n  valid_to: t", .validity(from: "f", to: "t")),
            (
                "valid_from: f\n  valid_to: t\n  valid_to_inclusive: true",
                .validity(from: "f", to: "t", isInclusive: true)
            ),
        ] as [(String, HoldingsMapping.Dating)]
    )
    func readsDates(_ yaml: String, _ dating: HoldingsMapping.Dating) throws {
        let configuration = try ServiceConfiguration(yaml: Self.minimal + "\n  " + yaml)
        #expect(configuration.source.holdings.dating == dating)
    }

    /// Of the holdings if they have one of their own, else of the schedule.
    @Test(arguments: [
        ("", "UTC"), ("\nschedule: {time_zone: Asia/Tokyo}", "Asia/Tokyo"),
        ("\n  time_zone: Europe/Lisbon\nschedule: {time_zone: Asia/Tokyo}", "Europe/Lisbon"),
    ])
    func daysAreThoseOfATimeZone(_ yaml: String, _ zone: String) throws {
        #expect(try ServiceConfiguration(yaml: Self.minimal + yaml).source.holdings.timeZone == zone)
    }

    /// YAML 1.1 would make booleans, numbers, dates and nothing of these.
    @Test(arguments: ["no", "On", "y", "null", "~", "1e3", "0x10", "2026-01-01", "12:30", "ñandú", "a: b"])
    func takesNamesAsWritten(_ name: String) throws {
        let written = name.contains(": ") ? "'\(name)'" : name
        let yaml = "holdings: {relation: \(written), client: \(written), products: [\(written), 'x*']}"
        let holdings = try ServiceConfiguration(yaml: yaml).source.holdings
        #expect(holdings.client == name)
        #expect(holdings.layout == .wide(products: [name, "x*"]))
        #expect(holdings.source == .relation(try RelationName(name: name)))
    }

    @Test func takesOnePatternWithoutAList() throws {
        let yaml = "holdings: {relation: h, client: c, products: \"prod_*\"}"
        #expect(try ServiceConfiguration(yaml: yaml).source.holdings.layout == .wide(products: ["prod_*"]))
    }

    @Test func ignoresSectionsWithoutKeysAndAByteOrderMark() throws {
        let configuration = try ServiceConfiguration(
            yaml: "\u{FEFF}" + Self.minimal + "\nclients:\nmodel:\n  # k: 5\nexecution: {width: null}\n"
        )
        #expect(configuration.source.clients == nil)
        #expect(configuration.model.k == 200)
        #expect(configuration.execution.width == nil)
    }

    @Test func preferOverridesToEnvironmentToFileToDefault() throws {
        let yaml = Self.minimal + "\nmodel: {k: 2, decimals: 2, min_overlap: 2}"
        let configuration = try ServiceConfiguration(
            yaml: yaml,
            environment: [
                "PEERFOLIO_MODEL_K": "3", "PEERFOLIO_MODEL_DECIMALS": "3", "PEERFOLIO_CONFIG": "x", "PEERFOLIO_KK": "x",
            ],
            overrides: ["model.k=4", "model.k=5"]
        )
        #expect(configuration.model.k == 5)
        #expect(configuration.model.decimals == 3)
        #expect(configuration.model.minOverlap == 2)
        #expect(configuration.model.encoding == .binary)
        #expect(configuration.location(of: "model.k") == "--set model.k")
        #expect(configuration.location(of: "model.decimals") == "environment PEERFOLIO_MODEL_DECIMALS")
        #expect(configuration.location(of: "model.min_overlap") == "peerfolio.yaml:7")
        #expect(configuration.location(of: "model.encoding") == nil)
        #expect(configuration.location(of: "no.such_key") == nil)
    }

    @Test func readsListsAndTextFromTheEnvironment() throws {
        let configuration = try ServiceConfiguration(
            yaml: "holdings: {relation: h, client: c}",
            environment: [
                "PEERFOLIO_HOLDINGS_PRODUCTS": "a,b c,prod_*", "PEERFOLIO_CONNECTION": "host=x port=5",
                "PEERFOLIO_HOLDINGS_MIN_AMOUNT": "1.25",
            ],
            overrides: ["exclusions.query=SELECT a FROM b WHERE c = 'd'"]
        )
        #expect(configuration.source.holdings.layout == .wide(products: ["a", "b c", "prod_*"]))
        #expect(configuration.source.holdings.minAmount == 1.25)
        #expect(configuration.connection.conninfo == "host=x port=5")
        #expect(configuration.source.exclusions?.query == "SELECT a FROM b WHERE c = 'd'")
    }

    @Test func emptiesTheConnectionFromTheEnvironment() throws {
        let configuration = try ServiceConfiguration(yaml: Self.minimal, environment: ["PEERFOLIO_CONNECTION": ""])
        #expect(configuration.connection.conninfo == "")
    }

    @Test(arguments: [("demo", ""), ("demo", "host=/tmp dbname='a b'"), ("My \"odd\"\nschema.x\\", "it's \"x\"")])
    func readsTheDemosConfiguration(_ schema: String, _ connection: String) throws {
        let configuration = try ServiceConfiguration(
            yaml: DemoWarehouse.configuration(schema: schema, connection: connection)
        )
        #expect(configuration.connection.conninfo == connection)
        let holdings = RelationName.self
        #expect(
            configuration.source.holdings.source
                == .relation(try holdings.init(schema: schema, name: "client_holdings"))
        )
        #expect(configuration.source.holdings.dating == .validity(from: "valid_from", to: "valid_to"))
        #expect(configuration.source.clients?.manager == "manager")
        #expect(configuration.source.products?.available == "is_available")
        #expect(configuration.source.exclusions != nil)
    }
}
