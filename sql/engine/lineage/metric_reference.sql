create or replace function yardstick_engine.metric_reference()
returns jsonpath
language sql
immutable
parallel safe
return 'lax $.** ? (
    @.metric == $name || @.metrics == $name || @.metric_name == $name || @.metric_names == $name
    || @.metric == $id || @.metrics == $id || @.metric_id == $id || @.metric_ids == $id
)'::jsonpath;

comment on function yardstick_engine.metric_reference() is
'Where configurations of widgets and reports name the metric {id, name}.';
