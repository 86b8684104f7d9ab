-- Who stopped everything: who runs the platform, or the program itself while the database's disk is nearly full. The first outlasts the second.
alter table delivery.platform_halt
  add column by_disk boolean not null default false;
grant update on delivery.platform_halt to penguin_app;
