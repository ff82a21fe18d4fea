public import Postgres

extension Migrator {
    /// The roles that belong to an installation; `sql/roles.sql` says what they are for.
    static let roles = [
        "peerfolio_owner", "peerfolio_migrator", "peerfolio_runner", "peerfolio_operator", "peerfolio_reader",
        "peerfolio_manager",
    ]

    /// Checks that this role has the rights that ``up(_:parameters:)`` takes, before anything is looked up or changed.
    ///
    /// A superuser has them. Everybody else becomes `peerfolio_owner`, which needs a membership, and has it make the
    /// schemas, which needs `CREATE` on the database. The statements that give both are the same on every version:
    /// PostgreSQL 16 has changed what `CREATEROLE` allows with the roles that one has made, but not that one may join them.
    ///
    /// - Throws: `SchemaError` with all statements that are to be run; `PostgresError`.
    public func verifyRights(_ session: Session) throws {
        try session.withPinnedNames { session in
            let needs = try needs(session)
            if !needs.rights.isEmpty { throw needs.error }
        }
    }

    /// Creates the roles that are missing.
    ///
    /// - Throws: `SchemaError` when this role may not, or lacks another right; `PostgresError`.
    func createMissingRoles(_ session: Session) throws {
        let needs = try needs(session)
        guard needs.rights.isEmpty else { throw needs.error }
        if needs.roles.isEmpty { return }
        do {
            try session.executeScript(EmbeddedSQL.roles.text)
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw needs.error
        }
    }

    /// What this role lacks, as statements.
    private struct Needs {
        var role: String
        /// For roles that are missing; a role with `CREATEROLE` runs them itself.
        var roles: [String]
        /// For rights of its own.
        var rights: [String]

        var error: SchemaError {
            SchemaError(
                .rights,
                "the role \(role) lacks rights to migrate; a superuser, or a role with CREATEROLE that owns the database,"
                    + " gives them with: " + (roles + rights).joined(separator: "; "))
        }
    }

    private func needs(_ session: Session) throws -> Needs {
        let membership = session.serverVersion >= 160_000 ? "SET" : "MEMBER"
        let row = try session.execute(
            """
            select quote_ident(r.rolname), quote_ident(current_database()),
                   r.rolsuper or pg_has_role(o.oid, '\(membership)') is true,
                   r.rolsuper or has_database_privilege(o.oid, current_database(), 'CREATE') is true
            from pg_roles r left join pg_roles o on o.rolname = 'peerfolio_owner'
            where r.rolname = current_user
            """
        ).rows[0]
        let (role, database): (String, String) = (try row.get(at: 0), try row.get(at: 1))
        var rights: [String] = []
        if try !row.get(at: 2) { rights.append("GRANT peerfolio_migrator TO \(role)") }
        if try !row.get(at: 3) && !isInstalled(session) {
            rights.append("GRANT CREATE ON DATABASE \(database) TO peerfolio_owner")
        }
        return Needs(role: role, roles: try missingRoles(session), rights: rights)
    }

    /// The statements of `sql/roles.sql` for what there is not yet.
    private func missingRoles(_ session: Session) throws -> [String] {
        try session.execute(
            """
            select 'CREATE ROLE ' || w.name || ' NOLOGIN'
                   || case w.name when 'peerfolio_migrator' then ' NOINHERIT' else '' end
            from unnest($1::text[]) as w(name)
            where w.name not in (select rolname from pg_roles)
            union all
            select 'GRANT peerfolio_owner TO peerfolio_migrator'
            where not exists (select from pg_auth_members m
                              where m.roleid = (select oid from pg_roles where rolname = 'peerfolio_owner')
                                and m.member = (select oid from pg_roles where rolname = 'peerfolio_migrator'))
            """, [.text("{\(Self.roles.joined(separator: ","))}")]
        ).rows.map { try $0.get(at: 0) }
    }
}
