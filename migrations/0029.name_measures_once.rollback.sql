-- What waits is given its list again.
-- depends: 0028.lighten_snapshots
set local role yardstick_owner;

comment on column yardstick.metric_dirty.measure_ids is
'Measures whose states changed; null at stage source: all of the source and key.';

set local role yardstick_engine_role;
update yardstick.metric_dirty as d
set measure_ids = array(select m.id from yardstick.metric_measures as m where m.source_id = d.source_id order by m.id)
where d.stage <> 'source' and d.measure_ids is null;
