import Configuration
import Holdings
public import Postgres
import ResultStore
public import Schema
import SourceReading

extension ServiceConfiguration {
    /// Everything that is read of the warehouse.
    var sources: [MappedSource] {
        var sources = source.sources
        switch freshness?.source {
        case .column(let column):
            sources.append(MappedSource(key: "freshness.column", source: source.holdings.source, columns: [column]))
        case .query(let query):
            sources.append(MappedSource(key: "freshness.query", source: .query(query), columns: []))
        case nil: break
        }
        return sources
    }
}

extension Installation {
    /// Rights on the mapped sources that the role lacks; none for what does not exist.
    ///
    /// - Throws: `PostgresError`.
    func missingSourceRights(asOf: BusinessDate?, _ session: Session) throws -> MissingRights {
        let search = SourceRights(session, asOf: try asOf ?? today(session))
        let review = RightsReview(session)
        var wanted: [Right] = []
        var unnamed: [String] = []
        for source in configuration.sources {
            // Most queries may be run, and are not looked into further then.
            var refusal: String?
            if case .query(let text) = source.source {
                refusal = try search.refusal(ofQuery: text)
                if refusal == nil { continue }
            }
            guard let need = try search.need(of: source) else { continue }
            wanted += need.rights
            if let refusal, try review.sourceRights(need.rights).isEmpty {
                unnamed.append("\(source.key): \(refusal)")
            } else if need.problem != nil {
                unnamed.append("which columns \(source.key) needs, `peerfolio grants` says when a DBA runs it")
            }
        }
        var missing = try review.sourceRights(wanted)
        missing.unnamed = unnamed
        return missing
    }

    /// Checks that the role has every right that a run takes, before anything is read.
    ///
    /// - Throws: `ScoringError.rightsMissing`, which names all that are missing; `PostgresError`.
    func verifyRights(asOf: BusinessDate?, _ session: Session) throws {
        let missing = try RightsReview(session).ownRights() + missingSourceRights(asOf: asOf, session)
        guard missing.isEmpty else { throw ScoringError(.rightsMissing, missing.message) }
    }

    /// What is wrong with the rights of the connection's role, as far as they concern Peerfolio's own objects: lacking
    /// ones, and more than a service should have.
    ///
    /// - Throws: `PostgresError`.
    package func remarksOnRole(_ session: Session) throws -> [String] {
        let missing = try RightsReview(session).ownRights()
        return [missing.isEmpty ? nil : missing.message, try excessOfRights(session)].compactMap(\.self)
    }

    /// Why the connection's role has more rights than a service should have, in words; nil if it has not.
    ///
    /// - Throws: `PostgresError`.
    func excessOfRights(_ session: Session) throws -> String? {
        let row = try session.withPinnedNames { session in
            try session.execute(
                """
                select current_user, rolsuper,
                       exists (select from pg_catalog.pg_roles o
                               where o.rolname = 'peerfolio_owner' and pg_has_role(o.oid, 'MEMBER'))
                from pg_catalog.pg_roles where rolname = current_user
                """
            ).rows[0]
        }
        let role: String = try row.get(at: 0)
        let what: String? =
            try row.get(at: 1) ? "is a superuser" : row.get(at: 2) ? "may become peerfolio_owner" : nil
        return what.map {
            "the role \(role) \($0); give the service a login that is neither: `peerfolio grants` prints its rights"
        }
    }

    /// What `migrate up` needs to know.
    ///
    /// Types come from the mapped holdings, of which nothing but the catalog is looked at. Whoever upgrades an
    /// installation need not have any right on them: then the installed types are kept.
    ///
    /// - Throws: `SourceError`, `PostgresError`.
    public func installationParameters(_ session: Session) throws -> SchemaParameters {
        do {
            return schemaParameters(
                try SourcePlan(
                    configuration.source, asOf: nil, lockTimeout: configuration.timeouts.lock, checksRights: false,
                    session: session))
        } catch let error as SourceError where error.code == .privilege {
            guard let installed = try migrator.installedTypes(session) else { throw error }
            return SchemaParameters(
                clientIDType: installed.client, productIDType: installed.product, slots: configuration.retention.slots)
        }
    }

    /// What day it is where the days of the holdings count.
    ///
    /// - Throws: `SourceError` for a time zone that the server does not know; `PostgresError`.
    func today(_ session: Session) throws -> BusinessDate {
        try BusinessDate.today(in: configuration.source.holdings.timeZone, session)
    }
}
