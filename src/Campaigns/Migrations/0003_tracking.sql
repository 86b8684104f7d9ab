-- Which recipients may be tracked, and whether opens are looked at. Off for recipients in the EEA unless the sender says otherwise.
alter table campaigns.campaign add column tracks_opens boolean not null default false;
alter table campaigns.campaign add column tracking_reach text not null default 'outside_eea';
alter table campaigns.campaign add constraint campaign_tracking_reach_known check (tracking_reach in ('outside_eea', 'everywhere'));
