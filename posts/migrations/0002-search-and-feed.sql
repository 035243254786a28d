-- Counts the edits; an If-Match names it.
alter table post
  add column revision integer not null default 1;

-- The search has tables of its own, which can be built anew beside the ones in use.
drop index post_search;
alter table post
  drop column search;

-- Whose card, and whether it is shown. The row of an erased account stays without anything personal in it, so that what
-- arrives late about it is recognised.
alter table author
  add column avatar_url text,
  add column is_hidden boolean not null default false,
  add column is_disabled boolean not null default false,
  add column is_deleted boolean not null default false;

-- Who follows whom, from users' events.
create table follow (
  follower_id bigint not null,
  followed_id bigint not null,
  primary key (follower_id, followed_id)
);

create index follow_by_followed on follow (followed_id);

-- Posts that the index may show otherwise than they are. Written in the transaction of the change and deleted once the
-- index has caught up, so nothing is lost, whatever is killed or away.
create table search_stale (
  position bigint primary key generated always as identity,
  post_id uuid not null,
  creator_id bigint not null
);

create index search_stale_of_creator on search_stale (creator_id);

insert into search_stale (post_id, creator_id)
select post_id, creator_id
from post
order by post_id;

-- Searches read the live generation; writes go to all of them.
create table search_generation (
  generation integer primary key generated always as identity,
  is_live boolean not null default false
);

create unique index search_generation_live on search_generation (is_live) where is_live;

insert into search_generation (is_live)
values (true);

create table search_document (
  generation integer not null references search_generation on delete cascade,
  post_id uuid not null,
  creator_id bigint not null,
  created_at timestamptz not null,
  revision integer not null,
  words tsvector not null,
  primary key (generation, post_id)
);

create index search_document_words on search_document using gin (words);
create index search_document_of_creator on search_document (creator_id, post_id desc);
