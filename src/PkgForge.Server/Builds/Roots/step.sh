# One step in a root, as the first process of its own pid and mount namespaces, which has a /proc of its own there. When this process ends, the kernel kills
# whatever else runs in the step. Arguments: the root, the user id, the network ("farm" or "none"), the outputs ("one"
# stream, two "apart", or a "terminal", which becomes the step's own), the directory to run in, then the command.
set -e
lead=
case $4 in
    one) exec 2>&1 ;;
    terminal) lead='setsid --ctty' ;;
esac
# Whatever the daemon's is: modes of files go into packages.
umask 022
root=$1 user=$2 network=$3 directory=$5
shift 5
[ "$network" = farm ] || ip link set lo up
if [ "$user" = 0 ]; then
    # Root enough to install packages, whose scripts are not to be trusted: none of what it takes to leave the root
    # (sys_chroot, sys_admin, sys_ptrace). What it drops it with is the root's own, because chroot needs one of them.
    exec $lead chroot "$root" setpriv --inh-caps=-all \
        --bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+setfcap \
        /usr/bin/env -C "$directory" "$@"
fi
# No way back to root: a set-user-id program gives nothing under no-new-privs, and the bounding set holds only what
# chroot itself needs before it changes the user. The shell in the root reaps orphans as every init must.
exec $lead setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+sys_chroot,+setuid,+setgid \
    chroot --userspec="$user:$user" --groups= "$root" /bin/sh -c 'cd "$0" && "$@"; exit $?' "$directory" "$@"
