create or replace function yardstick_engine.snapshot_fingerprint(
    metric_id         uuid,
    aggregation_level text,
    aggregation_id    uuid,
    snapshot_date     date,
    metric_value      numeric
)
returns bigint
language sql
immutable
parallel safe
return hash_record_extended(
    row(
        snapshot_fingerprint.metric_id, snapshot_fingerprint.aggregation_level, snapshot_fingerprint.aggregation_id,
        snapshot_fingerprint.snapshot_date, snapshot_fingerprint.metric_value
    ),
    0
);

comment on function yardstick_engine.snapshot_fingerprint(uuid, text, uuid, date, numeric) is
'Fingerprint of one value of one scope and date; those of a set are put together with bit_xor.';
