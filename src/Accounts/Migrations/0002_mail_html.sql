-- Mail of the program's own may have an HTML part beside its text.
alter table accounts.system_mail add column html text;
