-- Definer, with the engine's rights: it reads the sources, whose rows the asker may not see and does not get to see.
-- Bounded in time, so that a large source is not read whole whenever somebody looks at health.
create or replace function yardstick_ops.unmatched_rows(since timestamptz)
returns table (
    source_name text,
    problem     text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
set lock_timeout = '2s'
as $unmatched_rows$
declare
    source        yardstick.metric_sources;
    unknown_count bigint;
    example       text;
    odd_count     bigint;
begin
    for source in
        select s.*
        from yardstick.metric_sources as s
        where s.is_active
        order by s.source_name
    loop
        source_name := source.source_name;
        begin
            unknown_count := 0;
            if source.organization_column is not null then
                execute format(
                    'select count(*), min(r.%1$I::text) from %2$s as r'
                    ' left join (select o.id::text as k from yardstick.organizations as o'
                    ' union select o.external_id from yardstick.organizations as o) as known on known.k = r.%1$I::text'
                    ' where r.%3$I >= $1 and known.k is null',
                    source.organization_column, source.relation, source.time_column
                )
                into unknown_count, example
                using since;
            end if;
            execute format(
                'select count(*) from %1$s as r where r.%2$I < date ''1990-01-01'' or r.%2$I >= $1',
                source.relation, source.time_column
            )
            into odd_count
            using make_date(extract(year from now())::integer + 6, 1, 1);
            if unknown_count > 0 then
                problem := format('%s rows of an unknown organization (such as %s) since %s', unknown_count, coalesce(example, 'null'), since::date);
                return next;
            end if;
            if odd_count > 0 then
                problem := format('%s rows before 1990 or more than five years ahead', odd_count);
                return next;
            end if;
        exception when others then
            problem := format('cannot be read: %s', sqlerrm);
            return next;
        end;
    end loop;
end
$unmatched_rows$;

comment on function yardstick_ops.unmatched_rows(timestamptz) is
'Sources with rows that no metric counts: of an unknown organization since a time, or of an impossible time; or that cannot be read at all.';

grant execute on function yardstick_ops.unmatched_rows(timestamptz) to yardstick_dba, yardstick_worker;
