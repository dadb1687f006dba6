-- Segments and a tier of each member, as the operator's systems hand them in: beside what every hop reads of a member.
-- They are the programme's codes, and stay when the programme has them no more.
alter table member
  add column tier text check (tier <> ''),
  add column segments text[] not null default '{}';

create index member_in_segments on member (member_id) where segments <> '{}';
