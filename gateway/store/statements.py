"""The SQL that Python sends: calls of the primitives in `sql/`, with named columns. One test compares them."""

MEMBERS_SEEN = """
select ord, member_id, language, status, terms_version, tier, segments, units, available, expiring, expires_next
  from members_seen($1, $2)"""
STATEMENTS = "select ord, line, at, unit, amount, reason from statements($1, $2) order by ord, line"
ENROL = "select member_id, created from enrol($1, $2, $3, $4, $5, $6, $7)"
WRITE_BATCH = "select ord, outcome from write_batch($1, $2)"
CLOCK_OFFSET = "select clock_offset() as offset_s"
CLOCK_ADVANCE = "select clock_advance($1) as offset_s"
PACK_VERSION = "select pack_version_of($1, $2, $3) as pack_version_id"
PACK_FILES = "select pack_files($1) as files"
LEDGER_FAULTS = "select invariant, member_id, detail from ledger_faults()"
DEPLOYMENT_SEEN = """
select demo, number_keys_missing, code_keys_missing, number_key, code_key, request_key_cipher, request_key_version,
       extract(epoch from clock_timestamp())::float8 as epoch
  from deployment_seen($1, $2, $3, $4)"""
REQUEST_KEY_KEPT = "select request_key_cipher, request_key_version from request_key_kept($1, $2)"
KEY_VERSIONS_SEEN = "select purpose, key_version, in_force, retired, rows from key_versions_seen($1)"
GATEWAYS_CONNECTED = "select process_name, address, connections from gateways_connected()"
KEY_OFFERED = "select key_offered($1, $2, $3) as done"
KEY_WITHDRAWN = "select key_withdrawn($1, $2) as done"
KEY_PUT_IN_FORCE = "select key_put_in_force($1, $2, $3, $4) as done"
NUMBERS_TO_REKEY = "select id, cipher, key_version, bound_to from numbers_to_rekey($1, $2, $3)"
NUMBERS_REKEYED = "select numbers_rekeyed($1, $2, $3, $4, $5) as count"
SEALS_TO_RENEW = "select id, place, cipher, key_version, bound_to from seals_to_renew($1, $2, $3, $4)"
SEALS_RENEWED = "select seals_renewed($1, $2, $3, $4, $5) as count"
REQUEST_KEY_RENEWED = "select request_key_renewed($1, $2) as done"
NUMBER_KEYS_OLD = "select key_version from number_keys_old()"
NUMBER_KEY_DROPPED = "select number_key_dropped($1) as done"
CODE_KEYS_RETIRED = "select key_version from code_keys_retired($1, $2)"
TEXTS_ANSWERED = "select ord from texts_answered($1, $2, $3, $4)"
TEXTS_INCOMPLETE = """
select member_id, number_digest, number_cipher, key_version, identity, smsc, short_number, contents,
       content_key_versions
  from texts_incomplete($1, $2)"""
TEXTS_PARKED = """
select inbox_id, number_digest, number_cipher, key_version, identity, smsc, short_number, at, content_cipher,
       content_key_version
  from texts_parked($1)"""
OUTBOX_CLAIM = """
select message_id, number_digest, number_cipher, key_version, short_number, kind, reply, outcome, facts, language,
       pack_digest, expires_at, tries, doubts, parts_taken
  from outbox_claim($1, $2, $3, $4, $5, $6, $7, $8, $9)"""
OUTBOX_SETTLE = "select ord, more, ours from outbox_settle($1)"
OUTBOX_TIDY = "select expired, in_doubt, receipts from outbox_tidy($1, $2, $3, $4)"
OUTBOX_COUNTS = "select state, lane, count from outbox_counts()"
OUTBOX_ORDER = "select message_id, state from outbox_order($1, $2, $3)"
OUTBOX_LIST = """
select message_id, member_id, number_digest, number_cipher, key_version, smsc, short_number, kind, reply, outcome,
       state, reason, parts, tries, doubts, at, expires_at
  from outbox_list($1, $2, $3)"""
RECEIPTS_TAKE = "select ord, how from receipts_take($1)"
REWARDS_SEEN = "select ord, remaining, vouchers, thrown, had from rewards_seen($1, $2, $3) order by ord"
QUOTES_MEANT = "select ord, key, reward, unit, price from quotes_meant($1, $2, $3, $4)"
ORDERS_LIST = """
select order_id, member_id, number_digest, number_cipher, key_version, reward, fulfilment, state, reason, unit, price,
       channel, at, due_at, settled_at, tries, doubtful, reference
  from orders_list($1, $2, $3, $4)"""
ORDERS_CLAIM = """
select order_id, reference, member_id, number_digest, number_cipher, key_version, language, reward, terms, at, tries,
       doubtful
  from orders_claim($1, $2, $3, $4, $5)"""
ORDERS_DUE = "select order_id, member_id, reward, language, tries, state from orders_due($1, $2)"
ORDERS_COUNTS = "select state, count from orders_counts()"
ORDER_SEEN = "select order_id, member_id, reward, fulfilment, state, language, settled_at from order_seen($1)"
ORDER_OF_HANDOVER = "select order_id from order_of_handover($1)"
ORDER_SETTLED_BY = "select order_settled_by($1, $2) as outcome"
REWARDS_STOCKED = "select ord, remaining, vouchers, thrown from rewards_stocked($1) order by ord"
STOCK_CHANGED = "select stock_changed($1, $2, $3, $4, $5) as remaining"
VOUCHERS_PUT = "select vouchers_put($1, $2, $3, $4, $5, $6) as count"
SWITCH_THROWN = "select switch_thrown($1, $2, $3, $4) as done"
SWITCH_CLOSED = "select switch_closed($1, $2, $3) as done"
SWITCHES_LIST = "select name, since, thrown_by, reason from switches_list()"
CAMPAIGNS_KNOWN = "select campaign from campaigns_known()"
AUDITED = "select audit($1, $2, $3, $4, $5) as done"
JOB_TAKEN = "select job_taken($1, $2, $3, $4, $5) as taken"
JOB_ENDED = "select job_ended($1, $2, $3, $4, $5) as done"
JOBS_LIST = "select name, owner, job_lease_until, last_ran_at, last_success_at, last_result from jobs_list()"
MEMBERS_DUE = "select member_id from members_due($1, $2)"
RESULTS_SEEN = "select ord, count from results_seen($1)"
RESULTS_UNSEEN = "select ord, count from results_unseen($1)"
INVITE = "select ord, member_id from invite($1, $2, $3, $4, $5, $6)"
SEGMENT_CHANGED = "select added, removed from segment_changed($1, $2, $3, $4, $5, $6, $7, $8, $9)"
SEGMENTS_COUNTED = "select segment, members from segments_counted()"
TIER_SET = "select tier_set($1, $2, $3, $4, $5, $6, $7) as found"
CODE_BATCH_BEGUN = "select code_batch_begun($1) as batch_id"
GIFT_CODES_ADDED = "select ordinal from gift_codes_added($1, $2, $3)"
CODE_BATCH_ACTIVATED = "select code_batch_activated($1, $2) as active"
GIFT_CODES_TURNED = "select turned, left_alone from gift_codes_turned($1, $2, $3, $4, $5, $6)"
CODE_BATCH_TURNED = "select state, turned from code_batch_turned($1, $2, $3, $4)"
REDEEMING_UNLOCKED = "select was_locked from redeeming_unlocked($1, $2, $3)"
CODE_BATCHES_LIST = """
select batch_id, campaign, grants, digits, bound, count, state, valid_from, valid_until, issued_by, at, redeemed,
       frozen, void
  from code_batches_list($1)"""
GIFT_CODE_SEEN = """
select campaign, grants, bound, batch_state, state, valid_from, valid_until, member_id, number_digest, number_cipher,
       key_version, redeemed_at, transfer_id, order_id
  from gift_code_seen($1, $2)"""
DAY_CLOSED = "select day_closed($1, $2) as day"
JOURNAL_SEALED = "select journal_sealed($1, $2, $3, $4, $5) as rows"
ACCOUNTS_HELD = "select account, unit, amount from accounts_held($1) order by account, unit"
MOVED_BETWEEN = "select account, unit, amount from moved_between($1, $2) order by account, unit"
PROOF_FAULTS = "select invariant, member_id, detail from proof_faults()"
SEAL_HEADS = "select journal, seal_id, last_id, digest from seal_heads()"
API_REQUEST_BEGUN = "select same, status, body from api_request_begun($1, $2, $3)"
API_REQUEST_ANSWERED = "select api_request_answered($1, $2, $3, $4, $5, $6) as done"
API_KEYS_SEEN = "select ord, name, scopes from api_keys_seen($1)"
API_KEY_CREATED = "select api_key_created($1, $2, $3, $4, $5) as done"
API_KEY_REVOKED = "select api_key_revoked($1, $2, $3) as done"
API_KEYS_LIST = "select name, scopes, created_by, created_at, revoked_at from api_keys_list()"
MEMBER_WHOLE = """
select member_id, status, language, tier, segments, enrolled_at, terms_version, terms_accepted_at, balances, lots,
       holds, lock
  from member_whole($1, $2, $3)"""
STATEMENT_PAGE = """
select month, transfer_id, at, unit, amount, kind, reason, channel, of_transfer_id
  from statement_page($1, $2, $3, $4)"""
NUMBER_BLOCKED = "select status, changed from number_blocked($1, $2, $3, $4, $5)"
CODE_BATCHES_PAGE = """
select batch_id, campaign, grants, digits, bound, count, state, valid_from, valid_until, issued_by, at, redeemed,
       frozen, void
  from code_batches_page($1, $2)"""
MOVED_BY_STAFF = "select moved_by_staff($1, $2, $3) as outcome"
MOVEMENT_SEEN = "select unit, kind from movement_seen($1, $2)"
GIVEN_IN_DAY = "select given_in_day($1, $2, $3, $4, $5, $6) as counted"
APPROVAL_ASKED = "select approval_asked($1, $2, $3, $4, $5) as approval_id"
APPROVAL_TAKEN = "select kind, state, member_id, asked, asked_by, asked_at from approval_taken($1)"
APPROVAL_DECIDED = "select approval_decided($1, $2, $3, $4, $5) as done"
APPROVAL_USED = "select approval_used($1) as done"
APPROVALS_LIST = """
select approval_id, kind, state, number_digest, number_cipher, key_version, asked, asked_by, asked_at, decided_by,
       decided_at, comment
  from approvals_list($1, $2, $3)"""
TIMELINE = "select at, what, id, facts from timeline($1, $2, $3, $4, $5, $6, $7)"
PUSH_MADE = "select push_made($1, $2, $3, $4, $5, $6) as push_id"
PUSHES_CLAIMED = """
select push_id, number_digest, number_cipher, key_version, push, language, smsc
  from pushes_claimed($1, $2, $3, $4, $5, $6)"""
PUSH_SETTLED = "select push_settled($1, $2, $3, $4, $5, $6, $7, $8) as done"
PUSH_ANSWERED = "select push_answered($1, $2) as done"
PUSH_CONFIRMED = "select push_confirmed($1, $2, $3, $4) as done"
PUSHES_TIDIED = "select expired, in_doubt from pushes_tidied($1, $2)"
PUSH_SEEN = """
select number_digest, number_cipher, key_version, push, kind, smsc, state, reason, at, expires_at, settled_at
  from push_seen($1)"""
PACK_SERVING_TOLD = "select pack_serving_told($1, $2, $3, $4, $5, $6, $7) as done"
PACKS_SERVING = "select process, digest, since, standing, why, heard_at from packs_serving($1)"
PACK_VERSIONS_LIST = "select digest, first_used_at, files from pack_versions_list($1)"
MENU_COUNTS_PUT = "select menu_counts_put($1, $2, $3) as count"
MENU_COUNTS_FOLDED = "select menu_counts_folded($1, $2) as count"
MENU_COUNTS_BETWEEN = """
select day, screen, opened, shown, answered, wrong, refused, ended, resumed, hung_up, timed_out, broken, failed,
       thought_ms
  from menu_counts_between($1, $2)"""
MENU_NAMED_PUT = "select menu_named_put($1, $2, $3) as count"
MENU_NAMED_BETWEEN = "select kind, name, count from menu_named_between($1, $2)"
