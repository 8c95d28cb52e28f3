# Device nodes: made, or found.
sub node {
    my ($type, $major, $minor) = @_;
    my $path = own_directory() . '/node';
    unlink $path;
    call(133, $path, $type | 0600, ($major << 8) | $minor) or return;
    return sysopen(my $device, $path, O_RDONLY | O_NONBLOCK) ? 'made and opened a node' : undef;
}

sub device { my ($name) = @_; return sysopen(my $device, "/dev/$name", O_RDONLY | O_NONBLOCK) ? "opened $name" : undef }

probe 'devices/make-a-block-device', 'none', sub { node(0060000, 254, 0) };
probe 'devices/make-a-loop-device', 'none', sub { node(0060000, 7, 0) };
probe 'devices/make-memory', 'none', sub { node(0020000, 1, 1) };
probe 'devices/make-kernel-log', 'none', sub { node(0020000, 1, 11) };
probe 'devices/make-a-terminal', 'none', sub { node(0020000, 4, 1) };
probe 'devices/open-mem', 'none', sub { device('mem') };
probe 'devices/open-port', 'none', sub { device('port') };
probe 'devices/open-kmsg', 'none', sub { device('kmsg') };
probe 'devices/open-vda', 'none', sub { device('vda') };
probe 'devices/open-sda', 'none', sub { device('sda') };
probe 'devices/open-loop0', 'none', sub { device('loop0') };
probe 'devices/open-loop-control', 'none', sub { device('loop-control') };
probe 'devices/open-mapper-control', 'none', sub { device('mapper/control') };
probe 'devices/open-fuse', 'none', sub { device('fuse') };
probe 'devices/open-kvm', 'none', sub { device('kvm') };
probe 'devices/open-vhost-net', 'none', sub { device('vhost-net') };
probe 'devices/open-uinput', 'none', sub { device('uinput') };
probe 'devices/open-rtc0', 'none', sub { device('rtc0') };
probe 'devices/open-console', 'none', sub { device('console') };
probe 'devices/open-ttyS0', 'none', sub { device('ttyS0') };
probe 'devices/open-userfaultfd', 'none', sub { device('userfaultfd') };
probe 'devices/open-watchdog', 'none', sub { device('watchdog') };
probe 'devices/entropy-ioctl', 'none', sub { sysopen(my $random, '/dev/random', O_RDONLY) or return; my $none = 0; ioctl($random, 0x5206, $none) ? 'cleared the pool' : undef };
probe 'devices/write-to-a-device-file', 'none', sub { chmod(0666, '/dev/null') ? 'changed the mode of the host\'s /dev/null' : undef };
probe 'devices/remove-a-device-file', 'none', sub { unlink('/dev/full') ? 'removed it' : undef };
probe 'devices/push-into-a-terminal', 'none', sub { my $key = 'x'; sysopen(my $terminal, '/dev/tty', O_RDWR) or return; ioctl($terminal, 0x5412, $key) ? 'pushed' : undef };
