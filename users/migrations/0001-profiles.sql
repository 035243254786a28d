-- What users knows of auth's accounts, from its events.
create table account (
  user_id bigint primary key,
  username text not null
);

create table profile (
  user_id bigint primary key references account on delete cascade,
  first_name text not null,
  last_name text not null,
  gender text not null,
  birthday date not null,
  bio text not null default '',
  followers integer not null default 0,
  following integer not null default 0,
  created_at timestamptz not null default now(),
  constraint profile_gender_known check (gender in ('male', 'female', 'other')),
  constraint profile_counters_positive check (followers >= 0 and following >= 0)
);
