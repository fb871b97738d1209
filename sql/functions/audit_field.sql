create or replace function yardstick.audit_field(value text)
returns bytea
language sql
stable
parallel safe
return case
    when audit_field.value is null then '-'::bytea
    else
        convert_to(octet_length(convert_to(audit_field.value, 'UTF8')) || ':', 'UTF8')
        || convert_to(audit_field.value, 'UTF8')
        || ','::bytea
end;

comment on function yardstick.audit_field(text) is
'A text as the hash of the audit takes it, in UTF-8: its length in bytes, a colon, the text, a comma; null: a hyphen.';

grant execute on function yardstick.audit_field(text) to yardstick_engine_role;
