#!/usr/bin/perl
# `perl esme.pl PORT SYSTEM_ID`: Perl's Net::SMPP as an ESME, told what to do. A line of standard input is a JSON array,
# the name of a method and its arguments: ["submit_sm", {...}] sends a request and tells its response, ["read_pdu", {}]
# waits for whatever comes next and tells it. Each answer is a line, the PDU that came as a JSON object; what the SMSC
# asks is answered, deliver_sm with the status that ["answer_with", {"status": 100}] last said. Texts and values of
# optional parameters are hex, both ways.
use strict;
use warnings;
use JSON::PP;
use Net::SMPP;

my ($port, $system_id) = @ARGV;
my @OCTETS = qw(short_message message_payload);
my $json = JSON::PP->new->canonical->latin1;
my $status = 0;
$| = 1;

my $smpp = Net::SMPP->new_connect('127.0.0.1', port => $port, smpp_version => 0x34, async => 1)
  or die "no connection: $!";
heard($smpp, $smpp->bind_transceiver(system_id => $system_id, password => 'pass'), 0x80000009);

while (my $line = <STDIN>) {
    my ($method, $arguments) = @{ decode_json($line) };
    if ($method eq 'answer_with') { $status = $arguments->{status}; next; }
    if ($method eq 'read_pdu') { shown(answered($smpp->read_pdu() // die "the line dropped")); next; }
    my %fields = map { $_ => hexed($_) ? pack('H*', $arguments->{$_}) : $arguments->{$_} } keys %$arguments;
    heard($smpp, $smpp->$method(%fields), undef);
    last if $method eq 'unbind';
}

# Reads until the answer to that sequence comes, and shows it; what comes before is answered and shown too.
sub heard {
    my ($smpp, $sequence, $command) = @_;
    while (1) {
        my $pdu = $smpp->read_pdu() // die "the line dropped";
        shown(answered($pdu));
        return if $pdu->{seq} == $sequence and $pdu->{cmd} & 0x80000000;
    }
}

sub answered {
    my ($pdu) = @_;
    if ($pdu->{cmd} == 0x05) {
        $smpp->deliver_sm_resp(message_id => '', seq => $pdu->{seq}, status => $status);
    } elsif ($pdu->{cmd} == 0x15) {
        $smpp->enquire_link_resp(seq => $pdu->{seq});
    }
    return $pdu;
}

sub shown {
    my ($pdu) = @_;
    my %fields = map { $_ => hexed($_) ? unpack('H*', $pdu->{$_}) : $pdu->{$_} }
      grep { !/^(data|reserved|known_pdu)$/ && !ref $pdu->{$_} } keys %$pdu;
    print $json->encode(\%fields), "\n";
}

# Optional parameters are known by their tags as well as by their names.
sub hexed { my ($name) = @_; return $name =~ /^\d+$/ || grep { $name eq $_ } @OCTETS; }
