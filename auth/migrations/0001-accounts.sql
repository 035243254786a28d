create table account (
  user_id bigint generated always as identity primary key,
  username text not null,
  user_email text not null,
  email_verified_at timestamptz,
  password_hash text not null,
  roles text[] not null default '{}',
  status text not null default 'active',
  created_at timestamptz not null default now(),
  constraint account_status_known check (status in ('active', 'disabled'))
);

create unique index account_username_taken on account (lower(username));
create unique index account_email_taken on account (lower(user_email));

create table session (
  session_id uuid primary key default uuidv7(),
  user_id bigint not null references account on delete cascade,
  secret bytea not null,
  counter bigint not null default 0,
  device text not null,
  ip text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now()
);

create index session_of_user on session (user_id, last_used_at);

create table signing_key (
  key_id text primary key,
  status text not null,
  public_jwk jsonb not null,
  private_sealed bytea not null,
  created_at timestamptz not null default now(),
  constraint signing_key_status_known check (status in ('next', 'current', 'retired'))
);

-- Two processes that start at once may both offer a first key; one of them is kept.
create unique index signing_key_one_current on signing_key (status) where status = 'current';
