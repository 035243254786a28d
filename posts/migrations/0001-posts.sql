create table post (
  post_id uuid primary key default uuidv7(),
  creator_id bigint not null,
  text_content text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- No language is assumed: words are found as they are written.
  search tsvector not null generated always as (to_tsvector('simple', text_content)) stored
);

create index post_search on post using gin (search);
create index post_of_creator on post (creator_id, post_id desc);

-- What posts knows of the people who write, from the events of auth and users.
create table author (
  user_id bigint primary key,
  username text,
  first_name text,
  last_name text
);
