-- As value_fingerprint, begun from the date; hashed as a row it costs three times as much.
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
return coalesce(
    hash_numeric_extended(
        snapshot_fingerprint.metric_value,
        uuid_hash_extended(
            snapshot_fingerprint.metric_id,
            uuid_hash_extended(
                snapshot_fingerprint.aggregation_id,
                hashtextextended(snapshot_fingerprint.aggregation_level, (snapshot_fingerprint.snapshot_date - date '1900-01-01')::bigint)
            )
        )
    ),
    -- No value: the key alone, the other way round.
    uuid_hash_extended(
        snapshot_fingerprint.aggregation_id,
        uuid_hash_extended(
            snapshot_fingerprint.metric_id,
            hashtextextended(snapshot_fingerprint.aggregation_level, (snapshot_fingerprint.snapshot_date - date '1900-01-01')::bigint)
        )
    )
);

comment on function yardstick_engine.snapshot_fingerprint(uuid, text, uuid, date, numeric) is
'Fingerprint of one value of one scope and date; those of a set are put together with bit_xor.';
