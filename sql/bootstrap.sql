-- The two schemas and the migration ledger. Idempotent; applied while the ledger does not exist, after roles.sql.
-- Whoever runs it needs the right to create schemas for peerfolio_owner, to whom everything belongs.

create schema if not exists peerfolio authorization peerfolio_owner;
revoke all on schema peerfolio from public;
grant usage on schema peerfolio to peerfolio_runner;
comment on schema peerfolio is
    'Peerfolio, the service''s own tables and functions. Reports read peerfolio_bi instead.';

create schema if not exists peerfolio_bi authorization peerfolio_owner;
revoke all on schema peerfolio_bi from public;
grant usage on schema peerfolio_bi to peerfolio_reader, peerfolio_runner;
comment on schema peerfolio_bi is 'Peerfolio for reports and dashboards: views over the published run.';

create table if not exists peerfolio.schema_migrations (
    version integer primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp(),
    applied_by text not null default session_user,
    program_version text not null
);
alter table peerfolio.schema_migrations owner to peerfolio_owner;
grant select on peerfolio.schema_migrations to peerfolio_runner;
comment on table peerfolio.schema_migrations is
    'The migration ledger: one row per applied file of sql/migrations, never changed afterwards.';
comment on column peerfolio.schema_migrations.version is 'Number of the migration, from its file name.';
comment on column peerfolio.schema_migrations.name is 'File name without number and extension.';
comment on column peerfolio.schema_migrations.checksum is 'SHA-256 of the file as shipped; a difference is drift and refused.';
comment on column peerfolio.schema_migrations.applied_at is 'When the migration was applied, by the database''s clock.';
comment on column peerfolio.schema_migrations.applied_by is 'Login role that applied it.';
comment on column peerfolio.schema_migrations.program_version is 'Version of peerfolio that applied it.';

create table if not exists peerfolio.schema_objects (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp(),
    program_version text not null
);
alter table peerfolio.schema_objects owner to peerfolio_owner;
grant select on peerfolio.schema_objects to peerfolio_runner;
comment on table peerfolio.schema_objects is
    'Files of sql/functions and sql/views as last applied; one is applied again when its text changes.';
comment on column peerfolio.schema_objects.name is 'File name without number and extension.';
comment on column peerfolio.schema_objects.checksum is 'SHA-256 of the file''s text when it was last applied.';
comment on column peerfolio.schema_objects.applied_at is 'When it was last applied, by the database''s clock.';
comment on column peerfolio.schema_objects.program_version is 'Version of peerfolio that applied it.';
