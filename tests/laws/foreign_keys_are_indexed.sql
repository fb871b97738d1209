begin;
set local search_path = pg_catalog, public;
select plan(2);

prepare unindexed as
select k.conrelid::regclass, k.conname
from pg_constraint as k
where
    k.contype = 'f' and k.connamespace = 'yardstick'::regnamespace and k.conparentid = 0
    and not exists (
        select from pg_index as x
        where
            x.indrelid = k.conrelid and x.indisvalid and x.indpred is null
            and (string_to_array(x.indkey::text, ' ')::int2[])[1:cardinality(k.conkey)] @> k.conkey
    );

select is_empty('unindexed', 'every foreign key has an index');

drop index yardstick.metric_targets_metric_id_idx;
select isnt_empty('unindexed', 'notices a foreign key without an index');

select * from finish();
rollback;
