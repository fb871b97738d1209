-- Does what define_metric does and takes it back, so that both say the same.
create or replace function yardstick_engine.try_definition(definition jsonb, organization_id uuid)
returns jsonb
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $try_definition$
declare
    given         constant jsonb := jsonb_strip_nulls(definition);
    trial         jsonb;
    error_state   text;
    error_text    text;
    error_check   text;
begin
    begin
        perform yardstick_engine.require_definition(definition, try_definition.organization_id);
        trial := yardstick_engine.compile(given, try_definition.organization_id);
        perform yardstick_engine.require_no_cycle(given ->> 'metric_name', try_definition.organization_id, trial -> 'compiled');
        if trial #> '{compiled,measures}' is not null then
            trial := trial || jsonb_build_object('measures', yardstick_engine.trial_bodies(trial -> 'compiled'));
        end if;
        -- Whatever was made is undone; the variable keeps what was read.
        -- A code that ends in 000 would catch its whole class.
        raise exception using errcode = 'YSEND', message = 'the trial is done';
    exception
        when sqlstate 'YSEND' then
            null;
        when others then
            get stacked diagnostics error_state = returned_sqlstate, error_text = message_text, error_check = constraint_name;
            return jsonb_build_object('code', error_state, 'problem', error_text, 'check', nullif(error_check, ''));
    end;
    return trial;
end
$try_definition$;

comment on function yardstick_engine.try_definition(jsonb, uuid) is
'What defining a metric would give, all of it taken back: {source_id, compiled, measures}; or why it is refused: {code, problem, check}.';
