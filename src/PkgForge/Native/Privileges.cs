namespace PkgForge.Native;

/// <summary>Gives up root's rights for good, for a daemon that was started as root.</summary>
public static class Privileges
{
    private const uint Root = 0;

    /// <summary>
    /// Becomes this user, with its groups, in all threads; sets HOME, USER and LOGNAME for the processes to come. When
    /// it returns, there is no way back: that is checked.
    /// </summary>
    /// <exception cref="PosixException">A step failed: the process must end, its rights are in between.</exception>
    /// <exception cref="InvalidOperationException">The rights that are left are not those of the user.</exception>
    public static void DropTo(Account user)
    {
        FileSystem.Check(Libc.initgroups(FileSystem.Bytes(user.Name), user.Gid), "take the groups of", user.Name);
        FileSystem.Check(Libc.setresgid(user.Gid, user.Gid, user.Gid), "take the group of", user.Name);
        FileSystem.Check(Libc.setresuid(user.Uid, user.Uid, user.Uid), "become user", user.Name);
        Verify(user);
        Environment.SetEnvironmentVariable("HOME", user.Home);
        Environment.SetEnvironmentVariable("USER", user.Name);
        Environment.SetEnvironmentVariable("LOGNAME", user.Name);
    }

    private static void Verify(Account user)
    {
        _ = Libc.getresuid(out var uid, out var effectiveUid, out var savedUid);
        _ = Libc.getresgid(out var gid, out var effectiveGid, out var savedGid);
        var dropped =
            uid == user.Uid
            && effectiveUid == user.Uid
            && savedUid == user.Uid
            && gid == user.Gid
            && effectiveGid == user.Gid
            && savedGid == user.Gid
            && (user.Uid == Root || Libc.setuid(Root) != 0);
        if (!dropped)
            throw new InvalidOperationException($"the process is not user '{user.Name}' though every step succeeded");
    }
}
