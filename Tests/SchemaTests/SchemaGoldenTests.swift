import Foundation
import TestSupport
import Testing

/// The installed schema, line by line; `UPDATE_GOLDENS=1` writes it anew, and the difference is reviewed.
@Suite(.requiresServer) struct SchemaGoldenTests {
    private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Goldens/schema.txt")

    /// Rights as the catalog keeps them, but sorted and readable: `peerfolio_runner: DELETE INSERT`.
    private static let listing = """
        with objects as (
            select c.oid, c.oid::regclass::text as name, c.relkind, c.relacl, c.relispartition, c.reloptions
            from pg_class c
            where c.relnamespace in ('peerfolio'::regnamespace, 'peerfolio_bi'::regnamespace)
        ), lines as (
            select o.name, 0 as part, 0 as position,
                   case o.relkind when 'v' then 'view ' when 'p' then 'partitioned table ' else 'table ' end || o.name
                   || coalesce(' of ' || (select inhparent::regclass::text from pg_inherits where inhrelid = o.oid), '')
                   || coalesce(' with (' || array_to_string(o.reloptions, ', ') || ')', '') as line
            from objects o where o.relkind in ('r', 'p', 'v')
            union all
            select o.name, 1, a.attnum,
                   '  ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                   || case when a.attnotnull then ' not null' else '' end
                   || case a.attidentity when 'a' then ' generated always as identity' else '' end
                   || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
                   || case o.relkind when 'v' then coalesce(' -- ' || col_description(o.oid, a.attnum), '') else '' end
            from objects o
            join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
            left join pg_attrdef d on d.adrelid = o.oid and d.adnum = a.attnum
            where o.relkind in ('r', 'p', 'v') and not o.relispartition
            union all
            select o.name, 2, row_number() over (partition by o.oid order by x.conname),
                   '  constraint ' || x.conname || ' ' || pg_get_constraintdef(x.oid)
            from objects o join pg_constraint x on x.conrelid = o.oid
            -- Since PostgreSQL 18 NOT NULL is a constraint as well; it is said with the column.
            where not o.relispartition and x.contype <> 'n'
            union all
            select o.name, 3, row_number() over (partition by o.oid order by i.indexrelid::regclass::text),
                   '  ' || pg_get_indexdef(i.indexrelid)
            from objects o join pg_index i on i.indrelid = o.oid where not o.relispartition
            union all
            select o.name, 4, row_number() over (partition by o.oid order by g.grantee::text),
                   '  grant ' || g.rights || ' to ' || g.grantee
            from objects o, lateral (
                select a.grantee::regrole as grantee, string_agg(a.privilege_type, ' ' order by a.privilege_type) as rights
                from aclexplode(o.relacl) a where a.grantee <> 'peerfolio_owner'::regrole group by 1) g
            where o.relkind in ('r', 'p', 'v')
            union all
            select o.name, 5, a.attnum, '  ' || a.attname || ' with (' || array_to_string(a.attoptions, ', ') || ')'
            from objects o join pg_attribute a on a.attrelid = o.oid where a.attoptions is not null
            union all
            select o.name, 6, row_number() over (partition by o.oid order by g.grantee::text, g.privilege_type),
                   '  grant ' || g.privilege_type || ' (' || g.columns || ') to ' || g.grantee
            from objects o, lateral (
                select e.grantee::regrole as grantee, e.privilege_type,
                       string_agg(a.attname, ', ' order by a.attname) as columns
                from pg_attribute a, aclexplode(a.attacl) e
                where a.attrelid = o.oid group by 1, 2) g
            union all
            select p.oid::regprocedure::text, 0, 0,
                   'function ' || p.oid::regprocedure || ' returns ' || p.prorettype::regtype
                   || coalesce(' grant ' || p.proacl::text, '')
            from pg_proc p where p.pronamespace in ('peerfolio'::regnamespace, 'peerfolio_bi'::regnamespace)
            union all
            select 'schema ' || n.nspname, 0, row_number() over (partition by n.nspname order by e.grantee::text),
                   'schema ' || n.nspname || ' grant ' || e.rights || ' to ' || e.grantee
            from pg_namespace n, lateral (
                select a.grantee::regrole as grantee, string_agg(a.privilege_type, ' ' order by a.privilege_type) as rights
                from aclexplode(n.nspacl) a group by 1) e
            where n.nspname in ('peerfolio', 'peerfolio_bi')
        )
        select line from lines order by name collate "C", part, position
        """

    @Test func isAsReviewed() async throws {
        try await TestServer.withMigratedDatabase { database in
            let lines = try await database.rows(Self.listing).compactMap { $0[0] }
            let found = lines.joined(separator: "\n") + "\n"
            if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
                try Data(found.utf8).write(to: Self.golden)
            }
            let expected = String(decoding: try Data(contentsOf: Self.golden), as: UTF8.self)
            let expectedLines = expected.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let difference = (lines + [""]).difference(from: expectedLines)
            #expect(difference.isEmpty, "review, then UPDATE_GOLDENS=1 scripts/test --filter SchemaGoldenTests")
        }
    }
}
