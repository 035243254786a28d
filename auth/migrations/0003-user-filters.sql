-- The filters of the list of users: few have a role, and few are disabled.
create index account_roles on account using gin (roles);
create index account_disabled on account (user_id) where status = 'disabled';
