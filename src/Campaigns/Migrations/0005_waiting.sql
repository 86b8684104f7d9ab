-- Since when all that is left of a running campaign waits for consent; null while something else can go.
alter table campaigns.campaign add column waiting_since timestamptz;
