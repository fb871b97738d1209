-- A set is compared by how many there are and by these put together with bit_xor: a hash join of the rows costs three times as much.
create or replace function yardstick_engine.value_fingerprint(
    metric_id         uuid,
    aggregation_level text,
    aggregation_id    uuid,
    metric_value      numeric
)
returns bigint
language sql
immutable
parallel safe
return coalesce(
    hash_numeric_extended(
        value_fingerprint.metric_value,
        uuid_hash_extended(
            value_fingerprint.metric_id,
            uuid_hash_extended(value_fingerprint.aggregation_id, hashtextextended(value_fingerprint.aggregation_level, 0))
        )
    ),
    -- No value: the key alone, the other way round.
    uuid_hash_extended(
        value_fingerprint.aggregation_id,
        uuid_hash_extended(value_fingerprint.metric_id, hashtextextended(value_fingerprint.aggregation_level, 1))
    )
);

comment on function yardstick_engine.value_fingerprint(uuid, text, uuid, numeric) is
'Fingerprint of one value of one scope, as cheap as can be; no value has one too.';
