-- Makes ids from the key again: the table is written anew, and every value gets the id that its key gives.
-- depends: 0026.estimate_measures
set local role yardstick_owner;

alter table yardstick.metric_calculations drop column id;
alter table yardstick.metric_calculations add column id uuid generated always as (
    md5(
        organization_id::text || metric_id::text || aggregation_level || aggregation_id::text || time_window
        || extract(epoch from (period_end at time zone 'UTC'))::text || '/'
        || extract(epoch from (period_start at time zone 'UTC'))::text
    )::uuid
) stored;
comment on column yardstick.metric_calculations.id is
'Identifier made from the key, the same each time the same value is calculated; not indexed.';
