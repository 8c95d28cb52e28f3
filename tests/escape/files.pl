# Files of the host, of the farm, and of other builds.
my $up = '../' x 40;

probe 'files/secret-by-its-path', 'user', sub { secret_in($host{secret_file}) };
probe 'files/public-file-by-its-path', 'user', sub { secret_in($host{public_file}) };
probe 'files/secret-by-dots', 'user', sub { chdir '/'; secret_in("$up$host{secret_file}") };
probe 'files/secret-by-proc-self-root', 'user', sub { secret_in("/proc/self/root/$up$host{secret_file}") };
probe 'files/secret-by-proc-self-cwd', 'user', sub { secret_in("/proc/self/cwd/$up$host{secret_file}") };
probe 'files/secret-by-first-process', 'none', sub { secret_in("/proc/1/root$host{public_file}") };
probe 'files/secret-by-first-process-cwd', 'none', sub { secret_in("/proc/1/cwd/$up$host{public_file}") };
probe 'files/secret-by-symlink', 'user', sub {
    my $link = own_directory() . '/link';
    unlink $link;
    symlink $host{secret_file}, $link or return;
    return secret_in($link);
};
probe 'files/secret-by-hard-link', 'user', sub {
    my $link = "$host{scratch}/link";
    my $at = -d $host{scratch} ? $link : '/tmp/hard-link';
    unlink $at;
    link($host{secret_file}, $at) or return;
    return secret_in($at);
};
probe 'files/write-over-a-host-file', 'user', sub { put($host{victim_file}, "harmed\n") };
probe 'files/create-in-a-host-directory', 'user', sub { created("$host{scratch}/created-$$") };
probe 'files/remove-a-host-file', 'user', sub { unlink($host{removable_file}) ? 'removed it' : undef };
probe 'files/read-the-registry', 'user', sub { length content($host{registry}) ? 'read it' : undef };
probe 'files/write-the-registry', 'user', sub { writable($host{registry}) };
probe 'files/list-the-spool', 'user', sub { my @found = entries($host{spool}); @found ? "@found" : undef };
probe 'files/create-in-the-spool', 'user', sub { created("$host{spool}/results/created-$$") };
probe 'files/create-in-a-bucket', 'user', sub { created("$host{buckets}/created-$$") };
probe 'files/list-layers', 'user', sub { my @found = entries($host{layers}); @found ? "@found" : undef };
probe 'files/create-among-unfinished-layers', 'user', sub { my $made = created("$host{making}/.created-$$"); unlink "$host{making}/.created-$$"; $made };
probe 'files/create-among-layers', 'user', sub { my $made = created("$host{layers}/.created-$$"); unlink "$host{layers}/.created-$$"; $made };
probe 'files/list-other-builders', 'user', sub { my @found = entries("$host{work}/builders"); @found ? "@found" : undef };
probe 'files/read-the-configuration', 'user', sub { content($host{configuration}) =~ /registry:/ ? 'read it' : undef };
probe 'files/host-shadow', 'none', sub { content('/etc/shadow') =~ /^pkgforge:/m ? 'it has the farm\'s user' : undef };
probe 'files/host-passwd', 'user', sub { content('/etc/passwd') =~ /^pkgforge:/m || content('/etc/hostid-of-tests') ? 'it is the host\'s' : undef };
probe 'files/layer-below-by-mountinfo', 'none', sub {
    my ($lower) = content('/proc/self/mountinfo') =~ /lowerdir=([^,: ]+)/ or return;
    return -e $lower ? "reached the layer $lower" : undef;
};
