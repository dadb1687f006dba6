"""The SQL that Python sends: calls of the primitives in `sql/`, with named columns. One test compares them."""

MEMBERS_SEEN = """
select ord, member_id, language, status, terms_version, units, available, expiring, expires_next
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
select demo, number_key_agrees, extract(epoch from clock_timestamp())::float8 as epoch from deployment_seen($1)"""
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
  from outbox_claim($1, $2, $3, $4, $5, $6, $7, $8)"""
OUTBOX_SETTLE = "select ord, more, ours from outbox_settle($1)"
OUTBOX_TIDY = "select expired, in_doubt, receipts from outbox_tidy($1, $2, $3, $4)"
OUTBOX_COUNTS = "select state, lane, count from outbox_counts()"
OUTBOX_ORDER = "select message_id, state from outbox_order($1, $2, $3)"
OUTBOX_LIST = """
select message_id, member_id, number_digest, number_cipher, key_version, smsc, short_number, kind, reply, outcome,
       state, reason, parts, tries, doubts, at, expires_at
  from outbox_list($1, $2, $3)"""
RECEIPTS_TAKE = "select ord, how from receipts_take($1)"
