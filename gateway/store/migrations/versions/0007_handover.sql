-- Nine digits are too few to be unique for ever. An order that is opened by its code is `ready` from its beginning until it
-- is over, and never again; among these a code is one order's. The other index says of a code whose order is over so.
alter table reward_order drop constraint reward_order_handover_digest_key;
create unique index reward_order_handover on reward_order (handover_digest) where state = 'ready';
create index reward_order_had_handover on reward_order (handover_digest) where handover_digest is not null;
