-- Passwords of mailboxes on servers of ours are a kind of their own: the program changes them by itself.
alter table secrets.rotation_plan drop constraint rotation_plan_kind_known;
alter table secrets.rotation_plan add constraint rotation_plan_kind_known check (kind in ('ssh_key', 'smtp_credential', 'imap_credential', 'hosted_mailbox', 'api_key', 'dkim_key', 'other'));
