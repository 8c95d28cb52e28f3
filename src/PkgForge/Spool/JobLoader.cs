using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Yaml;

namespace PkgForge.Spool;

/// <summary>Looks at one directory of <c>incoming</c> through one open handle, so that it cannot be exchanged meanwhile.</summary>
internal sealed class JobLoader
{
    private readonly IncomingJob source;
    private readonly bool forOthers;
    private readonly Dictionary<string, FileStatus> files = new(StringComparer.Ordinal);
    private DateTimeOffset newest;
    private uint owner;
    private string? ownerName;

    /// <param name="source">The entry.</param>
    /// <param name="forOthers">Its owner may submit in the name of others.</param>
    internal JobLoader(IncomingJob source, bool forOthers)
    {
        this.source = source;
        this.forOthers = forOthers;
        ownerName = Accounts.FindUser(source.Owner)?.Name;
    }

    internal LoadResult Load()
    {
        if (!JobId.TryParse(source.Name, out _))
            return Rejected($"the name {Quoted.Text(source.Name)} is not a job id: {JobId.Rule}");
        try
        {
            using var directory = FileSystem.OpenDirectory(source.Path);
            return Load(directory);
        }
        catch (PosixException e) when (e.Errno == Errno.ENOENT)
        {
            return new(LoadOutcome.Vanished, null, null);
        }
        catch (PosixException e) when (e.Errno is Errno.ENOTDIR or Errno.ELOOP)
        {
            return Rejected($"'{source.Name}' is {KindOf(source.Path)}; expected a directory with the job's files");
        }
        catch (PosixException e) when (e.Errno is Errno.EACCES)
        {
            return Incomplete(
                $"{e.Message}; expected that the farm may read the job: submit it with 'pkgforge submit'"
            );
        }
    }

    private LoadResult Load(SafeFileHandle directory)
    {
        var status = FileSystem.Status(directory);
        newest = status.Changed;
        owner = status.Owner;
        ownerName = Accounts.FindUser(owner)?.Name;
        if (Scan(directory) is { } problem)
            return Rejected(problem);
        if (!files.ContainsKey(Manifest.FileName))
            return Incomplete($"{Manifest.FileName} is missing");
        var bytes = ReadManifest(directory);
        return bytes is null ? Incomplete($"{Manifest.FileName} is missing") : Check(bytes);
    }

    /// <summary>Takes stock of the directory. Returns why it can never be a job; null if it may be one.</summary>
    private string? Scan(SafeFileHandle directory)
    {
        using var reader = new DirectoryReader(directory, source.Path);
        var count = 0;
        while (reader.Next() is { } raw)
        {
            // The manifest is not one of the files that are limited.
            if (++count > JobRules.MaxFiles + 1)
                return $"the directory holds more than {JobRules.MaxFiles} files";
            if (FileSystem.Status(directory, raw) is not { } status)
                continue;
            var name = Encoding.UTF8.GetString(raw).TrimEnd('\0');
            if (Refusal(name, status) is { } refusal)
                return refusal;
            newest = status.Changed > newest ? status.Changed : newest;
            files[name] = status;
        }
        return null;
    }

    private string? Refusal(string name, FileStatus status)
    {
        if (status.Kind != FileKind.Regular)
            return $"{Quoted.Text(name)} is {Kind(status.Kind)}; expected regular files only";
        return status.Owner == owner
            ? null
            : $"{Quoted.Text(name)} belongs to {User(status.Owner)}, the directory to {User(owner)}; "
                + "expected one owner for all";
    }

    private byte[]? ReadManifest(SafeFileHandle directory)
    {
        try
        {
            using var handle = FileSystem.OpenFile(directory, Manifest.FileName);
            // Exchanged since the scan: look again in the next pass.
            return Refusal(Manifest.FileName, FileSystem.Status(handle)) is null ? ReadBounded(handle) : null;
        }
        catch (PosixException e) when (e.Errno is Errno.ENOENT or Errno.ELOOP)
        {
            return null;
        }
    }

    private static byte[] ReadBounded(SafeFileHandle handle)
    {
        var size = Math.Min(RandomAccess.GetLength(handle), Manifest.MaxBytes + 1);
        var bytes = new byte[size];
        int read,
            filled = 0;
        while (filled < size && (read = RandomAccess.Read(handle, bytes.AsSpan(filled), filled)) > 0)
            filled += read;
        return filled == size ? bytes : bytes[..filled];
    }

    private LoadResult Check(byte[] bytes)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var result = Manifest.Read(bytes);
        if (!result.IsValid)
            return Rejected($"{Manifest.FileName}: {result.Error}") with { ManifestSha256 = digest };
        var loaded = new LoadedJob(source, result.Job, bytes, digest);
        var checkedResult =
            CheckClaims(result.Job)
            ?? CheckFiles(result.Job)
            ?? new LoadResult(LoadOutcome.Loaded, loaded, null) { NewestChange = newest, Owner = ownerName };
        return checkedResult with { Claimed = result.Job, ManifestSha256 = digest };
    }

    private LoadResult? CheckClaims(Job job)
    {
        if (job.Id.ToString() != source.Name)
            return Rejected($"{Manifest.FileName}: id is '{job.Id}'; expected the directory's name, '{source.Name}'");
        if (job.Submitter != ownerName && !forOthers)
            return Rejected(
                $"{Manifest.FileName}: submitter is '{job.Submitter}'; expected the directory's owner, {User(owner)}"
            );
        return null;
    }

    private LoadResult? CheckFiles(Job job)
    {
        LoadResult? incomplete = null;
        foreach (var file in job.Files)
        {
            if (!files.Remove(file.Name, out var status))
                incomplete ??= Incomplete($"'{file.Name}' is missing");
            else if (status.Size < file.Size)
                incomplete ??= Incomplete($"'{file.Name}' has only {status.Size} bytes; the manifest says {file.Size}");
            else if (status.Size > file.Size)
                return Rejected($"'{file.Name}' has {status.Size} bytes; the manifest says {file.Size}");
        }
        files.Remove(Manifest.FileName);
        if (files.Keys.FirstOrDefault(name => name[0] != '.') is { } extra)
            return Rejected($"{Quoted.Text(extra)} is not in the manifest; expected only the files that it lists");
        // Copying tools write to a hidden name first.
        var hidden = files.Keys.FirstOrDefault();
        return incomplete ?? (hidden is null ? null : Incomplete($"{Quoted.Text(hidden)} is not in the manifest"));
    }

    private LoadResult Rejected(string message) => Result(LoadOutcome.Rejected, message);

    private LoadResult Incomplete(string message) => Result(LoadOutcome.Incomplete, message);

    private LoadResult Result(LoadOutcome outcome, string message) =>
        new(outcome, null, message) { NewestChange = newest == default ? source.Changed : newest, Owner = ownerName };

    private static string User(uint uid) =>
        Accounts.FindUser(uid) is { } account ? $"'{account.Name}'" : $"uid {uid}, which has no account here";

    private static string KindOf(string path) => FileSystem.LinkStatus(path) is { } status ? Kind(status.Kind) : "gone";

    private static string Kind(FileKind kind) =>
        kind switch
        {
            FileKind.Directory => "a directory",
            FileKind.SymbolicLink => "a symbolic link",
            FileKind.Regular => "a file",
            _ => "a FIFO, a socket or a device",
        };
}
