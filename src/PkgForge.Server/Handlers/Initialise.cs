using Microsoft.Extensions.Logging;
using PkgForge.Native;
using PkgForge.Registry;
using PkgForge.Server.Configuration;
using PkgForge.Spool;

namespace PkgForge.Server.Handlers;

/// <summary>
/// Makes a farm's directories and registry, with the owners and modes that the farm relies on, and verifies them. Safe
/// to repeat: it says what it changed, and changes nothing that is right.
/// </summary>
/// <param name="farm">What it works with.</param>
/// <param name="say">Takes one line for each thing that it changed, or found wrong and could not change.</param>
public sealed class Initialise(Farm farm, Action<string> say)
{
    // Only the owner of a job, and the owner of incoming, may rename or remove it there (sticky); what is made in it
    // keeps the group (set-group-id).
    private const UnixFileMode IncomingMode = (UnixFileMode)0b011_111_111_000;
    private const UnixFileMode PublicMode = (UnixFileMode)0b111_101_101;

    private readonly FarmConfiguration configuration = farm.Configuration;

    /// <summary>Makes and verifies everything.</summary>
    /// <returns>False when something is not as it must be, and could not be changed.</returns>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        var user = Accounts.FindUser(configuration.User);
        var group = Accounts.FindGroup(configuration.Submitters);
        if (Accounts.EffectiveUser != 0)
        {
            // An ordinary user sets up a farm of his own, in which everything is his; or is the farm's user, and looks over
            // what root has set up: then the submitters' group stays what it is.
            user = Accounts.FindUser(Accounts.EffectiveUser) ?? user;
            var present = FileSystem.LinkStatus(farm.Spool.Incoming.Path)?.Group;
            group = group is not null && present == group.Gid ? group : Accounts.FindGroup(Accounts.CurrentGroup);
        }
        if (user is null || group is null)
            throw new ConfigurationException(
                user is null
                    ? $"there is no user '{configuration.User}': make it, or name another one by 'user:'"
                    : $"there is no group '{configuration.Submitters}': make it, or name another one by 'submitters:'"
            );
        var sound = MakeDirectories(user, group);
        foreach (var migration in await farm.Registry.MigrateAsync(cancel))
            say($"registry: applied {migration}");
        return GiveRegistry(user) && sound;
    }

    /// <summary>What <see cref="ZapAsync"/> would delete, one line for each kind.</summary>
    public async Task<IReadOnlyList<string>> DescribeZapAsync(CancellationToken cancel)
    {
        var rows = (await farm.Registry.CountAsync(cancel))
            .Where(table => table.Value > 0)
            .Select(table => $"{table.Value} rows of {table.Key}");
        var directories = Areas
            .Select(area => (Path: area, Count: Doomed(area).Count()))
            .Where(area => area.Count > 0)
            .Select(area => $"{area.Count} entries of {area.Path}");
        return [.. rows, .. directories];
    }

    /// <summary>Deletes all jobs, from the registry and the spool. Platforms, builders, layers and buckets stay.</summary>
    public async Task ZapAsync(CancellationToken cancel)
    {
        await farm.Registry.ZapAsync(cancel);
        foreach (var entry in Areas.SelectMany(Doomed).ToList())
            DirectoryTree.Remove(entry, cancel);
    }

    // A lock is not data: a running handler may hold it.
    private static IEnumerable<string> Doomed(string area) =>
        Directory.EnumerateFileSystemEntries(area).Where(path => !path.EndsWith(".lock", StringComparison.Ordinal));

    private string[] Areas => [farm.Spool.Incoming.Path, farm.Spool.Accepted.Path, farm.Spool.Results.Path];

    private bool MakeDirectories(Account user, AccountGroup group)
    {
        var home = new AccountGroup(user.Name, user.Gid);
        var sound = true;
        foreach (var path in new[] { configuration.Spool, configuration.Repositories, configuration.Work })
            sound &= Settle(path, user, home, PublicMode);
        sound &= Settle(farm.Spool.Incoming.Path, user, group, IncomingMode);
        sound &= Settle(farm.Spool.Accepted.Path, user, home, PublicMode);
        sound &= Settle(farm.Spool.Results.Path, user, home, PublicMode);
        // A registry's directory that is not there yet is the farm's; one that is there may be anybody's, and is only verified.
        if (SqlitePath is { } file && !Directory.Exists(Path.GetDirectoryName(file)))
            sound &= Settle(Path.GetDirectoryName(file)!, user, home, PublicMode);
        return SettleAcl(farm.Spool.Incoming.Path, user) && sound;
    }

    private bool Settle(string path, Account user, AccountGroup group, UnixFileMode mode)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            say($"{path}: made");
        }
        var status = FileSystem.LinkStatus(path)!;
        if (status.Kind != FileKind.Directory)
        {
            say($"{path}: is not a directory but should be; move it away, and run this again");
            return false;
        }
        if (
            (status.Owner, status.Group) != (user.Uid, group.Gid)
            && TryChange(path, () => FileSystem.ChangeOwner(path, user.Uid, group.Gid))
        )
            say($"{path}: owner is now {user.Name}:{group.Name}");
        if (status.Mode != mode && TryChange(path, () => File.SetUnixFileMode(path, mode)))
            say($"{path}: mode is now {Convert.ToString((int)mode, 8)}");
        return Verify(path, user, group, mode);
    }

    private bool Verify(string path, Account user, AccountGroup group, UnixFileMode mode)
    {
        var status = FileSystem.LinkStatus(path)!;
        var right = (status.Owner, status.Group, status.Mode) == (user.Uid, group.Gid, mode);
        if (!right)
            say(
                $"{path}: belongs to {status.Owner}:{status.Group} with mode {Convert.ToString((int)status.Mode, 8)}; expected "
                    + $"{user.Name}:{group.Name} with mode {Convert.ToString((int)mode, 8)}; run this as root to change it"
            );
        return right;
    }

    // A job in incoming is its submitter's and the farm's: other submitters can neither read nor remove it.
    private bool SettleAcl(string path, Account user)
    {
        var wanted = PosixAcl.OwnerAnd(user.Uid);
        if (PosixAcl.ReadDefault(path) is { } present && present.SequenceEqual(wanted))
            return true;
        if (!TryChange(path, () => _ = PosixAcl.TrySetDefault(path, wanted)))
            return false;
        if (PosixAcl.ReadDefault(path) is not { } now || !now.SequenceEqual(wanted))
        {
            say($"{path}: the file system keeps no access control lists; only user {user.Name} can submit");
            return true;
        }
        say($"{path}: default access control list set for {user.Name}");
        return true;
    }

    /// <summary>SQLite's file, and its directory: the daemons make the write-ahead log beside it.</summary>
    private bool GiveRegistry(Account user)
    {
        if (SqlitePath is not { } path)
            return true;
        var sound = true;
        foreach (var file in new[] { path, $"{path}-wal", $"{path}-shm", $"{path}.wake" }.Where(File.Exists))
        {
            if (FileSystem.LinkStatus(file)!.Owner != user.Uid)
                sound &= TryChange(file, () => FileSystem.ChangeOwner(file, user.Uid, user.Gid));
        }
        var directory = Path.GetDirectoryName(path)!;
        if (FileSystem.Status(directory)!.Owner == user.Uid)
            return sound;
        say(
            $"{directory}: belongs to another user than {user.Name}, who must be able to make files beside {path}; give it to him, or keep the registry elsewhere"
        );
        return false;
    }

    private string? SqlitePath =>
        configuration.Registry.StartsWith("sqlite:", StringComparison.Ordinal)
            ? Path.GetFullPath(configuration.Registry["sqlite:".Length..].Trim())
            : null;

    private bool TryChange(string path, Action change)
    {
        try
        {
            change();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            say($"{path}: {e.Message}");
            return false;
        }
    }
}
