create or replace view yardstick_ops.drift as
with

files as (

    select
        path,
        object_names,
        live_sha256,
        loaded_at,
        case when split_part(path, '/', 2) in ('functions', 'tables') then 'yardstick'
            else 'yardstick_' || split_part(path, '/', 2)
        end as room,
        regexp_replace(path, '^.*/(.*)\.sql$', '\1') as name,
        path like 'sql/tables/%' as is_table
    from yardstick.code_files

),

objects as (

    select room, name, kind, identity, state, kind = 'table' as is_table
    from yardstick_ops.live_objects()

),

hashed as (

    select
        files.path,
        encode(sha256(convert_to(string_agg(
            objects.kind || ' ' || objects.identity || e'\n' || objects.state, e'\n'
            order by (objects.kind || ' ' || objects.identity || e'\n' || objects.state) collate "C"
        ), 'UTF8')), 'hex') as live_sha256
    from files
    inner join objects
        on objects.room = files.room and objects.name = files.name and objects.is_table = files.is_table
    group by files.path

)

select
    files.path,
    array_to_string(files.object_names, ', ') as object_name,
    case when hashed.path is null then 'missing' else 'changed by hand' end as drift,
    files.loaded_at
from files
left join hashed on hashed.path = files.path
where hashed.live_sha256 is distinct from files.live_sha256 and (hashed.path is not null or files.object_names <> '{}')

union all

select
    null as path,
    objects.identity as object_name,
    'in no file' as drift,
    null as loaded_at
from objects
where
    objects.room <> 'yardstick'
    and not exists (
        select
        from files
        where files.room = objects.room and files.name = objects.name and files.is_table = objects.is_table
    );

comment on view yardstick_ops.drift is
'One row per object that is no longer what the last deploy left; what files not yet deployed would change, yardstick status says.';
comment on column yardstick_ops.drift.path is 'File the object was loaded from; null: there is none.';
comment on column yardstick_ops.drift.object_name is 'The object, or the objects of the file.';
comment on column yardstick_ops.drift.drift is 'changed by hand, missing, or in no file.';
comment on column yardstick_ops.drift.loaded_at is 'When the file was last loaded; null: there is none.';

grant select on yardstick_ops.drift to yardstick_dba, yardstick_worker;
