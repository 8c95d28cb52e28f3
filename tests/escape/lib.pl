#!/usr/bin/perl
# The probe program: this file, then those of the areas. Each probe tries one thing that a build must not be able to do.
#
# Usage: perl probe CONTEXT TARGETS [user|root]
#
# TARGETS has a line NAME=VALUE for each thing that the test has put on the host to be found. With a third argument only
# the probes run that must succeed there: as an ordinary user of the host, or as root of a user namespace.
use strict;
use warnings;
use Fcntl;
use POSIX ();
use Socket;

our ($context, $targets, $only) = (@ARGV, '');
our %host = map { chomp; split /=/, $_, 2 } do { open my $in, '<', $targets or die "$targets: $!"; <$in> };
$| = 1;

# probe NAME, CONTROL, CODE: CODE returns what harm it has done, or nothing. CONTROL says where it must do harm.
sub probe {
    my ($name, $control, $code) = @_;
    return if $only && $control ne $only;
    pipe my $out, my $in or die "pipe: $!";
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        $SIG{ALRM} = 'DEFAULT';
        alarm 4;
        $! = 0;
        my $harm = eval { $code->() };
        my $error = "$!";
        $harm =~ s/[^ -~]/?/g if defined $harm;
        syswrite $in, $@ ? "BROKEN $@" : $harm ? 'HARM ' . substr($harm, 0, 200) : "contained $error";
        POSIX::_exit(0);
    }
    close $in;
    my $line = do { local $/; <$out> } || 'contained it was ended';
    waitpid $pid, 0;
    $line =~ s/\s+/ /g;
    print "PROBE $context/$name $line\n";
}

# call NUMBER ARGUMENTS: true when the system call succeeds. Numbers are those of x86-64.
# Copies, because Perl gives no constant to the kernel.
sub call { my ($number, @arguments) = @_; my $result = syscall $number, @arguments; return $result >= 0 ? "call $number: $result" : undef }

sub content {
    my ($path, $most) = @_;
    sysopen my $in, $path, O_RDONLY | O_NONBLOCK or return '';
    sysread $in, my $text, $most // 65536;
    return $text // '';
}

# The secret of the host, seen in a text.
sub secret { my ($text) = @_; return index($text, $host{secret}) >= 0 ? "read $host{secret}" : undef }

sub secret_in { return secret(content($_[0])) }

sub writable { my ($path) = @_; return sysopen(my $out, $path, O_WRONLY | O_NONBLOCK) ? "opened $path to write" : undef }

sub put {
    my ($path, $text) = @_;
    sysopen my $out, $path, O_WRONLY | O_NONBLOCK or return;
    return defined syswrite($out, $text) ? "wrote to $path" : undef;
}

sub created {
    my ($path) = @_;
    sysopen my $out, $path, O_WRONLY | O_CREAT | O_EXCL, 0600 or return;
    return "created $path";
}

# A file of /proc that is not the process' own: what is in it, when it belongs to a process of the host.
sub processes { opendir my $proc, '/proc' or return; return grep { /^\d+$/ } readdir $proc }

sub entries { opendir my $directory, $_[0] or return; return grep { !/^\.\.?$/ } readdir $directory }

sub own_directory { my $path = "/tmp/probe-$$"; mkdir $path; return $path }
