-- What a metric is made of stands in its definition; these rows show it to whoever asks what hangs on what. A metric that is used
-- under several names stands here once, with its heaviest weight and shortest lag.
create or replace function yardstick_engine.save_children(metric_id uuid, organization_id uuid, compiled jsonb)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $save_children$
begin
    delete from yardstick.metric_relationships as r
    where r.parent_metric_id = save_children.metric_id and r.relationship_type = 'derives_from'
        and not exists (
            select from jsonb_each(save_children.compiled -> 'children') as c (alias, body)
            where (c.body ->> 'metric_id')::uuid = r.child_metric_id
        );

    insert into yardstick.metric_relationships as r (
        organization_id, parent_metric_id, child_metric_id, relationship_type, weight, lag_periods
    )
    select
        save_children.organization_id, save_children.metric_id, (c.body ->> 'metric_id')::uuid, 'derives_from',
        max((c.body ->> 'weight')::numeric), min((c.body ->> 'lag')::integer)
    from jsonb_each(save_children.compiled -> 'children') as c (alias, body)
    group by 3
    order by 3
    on conflict on constraint relationships_are_known_once do update
    set relationship_type = excluded.relationship_type, weight = excluded.weight, lag_periods = excluded.lag_periods
    where (r.relationship_type, r.weight, r.lag_periods)
        is distinct from (excluded.relationship_type, excluded.weight, excluded.lag_periods);
end
$save_children$;

comment on function yardstick_engine.save_children(uuid, uuid, jsonb) is
'Brings the derives_from relationships of a metric in line with what it is made of, as compile returns it.';
