-- One pass over the chain in its order: each row is hashed anew and held against the one before.
-- Definer, with the engine's rights: it reads the chain it is told, which the caller has checked.
create or replace function yardstick_engine.verify_chain(
    organization_id      uuid,
    expected_sequence_no bigint default null,
    expected_hash        bytea default null
)
returns table (
    sequence_no bigint,
    problem     text,
    detail      text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $verify_chain$
    with

    -- Each row is written out once (the first offset 0) and only its hashes and times are carried on (the second).
    hashed as (

        select
            a.sequence_no,
            a.occurred_at,
            a.recorded_at,
            a.previous_hash,
            a.row_hash,
            yardstick.audit_hash(
                a.previous_hash, a.organization_id, a.sequence_no, a.occurred_at, a.recorded_at, a.transaction_id, a.login_name,
                a.user_id, a.action, a.subject, a.subject_id, a.old_text, a.new_text, a.reason
            ) as real_hash
        from (
            select
                l.*,
                l.old_row::text as old_text,
                l.new_row::text as new_text
            from yardstick.audit_log as l
            where l.organization_id = verify_chain.organization_id
            offset 0
        ) as a
        offset 0

    ),

    chained as (

        select
            hashed.*,
            lag(hashed.sequence_no, 1, 0::bigint) over w as last_no,
            lag(hashed.row_hash, 1, decode(repeat('00', 32), 'hex')) over w as last_hash,
            lag(hashed.recorded_at) over w as last_recorded_at
        from hashed
        window w as (order by hashed.sequence_no)

    ),

    newest as (

        select hashed.sequence_no, hashed.row_hash
        from yardstick.audit_log as hashed
        where hashed.organization_id = verify_chain.organization_id
        order by hashed.sequence_no desc
        limit 1

    ),

    head as (

        select h.sequence_no, h.row_hash
        from yardstick.audit_heads as h
        where h.organization_id = verify_chain.organization_id

    ),

    problems as (

        select
            c.sequence_no,
            p.problem,
            p.detail
        from chained as c
        cross join lateral (
            values
            (
                c.real_hash is distinct from c.row_hash, 'changed',
                'its hash is another one: a column was changed, or the row was put in by hand'
            ),
            (
                c.sequence_no <> c.last_no + 1, 'missing',
                format('%s rows are missing before it, from %s on', c.sequence_no - c.last_no - 1, c.last_no + 1)
            ),
            (
                c.sequence_no = c.last_no + 1 and c.previous_hash is distinct from c.last_hash, 'unchained',
                'it does not follow on the row before: one of the two was put in or written anew'
            ),
            (
                c.recorded_at < c.last_recorded_at - interval '1 minute' or c.occurred_at > c.recorded_at + interval '1 minute',
                'out of time',
                format(
                    'done at %s and recorded at %s, after a row of %s: it was back-dated, or the clock of the server was set back',
                    c.occurred_at, c.recorded_at, coalesce(c.last_recorded_at::text, 'nothing')
                )
            )
        ) as p (is_so, problem, detail)
        where p.is_so

        union all

        select
            coalesce(newest.sequence_no, head.sequence_no),
            'head',
            case
                when head.sequence_no is null then 'audit_heads has no row of this chain: it was removed'
                when coalesce(newest.sequence_no, 0) < head.sequence_no
                    then format('the chain ends here and its head says %s: the rows after it were removed', head.sequence_no)
                else 'its newest row is not the one its head names: one of the two was written by hand'
            end
        from newest
        full join head on true
        where
            (newest.sequence_no, newest.row_hash) is distinct from (head.sequence_no, head.row_hash)
            and not (newest.sequence_no is null and head.sequence_no = 0)

        union all

        select
            verify_chain.expected_sequence_no,
            'expected head',
            case
                when a.row_hash is null then 'there is no such row any more: the chain was cut after this head was exported'
                else 'it has another hash than the exported one: the chain was written anew after that'
            end
        from (values (1)) as once (one)
        left join yardstick.audit_log as a
            on a.organization_id = verify_chain.organization_id and a.sequence_no = verify_chain.expected_sequence_no
        where
            verify_chain.expected_sequence_no > 0
            and (a.row_hash is null or a.row_hash is distinct from coalesce(verify_chain.expected_hash, a.row_hash))

    )

    select
        problems.sequence_no,
        problems.problem,
        problems.detail
    from problems
    order by problems.sequence_no, problems.problem
$verify_chain$;

comment on function yardstick_engine.verify_chain(uuid, bigint, bytea) is
'What is wrong with the audit chain of an organization, or of the platform (nil uuid); no row: it is whole.';

grant execute on function yardstick_engine.verify_chain(uuid, bigint, bytea) to yardstick_owner;
