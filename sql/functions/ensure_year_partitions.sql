-- Definer, as the owner: whoever writes facts needs partitions but must not own tables.
-- A partition is made beside its parent and attached when it is complete: an attach waits for no reader.
create or replace function yardstick.ensure_year_partitions(parent text, from_date date, to_date date)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
as $ensure_year_partitions$
declare
    parent_name    text := replace(ensure_year_partitions.parent, 'yardstick.', '');
    -- The year of a first row may have begun in 1989, and that of a last one ends in the year after.
    spare_years    constant integer := (parent_name = 'metric_calculations')::integer;
    is_instant     boolean;
    partition_name text;
    lower_bound    text;
    upper_bound    text;
    made           integer := 0;
begin
    if parent_name = 'metric_partials' then
        parent_name := 'metric_partials_day';
    end if;

    select a.atttypid = 'timestamptz'::regtype into is_instant
    from pg_partitioned_table as p
    inner join pg_class as c on p.partrelid = c.oid
    inner join pg_attribute as a on c.oid = a.attrelid and a.attnum = p.partattrs[0]
    where c.relnamespace = 'yardstick'::regnamespace and c.relname = parent_name and p.partstrat = 'r';
    if not found then
        raise exception using errcode = 'YS003',
            message = format('%s is not partitioned by year: name one of the tables that are', parent);
    end if;
    if from_date is null or to_date is null or from_date > to_date
        or from_date < make_date(1990 - spare_years, 1, 1)
        or to_date >= make_date(extract(year from now())::int + 6 + spare_years, 1, 1) then
        raise exception using errcode = 'YS006',
            message = format(
                '%s to %s is no range of dates between 1990 and %s: correct the dates, or leave these rows out',
                from_date, to_date, extract(year from now())::int + 5
            );
    end if;

    -- Local midnights of a year's first and last days are instants of the neighbouring years.
    for year_number in
        extract(year from from_date - is_instant::int)::int .. extract(year from to_date + 2 * is_instant::int)::int
    loop
        partition_name := format('%s_%s', parent_name, year_number);
        if to_regclass(format('yardstick.%I', partition_name)) is not null then
            continue;
        end if;

        -- Two callers may miss the same year: the second one finds it made. It asks the table, since a lookup by name
        -- would remember from before the wait that there is none.
        perform pg_advisory_xact_lock(hashtextextended('yardstick.ensure_year_partitions', 0));
        if exists (
            select
            from pg_class as c
            where c.relnamespace = 'yardstick'::regnamespace and c.relname = partition_name
        ) then
            continue;
        end if;

        lower_bound := format('%s-01-01%s', year_number, case when is_instant then ' 00:00:00+00' end);
        upper_bound := format('%s-01-01%s', year_number + 1, case when is_instant then ' 00:00:00+00' end);
        execute format(
            'create table yardstick.%I (like yardstick.%I including defaults including constraints including generated '
            'including storage) with (fillfactor = %s)',
            partition_name, parent_name, case when parent_name = 'analytics_metrics' then 100 else 90 end
        );
        execute format('alter table yardstick.%I enable row level security', partition_name);
        execute format('alter table yardstick.%I force row level security', partition_name);
        execute format(
            'alter table yardstick.%I attach partition yardstick.%I for values from (%L) to (%L)',
            parent_name, partition_name, lower_bound, upper_bound
        );
        made := made + 1;
    end loop;
    return made;
end
$ensure_year_partitions$;

comment on function yardstick.ensure_year_partitions(text, date, date) is
'Makes the yearly partitions of a fact table that rows dated in the range need, and returns how many it made.';

grant execute on function yardstick.ensure_year_partitions(text, date, date) to yardstick_engine_role;
