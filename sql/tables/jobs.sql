grant select, insert, update, delete on yardstick.jobs to yardstick_engine_role;

-- Few jobs, each minute, hour or day: what is due stands in our own tables, so a missed run is made up by the next.
-- is_active is the DBA's.
insert into yardstick.jobs as j (job_name, schedule, command, description)
values
('calculate', '* * * * *', 'call yardstick_engine.run_job(''calculate'')', 'Calculates what is new, late or due.'),
('alerts', '* * * * *', 'call yardstick_engine.run_job(''alerts'')', 'Judges the newest values of every series an alert watches.'),
('snapshots', '7 * * * *', 'call yardstick_engine.run_job(''snapshots'')', 'Takes the snapshots of periods that have ended.'),
('retention', '23 2 * * *', 'call yardstick_engine.run_job(''retention'')', 'Removes what retention_days lets go and no legal hold keeps.'),
('maintenance', '37 * * * *', 'call yardstick_engine.run_job(''maintenance'')', 'Drops old job runs, makes partitions, gathers statistics.')
on conflict (job_name) do update
set schedule = excluded.schedule, command = excluded.command, description = excluded.description
where (j.schedule, j.command, j.description) is distinct from (excluded.schedule, excluded.command, excluded.description);
