-- The roles, which belong to the whole cluster. Idempotent; applied while one of them does not exist.
-- Whoever runs it needs the right to create roles. Nothing else does, so that a DBA can run it once, and migrations run
-- as a member of peerfolio_migrator from then on.
--
-- peerfolio_owner     owns the schemas and all in them; nobody logs in as it
-- peerfolio_migrator  may SET ROLE peerfolio_owner and does not inherit its rights: for whoever upgrades the schema
-- peerfolio_runner    the service: reads and writes what a run needs
-- peerfolio_operator  may request, cancel, publish and roll back by functions; sees nothing
-- peerfolio_reader    sees the views of peerfolio_bi
-- peerfolio_manager   sees the clients of the manager that it stands for, in peerfolio_bi.my_clients and my_suggestions

do $$
declare
    wanted text;
begin
    foreach wanted in array array[
        'peerfolio_owner', 'peerfolio_migrator', 'peerfolio_runner', 'peerfolio_operator', 'peerfolio_reader',
        'peerfolio_manager'
    ] loop
        if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
            -- Another database of the cluster may be creating the same ones right now.
            begin
                execute format('create role %I nologin %s', wanted,
                    case wanted when 'peerfolio_migrator' then 'noinherit' else '' end);
            exception
                when duplicate_object or unique_violation then null;
            end;
        end if;
    end loop;
    if not exists (
        select from pg_catalog.pg_auth_members
        where roleid = 'peerfolio_owner'::regrole and member = 'peerfolio_migrator'::regrole) then
        begin
            grant peerfolio_owner to peerfolio_migrator;
        exception
            when duplicate_object or unique_violation then null;
        end;
    end if;
end
$$;
