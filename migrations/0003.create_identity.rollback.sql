-- Takes organizations, departments, teams, users, roles, role_members away with all rows:
-- restore them from a backup if they were wanted.
-- depends: 0002.create_base_functions
set local role yardstick_owner;
drop table yardstick.role_members;
drop table yardstick.roles;
drop table yardstick.users;
drop table yardstick.teams;
drop table yardstick.departments;
drop table yardstick.organizations;
