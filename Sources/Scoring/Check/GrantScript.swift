import Configuration
public import Postgres
import ResultStore
import SourceReading

/// The SQL that gives the service's login the rights that a configuration takes, and no other: what `grants` prints.
public struct GrantScript: Sendable {
    private let installation: Installation

    /// Creates a script for a configuration.
    public init(_ installation: Installation) {
        self.installation = installation
    }

    /// Writes it.
    ///
    /// Nothing is read but the catalog, and nothing stays changed.
    ///
    /// - Parameters:
    ///   - role: The login, as PostgreSQL keeps its name; nil for the connection's own, or `peerfolio_service` where
    ///     that is a superuser.
    ///   - session: Any session outside of a transaction.
    /// - Throws: `SourceError` for a mapping that does not fit, or a query that this role may not look into;
    ///   `PostgresError`.
    public func text(role: String?, _ session: Session) throws -> String {
        do {
            _ = try SourcePlan(installation.configuration.source, asOf: nil, checksRights: false, session: session)
        } catch let error as SourceError where error.code == .privilege {
            // Whoever may not use a schema can look its relations up all the same.
        }
        let names = try session.withPinnedNames { session in
            try session.execute(
                """
                select quote_ident(coalesce($1, (
                           select case when rolsuper then 'peerfolio_service' else rolname end
                           from pg_catalog.pg_roles where rolname = current_user))),
                       quote_ident(current_database())
                """, [.textOrNull(role)]
            ).rows[0]
        }
        let (login, database): (String, String) = (try names.get(at: 0), try names.get(at: 1))
        let review = RightsReview(session)
        let needs = try self.needs(session)
        // A name may contain a line break, and what followed it would be run.
        func comment(_ text: String) -> String { "-- " + String(text.map { $0.isNewline ? " " : $0 }) }
        var lines = [
            comment(
                "What Peerfolio's service needs for this configuration. For a DBA to look through and run in \(database)."
            ),
            "",
            "-- The login, unless there is one; with a password or a certificate as usual.",
            comment("CREATE ROLE \(login) LOGIN;"),
            "GRANT CONNECT ON DATABASE \(database) TO \(login);",
            "",
            "-- Peerfolio's own tables and functions; `peerfolio migrate up` makes the group.",
            review.membershipGrant(to: login) + ";",
        ]
        lines += try review.repairs().map { $0 + ";" }
        lines += ["", "-- The sources: \(needs.map(\.key).joined(separator: ", "))."]
        for note in needs.flatMap({ need in need.notes.map { comment("\(need.key): \($0).") } }) { lines.append(note) }
        lines += try review.grants(needs.flatMap(\.rights), to: login).map { $0 + ";" }
        lines += [
            "",
            "-- The service makes no temporary tables. Everybody may, until that is taken from all who are not granted it:",
            comment("REVOKE TEMPORARY ON DATABASE \(database) FROM PUBLIC;"),
        ]
        return lines.joined(separator: "\n")
    }

    private func needs(_ session: Session) throws -> [SourceRights.Need] {
        let search = SourceRights(session, asOf: try installation.today(session))
        return try installation.configuration.sources.compactMap { source in
            guard let need = try search.need(of: source) else { return nil }
            if let problem = need.problem {
                throw SourceError.cannotLookInto(source.key, problem)
            }
            return need
        }
    }
}
