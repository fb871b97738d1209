-- The key gets its former order.
-- depends: 0029.name_measures_once
set local role yardstick_owner;

alter table yardstick.metric_partials drop constraint metric_partials_pkey, add constraint metric_partials_pkey primary key (
    period_type, series_id, period_start, organization_id
);
