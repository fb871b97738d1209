begin;
select plan(3);
select ok(
    to_regclass(format('yardstick.%s_%s', p.parent, extract(year from now())::integer + 1)) is not null,
    format('is called by a deploy: %s has the partition of the next year', p.parent)
)
from unnest(array['metric_calculations', 'analytics_metrics']) as p (parent);
select is(yardstick.ensure_coming_partitions(current_date), 0, 'makes nothing twice');
select * from finish();
rollback;
