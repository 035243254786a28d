alter table account
  add column password_changed_at timestamptz not null default now();

-- Since when the counter is what it is: the moment of the last rotation, or of the sign-in.
alter table session
  add column rotated_at timestamptz not null default now();

-- Sessions that have ended while access tokens of theirs may still be alive. Every auth process holds this set in memory.
create table revocation (
  session_id uuid primary key,
  expires_at timestamptz not null
);

create index revocation_expiry on revocation (expires_at);

-- What was mailed, by its hash: whoever reads this table cannot use it.
create table mail_token (
  token_hash bytea primary key,
  user_id bigint not null references account on delete cascade,
  purpose text not null,
  -- The address that it was mailed to: a token proves only that one.
  user_email text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint mail_token_purpose_known
    check (purpose in ('email_verification', 'email_change', 'password_reset'))
);

create index mail_token_of_user on mail_token (user_id, purpose);
create index mail_token_expiry on mail_token (expires_at);

create table audit (
  audit_id uuid primary key default uuidv7(),
  at timestamptz not null default now(),
  -- Who did it; null for nobody signed in, and for the service itself.
  actor_id bigint,
  -- Whom it happened to. No reference: the entries outlive the account.
  user_id bigint,
  action text not null,
  ip text,
  device text,
  request_id text,
  detail jsonb not null default '{}'
);

create index audit_of_user on audit (user_id, audit_id desc);
create index audit_of_action on audit (action, audit_id desc);

-- Append-only, also for whoever gets hold of the service.
revoke update, delete, truncate on audit from auth_app;

alter table signing_key
  add column retired_at timestamptz;

create unique index signing_key_one_next on signing_key (status) where status = 'next';

create extension pg_trgm;
create index account_search on account using gin ((lower(username) || ' ' || lower(user_email)) gin_trgm_ops);
