-- Few at any time, so a list of everybody leaves them out without asking about every post.
create index author_disabled on author (user_id) where is_disabled;

-- Which post an Idempotency-Key has written: the digests of the key and of its text, for a day.
create table post_key (
  creator_id bigint not null,
  key_digest text not null,
  text_digest text not null,
  post_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (creator_id, key_digest)
);

create index post_key_by_age on post_key (created_at);

-- The code before 0002 wrote posts beside it and told the index nothing. What the tables of the index lack is brought
-- again; bringing what another index has already changes nothing.
insert into search_stale (post_id, creator_id)
select post_id, creator_id
from post
where not exists (
  select 1
  from search_document
  join search_generation using (generation)
  where is_live and search_document.post_id = post.post_id and search_document.revision = post.revision
)
union
select post_id, creator_id
from search_document
where not exists (
  select 1
  from post
  where post.post_id = search_document.post_id
);
