# Network: the host's loopback, other machines, and the devices themselves.
sub connected {
    my ($address, $port) = @_;
    socket my $socket, PF_INET, SOCK_STREAM, 0 or return;
    return connect($socket, sockaddr_in($port, inet_aton($address))) ? "connected to $address:$port" : undef;
}

sub devices { return grep { $_ ne 'lo' } map { /^\s*([^:\s]+):/ ? $1 : () } split /\n/, content('/proc/net/dev') }

# One request of rtnetlink, and the error that the kernel answers with.
sub netlink {
    my ($type, $flags, $body) = @_;
    socket my $socket, 16, SOCK_RAW, 0 or return;
    send $socket, pack('LSSLL', 16 + length $body, $type, $flags | 5, 1, 0) . $body, 0 or return;
    recv $socket, my $answer, 8192, 0;
    my (undef, $kind, undef, undef, undef, $error) = unpack 'LSSLLl', $answer;
    $! = -$error if $kind == 2;
    return $kind == 2 && $error == 0 ? "request $type was done" : undef;
}

probe 'network/loopback-listener-of-the-host', 'user', sub { connected('127.0.0.1', $host{port}) };
probe 'network/loopback-listener-by-another-address', 'user', sub { connected('127.1.2.3', $host{any_port}) };
probe 'network/loopback-listener-by-ipv6', 'none', sub {
    socket my $socket, PF_INET6, SOCK_STREAM, 0 or return;
    return connect($socket, pack_sockaddr_in6($host{any_port}, Socket::inet_pton(AF_INET6, '::1'))) ? 'connected' : undef;
};
probe 'network/address-of-the-host', 'none', sub { connected($host{address}, $host{any_port}) };
probe 'network/datagram-to-the-host', 'none', sub {
    socket my $socket, PF_INET, SOCK_DGRAM, 0 or return;
    send $socket, 'HARM', 0, sockaddr_in($host{udp_port}, inet_aton('127.0.0.1'));
    return; # The test looks whether it has arrived.
};
probe 'network/route-to-other-machines', 'none', sub {
    # Nothing is sent: a datagram socket only asks for a route. 192.0.2.1 is for documents and nobody's.
    socket my $socket, PF_INET, SOCK_DGRAM, 0 or return;
    return connect($socket, sockaddr_in(9, inet_aton('192.0.2.1'))) ? 'there is a route' : undef;
};
probe 'network/devices-but-loopback', 'user', sub { my @found = devices(); @found ? "@found" : undef };
probe 'network/routes', 'none', sub { my @lines = split /\n/, content('/proc/net/route'); @lines > 1 ? $lines[1] : undef };
probe 'network/name-by-dns', 'none', sub { gethostbyname('localhost.probe.invalid') ? 'it was answered' : undef };
probe 'network/connections-of-the-host', 'user', sub { my $port = sprintf ':%04X', $host{port}; content('/proc/net/tcp') =~ /$port/ ? 'sees the listener' : undef };
probe 'network/raw-socket', 'root', sub { socket(my $socket, PF_INET, SOCK_RAW, 1) ? 'opened' : undef };
probe 'network/packet-socket', 'root', sub { socket(my $socket, 17, SOCK_RAW, 0x0300) ? 'opened' : undef };
probe 'network/new-device', 'root', sub {
    for my $kind (qw(dummy veth bridge ifb tun)) {
        my $name = pack 'SSa8', 12, 1, $kind;
        my $made = netlink(16, 0x600, pack('CxSlLL', 0, 0, 0, 0, 0) . pack('SSa8', 12, 3, "p$kind") . pack('SS', 16, 18) . $name);
        return $made if $made;
    }
    return;
};
probe 'network/loopback-down', 'root', sub { netlink(16, 0, pack('CxSlLL', 0, 0, 1, 0, 1)) };
probe 'network/new-address', 'root', sub { netlink(20, 0x600, pack('CCCCL', 2, 8, 0, 0, 1) . pack('SSa4', 8, 2, inet_aton('10.99.99.99'))) };
probe 'network/new-route', 'none', sub { netlink(24, 0x600, pack('CCCCCCCCL', 2, 0, 0, 0, 254, 3, 0, 1, 0) . pack('SSl', 8, 4, 1)) };
probe 'network/packet-filter', 'root', sub { socket(my $socket, PF_INET, SOCK_RAW, 255) or return; my $info = "filter\0" . "\0" x 77; getsockopt($socket, 0, 64) || $!{EINVAL} ? 'the filter answers' : undef };
probe 'network/tun-device', 'none', sub { sysopen(my $tun, '/dev/net/tun', O_RDWR) ? 'opened' : undef };
probe 'network/sysctl', 'root', sub { put('/proc/sys/net/ipv4/ip_forward', '1') };
probe 'network/low-port', 'root', sub { socket my $socket, PF_INET, SOCK_STREAM, 0 or return; bind($socket, sockaddr_in(81, INADDR_ANY)) ? 'bound' : undef };
probe 'network/vsock-to-the-hypervisor', 'none', sub { socket my $socket, 40, SOCK_STREAM, 0 or return; connect($socket, pack('SSLLCx3', 40, 0, 9, 2, 0)) ? 'connected' : undef };
