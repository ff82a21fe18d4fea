-- Columns that a view passes on have the comment of the view or table that defines them, so that the two cannot differ.
-- Applied after the views by every `peerfolio migrate up`; changes nothing where they agree. A view comes after those it
-- inherits from. Whatever is not inherited has its comment in the file of the view.

do $$
declare
    passed_on record;
    inherited record;
begin
    for passed_on in
        select l.view_name::regclass as view, l.origin::regclass as origin, l.but
        from (values
            (1, 'peerfolio_bi.clients', 'peerfolio_bi.recommendations', '{}'::text[]),
            (2, 'peerfolio_bi.top_suggestions', 'peerfolio_bi.recommendations', '{}'),
            (3, 'peerfolio_bi.top_suggestions', 'peerfolio_bi.clients', '{}'),
            (4, 'peerfolio_bi.client_suggestions', 'peerfolio_bi.clients', '{}'),
            (5, 'peerfolio_bi.product_demand', 'peerfolio_bi.recommendations', '{}'),
            (6, 'peerfolio_bi.run_findings', 'peerfolio.run_checks', '{}'),
            (7, 'peerfolio_bi.model_quality', 'peerfolio.run_metrics', '{metric}'),
            (8, 'peerfolio_bi.score_calibration', 'peerfolio.calibration_bins', '{}'),
            (9, 'peerfolio_bi.score_calibration', 'peerfolio_bi.model_quality', '{method}'),
            (10, 'peerfolio_bi.my_clients', 'peerfolio_bi.clients', '{}'),
            (11, 'peerfolio_bi.my_suggestions', 'peerfolio_bi.top_suggestions', '{}'),
            (12, 'peerfolio.live_clients', 'peerfolio.run_clients', '{}'),
            (13, 'peerfolio.live_lists', 'peerfolio.run_lists', '{}'),
            (14, 'peerfolio.live_lists', 'peerfolio.recommendations', '{}'),
            (15, 'peerfolio.live_lists', 'peerfolio_bi.recommendations', '{}')
        ) as l(position, view_name, origin, but)
        order by l.position
    loop
        for inherited in
            select v.attname, col_description(passed_on.origin, o.attnum) as comment
            from pg_attribute v
            join pg_attribute o on o.attrelid = passed_on.origin and o.attname = v.attname
            where v.attrelid = passed_on.view and v.attnum > 0 and not o.attisdropped
              and v.attname <> all (passed_on.but)
              and col_description(v.attrelid, v.attnum) is distinct from col_description(o.attrelid, o.attnum)
        loop
            execute format('comment on column %s.%I is %L', passed_on.view, inherited.attname, inherited.comment);
        end loop;
    end loop;
end
$$;
