-- Since when a limit is counted: only what passed after that has a place in it to give back.
alter table delivery.send_limit add column set_at timestamptz not null default '-infinity';
