using System.Security.Cryptography;
using PkgForge.Cli.Remote;
using PkgForge.Jobs;
using PkgForge.Native;
using PkgForge.Registry;
using Spectre.Console;

namespace PkgForge.Cli.Downloads;

/// <summary>
/// Gets files into a directory. Each appears whole, with the digest that it must have: it is written aside, under a name that tells its digest, so that another run goes on with what one
/// has left.
/// </summary>
/// <param name="results">Where they come from.</param>
/// <param name="job">Whose they are.</param>
/// <param name="directory">Where they go.</param>
internal sealed class Download(IResults results, JobId job, string directory)
{
    private const int BlockSize = 1 << 17;

    /// <summary>More than any log: what says nothing of its size ends somewhere.</summary>
    private const long Longest = 1L << 40;

    /// <summary>Where a file goes.</summary>
    public string PathOf(ResultFile file) => Path.Combine(directory, file.Path);

    /// <summary>Whether what a file is to become is there already; false when something else is there, null when nothing is.</summary>
    public bool? IsThere(ResultFile file)
    {
        var path = PathOf(file);
        if (FileSystem.LinkStatus(path) is not { } status)
            return null;
        // What has no digest has to come first.
        if (file.Sha256 is null)
            return status.Kind == FileKind.Regular ? null : false;
        return status.Kind == FileKind.Regular
            && new FileInfo(path).Length == file.Size
            && Sha256Of(path) == file.Sha256;
    }

    /// <summary>Gets a file.</summary>
    /// <param name="file">Which.</param>
    /// <param name="force">Whether it may take the place of another.</param>
    /// <param name="bar">Shows how far it is.</param>
    /// <param name="cancel">Gives up; what has come stays for another run.</param>
    /// <returns>Its digest; null if the farm has no such file.</returns>
    /// <exception cref="CommandException">Another file is in its place.</exception>
    public async Task<string?> GetAsync(ResultFile file, bool force, ProgressTask? bar, CancellationToken cancel)
    {
        var target = PathOf(file);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var aside = Path.Combine(
            Path.GetDirectoryName(target)!,
            file.Sha256 is { } known ? $".pkgforge-{known}.part" : $".pkgforge-{file.Name}.part"
        );
        if (file.Sha256 is null)
            File.Delete(aside);
        var sha256 = await FillAsync(file, aside, bar, cancel);
        if (sha256 is not null && file.Sha256 is not null && sha256 != file.Sha256)
        {
            // What an earlier run has left may be wrong; what is had anew is not, or the farm's own is.
            File.Delete(aside);
            sha256 = await FillAsync(file, aside, bar, cancel);
            if (sha256 is not null && sha256 != file.Sha256)
            {
                File.Delete(aside);
                throw new FarmUnavailableException(
                    $"{file.Path} has come with the SHA-256 {sha256}, and should have {file.Sha256}: it was changed on the farm, or on its way"
                );
            }
        }
        if (sha256 is null)
        {
            File.Delete(aside);
            return null;
        }
        Place(file, aside, target, sha256, force);
        return sha256;
    }

    private static void Place(ResultFile file, string aside, string target, string sha256, bool force)
    {
        if (FileSystem.LinkStatus(target) is { } there && !force)
        {
            var isSame = file.Sha256 is null && there.Kind == FileKind.Regular && Sha256Of(target) == sha256;
            File.Delete(aside);
            if (isSame)
                return;
            throw new CommandException(ExitCode.Failed, Refusal(target));
        }
        FileSystem.Rename(aside, target);
    }

    public static string Refusal(string path) =>
        $"{path} is there already, and is another file: move it away, name another directory by --to, or say --force";

    /// <summary>Brings the file aside to its whole length. Returns its digest; null if the farm has no such file.</summary>
    private async Task<string?> FillAsync(ResultFile file, string aside, ProgressTask? bar, CancellationToken cancel)
    {
        await using var part = OpenAside(aside);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (part.Length > (file.Size ?? 0))
            part.SetLength(0);
        await HashAsync(part, hash, cancel);
        for (var persistence = new Persistence(); file.Size is null || part.Position < file.Size; )
        {
            var before = part.Position;
            try
            {
                await using var content = await results.OpenAsync(job, file, part.Position, cancel);
                if (content is null)
                    return null;
                if (await CopyAsync(file, content, part, hash, bar, cancel))
                    break;
                throw new FarmUnavailableException($"{file.Path} has ended before its end");
            }
            catch (Exception e) when (e is FarmUnavailableException or HttpRequestException)
            {
                if (part.Position > before)
                    persistence.Progress();
                if (file.Size is null)
                    Restart(part, hash);
                if (!await persistence.AgainAsync(cancel))
                    throw e as FarmUnavailableException
                        ?? new FarmUnavailableException($"{file.Path} cannot be had: {e.Message}", e);
            }
        }
        RandomAccess.FlushToDisk(part.SafeFileHandle);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Of what has no size nobody could say that it is whole: it is fetched from its beginning.</summary>
    private static void Restart(FileStream part, IncrementalHash hash)
    {
        part.SetLength(0);
        part.Position = 0;
        hash.GetHashAndReset();
    }

    /// <summary>What breaks here is the connection; a disk that is full breaks elsewhere, and is not waited for.</summary>
    private async Task<int> ReadAsync(ResultFile file, Stream content, byte[] block, CancellationToken cancel)
    {
        try
        {
            return await content.ReadAsync(block, cancel);
        }
        catch (IOException e) when (results is RemoteResults)
        {
            throw new FarmUnavailableException($"{file.Path} cannot be had: {e.Message}", e);
        }
    }

    /// <summary>Whether it is whole then: of what has no size, whatever its end is.</summary>
    private async Task<bool> CopyAsync(
        ResultFile file,
        Stream content,
        FileStream part,
        IncrementalHash hash,
        ProgressTask? bar,
        CancellationToken cancel
    )
    {
        var size = file.Size ?? Longest;
        var block = new byte[BlockSize];
        int read;
        while ((read = await ReadAsync(file, content, block, cancel)) > 0)
        {
            if (part.Position + read > size)
                throw new CommandException(
                    ExitCode.Unreachable,
                    $"more than the {size} bytes have come that were announced"
                );
            await part.WriteAsync(block.AsMemory(0, read), cancel);
            hash.AppendData(block, 0, read);
            bar?.Value = part.Position;
        }
        return size == Longest || part.Position == size;
    }

    private static FileStream OpenAside(string path) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
            }
        );

    private static async Task HashAsync(FileStream part, IncrementalHash hash, CancellationToken cancel)
    {
        var block = new byte[BlockSize];
        int read;
        while ((read = await part.ReadAsync(block, cancel)) > 0)
            hash.AppendData(block, 0, read);
    }

    private static string Sha256Of(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
