"""Long texts both ways: each marking at its limits, never through a pair, and whole again at the other end."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import parts
from gateway.smpp.choices import Concatenation
from gateway.smpp.parts import Content, Piece
from gateway.smpp.pdu import codec, coding, tlv
from gateway.smpp.pdu.coding import DefaultAlphabet
from gateway.smpp.pdu.messages import Address, DataSm, DeliverSm, SubmitSm
from gateway.smpp.pdu.part import Part
from gateway.smpp.pdu.tlv import Tag
from gateway.smpp.settings import LinkSettings

LINK = LinkSettings("smsc.example", "bolshe", "pass")
UDH8, UDH16, SAR, PAYLOAD = Concatenation
GSM7, LATIN1, ASCII = DefaultAlphabet
MARKED = [UDH8, UDH16, SAR]


def link(concatenation: Concatenation = UDH8, default_alphabet: DefaultAlphabet = GSM7) -> LinkSettings:
    return replace(LINK, concatenation=concatenation, default_alphabet=default_alphabet)


def sent(content: Content) -> SubmitSm:
    """The PDU, after the wire."""
    pdu = SubmitSm(
        1, Address("6111", 3, 0), Address("79210000001", 1, 1), content.short_message, content.data_coding,
        content.esm_class, tlvs=content.tlvs,
    )  # fmt: skip
    back = codec.decode(codec.encode(pdu))
    assert back == pdu
    return pdu


def pieces_of(text: str, settings: LinkSettings, reference: int = 7) -> list[Piece]:
    return [parts.read(sent(content)) for content in parts.divide(text, settings, reference)]


@pytest.mark.parametrize(
    ("text", "concatenation", "sizes"),
    [
        pytest.param("", UDH8, [0], id="nothing"),
        pytest.param("a" * 160, UDH8, [160], id="160 septets"),
        pytest.param("a" * 161, UDH8, [153, 8], id="161 septets"),
        pytest.param("a" * 161, UDH16, [152, 9], id="161 septets, 16-bit reference"),
        pytest.param("a" * 161, SAR, [153, 8], id="161 septets, SAR"),
        pytest.param("a" * 306, UDH8, [153, 153], id="306 septets"),
        pytest.param("a" * 307, UDH8, [153, 153, 1], id="307 septets"),
        pytest.param("a" * 304, UDH16, [152, 152], id="304 septets, 16-bit reference"),
        pytest.param("a" * 159 + "€", UDH8, [153, 8], id="a euro sign at septet 160"),
        pytest.param("a" * 158 + "€", UDH8, [160], id="a euro sign that ends at septet 160"),
        pytest.param("a" * 152 + "€" * 5, UDH8, [152, 10], id="a euro sign at septet 153"),
        pytest.param("a" * 151 + "€" * 5, UDH8, [153, 8], id="a euro sign that ends at septet 153"),
        pytest.param("a" * 151 + "€" * 5, UDH16, [151, 10], id="a euro sign at septet 152, 16-bit reference"),
        pytest.param("я" * 70, UDH8, [140], id="70 units"),
        pytest.param("я" * 71, UDH8, [134, 8], id="71 units"),
        pytest.param("я" * 71, UDH16, [132, 10], id="71 units, 16-bit reference"),
        pytest.param("я" * 71, SAR, [134, 8], id="71 units, SAR"),
        pytest.param("я" * 66 + "👍" * 3, UDH8, [132, 12], id="an emoji at unit 67"),
        pytest.param("я" * 65 + "👍" * 3, UDH8, [134, 8], id="an emoji that ends at unit 67"),
        pytest.param("👍" * 35, UDH8, [140], id="35 emojis"),
        pytest.param("👍" * 36, UDH8, [132, 12], id="36 emojis"),
        pytest.param("я" * 670 + "!", UDH8, [134] * 10 + [2], id="eleven parts"),
    ],
)
def test_sizes(text: str, concatenation: Concatenation, sizes: list[int]) -> None:
    pieces = pieces_of(text, link(concatenation))
    assert [len(piece.octets) for piece in pieces] == sizes
    assert parts.joined(pieces) == text
    assert len(parts.divide(text, link(concatenation), 0)) == len(sizes)


@pytest.mark.parametrize(
    ("concatenation", "reference", "first"),
    [
        pytest.param(UDH8, 0x1234, Part(0x34, 2, 1), id="8 bits"),
        pytest.param(UDH16, 0x51234, Part(0x1234, 2, 1), id="16 bits"),
        pytest.param(SAR, 0x51234, Part(0x1234, 2, 1), id="SAR"),
        pytest.param(UDH8, 0, Part(0, 2, 1), id="reference 0"),
    ],
)
def test_a_reference_is_cut_to_its_room(concatenation: Concatenation, reference: int, first: Part) -> None:
    pieces = pieces_of("a" * 161, link(concatenation), reference)
    assert [piece.part for piece in pieces] == [first, replace(first, number=2)]


def test_a_header_and_parameters_never_meet() -> None:
    """0x40 excludes SAR parameters (5.2.12)."""
    for concatenation in Concatenation:
        for content in parts.divide("a" * 161, link(concatenation), 1):
            assert bool(content.esm_class & 0x40) + bool(content.tlvs) == 1


def test_a_payload_goes_whole() -> None:
    (content,) = parts.divide("я" * 671, link(PAYLOAD), 1)
    assert content.short_message == b""
    assert content.esm_class == 0
    assert parts.joined([parts.read(sent(content))]) == "я" * 671
    (short,) = parts.divide("я" * 70, link(PAYLOAD), 1)
    assert (len(short.short_message), short.tlvs) == (140, ())


def test_the_last_part_that_can_be_numbered() -> None:
    assert len(parts.divide("a" * 153 * parts.PARTS_MAX, LINK, 1)) == parts.PARTS_MAX
    with pytest.raises(ValueError, match="256 parts; at most 255"):
        parts.divide("a" * (153 * parts.PARTS_MAX + 1), LINK, 1)


@pytest.mark.parametrize(
    ("text", "alphabet", "data_coding", "octets"),
    [
        pytest.param("5 €", GSM7, 0, b"5 \x1be", id="GSM 7-bit"),
        pytest.param("@$_", GSM7, 0, b"\x00\x02\x11", id="signs in GSM 7-bit"),
        pytest.param("@$_é", LATIN1, 0, b"@$_\xe9", id="signs in Latin-1"),
        pytest.param("@$_[", ASCII, 0, b"@$_[", id="signs in ASCII"),
        pytest.param("5 €", LATIN1, 8, "5 €".encode("utf-16-be"), id="a sign that Latin-1 lacks"),
        pytest.param("é", ASCII, 8, "é".encode("utf-16-be"), id="a letter that ASCII lacks"),
        pytest.param("ç", LATIN1, 8, "ç".encode("utf-16-be"), id="a letter that the air lacks"),
        pytest.param("Да", LATIN1, 8, "Да".encode("utf-16-be"), id="Cyrillic"),
    ],
)
def test_the_default_alphabet_is_the_links(
    text: str, alphabet: DefaultAlphabet, data_coding: int, octets: bytes
) -> None:
    (content,) = parts.divide(text, link(default_alphabet=alphabet), 1)
    assert (content.data_coding, content.short_message) == (data_coding, octets)
    assert parts.text_of(octets, data_coding, alphabet) == text


def test_septets_count_though_the_octets_are_latin() -> None:
    """`[` is one octet of Latin-1 and two septets of the air."""
    contents = parts.divide("[" * 81, link(default_alphabet=LATIN1), 1)
    assert [len(content.short_message) - 6 for content in contents] == [76, 5]


def test_a_text_that_only_this_default_lacks_is_cut_as_ucs2() -> None:
    contents = parts.divide("a" * 70 + "€", link(default_alphabet=LATIN1), 1)
    assert [len(content.short_message) - 6 for content in contents] == [134, 8]


@given(st.text(alphabet="a€я👍[é", max_size=500), st.sampled_from(Concatenation), st.sampled_from(DefaultAlphabet))
def test_any_text_is_whole_at_the_other_end(text: str, concatenation: Concatenation, alphabet: DefaultAlphabet) -> None:
    settings = link(concatenation, alphabet)
    pieces = pieces_of(text, settings)
    assert parts.joined(pieces, alphabet) == text
    for piece in pieces:
        alone = parts.text_of(piece.octets, piece.data_coding, alphabet)
        assert alone is not None
        assert "\ufffd" not in alone, "no part ends within a pair"
        assert len(pieces) == 1 or alone, "no part is empty"


class TestTheirs:
    """What phones send."""

    def pieces(self, octets: bytes, data_coding: int, cuts: list[int]) -> list[Piece]:
        bounds = [0, *cuts, len(octets)]
        total = len(bounds) - 1
        return [
            Piece(Part(1, total, number), octets[bounds[number - 1] : bounds[number]], data_coding)
            for number in range(1, total + 1)
        ]

    @pytest.mark.parametrize(
        ("text", "data_coding", "cut"),
        [
            pytest.param("я👍", 8, 4, id="through an emoji"),
            pytest.param("яя", 8, 3, id="through a letter"),
            pytest.param("5 €", 0, 3, id="between an escape and its character"),
        ],
    )
    def test_a_pair_that_the_sender_cut_is_whole_again(self, text: str, data_coding: int, cut: int) -> None:
        pieces = self.pieces(coding.write(text, data_coding), data_coding, [cut])
        assert parts.joined(pieces) == text

    def test_any_order(self) -> None:
        pieces = self.pieces("Где мой подарок".encode("utf-16-be"), 8, [8, 16])
        assert {parts.joined(order) for order in permutations(pieces)} == {"Где мой подарок"}

    def test_a_coding_that_changes_from_part_to_part(self) -> None:
        pieces = [
            Piece(Part(1, 3, 1), "Да".encode("utf-16-be"), 8),
            Piece(Part(1, 3, 2), b"5 \x1b", 0),
            Piece(Part(1, 3, 3), b"e", 0),
        ]
        assert parts.joined(pieces) == "Да5 €"

    def test_octets_that_are_no_text(self) -> None:
        assert parts.joined([Piece(None, b"\x01", 4)]) is None
        assert parts.joined([Piece(Part(1, 2, 1), b"hi", 0), Piece(Part(1, 2, 2), b"\x01", 4)]) is None

    def test_a_payload_and_a_data_sm(self) -> None:
        payload = ((Tag.MESSAGE_PAYLOAD, "Баланс".encode("utf-16-be")),)
        for pdu in (
            DeliverSm(1, Address("7"), Address("6111"), data_coding=8, tlvs=payload),
            DataSm(1, Address("7"), Address("6111"), data_coding=8, tlvs=payload),
        ):
            assert parts.joined([parts.read(pdu)]) == "Баланс"

    def test_eleven_parts_with_sar(self) -> None:
        text = "Где мой подарок? " * 40
        pieces = [
            parts.read(
                DeliverSm(
                    1, Address("7"), Address("6111"), text[at * 67 : at * 67 + 67].encode("utf-16-be"), 8,
                    tlvs=(
                        tlv.with_number(Tag.SAR_MSG_REF_NUM, 300),
                        tlv.with_number(Tag.SAR_TOTAL_SEGMENTS, 11),
                        tlv.with_number(Tag.SAR_SEGMENT_SEQNUM, at + 1),
                    ),
                )
            )
            for at in range(11)
        ]  # fmt: skip
        assert [piece.part for piece in pieces] == [Part(300, 11, number) for number in range(1, 12)]
        assert parts.joined(reversed(pieces)) == text

    @pytest.mark.parametrize(
        ("reference", "total", "number", "part"),
        [
            pytest.param(b"\xff\xff", b"\xff", b"\xff", Part(0xFFFF, 255, 255), id="the most there can be"),
            pytest.param(b"\1", b"\0\2", b"\0\1", Part(1, 2, 1), id="wider than they need be"),
            pytest.param(b"\1", b"\1\0", b"\1", None, id="256 parts"),
            pytest.param(b"\1", b"\1\0", b"\1\0", None, id="the 256th part"),
            pytest.param(b"\1\0\0", b"\2", b"\1", None, id="a reference of 17 bits"),
            pytest.param(b"\1", b"\2", b"\3", None, id="the third of two"),
            pytest.param(b"\1", b"\2", b"\0", None, id="part 0"),
        ],
    )
    def test_what_sar_may_say(self, reference: bytes, total: bytes, number: bytes, part: Part | None) -> None:
        tlvs = (
            (Tag.SAR_MSG_REF_NUM, reference), (Tag.SAR_TOTAL_SEGMENTS, total), (Tag.SAR_SEGMENT_SEQNUM, number),
        )  # fmt: skip
        piece = parts.read(DeliverSm(1, Address("7"), Address("6111"), b"hi", tlvs=tlvs))
        assert piece == Piece(part, b"hi", 0)
