using PkgForge.Cli.Commands;
using PkgForge.Native;
using PkgForge.Web.Access;

namespace PkgForge.Cli.Remote;

/// <summary>A person's tokens, one for each server: <c>~/.config/pkgforge/tokens/HOST-PORT</c>, with the path behind where the address has one; readable by nobody else. The variable <c>PKGFORGE_TOKEN</c> goes before.</summary>
internal static class SavedTokens
{
    /// <summary>What scripts set.</summary>
    public const string Variable = "PKGFORGE_TOKEN";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OthersToo =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private static string Home =>
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } home
            ? home
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");

    /// <summary>The token for a server; null for none.</summary>
    public static string? Find(Uri server)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
            return Check(given.Trim(), $"the variable {Variable}");
        var path = PathOf(server);
        if (FileSystem.Status(path) is not { } status)
            return null;
        if ((status.Mode & OthersToo) != UnixFileMode.None)
            throw new CommandException(
                ExitCode.Configuration,
                $"the token {path} can be read or changed by others: chmod 600 {path}"
            );
        return Check(File.ReadAllText(path).Trim(), path);
    }

    /// <summary>Keeps a token.</summary>
    /// <returns>Where.</returns>
    public static string Save(Uri server, string token)
    {
        var path = PathOf(server);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
        File.Delete(path);
        using var file = new StreamWriter(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = OwnerOnly,
            }
        );
        file.WriteLine(token);
        return path;
    }

    /// <summary>A text that is a token; or it says where it came from.</summary>
    public static string Check(string text, string from) =>
        Secret.IsToken(text)
            ? text
            : throw new CommandException(
                ExitCode.Configuration,
                $"{from} holds no token: 'pkgforge account token NAME' on the farm's server makes one, and it begins with pfa_"
            );

    private static string PathOf(Uri server) =>
        Path.Combine(Home, "pkgforge", "tokens", $"{server.IdnHost}-{server.Port}{PlaceOf(server)}");

    /// <summary>A host may have several farms, or a farm and others: what one of them knows a user by is nobody else's.</summary>
    private static string PlaceOf(Uri server) =>
        server.AbsolutePath.Trim('/') is { Length: > 0 } path ? $"-{Uri.EscapeDataString(path)}" : "";
}
