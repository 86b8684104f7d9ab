-- When this installation last answered under the domain's tracking host, as recipients would reach it. Null: links use the platform's own address.
alter table fleet.domain add column tracking_served_at timestamptz;
