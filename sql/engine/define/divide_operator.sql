-- Found before the server's own / where filters, values and formulas are looked at, and written out in their stored text.
do $divide_operator$
begin
    if to_regoperator('yardstick_engine./(numeric,numeric)') is null then
        create operator yardstick_engine./ (
            function = yardstick_engine.divide,
            leftarg = numeric,
            rightarg = numeric
        );
    end if;
    comment on operator yardstick_engine./ (numeric, numeric) is 'Quotient of two numbers; null when the divisor is 0.';
end
$divide_operator$;
