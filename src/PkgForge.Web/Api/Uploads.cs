using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using PkgForge.Native;
using PkgForge.Spool;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Api;

/// <summary>A file that is being uploaded, or has been.</summary>
/// <param name="Id">32 hexadecimal digits.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Name">The file's plain name.</param>
/// <param name="Length">How long it will be.</param>
/// <param name="Offset">How much of it is there.</param>
/// <param name="Path">Where it is.</param>
internal sealed record UploadedFile(string Id, string Account, string Name, long Length, long Offset, string Path)
{
    public bool IsComplete => Offset == Length;
}

/// <summary>
/// Files on their way into the farm, each in a hidden directory of <c>incoming</c> that begins with <c>.upload-</c>: on the disk of the jobs that they become, so that none is copied twice, and
/// removed by incoming when a day has gone by without a new one. The length and the account stand in a file beside, written first: a server that dies in between leaves an upload that can be
/// gone on with, or nothing.
/// </summary>
internal sealed class Uploads(string incoming)
{
    /// <summary>The longest file: larger source packages than any distribution has.</summary>
    public const long Longest = 16L << 30;

    /// <summary>So many files may one account have on their way.</summary>
    private const int MostOfAccount = 200;

    /// <summary>What is said to an account that has so many.</summary>
    public const string TooMany =
        "too many uploads of this account are on their way: submit them, delete some, or wait: those with which nothing is done go after a day";

    private const string Prefix = ".upload-";
    private const string Suffix = ".tmp";
    private const string About = ".about";

    /// <summary>Begins an upload.</summary>
    /// <returns>Null when the account has too many.</returns>
    public UploadedFile? Begin(string account, string name, long length)
    {
        if (HasTooMany(account))
            return null;
        var directory = NewDirectory();
        Describe(directory, account, name, length);
        File.WriteAllBytes(Path.Combine(directory, name), []);
        return Find(account, IdOf(directory));
    }

    /// <summary>Makes an upload of a file that has come whole, in a directory of <see cref="NewDirectory"/>.</summary>
    /// <returns>Null when the account has too many.</returns>
    public UploadedFile? Keep(string account, string directory, string name)
    {
        if (HasTooMany(account))
            return null;
        Describe(directory, account, name, new FileInfo(Path.Combine(directory, name)).Length);
        return Find(account, IdOf(directory));
    }

    /// <summary>Whether a directory has become an upload.</summary>
    public static bool IsKept(string directory) => File.Exists(Path.Combine(directory, About));

    /// <summary>Puts uploads together in a directory, by links: they stay, so that a request can be sent again.</summary>
    public static void Gather(IEnumerable<UploadedFile> files, string directory)
    {
        foreach (var file in files)
            Link(file.Path, directory);
    }

    /// <summary>Puts one file into a directory of the same file system, too.</summary>
    public static void Link(string file, string directory)
    {
        if (!FileSystem.TryLink(file, Path.Combine(directory, Path.GetFileName(file))))
            throw new IOException($"{Path.GetFileName(file)} could not be linked in {directory}");
    }

    /// <summary>An account's upload; null when there is none (any more).</summary>
    public UploadedFile? Find(string account, string id)
    {
        if (id.Length != 32 || !id.All(char.IsAsciiHexDigitLower))
            return null;
        var directory = DirectoryOf(id);
        if (Read(directory) is not [var owner, var name, var length] || owner != account)
            return null;
        var file = new FileInfo(Path.Combine(directory, name));
        return file.Exists
            ? new(id, account, name, long.Parse(length, CultureInfo.InvariantCulture), file.Length, file.FullName)
            : null;
    }

    /// <summary>
    /// Adds what comes to an upload. What has come stays, also when the rest does not. It is written from where the server has received it, without a copy, while
    /// more comes.
    /// </summary>
    /// <returns>How long it is then.</returns>
    /// <exception cref="InvalidDataException">More came than was announced.</exception>
    public static async Task<long> AppendAsync(UploadedFile upload, PipeReader body, CancellationToken cancel)
    {
        using var file = File.OpenHandle(upload.Path, FileMode.Open, FileAccess.Write, FileShare.None);
        var end = upload.Offset;
        while (true)
        {
            var read = await body.ReadAsync(cancel);
            if (end + read.Buffer.Length > upload.Length)
                throw new InvalidDataException($"more than the {upload.Length} bytes that were announced");
            RequestBody.Write(file, read.Buffer, end);
            end += read.Buffer.Length;
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return end;
        }
    }

    /// <summary>Throws an upload away.</summary>
    public void Remove(UploadedFile upload) => DirectoryTree.Remove(DirectoryOf(upload.Id));

    /// <summary>A hidden directory for files that are put together.</summary>
    public string NewDirectory()
    {
        var directory = DirectoryOf(RandomNumberGenerator.GetHexString(32, lowercase: true));
        FileSystem.MakeDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return directory;
    }

    private bool HasTooMany(string account) =>
        Directory.EnumerateDirectories(incoming, $"{Prefix}*").Count(path => AccountOf(path) == account)
        >= MostOfAccount;

    private static void Describe(string directory, string account, string name, long length) =>
        File.WriteAllText(
            Path.Combine(directory, About),
            string.Create(CultureInfo.InvariantCulture, $"{account}\n{name}\n{length}\n")
        );

    private static string IdOf(string directory) => Path.GetFileName(directory)[Prefix.Length..^Suffix.Length];

    private string DirectoryOf(string id) => Path.Combine(incoming, $"{Prefix}{id}{Suffix}");

    private static string? AccountOf(string directory) => Read(directory) is [var account, ..] ? account : null;

    private static string[] Read(string directory)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(directory, About));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }
}
