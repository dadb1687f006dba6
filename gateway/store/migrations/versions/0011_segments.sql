-- Segments and a tier of each member, as the operator's systems hand them in: beside what every hop reads of a member.
-- They are the programme's codes, and stay when the programme has them no more. Without a check and without an index on
-- them: either would read every member while nobody can dial.
alter table member
  add column tier text,
  add column segments text[] not null default '{}';

-- How many members are in each segment, so that nobody has to count millions. Written last by whoever changes a segment.
create table segment_size (
  segment text primary key,
  members bigint not null check (members >= 0)
);
