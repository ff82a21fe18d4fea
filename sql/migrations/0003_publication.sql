-- What reports see. Publishing and rolling back is an UPDATE of one row here.

create table peerfolio.publication (
    channel text primary key,
    term bigint not null default 0,
    live_run_id bigint references peerfolio.runs,
    live_slot smallint,
    previous_run_id bigint references peerfolio.runs,
    previous_slot smallint,
    published_at timestamptz,
    published_by text,
    constraint publication_live_is_whole check ((live_run_id is null) = (live_slot is null)),
    constraint publication_previous_is_whole check ((previous_run_id is null) = (previous_slot is null))
) with (fillfactor = 10); -- room for many versions of the row on its page while reports hold old snapshots

insert into peerfolio.publication (channel) values ('live');

comment on table peerfolio.publication is 'One row per channel: which run reports see, and which one a rollback returns to.';
comment on column peerfolio.publication.channel is 'Name of the channel; the views of peerfolio_bi show the channel live.';
comment on column peerfolio.publication.term is 'Fencing token: grows with every run that starts in the channel; only the holder of the newest may publish.';
comment on column peerfolio.publication.live_run_id is 'Run that is published; null before the first.';
comment on column peerfolio.publication.live_slot is 'Slot of that run.';
comment on column peerfolio.publication.previous_run_id is 'Run that was published before; a rollback returns to it.';
comment on column peerfolio.publication.previous_slot is 'Slot of that run.';
comment on column peerfolio.publication.published_at is 'When the pointer last moved.';
comment on column peerfolio.publication.published_by is 'Login role that moved it.';

grant select, insert, update on peerfolio.publication to peerfolio_runner;
