-- Takes what calculating has cost away; nothing is calculated from it.
-- depends: 0019.keep_revisions
set local role yardstick_owner;
drop table yardstick.metric_costs;
drop table yardstick.calculation_costs;
