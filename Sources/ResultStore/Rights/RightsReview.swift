import Foundation
package import Postgres

/// Rights that a role lacks, and what gives them.
package struct MissingRights: Sendable, Hashable {
    /// The role that lacks them.
    package let role: String
    /// GRANT statements without a semicolon, in the order in which they are run; each names all that is missing on its
    /// object.
    package var grants: [String]
    /// What is missing where no statement can be written, in words.
    package var unnamed: [String] = []

    /// Whether nothing is missing.
    package var isEmpty: Bool { grants.isEmpty && unnamed.isEmpty }

    /// What is missing and what gives it, in one line.
    package var message: String {
        var parts: [String] = []
        if !grants.isEmpty { parts.append("a DBA gives them with: \(grants.joined(separator: "; "))") }
        parts += unnamed
        return "the role \(role) lacks rights; \(parts.joined(separator: "; "))"
    }

    /// These and others of the same role.
    package static func + (left: MissingRights, right: MissingRights) -> MissingRights {
        MissingRights(role: left.role, grants: left.grants + right.grants, unnamed: left.unnamed + right.unnamed)
    }
}

/// Compares rights that are needed with those that there are, by the catalog: nothing is read, and nothing is tried.
package struct RightsReview {
    /// A wanted right that is not there.
    private struct Lack {
        /// Object as GRANT names it, such as `SCHEMA dwh` or `dwh.holdings`.
        let object: String
        let privilege: String
        let column: String?
        /// Whether `peerfolio_runner` lacks it, too.
        let isLackedByGroup: Bool
    }

    /// With whose rights the wanted ones are compared.
    private enum Holder {
        case currentRole, runnerGroup
        /// Nobody's: everything that is wanted and exists is lacking.
        case nobody
    }

    private let session: Session

    /// Creates a review over a session outside of a transaction.
    package init(_ session: Session) {
        self.session = session
    }

    /// Rights of ``RunnerRights`` that the current role lacks; none for objects that do not exist.
    ///
    /// Membership in `peerfolio_runner` gives them all, unless some were taken from the group.
    ///
    /// - Throws: `PostgresError`.
    package func ownRights(_ wanted: [Right] = RunnerRights.all) throws -> MissingRights {
        let (role, membership) = try currentRole()
        let lacks = try lacks(wanted)
        guard !lacks.isEmpty else { return MissingRights(role: role, grants: []) }
        return MissingRights(
            role: role,
            grants: (membership.map { [$0] } ?? [])
                + Self.grants(lacks.filter { membership == nil || $0.isLackedByGroup }, to: "peerfolio_runner"))
    }

    /// GRANT statements for rights of ``RunnerRights`` that were taken from `peerfolio_runner`.
    ///
    /// - Throws: `PostgresError`.
    package func repairs() throws -> [String] {
        Self.grants(try lacks(RunnerRights.all, by: .runnerGroup), to: "peerfolio_runner")
    }

    /// Rights on sources that the current role lacks.
    ///
    /// - Throws: `PostgresError`.
    package func sourceRights(_ wanted: [Right]) throws -> MissingRights {
        let (role, _) = try currentRole()
        return MissingRights(role: role, grants: Self.grants(try lacks(wanted), to: role))
    }

    /// GRANT statements that give rights to a role, all of them.
    ///
    /// - Parameters:
    ///   - wanted: Rights on objects that exist; others are left out.
    ///   - role: The role, quoted.
    /// - Throws: `PostgresError`.
    package func grants(_ wanted: [Right], to role: String) throws -> [String] {
        Self.grants(try lacks(wanted, by: .nobody), to: role)
    }

    /// The current role, quoted, and the statement that gives it the rights of `peerfolio_runner` unless it has them.
    private func currentRole() throws -> (role: String, membership: String?) {
        let row = try session.withPinnedNames { session in
            try session.execute(
                """
                select quote_ident(current_user), coalesce(not pg_has_role(r.oid, 'USAGE'), false),
                       coalesce(pg_has_role(r.oid, 'MEMBER'), false)
                from (select) as one left join pg_catalog.pg_roles r on r.rolname = 'peerfolio_runner'
                """
            ).rows[0]
        }
        let (role, isLacking, isMember): (String, Bool, Bool) = (
            try row.get(at: 0), try row.get(at: 1), try row.get(at: 2)
        )
        guard isLacking else { return (role, nil) }
        // A member that does not inherit.
        let isToInherit = isMember && !hasInheritingMemberships
        return (role, isToInherit ? "ALTER ROLE \(role) INHERIT" : membershipGrant(to: role))
    }

    /// The statement that gives a role the rights of `peerfolio_runner`.
    ///
    /// - Parameter role: The role, quoted.
    package func membershipGrant(to role: String) -> String {
        "GRANT peerfolio_runner TO \(role)" + (hasInheritingMemberships ? " WITH INHERIT TRUE" : "")
    }

    /// Since PostgreSQL 16 each membership says whether its rights are inherited, and not the role.
    private var hasInheritingMemberships: Bool { session.serverVersion >= 160_000 }

    /// Wanted rights that are not there: `$1` is the wanted ones as JSON, `$2` whether those of the group count, and `$3`
    /// whether none do.
    private static let comparison = """
        with wanted as (
            select w.ordinality, w.right->>'kind' as kind, w.right->>'schema' as schema, w.right->>'name' as name,
                   w.right->>'column' as "column", w.right->>'privilege' as privilege
            from jsonb_array_elements($1::jsonb) with ordinality as w("right", ordinality)
        ), found as (
            select w.*, n.oid as schema_oid, c.oid as relation_oid, a.attnum, p.oid as function_oid
            from wanted w
            join pg_catalog.pg_namespace n on n.nspname = w.schema
            left join pg_catalog.pg_class c
                on c.relnamespace = n.oid and c.relname = w.name and w.kind in ('relation', 'column', 'any_column')
                and c.relkind in ('r', 'p', 'v', 'm', 'f')
            left join pg_catalog.pg_attribute a
                on a.attrelid = c.oid and a.attname = w."column" and not a.attisdropped
            left join pg_catalog.pg_proc p
                on p.pronamespace = n.oid and w.kind = 'function'
                and w.name in (p.proname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')')
            where case w.kind when 'schema' then true when 'function' then p.oid is not null
                  when 'column' then a.attnum is not null else c.oid is not null end
        ), judged as (
            select f.*, r.rolname is not null as is_group,
                   case kind
                       when 'schema' then has_schema_privilege(r.rolname, schema_oid, privilege)
                       when 'relation' then has_table_privilege(r.rolname, relation_oid, privilege)
                       when 'column' then has_column_privilege(r.rolname, relation_oid, attnum, privilege)
                       when 'any_column' then has_any_column_privilege(r.rolname, relation_oid, privilege)
                       else has_function_privilege(r.rolname, function_oid, privilege)
                   end as is_there_for_group,
                   case kind
                       when 'schema' then has_schema_privilege(schema_oid, privilege)
                       when 'relation' then has_table_privilege(relation_oid, privilege)
                       when 'column' then has_column_privilege(relation_oid, attnum, privilege)
                       when 'any_column' then has_any_column_privilege(relation_oid, privilege)
                       else has_function_privilege(function_oid, privilege)
                   end as is_there
            from found f left join pg_catalog.pg_roles r on r.rolname = 'peerfolio_runner'
        )
        select case kind
                   when 'schema' then 'SCHEMA ' || quote_ident(schema)
                   when 'function' then
                       'FUNCTION ' || quote_ident(schema) || '.' || quote_ident(p.proname)
                       || '(' || pg_get_function_identity_arguments(p.oid) || ')'
                   else quote_ident(schema) || '.' || quote_ident(name)
               end,
               privilege, quote_ident("column"), not coalesce(is_there_for_group, false)
        from judged left join pg_catalog.pg_proc p on p.oid = function_oid
        where $3 or not case when $2 then is_there_for_group else is_there end
        order by ordinality, function_oid
        """

    private func lacks(_ wanted: [Right], by holder: Holder = .currentRole) throws -> [Lack] {
        let result = try session.withPinnedNames { session in
            try session.execute(
                Self.comparison,
                [
                    .text(String(decoding: try JSONEncoder().encode(wanted), as: UTF8.self)),
                    .bool(holder == .runnerGroup), .bool(holder == .nobody),
                ])
        }
        return try result.rows.map { row in
            Lack(
                object: try row.get(at: 0), privilege: try row.get(at: 1), column: try row.getIfPresent(at: 2),
                isLackedByGroup: try row.get(at: 3))
        }
    }

    /// One statement for each object, in the order in which the objects come.
    private static func grants(_ lacks: [Lack], to role: String) -> [String] {
        // By bytes, as PostgreSQL compares names.
        var objects: [[UInt8]] = []
        var lacksByObject: [[UInt8]: [Lack]] = [:]
        for lack in lacks {
            let object = Array(lack.object.utf8)
            if lacksByObject[object] == nil { objects.append(object) }
            lacksByObject[object, default: []].append(lack)
        }
        return objects.compactMap { lacksByObject[$0] }.map { lacks in
            var privileges: [String] = []
            var columns: [String: [String]] = [:]
            for lack in lacks {
                let isColumn = lack.column != nil
                let key = isColumn ? "\(lack.privilege) (" : lack.privilege
                if !privileges.contains(key) { privileges.append(key) }
                if let column = lack.column,
                    columns[key]?.contains(where: { $0.utf8.elementsEqual(column.utf8) }) != true
                {
                    columns[key, default: []].append(column)
                }
            }
            let list = privileges.compactMap { key -> String? in
                guard let names = columns[key] else { return key }
                // The whole has all columns.
                return privileges.contains(String(key.dropLast(2))) ? nil : key + names.joined(separator: ", ") + ")"
            }
            return "GRANT \(list.joined(separator: ", ")) ON \(lacks[0].object) TO \(role)"
        }
    }
}
