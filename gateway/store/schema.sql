-- The schema after `gateway migrate`. Written by `python -m tests.integration.store.dump_schema`.

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% is insert-only: a correction is a new transfer', tg_table_name using errcode = 'restrict_violation';
end $$;

CREATE TABLE public.account (
    member_id bigint NOT NULL,
    unit text NOT NULL,
    posted bigint DEFAULT 0 NOT NULL,
    held bigint DEFAULT 0 NOT NULL,
    pending bigint DEFAULT 0 NOT NULL,
    debt bigint DEFAULT 0 NOT NULL,
    CONSTRAINT account_check CHECK (((posted - held) >= 0)),
    CONSTRAINT account_debt_check CHECK ((debt >= 0)),
    CONSTRAINT account_held_check CHECK ((held >= 0)),
    CONSTRAINT account_pending_check CHECK ((pending >= 0)),
    CONSTRAINT account_posted_check CHECK ((posted >= 0)),
    CONSTRAINT account_unit_check CHECK ((unit <> ''::text))
)
WITH (fillfactor='80');

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
    number_key_check bytea,
    CONSTRAINT deployment_clock_offset_s_check CHECK ((clock_offset_s >= 0)),
    CONSTRAINT deployment_singleton_check CHECK (singleton)
);

CREATE TABLE public.entry (
    member_id bigint NOT NULL,
    month date NOT NULL,
    transfer_id bigint NOT NULL,
    account text NOT NULL,
    unit text NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT entry_account_check CHECK ((account = ANY (ARRAY['member'::text, 'issuance'::text]))),
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
    CONSTRAINT entry_account_check CHECK ((account = ANY (ARRAY['member'::text, 'issuance'::text]))),
    CONSTRAINT entry_amount_check CHECK ((amount <> 0))
);

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
    CONSTRAINT lot_amount_check CHECK ((amount > 0)),
    CONSTRAINT lot_check CHECK ((expires_at > earned_at)),
    CONSTRAINT lot_check1 CHECK (((held <= remaining) AND (remaining <= amount))),
    CONSTRAINT lot_held_check CHECK ((held >= 0)),
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

CREATE TABLE public.member (
    member_id bigint NOT NULL,
    status text NOT NULL,
    language text NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    terms_version text NOT NULL,
    terms_accepted_at timestamp with time zone NOT NULL,
    CONSTRAINT member_language_check CHECK ((language <> ''::text)),
    CONSTRAINT member_status_check CHECK ((status = ANY (ARRAY['active'::text, 'blocked'::text])))
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
    CONSTRAINT outbox_check CHECK ((expires_at > at)),
    CONSTRAINT outbox_check1 CHECK (((owner IS NULL) = (state <> 'sending'::text))),
    CONSTRAINT outbox_doubts_check CHECK ((doubts >= 0)),
    CONSTRAINT outbox_lane_check CHECK ((lane = ANY (ARRAY['reply'::text, 'service'::text, 'campaign'::text]))),
    CONSTRAINT outbox_parts_check CHECK ((parts > 0)),
    CONSTRAINT outbox_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'expired'::text, 'parked'::text, 'in_doubt'::text]))),
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

CREATE TABLE public.schema_version (
    version_num character varying(32) NOT NULL
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
    CONSTRAINT transfer_amount_check CHECK ((amount <> 0)),
    CONSTRAINT transfer_kind_check CHECK ((kind = 'accrual'::text))
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
    CONSTRAINT transfer_amount_check CHECK ((amount <> 0)),
    CONSTRAINT transfer_kind_check CHECK ((kind = 'accrual'::text))
);

ALTER TABLE ONLY public.entry ATTACH PARTITION public.entry_rest DEFAULT;

ALTER TABLE ONLY public.transfer ATTACH PARTITION public.transfer_rest DEFAULT;

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (member_id, unit);

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (member_id, consent_id);

ALTER TABLE ONLY public.deployment
    ADD CONSTRAINT deployment_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (member_id, month, transfer_id, account);

ALTER TABLE ONLY public.entry_rest
    ADD CONSTRAINT entry_rest_pkey PRIMARY KEY (member_id, month, transfer_id, account);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (member_id, key);

ALTER TABLE ONLY public.inbox_part
    ADD CONSTRAINT inbox_part_pkey PRIMARY KEY (member_id, identity, part);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (inbox_id);

ALTER TABLE ONLY public.lot
    ADD CONSTRAINT lot_pkey PRIMARY KEY (member_id, lot_id);

ALTER TABLE ONLY public.member_number
    ADD CONSTRAINT member_number_number_digest_key UNIQUE (number_digest);

ALTER TABLE ONLY public.member_number
    ADD CONSTRAINT member_number_pkey PRIMARY KEY (member_id);

ALTER TABLE ONLY public.member
    ADD CONSTRAINT member_pkey PRIMARY KEY (member_id);

ALTER TABLE ONLY public.outbox_part
    ADD CONSTRAINT outbox_part_pkey PRIMARY KEY (message_id, part);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY public.pack_version
    ADD CONSTRAINT pack_version_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.pack_version
    ADD CONSTRAINT pack_version_pkey PRIMARY KEY (pack_version_id);

ALTER TABLE ONLY public.receipt_held
    ADD CONSTRAINT receipt_held_pkey PRIMARY KEY (receipt_id);

ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.smsc_ids
    ADD CONSTRAINT smsc_ids_pkey PRIMARY KEY (smsc);

ALTER TABLE ONLY public.source_event
    ADD CONSTRAINT source_event_pkey PRIMARY KEY (source, event_id);

ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (member_id, month, transfer_id);

ALTER TABLE ONLY public.transfer_rest
    ADD CONSTRAINT transfer_rest_pkey PRIMARY KEY (member_id, month, transfer_id);

CREATE INDEX inbox_identity ON public.inbox USING btree (member_id, identity, inbox_id);

CREATE INDEX inbox_parked ON public.inbox USING btree (inbox_id) WHERE (content_cipher IS NOT NULL);

CREATE INDEX inbox_part_at ON public.inbox_part USING btree (at);

CREATE INDEX lot_live ON public.lot USING btree (member_id, unit, priority, expires_at, earned_at, lot_id) WHERE (remaining > 0);

CREATE INDEX outbox_ending ON public.outbox USING btree (expires_at) WHERE (state = ANY (ARRAY['queued'::text, 'in_doubt'::text]));

CREATE INDEX outbox_leased ON public.outbox USING btree (send_lease_until) WHERE (state = 'sending'::text);

CREATE INDEX outbox_live ON public.outbox USING btree (smsc, lane, message_id) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text, 'in_doubt'::text]));

CREATE INDEX outbox_live_of_member ON public.outbox USING btree (member_id, message_id) WHERE (state = ANY (ARRAY['queued'::text, 'sending'::text, 'in_doubt'::text]));

CREATE INDEX outbox_of_member ON public.outbox USING btree (member_id, at);

CREATE INDEX outbox_owned ON public.outbox USING btree (owner) WHERE (state = 'sending'::text);

CREATE INDEX outbox_part_taken ON public.outbox_part USING btree (smsc, smsc_message_id);

CREATE INDEX receipt_held_at ON public.receipt_held USING btree (at);

CREATE INDEX receipt_held_of_member ON public.receipt_held USING btree (member_id);

CREATE INDEX source_event_of_member ON public.source_event USING btree (member_id, at);

ALTER INDEX public.entry_pkey ATTACH PARTITION public.entry_rest_pkey;

ALTER INDEX public.transfer_pkey ATTACH PARTITION public.transfer_rest_pkey;

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.consent FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.entry FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.transfer FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.consent FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.transfer FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.outbox(message_id);

ALTER TABLE ONLY public.inbox_part
    ADD CONSTRAINT inbox_part_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.lot
    ADD CONSTRAINT lot_member_id_unit_fkey FOREIGN KEY (member_id, unit) REFERENCES public.account(member_id, unit);

ALTER TABLE ONLY public.member_number
    ADD CONSTRAINT member_number_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pack_version_id_fkey FOREIGN KEY (pack_version_id) REFERENCES public.pack_version(pack_version_id);

ALTER TABLE ONLY public.outbox_part
    ADD CONSTRAINT outbox_part_message_id_fkey FOREIGN KEY (message_id) REFERENCES public.outbox(message_id);

ALTER TABLE ONLY public.receipt_held
    ADD CONSTRAINT receipt_held_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);
