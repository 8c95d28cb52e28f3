using PkgForge.Native;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Server.Configuration;

namespace PkgForge.Server.Remote;

/// <summary>
/// The tokens of a machine's builders: <c>WORK/builders/NAME.token</c>, readable by their owner only. Beside them
/// <c>.enrol-DIGEST</c> remembers what a one-time code was used for, so that the line that enrolled a machine also starts it again.
/// </summary>
/// <param name="work">The machine's work directory.</param>
public sealed class TokenFiles(string work)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OthersToo =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private string Builders => $"{work}/builders";

    /// <summary>Where the token of a builder is.</summary>
    public string PathOf(string builder) => $"{Builders}/{builder}.token";

    /// <summary>Reads a token.</summary>
    /// <exception cref="ConfigurationException">There is none, it is none, or others can read it.</exception>
    public static string Read(string path)
    {
        var status =
            FileSystem.Status(path)
            ?? throw new ConfigurationException(
                $"there is no token {path}: 'pkgforge builder enrol NAME' on the farm's server prints the line that makes one"
            );
        if ((status.Mode & OthersToo) != UnixFileMode.None)
            throw new ConfigurationException($"the token {path} can be read or changed by others: chmod 600 {path}");
        var token = status.Size < 1000 ? File.ReadAllText(path).Trim() : "";
        return BuilderToken.IsWellFormed(token)
            ? token
            : throw new ConfigurationException($"{path} holds no builder's token: enrol this machine again");
    }

    /// <summary>The builder that a code was used for on this machine; null if it was not.</summary>
    public string? EnrolledBy(string code)
    {
        var note = NoteOf(code);
        return File.Exists(note) && File.ReadAllText(note).Trim() is { Length: > 0 } name && File.Exists(PathOf(name))
            ? name
            : null;
    }

    /// <summary>The token to enrol with: the same again if an earlier try with this code did not hear its answer.</summary>
    internal string Pending(string code)
    {
        var path = $"{NoteOf(code)}.token";
        if (!File.Exists(path))
            Write(path, BuilderToken.New());
        return Read(path);
    }

    /// <summary>
    /// The code has become a builder's token. Guaranteed if the process dies on the way: until the note is there, the pending token is, and
    /// enrols again as it did; with the note, the token is in its place.
    /// </summary>
    internal void Settle(string code, string builder)
    {
        var pending = $"{NoteOf(code)}.token";
        Write(PathOf(builder), Read(pending));
        Write(NoteOf(code), builder);
        FileSystem.FlushDirectory(Builders);
        File.Delete(pending);
    }

    private string NoteOf(string code) => $"{Builders}/.enrol-{BuilderToken.Sha256Of(code)[..16]}";

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Builders);
        var aside = $"{path}.tmp";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        };
        using (var file = new FileStream(aside, options))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes($"{text}\n"));
            file.Flush(flushToDisk: true);
        }
        FileSystem.Rename(aside, path);
    }
}
