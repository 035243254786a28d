create table outbox (
  position bigint generated always as identity primary key,
  event_id uuid not null default uuidv7(),
  type text not null,
  key text not null,
  occurred_at timestamptz not null default clock_timestamp(),
  request_id text,
  -- json, not jsonb: it is only stored and handed on, and it takes every string that JSON can hold.
  payload json not null,
  published_at timestamptz
)
with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

create index outbox_unpublished on outbox (position) where published_at is null;

-- Transactions that notify commit one after the other in the whole server, which halves the rate of concurrent writers.
-- So the relay is notified only while it sleeps. It sleeps with lock (7262, 2) held alone, every writer tries to share
-- it until its commit: either the writer sees the relay asleep and wakes it, or the relay cannot fall asleep before that
-- writer has committed, and finds the row.
create function wake_relay() returns trigger
language plpgsql
as $$
begin
  if not pg_try_advisory_xact_lock_shared(7262, 2) then
    perform pg_notify('outbox', '');
  end if;
  return null;
end
$$;

create trigger outbox_wakes_relay
after insert on outbox
for each statement
execute function wake_relay();

-- One row for each event that a consumer is done with: applied, or put among the dead letters.
create table inbox (
  consumer text not null,
  event_id uuid not null,
  settled_at timestamptz not null default now(),
  primary key (consumer, event_id)
);

create table dead_letter (
  consumer text not null,
  event_id uuid not null,
  type text not null,
  key text not null,
  occurred_at timestamptz not null,
  request_id text,
  payload json not null,
  error text not null,
  attempts integer not null,
  died_at timestamptz not null default now(),
  primary key (consumer, event_id)
);
