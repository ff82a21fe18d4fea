import Foundation
import Postgres
import Schema

/// The databases that tests clone: one for each pair of id types and encoding, made when the first test asks for it.
///
/// They stay until the throwaway cluster is removed.
actor TemplateDatabases {
    struct Kind: Hashable {
        var clientType: String
        var productType: String
        var encoding: String
    }

    static let shared = TemplateDatabases()

    private var templates: [Kind: Task<String, any Error>] = [:]
    private var roles: Task<Void, any Error>?

    /// The name of the template, which nobody is connected to.
    func name(of kind: Kind, administrator conninfo: String) async throws -> String {
        let template = templates[kind] ?? Task { try await create(kind, conninfo) }
        templates[kind] = template
        return try await template.value
    }

    private func create(_ kind: Kind, _ conninfo: String) async throws -> String {
        let name = "template_" + UUID().uuidString.lowercased().filter { $0 != "-" }
        try await Self.run(conninfo) { session in
            try session.executeScript(
                """
                create database \(name) template template0 encoding '\(kind.encoding)' lc_collate 'C' lc_ctype 'C'
                """)
        }
        let parameters = SchemaParameters(
            clientIDType: kind.clientType, productIDType: kind.productType, slots: 4)
        try await Self.run("\(conninfo) dbname=\(name)") { session in
            _ = try Migrator(programVersion: "test").up(session, parameters: parameters)
        }
        try await createRoles(conninfo)
        try await Self.run("\(conninfo) dbname=\(name)") { session in
            try session.executeScript(
                """
                create schema dwh;
                grant usage on schema dwh to \(TestDatabase.Role.runner.rawValue);
                alter default privileges in schema dwh grant select on tables to \(TestDatabase.Role.runner.rawValue);
                """)
        }
        return name
    }

    /// Roles belong to the cluster, so they are made once; `Migrator.up` has made those they are members of.
    private func createRoles(_ conninfo: String) async throws {
        let creation =
            roles
            ?? Task {
                try await Self.run(conninfo) { session in
                    for role in TestDatabase.Role.allCases where role != .superuser {
                        let exists = try session.execute(
                            "select from pg_roles where rolname = $1", [.text(role.rawValue)])
                        if exists.rows.isEmpty { try session.executeScript("create role \(role.rawValue) login") }
                    }
                    try session.executeScript(
                        """
                        grant peerfolio_runner to \(TestDatabase.Role.runner.rawValue);
                        grant peerfolio_reader to \(TestDatabase.Role.reader.rawValue);
                        grant peerfolio_operator to \(TestDatabase.Role.operator.rawValue);
                        grant peerfolio_migrator to \(TestDatabase.Role.migrator.rawValue);
                        grant peerfolio_manager to \(TestDatabase.Role.manager.rawValue);
                        """)
                }
            }
        roles = creation
        try await creation.value
    }

    private static func run(_ conninfo: String, _ body: @Sendable (Session) throws -> Void) async throws {
        try await PostgresConnection.withSession(ConnectionSettings(conninfo: conninfo), body)
    }
}
