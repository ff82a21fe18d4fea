import Postgres

/// What to do where row-level security hides rows from the service: without a word, lists would be made of a part of the
/// data.
public enum RowSecurity: String, Sendable, Hashable, CaseIterable {
    /// Nothing is read.
    case refuse
    /// What the role sees is read, and a finding says so.
    case allow
}

/// What row-level security does to the relations that a run reads.
struct RowPolicies: Sendable {
    /// A relation of which a role does not see all rows, both as they stand in a statement.
    struct Hidden: Sendable {
        let relation: String
        let role: String
    }

    /// Relations of which rows may be hidden.
    let hidden: [Hidden]
    /// Whether policies apply that hide nothing, so that the server may not be told to refuse.
    let haveOpen: Bool

    /// What `row_security` is set to while sources are read: off, the server refuses what a policy would filter, in
    /// functions as well, which nobody else can look into.
    var setting: String { hidden.isEmpty && !haveOpen ? "off" : "on" }

    /// What the refusal says.
    var problem: String {
        let relations = Set(hidden.map(\.relation)).sorted().joined(separator: ", ")
        let roles = Set(hidden.map(\.role)).sorted()
        return
            "row-level security hides rows of \(relations) from \(roles.joined(separator: " and ")), and lists would be"
            + " made of the rest: let it see them all (\(roles.map { "ALTER ROLE \($0) BYPASSRLS" }.joined(separator: "; "))"
            + ", or a policy for it with USING (true)), or accept what it sees: checks.row_security: allow"
    }

    /// Looks at the relations that this transaction has planned to read.
    ///
    /// A policy `USING (true)` hides nothing. The server checks policies as whoever reads a relation: the owner of a view
    /// for what that reads, unless it is a `security_invoker`, else the current role.
    ///
    /// - Throws: `PostgresError`.
    init(_ session: Session) throws {
        let rows = try session.withPinnedNames { session in
            try session.execute(
                """
                with touched as (
                    select c.* from pg_locks l join pg_class c on c.oid = l.relation
                    where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode = 'AccessShareLock'
                      and l.database = (select oid from pg_database where datname = current_database())
                ), checked(relation, role) as (
                    select oid, (select u.oid from pg_roles u where u.rolname = current_user) from touched
                    where has_any_column_privilege(oid, 'SELECT')
                    union
                    select d.refobjid, v.relowner
                    from touched v
                    join pg_rewrite r on r.ev_class = v.oid
                    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                    where v.relkind = 'v' and d.refclassid = 'pg_class'::regclass and d.refobjid <> v.oid
                      and not \(SourceRights.isInvokersView("v"))
                ), policies as (
                    select c.oid as relation, u.oid as role,
                           bool_or(p.polpermissive and pg_get_expr(p.polqual, p.polrelid) = 'true')
                           and bool_and(p.polpermissive or pg_get_expr(p.polqual, p.polrelid) = 'true') as is_open
                    from checked k join touched c on c.oid = k.relation join pg_roles u on u.oid = k.role
                    left join pg_policy p on p.polrelid = c.oid and p.polcmd in ('r', '*')
                        and exists (select from unnest(p.polroles) as q(oid)
                                    where q.oid = 0 or pg_has_role(u.oid, q.oid, 'USAGE'))
                    where c.relrowsecurity and not u.rolsuper and not u.rolbypassrls
                      and (c.relforcerowsecurity or not pg_has_role(u.oid, c.relowner, 'USAGE'))
                    group by c.oid, u.oid
                )
                select quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(u.rolname),
                       coalesce(p.is_open, false)
                from policies p join pg_class c on c.oid = p.relation join pg_namespace n on n.oid = c.relnamespace
                join pg_roles u on u.oid = p.role
                order by 1, 2
                """
            ).rows
        }
        let isOpen = try rows.map { try $0.get(at: 2, as: Bool.self) }
        haveOpen = isOpen.contains(true)
        hidden = try zip(rows, isOpen).filter { !$1 }.map { row, _ in
            Hidden(relation: try row.get(at: 0), role: try row.get(at: 1))
        }
    }

    private init(hidden: [Hidden], haveOpen: Bool) {
        (self.hidden, self.haveOpen) = (hidden, haveOpen)
    }

    /// No policy applies.
    static let none = RowPolicies(hidden: [], haveOpen: false)
}
