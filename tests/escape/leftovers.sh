# Leaves processes behind, each in another way. All have the word that the test has chosen in their command line.
word=$1

leave_nohup() { bash -c "exec nohup bash -c 'exec -a $word-nohup sleep 86400'" > /dev/null 2>&1 & }
leave_setsid() { setsid bash -c "exec -a $word-setsid sleep 86400" < /dev/null > /dev/null 2>&1 & }
leave_double_fork() { (cd / && setsid bash -c "(exec -a $word-double-fork sleep 86400) &" < /dev/null > /dev/null 2>&1 &); }
leave_deaf() { setsid perl -e '$0 = shift; $SIG{$_} = "IGNORE" for grep { !/KILL|STOP|NUM|CHLD/ } keys %SIG; sleep 1 while 1' "$word-deaf" < /dev/null > /dev/null 2>&1 & }
leave_new_names() { setsid perl -e '$0 = shift; exec $^X, "-e", q{select undef, undef, undef, 0.2; exec $^X, "-e", $ARGV[1], @ARGV[0, 1]}, "$0", q{select undef, undef, undef, 0.2; exec $^X, "-e", $ARGV[1], @ARGV[0, 1]}' "$word-new-names" < /dev/null > /dev/null 2>&1 & }
leave_log_holder() { bash -c "exec -a $word-log-holder sleep 86400" & }
leave_writer() { bash -c "exec -a $word-writer sleep 86400" < /dev/null 3>> ../leftovers.log > /dev/null 2>&1 & }
leave_stopped() { perl -e '$0 = shift; kill STOP => $$; sleep 86400' "$word-stopped" < /dev/null > /dev/null 2>&1 & }
leave_chain() { setsid perl -e '$0 = shift; while (1) { select undef, undef, undef, 0.05; my $pid = fork; exit if $pid }' "$word-chain" < /dev/null > /dev/null 2>&1 & }
leave_vfork() { setsid perl -e '$0 = shift; fork // exit; fork // exit; sleep 86400' "$word-vfork" < /dev/null > /dev/null 2>&1 & }
leave_busy() { setsid perl -e '$0 = shift; setpriority 0, 0, 19; 1 while 1' "$word-busy" < /dev/null > /dev/null 2>&1 & }
leave_zombies() { setsid perl -e '$0 = shift; fork || exit for 1 .. 20; sleep 86400' "$word-zombies" < /dev/null > /dev/null 2>&1 & }

for style in nohup setsid double_fork deaf new_names log_holder writer stopped chain vfork busy zombies; do
    "leave_$style"
done
sleep 0.5
for style in nohup setsid double-fork deaf new-names log-holder writer stopped chain vfork busy zombies; do
    # Those that fork or change their name all the time are not in every look.
    for look in 1 2 3 4 5 6 7 8; do
        grep -qsa -- "$word-$style" /proc/[0-9]*/cmdline && echo "LEFT $style" && break
    done
done
true
