# Mounts, and ways out of a changed root.
sub mounted { my ($what, $where, $type, $flags, $data) = @_; return call(165, $what, $where, $type, $flags, $data // 0) }

# Whether the directory above the root can be reached after an escape.
sub outside { chdir '..' for 1 .. 60; return call(161, '.') && secret_in($host{public_file}) }

probe 'mounts/tmpfs', 'root', sub { mounted('tmpfs', own_directory(), 'tmpfs', 0) };
probe 'mounts/bind', 'root', sub { mounted('/', own_directory(), 'none', 20480) };
probe 'mounts/proc', 'root', sub { mounted('proc', own_directory(), 'proc', 0) };
probe 'mounts/sysfs', 'root', sub { mounted('sysfs', own_directory(), 'sysfs', 0) };
probe 'mounts/cgroup', 'none', sub { mounted('cgroup', own_directory(), 'cgroup', 0, 'memory') || mounted('cgroup2', own_directory(), 'cgroup2', 0) };
probe 'mounts/disk', 'none', sub { mounted('/dev/vda', own_directory(), 'ext4', 0) };
probe 'mounts/debugfs', 'none', sub { mounted('debugfs', own_directory(), 'debugfs', 0) || mounted('tracefs', own_directory(), 'tracefs', 0) };
probe 'mounts/securityfs', 'none', sub { mounted('securityfs', own_directory(), 'securityfs', 0) };
probe 'mounts/binfmt', 'none', sub { mounted('binfmt_misc', own_directory(), 'binfmt_misc', 0) };
probe 'mounts/overlay-over-the-root', 'none', sub { mounted('overlay', '/', 'overlay', 0, "lowerdir=/usr:/etc,userxattr") };
probe 'mounts/remount-the-root', 'none', sub { mounted('none', '/', '', 32) };
probe 'mounts/remount-proc-for-programs', 'root', sub { mounted('none', '/proc', '', 32) };
probe 'mounts/make-the-root-shared', 'root', sub { mounted('none', '/', '', (1 << 20) | 16384) };
probe 'mounts/take-proc-away', 'none', sub { call(166, '/proc', 2) };
probe 'mounts/take-the-root-away', 'none', sub { call(166, '/', 2) };
probe 'mounts/pivot-root', 'none', sub { my $here = own_directory(); call(155, $here, $here) };
probe 'mounts/chroot', 'root', sub { call(161, own_directory()) };
probe 'mounts/chroot-escape', 'root', sub { my $here = own_directory(); chdir '/' and call(161, $here) and outside() };
probe 'mounts/fchdir-escape', 'root', sub {
    opendir my $top, '/' or return;
    call(161, own_directory()) or return;
    chdir $top or return;
    return outside();
};
probe 'mounts/new-mount-api', 'root', sub { call(430, 'tmpfs', 0) };
probe 'mounts/open-tree-clone', 'root', sub { call(428, -100, '/', 0x8001) };
probe 'mounts/mount-attributes', 'none', sub { my $attributes = pack 'QQQQ', 0, 1, 0, 0; call(442, -100, '/', 0, $attributes, 32) };
probe 'mounts/new-user-namespace', 'user', sub { call(272, 0x10000000) };
probe 'mounts/new-user-namespace-by-clone', 'user', sub { my $made = call(56, 0x10000000 | 17, 0, 0, 0, 0) or return; POSIX::_exit(0) if $made =~ /: 0$/; wait; $made };
probe 'mounts/new-mount-namespace', 'root', sub { call(272, 0x00020000) };
probe 'mounts/new-pid-namespace', 'root', sub { call(272, 0x20000000) };
probe 'mounts/new-network-namespace', 'root', sub { call(272, 0x40000000) };
probe 'mounts/new-user-namespace-tool', 'user', sub { system('unshare --user true 2> /dev/null') == 0 ? 'unshare has made one' : undef };
probe 'mounts/enter-the-namespace-of-the-first-process', 'none', sub { sysopen(my $namespace, '/proc/1/ns/mnt', O_RDONLY) or return; call(308, fileno $namespace, 0) };
