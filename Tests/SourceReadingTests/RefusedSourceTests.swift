import TestSupport
import Testing

@testable import SourceReading

/// Statements about sources that the server refuses while rows are read: what is wrong is in the configuration or the data.
@Suite(.requiresServer) struct RefusedSourceTests {
    private static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        insert into dwh.holdings values (1, 'A', 1), (2, 'B', 1);
        grant all on dwh.holdings to peerfolio_test_runner;
        create function dwh.noted(amount numeric) returns numeric volatile language plpgsql as
            'begin insert into dwh.holdings values (9, ''Z'', 1); return amount; end';
        create sequence dwh.numbers; grant all on dwh.numbers to peerfolio_test_runner;
        """

    @Test(arguments: [
        "select client_id, product_id, amount from dwh.holdings for update",
        "select client_id, product_id, amount from dwh.holdings for key share",
        "select client_id, product_id, dwh.noted(amount) as amount from dwh.holdings",
        "select client_id, product_id, nextval('dwh.numbers') as amount from dwh.holdings",
    ])
    func aQueryMustNotWriteOrLock(_ query: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let error = await database.sourceError(try .long(.query(query)))
            #expect(error?.key == "holdings.query", "\(error?.description ?? "")")
            #expect(error?.code == .relation, "\(error?.description ?? "")")
            #expect(error?.message.contains("write") == true, "\(error?.description ?? "")")
            #expect(error?.message.contains("primary") == false, "\(error?.description ?? "")")

            var other = try SourceMapping.long()
            other.exclusions = ExclusionsMapping(
                query: "select client_id, product_id from dwh.holdings where client_id = 1 for share")
            #expect(await database.sourceError(other)?.key == "exclusions.query")
        }
    }

    /// The server converts a row at a time and names no column.
    @Test(arguments: [("EUC_JP", "E'\\xA9\\xA1'", "22P05"), ("SQL_ASCII", "E'caf\\xE9'", "22021")])
    func aTextThatHasNoUTF8(encoding: String, text: String, sqlState: String) async throws {
        try await TestServer.withMigratedDatabase(encoding: encoding) { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (1, 'A', 1);
                create table dwh.clients (client_id bigint, segment text, manager text);
                insert into dwh.clients values (1, 's', 'm'), (2, 's', \(text));
                """)
            var mapping = try SourceMapping.long()
            mapping.clients = ClientsMapping(
                source: try .named("dwh.clients"), id: "client_id", manager: "manager", segment: "segment")
            let error = await database.sourceError(mapping)
            #expect(error?.code == .invalidText && error?.key == "clients.manager", "\(error?.description ?? "")")
            for word in ["\"manager\"", encoding, sqlState] {
                #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
            }
        }
    }
}
