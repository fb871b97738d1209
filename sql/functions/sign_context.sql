-- What use_organization() leaves in the setting yardstick.context: who, for whom, and an HMAC-SHA256 over both, the login,
-- the backend and the transaction. So it is worth nothing to the next client of a pooled connection, nor when set by hand.
create or replace function yardstick.sign_context(organization text, person text)
returns text
language sql
stable
parallel restricted
set search_path = pg_catalog, pg_temp
as $sign_context$
    select
        sign_context.organization || '/' || sign_context.person || '/'
        || encode(
            sha256(k.outer_key || sha256(k.inner_key || convert_to(
                concat_ws(
                    '/', sign_context.organization, sign_context.person, pg_backend_pid()::text,
                    extract(epoch from transaction_timestamp())::text, session_user::text
                ),
                'UTF8'
            ))),
            'hex'
        )
    from yardstick.context_keys as k
$sign_context$;

comment on function yardstick.sign_context(text, text) is
'The only value of the setting yardstick.context that counts for this organization and person in this transaction.';
