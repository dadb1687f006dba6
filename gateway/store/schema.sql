-- The schema after `gateway migrate`. Written by `python -m tests.integration.store.dump_schema`.

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% is insert-only: a correction is a new transfer', tg_table_name using errcode = 'restrict_violation';
end $$;

CREATE FUNCTION public.refuse_stale_key() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  perform pg_advisory_xact_lock_shared(x'6e756d6b6579'::bigint);
  if not exists (select from public.number_key k where k.key_version = new.key_version and k.in_force) then
    raise exception 'number key % is not in force', new.key_version using errcode = 'object_not_in_prerequisite_state';
  end if;
  return new;
end $$;

CREATE TABLE public.account (
    member_id bigint NOT NULL,
    unit text NOT NULL,
    posted bigint DEFAULT 0 NOT NULL,
    held bigint DEFAULT 0 NOT NULL,
    debt bigint DEFAULT 0 NOT NULL,
    CONSTRAINT account_check CHECK (((posted - held) >= 0)),
    CONSTRAINT account_debt_check CHECK ((debt >= 0)),
    CONSTRAINT account_held_check CHECK ((held >= 0)),
    CONSTRAINT account_posted_check CHECK ((posted >= 0)),
    CONSTRAINT account_unit_check CHECK ((unit <> ''::text))
)
WITH (fillfactor='80');

CREATE TABLE public.api_key (
    name text NOT NULL,
    digest bytea NOT NULL,
    scopes text[] NOT NULL,
    created_by text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT api_key_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT api_key_name_check CHECK ((name <> ''::text)),
    CONSTRAINT api_key_scopes_check CHECK ((cardinality(scopes) > 0))
);

CREATE TABLE public.api_request (
    key_name text NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    status smallint NOT NULL,
    body text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT api_request_status_check CHECK (((status >= 200) AND (status <= 599)))
);

CREATE TABLE public.approval (
    approval_id bigint NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    member_id bigint,
    asked jsonb NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    decided_by text,
    decided_at timestamp with time zone,
    comment text DEFAULT ''::text NOT NULL,
    CONSTRAINT approval_check CHECK (((kind = 'credit'::text) = (member_id IS NOT NULL))),
    CONSTRAINT approval_check1 CHECK (((decided_by IS NULL) = (state = 'waiting'::text))),
    CONSTRAINT approval_check2 CHECK (((decided_at IS NULL) = (state = 'waiting'::text))),
    CONSTRAINT approval_check3 CHECK ((decided_by <> asked_by)),
    CONSTRAINT approval_kind_check CHECK ((kind = ANY (ARRAY['credit'::text, 'codes'::text]))),
    CONSTRAINT approval_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'approved'::text, 'rejected'::text, 'done'::text])))
);

ALTER TABLE public.approval ALTER COLUMN approval_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.approval_approval_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_log (
    audit_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    facts jsonb NOT NULL
);

ALTER TABLE public.audit_log ALTER COLUMN audit_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_log_audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.closed_day (
    day date NOT NULL,
    time_zone text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT closed_day_check CHECK ((ends_at > starts_at))
);

CREATE TABLE public.closing (
    day date NOT NULL,
    account text NOT NULL,
    unit text NOT NULL,
    amount bigint NOT NULL,
    entries bigint NOT NULL,
    CONSTRAINT closing_entries_check CHECK ((entries > 0))
);

CREATE TABLE public.code_attempt (
    member_id bigint NOT NULL,
    attempt_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    cause text NOT NULL,
    channel text NOT NULL,
    number_range text
);

ALTER TABLE public.code_attempt ALTER COLUMN attempt_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.code_attempt_attempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.code_batch (
    batch_id integer NOT NULL,
    key text NOT NULL,
    campaign text NOT NULL,
    grants jsonb NOT NULL,
    digits smallint NOT NULL,
    bound boolean NOT NULL,
    count integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    state text NOT NULL,
    issued_by text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT code_batch_campaign_check CHECK ((campaign <> ''::text)),
    CONSTRAINT code_batch_check CHECK ((valid_until > valid_from)),
    CONSTRAINT code_batch_check1 CHECK ((bound OR (digits > 6))),
    CONSTRAINT code_batch_count_check CHECK ((count > 0)),
    CONSTRAINT code_batch_digits_check CHECK (((digits = 6) OR ((digits >= 10) AND (digits <= 20)))),
    CONSTRAINT code_batch_state_check CHECK ((state = ANY (ARRAY['issuing'::text, 'active'::text, 'frozen'::text, 'void'::text])))
);

ALTER TABLE public.code_batch ALTER COLUMN batch_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.code_batch_batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.code_key (
    key_version smallint NOT NULL,
    key_check bytea NOT NULL,
    in_force boolean DEFAULT false NOT NULL,
    retired boolean DEFAULT false NOT NULL,
    CONSTRAINT code_key_key_version_check CHECK ((key_version > 0))
);

CREATE TABLE public.code_lock (
    member_id bigint NOT NULL,
    strikes smallint NOT NULL,
    locked_at timestamp with time zone,
    locked_until timestamp with time zone,
    counted_to bigint NOT NULL,
    CONSTRAINT code_lock_check CHECK ((locked_until > locked_at)),
    CONSTRAINT code_lock_strikes_check CHECK ((strikes >= 0))
);

CREATE TABLE public.consent (
    member_id bigint NOT NULL,
    consent_id bigint NOT NULL,
    purpose text NOT NULL,
    given boolean NOT NULL,
    channel text NOT NULL,
    wording text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT consent_purpose_check CHECK ((purpose = 'advertising'::text))
);

ALTER TABLE public.consent ALTER COLUMN consent_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.consent_consent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.deployment (
    singleton boolean DEFAULT true NOT NULL,
    demo boolean NOT NULL,
    clock_offset_s bigint DEFAULT 0 NOT NULL,
    order_prefix text DEFAULT "left"((gen_random_uuid())::text, 8) NOT NULL,
    request_key_cipher bytea,
    request_key_version smallint,
    CONSTRAINT deployment_clock_offset_s_check CHECK ((clock_offset_s >= 0)),
    CONSTRAINT deployment_request_key_check CHECK (((request_key_cipher IS NULL) = (request_key_version IS NULL))),
    CONSTRAINT deployment_singleton_check CHECK (singleton)
);

CREATE TABLE public.entry (
    member_id bigint NOT NULL,
    month date NOT NULL,
    transfer_id bigint NOT NULL,
    account text NOT NULL,
    unit text NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT entry_account_check CHECK (((account = ANY (ARRAY['member'::text, 'issuance'::text, 'redemption'::text, 'breakage'::text, 'adjustment'::text, 'debt'::text])) OR (account ~~ 'partner:_%'::text))),
    CONSTRAINT entry_amount_check CHECK ((amount <> 0))
)
PARTITION BY RANGE (month);

CREATE TABLE public.entry_rest (
    member_id bigint CONSTRAINT entry_member_id_not_null NOT NULL,
    month date CONSTRAINT entry_month_not_null NOT NULL,
    transfer_id bigint CONSTRAINT entry_transfer_id_not_null NOT NULL,
    account text CONSTRAINT entry_account_not_null NOT NULL,
    unit text CONSTRAINT entry_unit_not_null NOT NULL,
    amount bigint CONSTRAINT entry_amount_not_null NOT NULL,
    CONSTRAINT entry_account_check CHECK (((account = ANY (ARRAY['member'::text, 'issuance'::text, 'redemption'::text, 'breakage'::text, 'adjustment'::text, 'debt'::text])) OR (account ~~ 'partner:_%'::text))),
    CONSTRAINT entry_amount_check CHECK ((amount <> 0))
);

CREATE TABLE public.gift_code (
    batch_id integer NOT NULL,
    ordinal integer NOT NULL,
    digest bytea NOT NULL,
    key_version smallint NOT NULL,
    member_id bigint,
    state text DEFAULT 'active'::text NOT NULL,
    redeemed_by bigint,
    redeemed_at timestamp with time zone,
    transfer_id bigint,
    order_id bigint,
    CONSTRAINT gift_code_check CHECK (((state = 'redeemed'::text) = (redeemed_by IS NOT NULL))),
    CONSTRAINT gift_code_check1 CHECK (((state = 'redeemed'::text) = (redeemed_at IS NOT NULL))),
    CONSTRAINT gift_code_check2 CHECK ((num_nonnulls(transfer_id, order_id) = ((state = 'redeemed'::text))::integer)),
    CONSTRAINT gift_code_check3 CHECK (((redeemed_by = member_id) OR (member_id IS NULL))),
    CONSTRAINT gift_code_digest_check CHECK ((octet_length(digest) = 16)),
    CONSTRAINT gift_code_ordinal_check CHECK ((ordinal > 0)),
    CONSTRAINT gift_code_state_check CHECK ((state = ANY (ARRAY['active'::text, 'frozen'::text, 'void'::text, 'redeemed'::text])))
)
WITH (fillfactor='80');

CREATE TABLE public.hold (
    member_id bigint NOT NULL,
    hold_id bigint NOT NULL,
    unit text NOT NULL,
    amount bigint NOT NULL,
    captured bigint DEFAULT 0 NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    channel text NOT NULL,
    key text NOT NULL,
    at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    settled_at timestamp with time zone,
    CONSTRAINT hold_amount_check CHECK ((amount > 0)),
    CONSTRAINT hold_check CHECK (((captured >= 0) AND (captured <= amount))),
    CONSTRAINT hold_check1 CHECK ((expires_at > at)),
    CONSTRAINT hold_check2 CHECK (((settled_at IS NULL) = (state = 'open'::text))),
    CONSTRAINT hold_check3 CHECK (((captured > 0) = (state = 'captured'::text))),
    CONSTRAINT hold_state_check CHECK ((state = ANY (ARRAY['open'::text, 'captured'::text, 'released'::text, 'timed_out'::text])))
)
WITH (fillfactor='80');

ALTER TABLE public.hold ALTER COLUMN hold_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.hold_hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.hold_lot (
    member_id bigint NOT NULL,
    hold_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    amount bigint NOT NULL,
    captured bigint DEFAULT 0 NOT NULL,
    CONSTRAINT hold_lot_amount_check CHECK ((amount > 0)),
    CONSTRAINT hold_lot_check CHECK (((captured >= 0) AND (captured <= amount)))
)
WITH (fillfactor='80');

CREATE TABLE public.idempotency (
    member_id bigint NOT NULL,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    outcome jsonb NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.inbox (
    inbox_id bigint NOT NULL,
    member_id bigint NOT NULL,
    identity bytea NOT NULL,
    key text NOT NULL,
    smsc text NOT NULL,
    short_number text NOT NULL,
    said text NOT NULL,
    message_id bigint,
    answer text NOT NULL,
    at timestamp with time zone NOT NULL,
    content_cipher bytea,
    content_key_version smallint,
    CONSTRAINT inbox_answer_check CHECK ((answer = ANY (ARRAY['unknown'::text, 'ok'::text, 'not_now'::text]))),
    CONSTRAINT inbox_check CHECK (((content_cipher IS NULL) = (content_key_version IS NULL)))
)
WITH (fillfactor='80');

ALTER TABLE public.inbox ALTER COLUMN inbox_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.inbox_inbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.inbox_part (
    member_id bigint NOT NULL,
    identity bytea NOT NULL,
    part smallint NOT NULL,
    total smallint NOT NULL,
    smsc text NOT NULL,
    short_number text NOT NULL,
    content_cipher bytea NOT NULL,
    content_key_version smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT inbox_part_check CHECK ((total >= part)),
    CONSTRAINT inbox_part_part_check CHECK ((part > 0))
);

CREATE TABLE public.job (
    name text NOT NULL,
    owner text,
    job_lease_until timestamp with time zone,
    last_ran_at timestamp with time zone,
    last_success_at timestamp with time zone,
    last_result text DEFAULT ''::text NOT NULL,
    CONSTRAINT job_check CHECK (((owner IS NULL) = (job_lease_until IS NULL))),
    CONSTRAINT job_name_check CHECK ((name <> ''::text))
);

CREATE TABLE public.lot (
    member_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    unit text NOT NULL,
    priority smallint DEFAULT 0 NOT NULL,
    amount bigint NOT NULL,
    remaining bigint NOT NULL,
    held bigint DEFAULT 0 NOT NULL,
    earned_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    transfer_id bigint NOT NULL,
    available_at timestamp with time zone,
    grace_until timestamp with time zone,
    ends_at timestamp with time zone GENERATED ALWAYS AS (GREATEST(expires_at, grace_until)) STORED,
    CONSTRAINT lot_amount_check CHECK ((amount > 0)),
    CONSTRAINT lot_check CHECK ((expires_at > earned_at)),
    CONSTRAINT lot_check1 CHECK (((held <= remaining) AND (remaining <= amount))),
    CONSTRAINT lot_grace_check CHECK (((grace_until IS NULL) OR (expires_at IS NOT NULL))),
    CONSTRAINT lot_held_check CHECK ((held >= 0)),
    CONSTRAINT lot_pending_check CHECK ((available_at < expires_at)),
    CONSTRAINT lot_remaining_check CHECK ((remaining >= 0))
)
WITH (fillfactor='80');

ALTER TABLE public.lot ALTER COLUMN lot_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.lot_lot_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.lot_use (
    member_id bigint NOT NULL,
    transfer_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    amount bigint NOT NULL,
    restored bigint DEFAULT 0 NOT NULL,
    CONSTRAINT lot_use_amount_check CHECK ((amount <> 0)),
    CONSTRAINT lot_use_check CHECK (((restored >= 0) AND (restored <= GREATEST(amount, (0)::bigint))))
)
WITH (fillfactor='80');

CREATE TABLE public.member (
    member_id bigint NOT NULL,
    status text NOT NULL,
    language text NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    terms_version text NOT NULL,
    terms_accepted_at timestamp with time zone NOT NULL,
    tier text,
    segments text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT member_language_check CHECK ((language <> ''::text)),
    CONSTRAINT member_status_check CHECK ((status = ANY (ARRAY['active'::text, 'blocked'::text, 'invited'::text])))
)
WITH (fillfactor='80');

ALTER TABLE public.member ALTER COLUMN member_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.member_member_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.member_number (
    member_id bigint NOT NULL,
    number_digest bytea NOT NULL,
    key_version smallint NOT NULL,
    number_cipher bytea NOT NULL,
    CONSTRAINT member_number_key_version_check CHECK ((key_version > 0)),
    CONSTRAINT member_number_number_digest_check CHECK ((octet_length(number_digest) = 16))
);

CREATE TABLE public.menu_count (
    day date NOT NULL,
    screen text NOT NULL,
    process text NOT NULL,
    opened bigint NOT NULL,
    shown bigint NOT NULL,
    answered bigint NOT NULL,
    wrong bigint NOT NULL,
    ended bigint NOT NULL,
    resumed bigint NOT NULL,
    hung_up bigint NOT NULL,
    timed_out bigint NOT NULL,
    broken bigint NOT NULL,
    failed bigint NOT NULL,
    thought_ms bigint NOT NULL,
    written_at timestamp with time zone NOT NULL,
    refused bigint NOT NULL
);

CREATE TABLE public.menu_named_count (
    day date NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    process text NOT NULL,
    count bigint NOT NULL,
    written_at timestamp with time zone NOT NULL,
    CONSTRAINT menu_named_count_kind_check CHECK ((kind = ANY (ARRAY['way'::text, 'refused'::text])))
);

CREATE TABLE public.number_key (
    key_version smallint NOT NULL,
    key_check bytea NOT NULL,
    in_force boolean NOT NULL,
    CONSTRAINT number_key_key_version_check CHECK ((key_version > 0))
);

CREATE TABLE public.outbox (
    message_id bigint NOT NULL,
    member_id bigint NOT NULL,
    smsc text NOT NULL,
    short_number text NOT NULL,
    kind text NOT NULL,
    lane text NOT NULL,
    when_in_doubt text NOT NULL,
    reply text NOT NULL,
    outcome text NOT NULL,
    facts jsonb NOT NULL,
    language text NOT NULL,
    pack_version_id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    parts smallint,
    tries smallint DEFAULT 0 NOT NULL,
    doubts smallint DEFAULT 0 NOT NULL,
    owner text,
    send_lease_until timestamp with time zone,
    session text,
    CONSTRAINT outbox_check CHECK ((expires_at > at)),
    CONSTRAINT outbox_check1 CHECK (((owner IS NULL) = (state <> 'sending'::text))),
    CONSTRAINT outbox_doubts_check CHECK ((doubts >= 0)),
    CONSTRAINT outbox_lane_check CHECK ((lane = ANY (ARRAY['reply'::text, 'service'::text, 'campaign'::text]))),
    CONSTRAINT outbox_parts_check CHECK ((parts > 0)),
    CONSTRAINT outbox_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'expired'::text, 'parked'::text, 'in_doubt'::text, 'withdrawn'::text]))),
    CONSTRAINT outbox_tries_check CHECK ((tries >= 0)),
    CONSTRAINT outbox_when_in_doubt_check CHECK ((when_in_doubt = ANY (ARRAY['resend'::text, 'await_receipt'::text, 'drop'::text])))
)
WITH (fillfactor='70');

ALTER TABLE public.outbox ALTER COLUMN message_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_message_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.outbox_part (
    message_id bigint NOT NULL,
    part smallint NOT NULL,
    smsc text NOT NULL,
    smsc_message_id text NOT NULL,
    state text DEFAULT 'sent'::text NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    CONSTRAINT outbox_part_part_check CHECK ((part > 0))
)
WITH (fillfactor='80');

CREATE TABLE public.pack_serving (
    process text NOT NULL,
    digest text NOT NULL,
    since timestamp with time zone NOT NULL,
    standing text NOT NULL,
    why text NOT NULL,
    heard_at timestamp with time zone NOT NULL,
    CONSTRAINT pack_serving_standing_check CHECK ((standing = ANY (ARRAY['served'::text, 'faulty'::text, 'waits'::text])))
);

CREATE TABLE public.pack_version (
    pack_version_id integer NOT NULL,
    digest text NOT NULL,
    files jsonb NOT NULL,
    first_used_at timestamp with time zone NOT NULL
);

ALTER TABLE public.pack_version ALTER COLUMN pack_version_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.pack_version_pack_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.quote (
    member_id bigint NOT NULL,
    key text NOT NULL,
    reward text NOT NULL,
    unit text NOT NULL,
    price bigint NOT NULL,
    short_number text NOT NULL,
    at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    order_id bigint,
    CONSTRAINT quote_check CHECK ((expires_at > at)),
    CONSTRAINT quote_price_check CHECK ((price > 0))
);

CREATE TABLE public.receipt_held (
    receipt_id bigint NOT NULL,
    smsc text NOT NULL,
    member_id bigint NOT NULL,
    ids jsonb NOT NULL,
    state text NOT NULL,
    final boolean NOT NULL,
    error text NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE public.receipt_held ALTER COLUMN receipt_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.receipt_held_receipt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reward_order (
    order_id bigint NOT NULL,
    member_id bigint NOT NULL,
    reward text NOT NULL,
    fulfilment text NOT NULL,
    state text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    unit text NOT NULL,
    price bigint NOT NULL,
    hold_id bigint,
    transfer_id bigint,
    voucher_id bigint,
    counted boolean NOT NULL,
    handover_digest bytea,
    terms jsonb NOT NULL,
    notice jsonb,
    channel text NOT NULL,
    key text NOT NULL,
    pack_version_id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    settled_at timestamp with time zone,
    tries smallint DEFAULT 0 NOT NULL,
    doubtful boolean DEFAULT false NOT NULL,
    owner text,
    call_lease_until timestamp with time zone,
    handover_key_version smallint,
    CONSTRAINT reward_order_check CHECK ((due_at > at)),
    CONSTRAINT reward_order_check1 CHECK (((owner IS NULL) = (state <> 'calling'::text))),
    CONSTRAINT reward_order_check2 CHECK (((settled_at IS NULL) = (state <> ALL (ARRAY['delivered'::text, 'refused'::text, 'expired'::text])))),
    CONSTRAINT reward_order_handover_digest_check CHECK ((octet_length(handover_digest) = 16)),
    CONSTRAINT reward_order_price_check CHECK ((price >= 0)),
    CONSTRAINT reward_order_state_check CHECK ((state = ANY (ARRAY['placed'::text, 'calling'::text, 'waiting'::text, 'ready'::text, 'parked'::text, 'delivered'::text, 'refused'::text, 'expired'::text]))),
    CONSTRAINT reward_order_tries_check CHECK ((tries >= 0))
)
WITH (fillfactor='70');

ALTER TABLE public.reward_order ALTER COLUMN order_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.reward_order_order_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reward_stock (
    reward text NOT NULL,
    remaining bigint NOT NULL,
    CONSTRAINT reward_stock_remaining_check CHECK ((remaining >= 0)),
    CONSTRAINT reward_stock_reward_check CHECK ((reward <> ''::text))
)
WITH (fillfactor='50');

CREATE TABLE public.schema_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.seal (
    journal text NOT NULL,
    seal_id integer NOT NULL,
    after_id bigint NOT NULL,
    last_id bigint NOT NULL,
    rows bigint NOT NULL,
    digest bytea NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT seal_check CHECK ((last_id > after_id)),
    CONSTRAINT seal_digest_check CHECK ((octet_length(digest) = 32)),
    CONSTRAINT seal_journal_check CHECK ((journal = ANY (ARRAY['transfer'::text, 'audit'::text]))),
    CONSTRAINT seal_rows_check CHECK ((rows > 0)),
    CONSTRAINT seal_seal_id_check CHECK ((seal_id > 0))
);

CREATE TABLE public.seal_mark (
    journal text NOT NULL,
    noted_id bigint NOT NULL,
    noted_lease_until timestamp with time zone NOT NULL
);

CREATE TABLE public.segment_size (
    segment text NOT NULL,
    members bigint NOT NULL,
    CONSTRAINT segment_size_members_check CHECK ((members >= 0))
);

CREATE TABLE public.smsc_ids (
    smsc text NOT NULL,
    form text NOT NULL
);

CREATE TABLE public.source_event (
    source text NOT NULL,
    event_id text NOT NULL,
    request_digest bytea NOT NULL,
    member_id bigint NOT NULL,
    type text NOT NULL,
    amount bigint,
    occurred_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL,
    outcome jsonb NOT NULL
);

CREATE TABLE public.staff_day (
    key_name text NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    day date NOT NULL,
    total bigint NOT NULL,
    CONSTRAINT staff_day_kind_check CHECK ((kind = ANY (ARRAY['credit'::text, 'codes'::text]))),
    CONSTRAINT staff_day_total_check CHECK ((total >= 0))
)
WITH (fillfactor='50');

CREATE TABLE public.switch (
    name text NOT NULL,
    since timestamp with time zone NOT NULL,
    thrown_by text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT switch_name_check CHECK ((name <> ''::text))
);

CREATE TABLE public.transfer (
    member_id bigint NOT NULL,
    month date NOT NULL,
    transfer_id bigint NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    amount bigint NOT NULL,
    reason text NOT NULL,
    channel text NOT NULL,
    key text NOT NULL,
    pack_version_id integer NOT NULL,
    at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    available_at timestamp with time zone,
    of_transfer_id bigint,
    hold_id bigint,
    shortfall bigint DEFAULT 0 NOT NULL,
    CONSTRAINT transfer_amount_check CHECK (((amount <> 0) OR (kind = 'reversal'::text))),
    CONSTRAINT transfer_kind_check CHECK ((kind = ANY (ARRAY['accrual'::text, 'spend'::text, 'refund'::text, 'reversal'::text, 'adjustment'::text, 'expiry'::text, 'repayment'::text]))),
    CONSTRAINT transfer_shortfall_check CHECK ((shortfall >= 0))
)
PARTITION BY RANGE (month);

CREATE SEQUENCE public.transfer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.transfer_rest (
    member_id bigint CONSTRAINT transfer_member_id_not_null NOT NULL,
    month date CONSTRAINT transfer_month_not_null NOT NULL,
    transfer_id bigint CONSTRAINT transfer_transfer_id_not_null NOT NULL,
    kind text CONSTRAINT transfer_kind_not_null NOT NULL,
    unit text CONSTRAINT transfer_unit_not_null NOT NULL,
    amount bigint CONSTRAINT transfer_amount_not_null NOT NULL,
    reason text CONSTRAINT transfer_reason_not_null NOT NULL,
    channel text CONSTRAINT transfer_channel_not_null NOT NULL,
    key text CONSTRAINT transfer_key_not_null NOT NULL,
    pack_version_id integer CONSTRAINT transfer_pack_version_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT transfer_at_not_null NOT NULL,
    expires_at timestamp with time zone,
    available_at timestamp with time zone,
    of_transfer_id bigint,
    hold_id bigint,
    shortfall bigint DEFAULT 0 CONSTRAINT transfer_shortfall_not_null NOT NULL,
    CONSTRAINT transfer_amount_check CHECK (((amount <> 0) OR (kind = 'reversal'::text))),
    CONSTRAINT transfer_kind_check CHECK ((kind = ANY (ARRAY['accrual'::text, 'spend'::text, 'refund'::text, 'reversal'::text, 'adjustment'::text, 'expiry'::text, 'repayment'::text]))),
    CONSTRAINT transfer_shortfall_check CHECK ((shortfall >= 0))
);

CREATE TABLE public.ussd_push (
    push_id bigint NOT NULL,
    member_id bigint NOT NULL,
    push text NOT NULL,
    kind text NOT NULL,
    smsc text,
    state text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    session text,
    at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    owner text,
    push_lease_until timestamp with time zone,
    CONSTRAINT ussd_push_check CHECK ((expires_at > at)),
    CONSTRAINT ussd_push_check1 CHECK (((owner IS NULL) = (state <> 'sending'::text))),
    CONSTRAINT ussd_push_kind_check CHECK ((kind = ANY (ARRAY['service'::text, 'advertising'::text]))),
    CONSTRAINT ussd_push_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'shown'::text, 'answered'::text, 'refused'::text, 'expired'::text, 'in_doubt'::text, 'no_consent'::text])))
)
WITH (fillfactor='70');

ALTER TABLE public.ussd_push ALTER COLUMN push_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.ussd_push_push_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.voucher (
    reward text NOT NULL,
    voucher_id bigint NOT NULL,
    digest bytea NOT NULL,
    cipher bytea NOT NULL,
    key_version smallint NOT NULL,
    order_id bigint,
    CONSTRAINT voucher_digest_check CHECK ((octet_length(digest) = 16))
);

ALTER TABLE public.voucher ALTER COLUMN voucher_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.voucher_voucher_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.entry ATTACH PARTITION public.entry_rest DEFAULT;

ALTER TABLE ONLY public.transfer ATTACH PARTITION public.transfer_rest DEFAULT;

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (member_id, unit);

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.api_key
    ADD CONSTRAINT api_key_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.api_request
    ADD CONSTRAINT api_request_pkey PRIMARY KEY (key_name, key);

ALTER TABLE ONLY public.approval
    ADD CONSTRAINT approval_pkey PRIMARY KEY (approval_id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY public.closed_day
    ADD CONSTRAINT closed_day_pkey PRIMARY KEY (day);

ALTER TABLE ONLY public.closing
    ADD CONSTRAINT closing_pkey PRIMARY KEY (day, account, unit);

ALTER TABLE ONLY public.code_attempt
    ADD CONSTRAINT code_attempt_pkey PRIMARY KEY (member_id, attempt_id);

ALTER TABLE ONLY public.code_batch
    ADD CONSTRAINT code_batch_key_key UNIQUE (key);

ALTER TABLE ONLY public.code_batch
    ADD CONSTRAINT code_batch_pkey PRIMARY KEY (batch_id);

ALTER TABLE ONLY public.code_key
    ADD CONSTRAINT code_key_pkey PRIMARY KEY (key_version);

ALTER TABLE ONLY public.code_lock
    ADD CONSTRAINT code_lock_pkey PRIMARY KEY (member_id);

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (member_id, consent_id);

ALTER TABLE ONLY public.deployment
    ADD CONSTRAINT deployment_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (member_id, month, transfer_id, account);

ALTER TABLE ONLY public.entry_rest
    ADD CONSTRAINT entry_rest_pkey PRIMARY KEY (member_id, month, transfer_id, account);

ALTER TABLE ONLY public.gift_code
    ADD CONSTRAINT gift_code_pkey PRIMARY KEY (batch_id, ordinal);

ALTER TABLE ONLY public.hold_lot
    ADD CONSTRAINT hold_lot_pkey PRIMARY KEY (member_id, hold_id, lot_id);

ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_pkey PRIMARY KEY (member_id, hold_id);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (member_id, key);

ALTER TABLE ONLY public.inbox_part
    ADD CONSTRAINT inbox_part_pkey PRIMARY KEY (member_id, identity, part);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (inbox_id);

ALTER TABLE ONLY public.job
    ADD CONSTRAINT job_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.lot
    ADD CONSTRAINT lot_pkey PRIMARY KEY (member_id, lot_id);

ALTER TABLE ONLY public.lot_use
    ADD CONSTRAINT lot_use_pkey PRIMARY KEY (member_id, transfer_id, lot_id);

ALTER TABLE ONLY public.member_number
    ADD CONSTRAINT member_number_number_digest_key UNIQUE (number_digest);

ALTER TABLE ONLY public.member_number
    ADD CONSTRAINT member_number_pkey PRIMARY KEY (member_id);

ALTER TABLE ONLY public.member
    ADD CONSTRAINT member_pkey PRIMARY KEY (member_id);

ALTER TABLE ONLY public.menu_count
    ADD CONSTRAINT menu_count_pkey PRIMARY KEY (day, screen, process);

ALTER TABLE ONLY public.menu_named_count
    ADD CONSTRAINT menu_named_count_pkey PRIMARY KEY (day, kind, name, process);

ALTER TABLE ONLY public.number_key
    ADD CONSTRAINT number_key_pkey PRIMARY KEY (key_version);

ALTER TABLE ONLY public.outbox_part
    ADD CONSTRAINT outbox_part_pkey PRIMARY KEY (message_id, part);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.pack_serving
    ADD CONSTRAINT pack_serving_pkey PRIMARY KEY (process);

ALTER TABLE ONLY public.pack_version
    ADD CONSTRAINT pack_version_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.pack_version
    ADD CONSTRAINT pack_version_pkey PRIMARY KEY (pack_version_id);

ALTER TABLE ONLY public.quote
    ADD CONSTRAINT quote_pkey PRIMARY KEY (member_id, key);

ALTER TABLE ONLY public.receipt_held
    ADD CONSTRAINT receipt_held_pkey PRIMARY KEY (receipt_id);

ALTER TABLE ONLY public.reward_order
    ADD CONSTRAINT reward_order_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY public.reward_stock
    ADD CONSTRAINT reward_stock_pkey PRIMARY KEY (reward);

ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.seal_mark
    ADD CONSTRAINT seal_mark_pkey PRIMARY KEY (journal);

ALTER TABLE ONLY public.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (journal, seal_id);

ALTER TABLE ONLY public.segment_size
    ADD CONSTRAINT segment_size_pkey PRIMARY KEY (segment);

ALTER TABLE ONLY public.smsc_ids
    ADD CONSTRAINT smsc_ids_pkey PRIMARY KEY (smsc);

ALTER TABLE ONLY public.source_event
    ADD CONSTRAINT source_event_pkey PRIMARY KEY (source, event_id);

ALTER TABLE ONLY public.staff_day
    ADD CONSTRAINT staff_day_pkey PRIMARY KEY (key_name, kind, unit, day);

ALTER TABLE ONLY public.switch
    ADD CONSTRAINT switch_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (member_id, month, transfer_id);

ALTER TABLE ONLY public.transfer_rest
    ADD CONSTRAINT transfer_rest_pkey PRIMARY KEY (member_id, month, transfer_id);

ALTER TABLE ONLY public.ussd_push
    ADD CONSTRAINT ussd_push_pkey PRIMARY KEY (push_id);

ALTER TABLE ONLY public.voucher
    ADD CONSTRAINT voucher_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.voucher
    ADD CONSTRAINT voucher_pkey PRIMARY KEY (reward, voucher_id);

CREATE INDEX approval_waiting ON public.approval USING btree (approval_id) WHERE (state = 'waiting'::text);

CREATE INDEX audit_log_of_subject ON public.audit_log USING btree (subject, audit_id);

CREATE INDEX code_attempt_of_range ON public.code_attempt USING btree (channel, number_range, at) WHERE (number_range IS NOT NULL);

CREATE UNIQUE INDEX code_key_in_force ON public.code_key USING btree (in_force) WHERE in_force;

CREATE UNIQUE INDEX gift_code_bearer ON public.gift_code USING btree (digest) WHERE (member_id IS NULL);

CREATE UNIQUE INDEX gift_code_bound ON public.gift_code USING btree (member_id, digest) WHERE (member_id IS NOT NULL);

CREATE INDEX gift_code_redeemed_by ON public.gift_code USING btree (redeemed_by) WHERE (redeemed_by IS NOT NULL);

CREATE INDEX gift_code_touched ON public.gift_code USING btree (batch_id, state) WHERE (state <> 'active'::text);

CREATE INDEX hold_due ON public.hold USING btree (expires_at) WHERE ((state = 'open'::text) AND (expires_at IS NOT NULL));

CREATE INDEX hold_open ON public.hold USING btree (member_id) WHERE (state = 'open'::text);

CREATE INDEX inbox_identity ON public.inbox USING btree (member_id, identity, inbox_id);

CREATE INDEX inbox_parked ON public.inbox USING btree (inbox_id) WHERE (content_cipher IS NOT NULL);

CREATE INDEX inbox_part_at ON public.inbox_part USING btree (at);

CREATE INDEX lot_due ON public.lot USING btree (ends_at) WHERE (remaining > 0);

CREATE INDEX lot_live ON public.lot USING btree (member_id, unit, priority, ends_at, earned_at, lot_id) WHERE (remaining > 0);

CREATE INDEX lot_pending ON public.lot USING btree (member_id, unit, available_at) WHERE ((remaining > 0) AND (available_at IS NOT NULL));

CREATE INDEX lot_use_of_lot ON public.lot_use USING btree (member_id, lot_id);

CREATE UNIQUE INDEX number_key_in_force ON public.number_key USING btree (in_force) WHERE in_force;

CREATE INDEX outbox_ending ON public.outbox USING btree (expires_at) WHERE (state = ANY (ARRAY['queued'::text, 'in_doubt'::text]));

CREATE INDEX outbox_leased ON public.outbox USING btree (send_lease_until) WHERE (state = 'sending'::text);

CREATE INDEX outbox_live ON public.outbox USING btree (smsc, lane, message_id) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text, 'in_doubt'::text]));

CREATE INDEX outbox_live_of_member ON public.outbox USING btree (member_id, message_id) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text, 'in_doubt'::text]));

CREATE INDEX outbox_of_member ON public.outbox USING btree (member_id, at);

CREATE INDEX outbox_owned ON public.outbox USING btree (owner) WHERE (state = 'sending'::text);

CREATE INDEX outbox_part_taken ON public.outbox_part USING btree (smsc, smsc_message_id);

CREATE INDEX outbox_sealed ON public.outbox USING btree (message_id) WHERE (facts ? 'sealed'::text);

CREATE INDEX outbox_unseen ON public.outbox USING btree (session) WHERE ((session IS NOT NULL) AND (state = 'queued'::text));

CREATE INDEX receipt_held_at ON public.receipt_held USING btree (at);

CREATE INDEX receipt_held_of_member ON public.receipt_held USING btree (member_id);

CREATE INDEX reward_order_due ON public.reward_order USING btree (due_at) WHERE (state = ANY (ARRAY['placed'::text, 'waiting'::text, 'ready'::text]));

CREATE INDEX reward_order_had_handover ON public.reward_order USING btree (handover_digest) WHERE (handover_digest IS NOT NULL);

CREATE UNIQUE INDEX reward_order_handover ON public.reward_order USING btree (handover_digest) WHERE (state = 'ready'::text);

CREATE INDEX reward_order_of_member ON public.reward_order USING btree (member_id, order_id);

CREATE INDEX reward_order_open ON public.reward_order USING btree (fulfilment, order_id) WHERE (state = ANY (ARRAY['placed'::text, 'calling'::text]));

CREATE INDEX reward_order_unsettled ON public.reward_order USING btree (state, order_id) WHERE (state = ANY (ARRAY['waiting'::text, 'ready'::text, 'parked'::text]));

CREATE INDEX source_event_of_member ON public.source_event USING btree (member_id, at);

CREATE INDEX transfer_by_time ON ONLY public.transfer USING brin (at);

CREATE INDEX transfer_of ON ONLY public.transfer USING btree (member_id, of_transfer_id) WHERE (of_transfer_id IS NOT NULL);

CREATE INDEX transfer_by_id ON ONLY public.transfer USING brin (transfer_id);

CREATE INDEX transfer_rest_at_idx ON public.transfer_rest USING brin (at);

CREATE INDEX transfer_rest_member_id_of_transfer_id_idx ON public.transfer_rest USING btree (member_id, of_transfer_id) WHERE (of_transfer_id IS NOT NULL);

CREATE INDEX transfer_rest_transfer_id_idx ON public.transfer_rest USING brin (transfer_id);

CREATE INDEX ussd_push_of_member ON public.ussd_push USING btree (member_id, at);

CREATE INDEX ussd_push_waiting ON public.ussd_push USING btree (push_id) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text]));

CREATE INDEX voucher_free ON public.voucher USING btree (reward, voucher_id) WHERE (order_id IS NULL);

ALTER INDEX public.entry_pkey ATTACH PARTITION public.entry_rest_pkey;

ALTER INDEX public.transfer_by_time ATTACH PARTITION public.transfer_rest_at_idx;

ALTER INDEX public.transfer_of ATTACH PARTITION public.transfer_rest_member_id_of_transfer_id_idx;

ALTER INDEX public.transfer_pkey ATTACH PARTITION public.transfer_rest_pkey;

ALTER INDEX public.transfer_by_id ATTACH PARTITION public.transfer_rest_transfer_id_idx;

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.consent FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.entry FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.seal FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.transfer FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.consent FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.seal FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.transfer FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER under_key_in_force BEFORE INSERT ON public.member_number FOR EACH ROW EXECUTE FUNCTION public.refuse_stale_key();

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.approval
    ADD CONSTRAINT approval_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.closing
    ADD CONSTRAINT closing_day_fkey FOREIGN KEY (day) REFERENCES public.closed_day(day);

ALTER TABLE ONLY public.code_attempt
    ADD CONSTRAINT code_attempt_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.code_lock
    ADD CONSTRAINT code_lock_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.deployment
    ADD CONSTRAINT deployment_request_key_version_fkey FOREIGN KEY (request_key_version) REFERENCES public.number_key(key_version);

ALTER TABLE ONLY public.gift_code
    ADD CONSTRAINT gift_code_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.code_batch(batch_id);

ALTER TABLE ONLY public.gift_code
    ADD CONSTRAINT gift_code_key_version_fkey FOREIGN KEY (key_version) REFERENCES public.code_key(key_version);

ALTER TABLE ONLY public.gift_code
    ADD CONSTRAINT gift_code_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.gift_code
    ADD CONSTRAINT gift_code_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.reward_order(order_id);

ALTER TABLE ONLY public.gift_code
    ADD CONSTRAINT gift_code_redeemed_by_fkey FOREIGN KEY (redeemed_by) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.hold_lot
    ADD CONSTRAINT hold_lot_member_id_hold_id_fkey FOREIGN KEY (member_id, hold_id) REFERENCES public.hold(member_id, hold_id);

ALTER TABLE ONLY public.hold_lot
    ADD CONSTRAINT hold_lot_member_id_lot_id_fkey FOREIGN KEY (member_id, lot_id) REFERENCES public.lot(member_id, lot_id);

ALTER TABLE ONLY public.hold
    ADD CONSTRAINT hold_member_id_unit_fkey FOREIGN KEY (member_id, unit) REFERENCES public.account(member_id, unit);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_key_fkey FOREIGN KEY (content_key_version) REFERENCES public.number_key(key_version);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.outbox(message_id);

ALTER TABLE ONLY public.inbox_part
    ADD CONSTRAINT inbox_part_key_fkey FOREIGN KEY (content_key_version) REFERENCES public.number_key(key_version);

ALTER TABLE ONLY public.inbox_part
    ADD CONSTRAINT inbox_part_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.lot
    ADD CONSTRAINT lot_member_id_unit_fkey FOREIGN KEY (member_id, unit) REFERENCES public.account(member_id, unit);

ALTER TABLE ONLY public.lot_use
    ADD CONSTRAINT lot_use_member_id_lot_id_fkey FOREIGN KEY (member_id, lot_id) REFERENCES public.lot(member_id, lot_id);

ALTER TABLE ONLY public.member_number
    ADD CONSTRAINT member_number_key_fkey FOREIGN KEY (key_version) REFERENCES public.number_key(key_version);

ALTER TABLE ONLY public.member_number
    ADD CONSTRAINT member_number_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pack_version_id_fkey FOREIGN KEY (pack_version_id) REFERENCES public.pack_version(pack_version_id);

ALTER TABLE ONLY public.outbox_part
    ADD CONSTRAINT outbox_part_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.outbox(message_id);

ALTER TABLE ONLY public.quote
    ADD CONSTRAINT quote_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.receipt_held
    ADD CONSTRAINT receipt_held_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.reward_order
    ADD CONSTRAINT reward_order_handover_key_version_fkey FOREIGN KEY (handover_key_version) REFERENCES public.code_key(key_version);

ALTER TABLE ONLY public.reward_order
    ADD CONSTRAINT reward_order_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.reward_order
    ADD CONSTRAINT reward_order_pack_version_id_fkey FOREIGN KEY (pack_version_id) REFERENCES public.pack_version(pack_version_id);

ALTER TABLE ONLY public.ussd_push
    ADD CONSTRAINT ussd_push_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.voucher
    ADD CONSTRAINT voucher_key_fkey FOREIGN KEY (key_version) REFERENCES public.number_key(key_version);
