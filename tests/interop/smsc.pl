#!/usr/bin/perl
# `perl smsc.pl PORT MSISDN`: an SMSC made of Perl's Net::SMPP, for one connection at a time. To whoever binds, the
# subscriber of that number texts `Баланс`, to 6111. It takes messages, and sends a receipt for each that asks: in text,
# with the parameters. What it sees goes to standard output, a JSON object a line, as `smpp34_server.py` says it.
use strict;
use warnings;
use Encode qw(encode);
use JSON::PP;
use Net::SMPP;
use utf8;

use constant {
    SUBMIT_SM => 0x04, UNBIND => 0x06, BIND_TRANSCEIVER => 0x09, ENQUIRE_LINK => 0x15, DELIVER_SM_RESP => 0x80000005,
    SUBSCRIBER => 1, SHORT_NUMBER => 3, E164 => 1, UCS2 => 8, RECEIPT => 0x04,
};

my ($port, $msisdn) = @ARGV;
my $json = JSON::PP->new->canonical->ascii;
my $taken = 0;
$| = 1;

my $listening = Net::SMPP->new_listen('127.0.0.1', port => $port, smpp_version => 0x34, async => 1)
  or die "cannot listen on $port: $!";
say_(what => 'up');
while (1) {
    my $esme = $listening->accept or next;    # it gives up every five seconds
    $esme->set_version(0x34);
    serve($esme);
    $esme->close;
}

sub serve {
    my ($esme) = @_;
    my %asked;    # what our deliveries were, by their sequences
    while (my $pdu = $esme->read_pdu) {
        my ($command, @seq) = ($pdu->{cmd}, seq => $pdu->{seq});
        if ($command == BIND_TRANSCEIVER) {
            say_(what => 'bound', system_id => $pdu->{system_id}, interface_version => $pdu->{interface_version});
            $esme->bind_transceiver_resp(system_id => 'theirs', @seq, SC_interface_version => pack('C', 0x34));
            $asked{ text($esme) } = 'text';
        } elsif ($command == SUBMIT_SM) {
            my $message_id = sprintf '%X', 0xA0 + ++$taken;
            submitted($pdu);
            $esme->submit_sm_resp(message_id => $message_id, @seq);
            $asked{ receipt($esme, $pdu, $message_id) } = 'receipt' if $pdu->{registered_delivery};
        } elsif ($command == DELIVER_SM_RESP) {
            say_(what => $asked{ $pdu->{seq} } // 'unasked', status => $pdu->{status});
        } elsif ($command == ENQUIRE_LINK) {
            $esme->enquire_link_resp(@seq);
            say_(what => 'enquired');
        } elsif ($command == UNBIND) {
            $esme->unbind_resp(@seq);
            say_(what => 'unbound');
            return;
        } else {
            say_(what => 'other', command => $command, status => $pdu->{status});
        }
    }
}

sub text {
    my ($esme) = @_;
    return $esme->deliver_sm(
        source_addr_ton => SUBSCRIBER, source_addr_npi => E164, source_addr => $msisdn,
        dest_addr_ton => SHORT_NUMBER, dest_addr_npi => 0, destination_addr => '6111',
        data_coding => UCS2, short_message => encode('UTF-16BE', 'Баланс'),
    );
}

# In decimal, as SMSCs that answer in hex often do.
sub receipt {
    my ($esme, $pdu, $message_id) = @_;
    my $number = hex $message_id;
    return $esme->deliver_sm(
        source_addr_ton => $pdu->{dest_addr_ton}, source_addr_npi => $pdu->{dest_addr_npi},
        source_addr => $pdu->{destination_addr}, destination_addr => $pdu->{source_addr}, esm_class => RECEIPT,
        short_message => "id:$number sub:001 dlvrd:001 submit date:261121010101 done date:261121010102 stat:DELIVRD "
          . 'err:000 text:',
        receipted_message_id => "$number\0", message_state => pack('C', 2),
    );
}

sub submitted {
    my ($pdu) = @_;
    say_(
        what => 'submit',
        source => [ @$pdu{qw(source_addr source_addr_ton source_addr_npi)} ],
        destination => [ @$pdu{qw(destination_addr dest_addr_ton dest_addr_npi)} ],
        octets => unpack('H*', $pdu->{short_message}),
        data_coding => $pdu->{data_coding},
        esm_class => $pdu->{esm_class},
    );
}

sub say_ { print $json->encode({@_}), "\n"; }
