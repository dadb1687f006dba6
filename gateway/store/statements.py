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
EPOCH = "select extract(epoch from clock_timestamp())::float8 as epoch"
