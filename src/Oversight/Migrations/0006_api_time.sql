-- How long the API took to answer: requests by week and step of 5 % from 0.1 ms on. Of the whole platform and nobody's in particular.
create table oversight.api_time (
  week date not null,
  bucket smallint not null,
  requests bigint not null,
  primary key (week, bucket),
  constraint api_time_week_is_monday check (extract(isodow from week) = 1),
  constraint api_time_bucket_known check (bucket between 0 and 320),
  constraint api_time_counted check (requests > 0)
);
grant select, insert, update, delete on oversight.api_time to penguin_app;
