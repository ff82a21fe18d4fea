-- Drops what migrations have put out of use and views were still reading then. Idempotent; applied after the views.
do $$
declare
    retired regclass;
begin
    for retired in
        select c.oid::regclass
        from pg_class c
        where c.relnamespace = 'peerfolio'::regnamespace and c.relname ~ '^retired_' and c.relkind in ('r', 'p')
          and not c.relispartition
        order by c.relname
    loop
        execute format('drop table %s', retired);
    end loop;
end
$$;
