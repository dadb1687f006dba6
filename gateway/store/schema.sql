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

CREATE TABLE public.schema_version (
    version_num character varying(32) NOT NULL
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

ALTER TABLE ONLY public.deployment
    ADD CONSTRAINT deployment_pkey PRIMARY KEY (singleton);

ALTER TABLE ONLY public.entry
    ADD CONSTRAINT entry_pkey PRIMARY KEY (member_id, month, transfer_id, account);

ALTER TABLE ONLY public.entry_rest
    ADD CONSTRAINT entry_rest_pkey PRIMARY KEY (member_id, month, transfer_id, account);

ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (member_id, key);

ALTER TABLE ONLY public.lot
    ADD CONSTRAINT lot_pkey PRIMARY KEY (member_id, lot_id);

ALTER TABLE ONLY public.member_number
    ADD CONSTRAINT member_number_number_digest_key UNIQUE (number_digest);

ALTER TABLE ONLY public.member_number
    ADD CONSTRAINT member_number_pkey PRIMARY KEY (member_id);

ALTER TABLE ONLY public.member
    ADD CONSTRAINT member_pkey PRIMARY KEY (member_id);

ALTER TABLE ONLY public.pack_version
    ADD CONSTRAINT pack_version_digest_key UNIQUE (digest);

ALTER TABLE ONLY public.pack_version
    ADD CONSTRAINT pack_version_pkey PRIMARY KEY (pack_version_id);

ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.source_event
    ADD CONSTRAINT source_event_pkey PRIMARY KEY (source, event_id);

ALTER TABLE ONLY public.transfer
    ADD CONSTRAINT transfer_pkey PRIMARY KEY (member_id, month, transfer_id);

ALTER TABLE ONLY public.transfer_rest
    ADD CONSTRAINT transfer_rest_pkey PRIMARY KEY (member_id, month, transfer_id);

CREATE INDEX lot_live ON public.lot USING btree (member_id, unit, priority, expires_at, earned_at, lot_id) WHERE (remaining > 0);

CREATE INDEX source_event_of_member ON public.source_event USING btree (member_id, at);

ALTER INDEX public.entry_pkey ATTACH PARTITION public.entry_rest_pkey;

ALTER INDEX public.transfer_pkey ATTACH PARTITION public.transfer_rest_pkey;

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.entry FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER insert_only BEFORE DELETE OR UPDATE ON public.transfer FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.entry FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.transfer FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);

ALTER TABLE ONLY public.lot
    ADD CONSTRAINT lot_member_id_unit_fkey FOREIGN KEY (member_id, unit) REFERENCES public.account(member_id, unit);

ALTER TABLE ONLY public.member_number
    ADD CONSTRAINT member_number_member_id_fkey FOREIGN KEY (member_id) REFERENCES public.member(member_id);
