using System.Runtime.InteropServices;

namespace PkgForge.Native;

/// <summary>A user account of this machine.</summary>
public sealed record Account(string Name, uint Uid, uint Gid, string Home);

/// <summary>A group of this machine.</summary>
public sealed record AccountGroup(string Name, uint Gid);

/// <summary>
/// Looks users and groups up in whatever this machine takes them from (files, LDAP: nsswitch.conf(5)). Null when
/// there is none of that name or number.
/// </summary>
public static unsafe class Accounts
{
    private const int FirstSize = 4096;

    /// <summary>A group with very many members needs a large buffer; more than this is not believed.</summary>
    private const int MaxSize = 4 * 1024 * 1024;

    private delegate int Lookup<TEntry>(TEntry* entry, byte* buffer, nuint size, TEntry** found)
        where TEntry : unmanaged;

    /// <summary>The real user id of this process.</summary>
    public static uint CurrentUser => Libc.getuid();

    /// <summary>The effective user id: 0 for root.</summary>
    public static uint EffectiveUser => Libc.geteuid();

    /// <summary>The real group id of this process.</summary>
    public static uint CurrentGroup => Libc.getgid();

    public static Account? FindUser(string name)
    {
        var bytes = FileSystem.Bytes(name);
        return Find<PasswdBuffer, Account>((e, b, s, f) => Libc.getpwnam_r(bytes, e, b, s, f), ToAccount, name);
    }

    public static Account? FindUser(uint uid) =>
        Find<PasswdBuffer, Account>((e, b, s, f) => Libc.getpwuid_r(uid, e, b, s, f), ToAccount, uid.ToString());

    public static AccountGroup? FindGroup(string name)
    {
        var bytes = FileSystem.Bytes(name);
        return Find<GroupBuffer, AccountGroup>((e, b, s, f) => Libc.getgrnam_r(bytes, e, b, s, f), ToGroup, name);
    }

    public static AccountGroup? FindGroup(uint gid) =>
        Find<GroupBuffer, AccountGroup>((e, b, s, f) => Libc.getgrgid_r(gid, e, b, s, f), ToGroup, gid.ToString());

    private static Account ToAccount(PasswdBuffer entry) =>
        new(Text(entry.Name), entry.Uid, entry.Gid, Text(entry.Home));

    private static AccountGroup ToGroup(GroupBuffer entry) => new(Text(entry.Name), entry.Gid);

    private static TResult? Find<TEntry, TResult>(Lookup<TEntry> lookup, Func<TEntry, TResult> read, string what)
        where TEntry : unmanaged
        where TResult : class
    {
        for (var size = FirstSize; ; size *= 4)
        {
            TEntry entry;
            TEntry* found = null;
            fixed (byte* buffer = new byte[size])
            {
                var errno = lookup(&entry, buffer, (nuint)size, &found);
                if (found is not null)
                    return read(entry);
                // getpwnam_r(3): "not found" may be reported as one of these numbers too.
                if (errno is 0 or Errno.ENOENT or Errno.EPERM or 3 or 9)
                    return null;
                if (errno != Errno.ERANGE || size > MaxSize)
                    throw new PosixException("look up account", what, errno);
            }
        }
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
