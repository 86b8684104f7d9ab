-- Passwords lie in the secret store; the mailbox keeps the number of the version it uses. What was sealed into the row before is
-- moved by a job, and the column is empty then.
alter table fleet.mailbox add column smtp_secret_version integer;
alter table fleet.mailbox add column imap_secret_version integer;
alter table fleet.mailbox add constraint mailbox_smtp_secret_once check (smtp_secret_sealed is null or smtp_secret_version is null);
alter table fleet.mailbox add constraint mailbox_imap_secret_once check (imap_secret_sealed is null or imap_secret_version is null);
-- The move reads what is still sealed here.
create index mailbox_secret_to_move on fleet.mailbox (tenant_id, id) where smtp_secret_sealed is not null or imap_secret_sealed is not null;
