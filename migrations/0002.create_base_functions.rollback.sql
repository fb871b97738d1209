-- Nothing leans on them any more once the tables are gone.
-- depends: 0001.open_rooms
set local role yardstick_owner;
drop function yardstick.current_organization();
drop function yardstick.next_id();
