-- One row for each mail that was asked for, under the id of the event that asked.
create table message (
  message_id uuid primary key,
  template text not null,
  request_id text,
  -- As it came; only the process that sends it opens it. Gone as soon as the mail is delivered.
  sealed text,
  state text not null default 'queued',
  attempts integer not null default 0,
  -- While a process sends it: when another one may believe that process dead.
  due_at timestamptz not null,
  -- What kind of failure the last one was; never what the mail server said, which may quote the mail.
  failure text,
  created_at timestamptz not null,
  settled_at timestamptz,
  constraint message_state_known check (state in ('queued', 'sent', 'dead')),
  constraint message_sealed_until_sent check ((sealed is null) = (state = 'sent')),
  constraint message_settled_when_done check ((settled_at is null) = (state = 'queued'))
)
with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);

create index message_due on message (due_at) where state = 'queued';
create index message_settled on message (settled_at) where state <> 'queued';
create index message_dead on message (message_id) where state = 'dead';
