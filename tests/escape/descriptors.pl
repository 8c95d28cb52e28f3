# Descriptors that the farm might have left open, and memory shared with others.
sub descriptors { return map { [$_, readlink "/proc/$$/fd/$_"] } grep { defined readlink "/proc/$$/fd/$_" } entries("/proc/$$/fd") }

probe 'descriptors/files-of-the-host', 'none', sub { my @found = grep { $_->[1] =~ m{^/} && $_->[1] !~ m{^/(dev/null|proc/|build/|usr/|tmp/)} } descriptors(); @found ? "$found[0][1]" : undef };
probe 'descriptors/sockets', 'none', sub { my @found = grep { $_->[1] =~ /^socket:/ } descriptors(); @found ? "$found[0][1]" : undef };
probe 'descriptors/kernel-objects', 'none', sub { my @found = grep { $_->[1] =~ /^anon_inode:|memfd:/ } descriptors(); @found ? "$found[0][1]" : undef };
probe 'descriptors/directories', 'none', sub { for (descriptors()) { return "$_->[0] is a directory" if $_->[0] > 2 && -d "/proc/$$/fd/$_->[0]" && $_->[1] !~ m{/proc/} } undef };
probe 'descriptors/of-the-first-process', 'none', sub { for (entries('/proc/1/fd')) { my $is = readlink "/proc/1/fd/$_"; return $is if $is && $is =~ /^socket:|^anon_inode:/ } undef };
probe 'descriptors/standard-input-of-the-farm', 'none', sub { my ($ready, $text) = ('', ''); vec($ready, 0, 1) = 1; select($ready, undef, undef, 0.1) or return; sysread STDIN, $text, 100 and "read $text" };
probe 'ipc/shared-memory-file', 'user', sub { secret_in("/dev/shm/$host{shm}") };
probe 'ipc/shared-memory-of-system-v', 'user', sub { call(29, $host{key} + 0, 0, 0) };
probe 'ipc/semaphores-of-system-v', 'user', sub { call(64, $host{key} + 0, 0, 0) };
probe 'ipc/messages-of-system-v', 'user', sub { call(68, $host{key} + 0, 0) };
probe 'ipc/list-of-shared-memory', 'user', sub { my @lines = split /\n/, content('/proc/sysvipc/shm'); @lines > 1 ? $lines[1] : undef };
probe 'ipc/message-queue', 'user', sub { call(240, "$host{queue}\0", 2, 0, 0) };
