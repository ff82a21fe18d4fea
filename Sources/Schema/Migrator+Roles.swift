import Postgres

extension Migrator {
    /// The roles that belong to an installation; `sql/roles.sql` says what they are for.
    static let roles = [
        "peerfolio_owner", "peerfolio_migrator", "peerfolio_runner", "peerfolio_operator", "peerfolio_reader",
        "peerfolio_manager",
    ]

    /// Creates the roles that are missing, or says which statements a DBA runs for it.
    ///
    /// - Throws: `SchemaError` when this role may not create them; `PostgresError`.
    func createMissingRoles(_ session: Session) throws {
        let row = try session.execute(
            """
            select string_agg(s.statement, '; ')
            from (
                select 'CREATE ROLE ' || w.name || ' NOLOGIN'
                       || case w.name when 'peerfolio_migrator' then ' NOINHERIT' else '' end
                from unnest($1::text[]) as w(name) where w.name not in (select rolname from pg_roles)
                union all
                select 'GRANT peerfolio_owner TO peerfolio_migrator'
                where not exists (select from pg_auth_members m
                                  where m.roleid = (select oid from pg_roles where rolname = 'peerfolio_owner')
                                    and m.member = (select oid from pg_roles where rolname = 'peerfolio_migrator'))
            ) s(statement)
            """, [.text("{\(Self.roles.joined(separator: ","))}")]
        ).rows[0]
        guard let missing: String = try row.getIfPresent(at: 0) else { return }
        do {
            if session.serverVersion >= 160_000 {
                // Whoever creates a role may become it only then, since PostgreSQL 16.
                try session.executeScript("set local createrole_self_grant = 'set, inherit'")
            }
            try session.executeScript(EmbeddedSQL.roles.text)
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw SchemaError(
                .roles,
                "roles that belong to the schema are missing, and this role may not create them; a DBA does it once with: "
                    + missing)
        }
    }

    func mayBecomeOwnerThatCreatesSchemas(_ session: Session) throws -> Bool {
        try session.execute(
            """
            select pg_has_role('peerfolio_owner', \(session.serverVersion >= 160_000 ? "'SET'" : "'MEMBER'"))
               and has_database_privilege('peerfolio_owner', current_database(), 'CREATE')
            """
        ).rows[0].get(at: 0)
    }
}
