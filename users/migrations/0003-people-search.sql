-- The previous code, still running, completes a profile without the copies of the account's name and state, and renames an
-- account without its profile.
create function copy_account_to_profile() returns trigger
language plpgsql
as $$
begin
  select account.username, account.is_disabled
  into new.username, new.is_disabled
  from account
  where account.user_id = new.user_id;
  return new;
end
$$;

create trigger profile_copies_account
before insert on profile
for each row
when (new.username = '')
execute function copy_account_to_profile();

create function rename_profile() returns trigger
language plpgsql
as $$
begin
  update profile
  set username = new.username
  where user_id = new.user_id and username <> new.username;
  return null;
end
$$;

create trigger account_renames_profile
after update of username on account
for each row
when (new.username <> old.username)
execute function rename_profile();

update profile
set username = account.username, is_disabled = account.is_disabled
from account
where account.user_id = profile.user_id
  and (profile.username, profile.is_disabled) <> (account.username, account.is_disabled);

-- Who is hidden is in no index, or many of them would be read for each one that is shown.
drop index profile_search;

create index profile_search on profile using gin (search gin_trgm_ops)
-- A search reads all that waits to be merged: half a megabyte at most, instead of four.
with (gin_pending_list_limit = 512)
where hidden_at is null and not is_disabled;

create index profile_shown on profile (user_id)
where hidden_at is null and not is_disabled;

create index profile_by_username on profile (folded(username) collate "C", user_id)
where hidden_at is null and not is_disabled;

create index profile_by_first_name on profile (folded(first_name || ' ' || last_name) collate "C", user_id)
where hidden_at is null and not is_disabled;

create index profile_by_last_name on profile (folded(last_name || ' ' || first_name) collate "C", user_id)
where hidden_at is null and not is_disabled;

-- Candidates of a search, at most so many of each kind. Both are functions for their settings: whatever the planner expects,
-- they start from an index and stop at the limit. U+10FFFF comes after everything that a text goes on with.

-- Whose username, first name or last name begins like this, whole words first.
create function people_beginning(query text, most integer)
returns table (user_id bigint, username text, search text)
language sql stable strict
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
begin atomic
  (
    select profile.user_id, profile.username, profile.search
    from profile
    where folded(profile.username) collate "C" >= folded(query)
      and folded(profile.username) collate "C" < folded(query) || chr(1114111)
      and profile.hidden_at is null
      and not profile.is_disabled
    order by folded(profile.username) collate "C", profile.user_id
    limit most
  )
  union all
  (
    select profile.user_id, profile.username, profile.search
    from profile
    where folded(profile.first_name || ' ' || profile.last_name) collate "C" >= folded(query)
      and folded(profile.first_name || ' ' || profile.last_name) collate "C" < folded(query) || chr(1114111)
      and profile.hidden_at is null
      and not profile.is_disabled
    order by folded(profile.first_name || ' ' || profile.last_name) collate "C", profile.user_id
    limit most
  )
  union all
  (
    select profile.user_id, profile.username, profile.search
    from profile
    where folded(profile.last_name || ' ' || profile.first_name) collate "C" >= folded(query)
      and folded(profile.last_name || ' ' || profile.first_name) collate "C" < folded(query) || chr(1114111)
      and profile.hidden_at is null
      and not profile.is_disabled
    order by folded(profile.last_name || ' ' || profile.first_name) collate "C", profile.user_id
    limit most
  );
end;

-- Half of a word is enough to be found by, with a letter wrong.
create function people_alike(query text, most integer)
returns table (user_id bigint, username text, search text)
language sql stable strict
set pg_trgm.word_similarity_threshold = 0.4
set enable_seqscan = off
begin atomic
  select profile.user_id, profile.username, profile.search
  from profile
  where folded(query) <% profile.search
    and profile.hidden_at is null
    and not profile.is_disabled
  limit most;
end;

-- Nothing reads it, and no code has ever named it. profile.updated_at and people_like go later: the previous code uses them.
alter table follow drop column created_at;
