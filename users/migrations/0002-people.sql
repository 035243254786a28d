create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- Postgres calls unaccent stable, because its dictionary could be replaced; here nobody does. With both names in full it
-- means the same whatever the search path is.
create function folded(text) returns text
language sql immutable strict parallel safe
return lower(public.unaccent('public.unaccent'::regdictionary, $1));

alter table account
  add column is_disabled boolean not null default false;

-- The name and the state of the account stand in the profile too: lists and the search read one table.
alter table profile
  add column username text not null default '',
  add column is_disabled boolean not null default false,
  add column hidden_at timestamptz,
  add column updated_at timestamptz not null default now();

update profile
set username = account.username
from account
where account.user_id = profile.user_id;

alter table profile
  add column search text not null
  generated always as (folded(username || ' ' || first_name || ' ' || last_name)) stored;

-- Every follow counts in two profiles: with room in its page, a new version of a row leaves all indexes alone.
alter table profile set (fillfactor = 70);

create index profile_search on profile using gin (search gin_trgm_ops);

-- Half of a word is enough to be found by, with a letter wrong.
create function people_like(query text) returns table (user_id bigint, score real)
language sql stable parallel safe
set pg_trgm.word_similarity_threshold = 0.4
begin atomic
  select profile.user_id, word_similarity(folded(query), profile.search)
  from profile
  where folded(query) <% profile.search
    and profile.hidden_at is null
    and not profile.is_disabled;
end;

create table follow (
  follower_id bigint not null references profile on delete cascade,
  followed_id bigint not null references profile on delete cascade,
  -- Lists are paged by it: two follows of one moment have an order too.
  position bigint not null generated always as identity,
  created_at timestamptz not null default now(),
  primary key (follower_id, followed_id),
  constraint follow_not_oneself check (follower_id <> followed_id)
);

create index follow_by_followed on follow (followed_id, position desc);
create index follow_by_follower on follow (follower_id, position desc);

-- The sets of objects that may be in the blob store. A row is there before its objects and goes after them, so whatever is
-- killed in between is found again. It outlives the profile, for the same reason.
create table avatar (
  user_id bigint not null,
  -- Of the uploaded image's content; part of the keys of its objects.
  hash text not null,
  is_current boolean not null default false,
  created_at timestamptz not null default now(),
  primary key (user_id, hash)
);

create unique index avatar_current on avatar (user_id) where is_current;
create index avatar_to_remove on avatar (created_at) where not is_current;
