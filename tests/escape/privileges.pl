# Users, capabilities, keys.
sub status { my ($name) = @_; return content('/proc/self/status') =~ /^$name:\s+(\S+)/m ? $1 : '' }

probe 'privileges/is-the-farms-user', 'user', sub { content('/proc/self/uid_map') =~ /^\s*0\s+0\s/ ? 'ids are those of the host' : undef };
probe 'privileges/may-administrate', 'root', sub { hex(status('CapEff')) & (1 << 21) ? status('CapEff') : undef };
probe 'privileges/may-get-back-what-it-lost', 'root', sub { hex(status('CapBnd')) & ((1 << 21) | (1 << 19) | (1 << 16) | (1 << 12)) ? status('CapBnd') : undef };
probe 'privileges/raises-its-capabilities', 'root', sub { my $header = pack 'LL', 0x20080522, 0; my $all = pack 'L6', 1 << 21, 1 << 21, 0, 0, 0, 0; call(126, $header, $all) };
probe 'privileges/keeps-ambient-capabilities', 'none', sub { hex(status('CapAmb')) ? status('CapAmb') : undef };
probe 'privileges/no-system-call-filter', 'user', sub { status('Seccomp') eq '2' ? undef : 'there is none' };
probe 'privileges/reads-the-keys-of-the-farm', 'none', sub { my $payload = "\0" x 256; call(250, 10, -3, "user\0", "pkgforge-probe\0", 0) && 'found the key' };
probe 'privileges/adds-a-key', 'user', sub { call(248, "user\0", "left-by-a-build\0", 'x', 1, -3) };
probe 'privileges/keys-of-others', 'none', sub { content('/proc/keys') =~ /pkgforge-probe/ ? 'sees the farm\'s key' : undef };
probe 'privileges/asks-for-a-key', 'none', sub { call(249, "user\0", "pkgforge-probe\0", 0, -3) };
probe 'privileges/kernel-feature-personality', 'none', sub { content('/proc/self/personality') =~ /^0*4/ ? 'not the usual one' : undef };
probe 'privileges/dumps-core', 'none', sub { content('/proc/self/limits') =~ /^Max core file size\s+0\s+0/m ? undef : 'core files are allowed' };
probe 'privileges/raises-its-process-limit', 'none', sub { my $limit = pack 'QQ', 1 << 40, 1 << 40; $context eq 'build' ? call(302, 0, 6, $limit, 0) : undef };
probe 'privileges/changes-the-owner-to-a-host-user', 'none', sub { my $file = own_directory() . '/f'; open my $out, '>', $file; chown(0, 0, $file) && $context eq 'build' ? 'gave a file to root' : undef };
probe 'privileges/becomes-root', 'none', sub { return if $context ne 'build'; call(105, 0) || call(117, 0, 0, 0) };
probe 'privileges/becomes-root-by-a-program', 'none', sub {
    return if $context ne 'build';
    for (qw(/bin/su /usr/bin/passwd /bin/mount /usr/bin/chsh /usr/bin/newgrp)) { my $id = `$_ -c 'id -u' 2> /dev/null < /dev/null`; return "$_ gives root" if $id =~ /^0$/m }
    return;
};
probe 'privileges/keeps-groups', 'none', sub { my @groups = split ' ', content('/proc/self/status') =~ /^Groups:(.*)/m ? $1 : ''; $context eq 'build' && @groups ? "@groups" : undef };
probe 'privileges/may-gain-privileges', 'none', sub { status('NoNewPrivs') eq '1' ? undef : 'no-new-privs is not set' };
