# Processes of the host and of other builds.
sub sentinel { return $host{pid} + 0 }

probe 'processes/sees-the-sentinel', 'user', sub { grep({ $_ == sentinel() } processes()) ? 'it is in /proc' : undef };
probe 'processes/sees-its-command-line', 'user', sub { for (processes()) { my $is = secret(content("/proc/$_/cmdline")); return $is if $is && $_ != $$ } undef };
probe 'processes/reads-its-environment', 'user', sub { secret(content('/proc/' . sentinel() . '/environ')) };
probe 'processes/reads-any-environment', 'user', sub { for (processes()) { my $is = secret(content("/proc/$_/environ")); return $is if $is } undef };
probe 'processes/stops-the-sentinel', 'user', sub { kill(0, sentinel()) ? 'it may be signalled' : undef };
probe 'processes/reads-its-memory', 'user', sub { sysopen(my $mem, '/proc/' . sentinel() . '/mem', O_RDONLY) ? 'opened it' : undef };
probe 'processes/process-vm-readv', 'user', sub {
    my $buffer = "\0" x 16;
    my ($start) = content('/proc/' . sentinel() . '/maps') =~ /^([0-9a-f]+)-/ or return;
    my $here = pack 'PQ', $buffer, 16;
    my $there = pack 'QQ', hex $start, 16;
    return call(310, sentinel(), $here, 1, $there, 1, 0);
};
probe 'processes/ptrace-attach', 'user', sub { my $seized = call(101, 0x4206, sentinel(), 0, 0); call(101, 17, sentinel(), 0, 0); $seized };
probe 'processes/pidfd-of-the-sentinel', 'user', sub { call(434, sentinel(), 0) };
probe 'processes/descriptors-of-the-sentinel', 'user', sub { my @found = entries('/proc/' . sentinel() . '/fd'); @found ? "@found" : undef };
probe 'processes/root-of-the-sentinel', 'user', sub { secret_in('/proc/' . sentinel() . "/root$host{public_file}") };
probe 'processes/namespaces-of-the-sentinel', 'user', sub { readlink('/proc/' . sentinel() . '/ns/net') };
probe 'processes/its-priority', 'user', sub { setpriority(0, sentinel(), 5) ? 'changed it' : undef };
probe 'processes/its-oom-score', 'user', sub { put('/proc/' . sentinel() . '/oom_score_adj', '500') };
probe 'processes/its-limits', 'user', sub { my $old = "\0" x 16; call(302, sentinel(), 4, 0, $old) };
probe 'processes/own-oom-score-below-others', 'none', sub { put('/proc/self/oom_score_adj', '-1000') };
probe 'processes/more-than-the-build-in-proc', 'user', sub { my @found = processes(); @found > 60 ? scalar(@found) . ' processes' : undef };
