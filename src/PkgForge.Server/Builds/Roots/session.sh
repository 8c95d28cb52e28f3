# The first process of a root: makes the mounts, says so, and holds the namespaces until its standard input closes.
# It runs as root of a user namespace whose root is nobody on the host. Arguments: a directory for the mounts, the
# layers (top first, separated by colons), the size of the throw-away top, the host name, a directory on a disk for what
# is written in the root (without one, or where that disk takes none, it is kept in memory), how many instances and watches of inotify
# there may be, and directories that nobody here is to find, as fstab(5) writes them.
set -e

# An overlay of the layers: its upper directory, its work directory, options. userxattr: the kernel keeps overlay's marks in user.* attributes, the
# only ones a user namespace may set. What names there are without a network is written before anything of the layers could be in the way.
lay() {
    [ ! -e "$1" ] && mkdir -p "$2" "$1/etc" && echo "127.0.0.1 localhost
127.0.1.1 $name
::1 localhost ip6-localhost ip6-loopback" > "$1/etc/hosts" && mount -t overlay -o "lowerdir=$layers,upperdir=$1,workdir=$2,userxattr$3" overlay "$root"
}

top=$1 layers=$2 size=$3 name=$4 disk=$5 instances=$6 watches=$7 ready=ready
shift 7
# A machine may have made these read-only.
{
    echo "$instances" > /proc/sys/user/max_inotify_instances
    echo "$watches" > /proc/sys/user/max_inotify_watches
} 2> /dev/null || true
root=$top/root room=$size
# Beside a top on a disk, memory has only the devices.
[ -z "$disk" ] || room=1m
mount -t tmpfs -o "size=$room,nr_inodes=2m,mode=755" tmpfs "$top"
cd "$top"
# To start a process takes longer than what most of them do here, so there are few of them.
mkdir -p root dev/pts dev/shm
: > dev/null > dev/zero > dev/full > dev/random > dev/urandom > dev/tty > dev/ptmx
# The machine's own are links into /proc, and so the root's, too.
cp -d /dev/fd /dev/stdin /dev/stdout /dev/stderr dev
if [ -n "$layers" ]; then
    # volatile: nothing in the root waits for the disk. A top that a power cut meets is of no use to anybody.
    if [ -z "$disk" ]; then
        lay "$top/upper" "$top/work" ''
    elif ! lay "$disk/root" "$disk/work" ,volatile 2> /dev/null; then
        # Not every file system takes one: another overlay does not, nor does one over a network.
        rm -rf "$disk/root" "$disk/work"
        # Both are named, or mount would ask the kernel for the options that it has, and among them are owners by numbers that this namespace does not have.
        mount -o "remount,size=$size" tmpfs "$top"
        lay "$top/upper" "$top/work" ''
        ready='ready in memory'
    fi
elif [ -n "$disk" ]; then
    mkdir "$disk/root"
    mount --bind "$disk/root" root
else
    mkdir upper
    mount --bind upper root
fi
[ -d root/dev ] && [ -d root/proc ] && [ -d root/tmp ] || mkdir -p root/dev root/proc root/tmp
echo "
dev root/dev none bind,nosuid,noexec
/dev/null root/dev/null none bind
/dev/zero root/dev/zero none bind
/dev/full root/dev/full none bind
/dev/random root/dev/random none bind
/dev/urandom root/dev/urandom none bind
/dev/tty root/dev/tty none bind
devpts root/dev/pts devpts newinstance,ptmxmode=0666,mode=620,gid=5
root/dev/pts/ptmx root/dev/ptmx none bind
tmpfs root/dev/shm tmpfs nosuid,nodev,mode=1777,size=512m
proc root/proc proc nosuid,nodev,noexec
" > mounts
# Files of layers, and of those that are being made, belong to this namespace's users. The root has what it needs of them. (What is mounted already under the same name and place,
# mount --all passes over: no other tmpfs is called so.)
for hidden; do
    printf 'pkgforge-hidden %s tmpfs size=4k,mode=0\n' "$hidden" >> mounts
done
mount --all --fstab mounts
hostname "$name"
cd /
echo "$ready"
exec cat
