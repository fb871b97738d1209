-- Nothing of it is in the statement as long as retention has removed nothing of these metrics, which is nearly always.
create or replace function yardstick_engine.kept_text(metric_ids uuid[], period_type integer)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $kept_text$
    select case
        when exists (select from yardstick.retention_marks as r where r.metric_id = any(kept_text.metric_ids))
            then format(
                $text$
        inner join metric as m on m.metric_no = j.metric_no
        inner join period_bounds as p on p.period_no = j.period_no
        where not exists (
            select from yardstick.retention_marks as r
            where r.organization_id = s.organization_id and r.metric_id = m.metric_id and p.next_start <= r.%I
        )$text$,
                case when kept_text.period_type <= 2 then 'days_kept_from' else 'kept_from' end
            )
        else ''
    end
$kept_text$;

comment on function yardstick_engine.kept_text(uuid[], integer) is
'Text of the joins and the condition that leave out periods which retention has removed; empty when it has removed none of the given metrics.';
