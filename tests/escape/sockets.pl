# Sockets of the host that are no network: paths, abstract names, message buses.
sub joined {
    my ($name, $type) = @_;
    socket my $socket, PF_UNIX, $type // SOCK_STREAM, 0 or return;
    return connect($socket, pack_sockaddr_un($name)) ? 'connected' : undef;
}

probe 'sockets/by-path', 'user', sub { joined($host{socket}) };
probe 'sockets/by-abstract-name', 'user', sub { joined("\0$host{abstract}") };
probe 'sockets/abstract-names-of-the-host', 'user', sub { index(content('/proc/net/unix', 1 << 20), $host{abstract}) >= 0 ? 'sees it' : undef };
probe 'sockets/by-path-from-first-process', 'none', sub { joined("/proc/1/root$host{socket}") };
probe 'sockets/system-bus', 'none', sub { joined('/run/dbus/system_bus_socket') || joined('/var/run/dbus/system_bus_socket') };
probe 'sockets/systemd', 'none', sub { joined('/run/systemd/private') || joined('/run/systemd/notify', SOCK_DGRAM) };
probe 'sockets/journal', 'none', sub { joined('/run/systemd/journal/stdout') || joined('/dev/log', SOCK_DGRAM) };
probe 'sockets/containers', 'none', sub { joined('/run/docker.sock') || joined('/var/run/docker.sock') || joined('/run/containerd/containerd.sock') };
probe 'sockets/postgresql', 'none', sub { joined('/var/run/postgresql/.s.PGSQL.5432') || joined('/tmp/.s.PGSQL.5432') };
probe 'sockets/session-bus', 'none', sub { my @found = glob '/run/user/*/bus /tmp/dbus-*'; @found ? "@found" : undef };
probe 'sockets/agents', 'none', sub { my @found = grep { /SSH_AUTH_SOCK|GPG_AGENT|DBUS|XDG_RUNTIME/ } keys %ENV; @found ? "@found" : undef };
